//! A future that is ready once something has happened, and leaves its waker meanwhile.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use cancelproof::judge::Engine;
use cancelproof::model::runtime::{Arc, Mutex};
use cancelproof::model::shape::Waiter;
use cancelproof::model::{Rule, Runtime};
use cancelproof::subject;

use crate::judged::{Twin, assert_right, failures, named, unrefuted};

const ALL: [Engine; 4] = [Engine::Dpor, Engine::Rc11, Engine::Loom, Engine::Shuttle];

/// loom is not asked where the broken type waits for ever in a destructor: its own end of the execution runs that once more,
/// which ends the process.
const OWN: [Engine; 2] = [Engine::Dpor, Engine::Rc11];

/// What is wrong with an event.
const NOTHING: u8 = 0;
/// A later poll leaves no waker where there is one.
const KEEPS_THE_FIRST: u8 = 1;
/// A poll looks whether it has happened, and leaves its waker afterwards.
const LOOKS_THEN_LEAVES: u8 = 2;
/// It wakes, and happens afterwards.
const WAKES_THEN_HAPPENS: u8 = 3;
/// It wakes under the lock.
const WAKES_UNDER_THE_LOCK: u8 = 4;
/// A waker that was replaced is kept.
const HOARDS: u8 = 5;
/// A poll is ready at once.
const READY_AT_ANY_RATE: u8 = 6;
/// It forgets that it has happened once somebody was woken.
const FORGETS: u8 = 7;

#[derive(Default)]
struct State {
    has_happened: bool,
    polls: u32,
    waker: Option<Waker>,
    hoard: Vec<Waker>,
}

struct Event<R: Runtime, const WRONG: u8>(R::Arc<R::Mutex<State>>);

struct Happens<R: Runtime, const WRONG: u8>(R::Arc<R::Mutex<State>>);

impl<R: Runtime, const WRONG: u8> Future for Happens<R, WRONG> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.0.lock();
        state.polls += 1;
        if state.has_happened || (WRONG == READY_AT_ANY_RATE && state.polls == 1) {
            return Poll::Ready(());
        }
        if WRONG == LOOKS_THEN_LEAVES {
            drop(state);
            state = self.0.lock();
        }
        let replaced = match WRONG {
            KEEPS_THE_FIRST if state.waker.is_some() => None,
            _ => state.waker.replace(context.waker().clone()),
        };
        if WRONG == HOARDS {
            state.hoard.extend(replaced);
        } else {
            drop(state);
            drop(replaced);
        }
        Poll::Pending
    }
}

impl<R: Runtime, const WRONG: u8> Drop for Happens<R, WRONG> {
    fn drop(&mut self) {
        let waker = self.0.lock().waker.take();
        drop(waker);
    }
}

impl<R: Runtime, const WRONG: u8> Waiter<R> for Event<R, WRONG> {
    type Future = Happens<R, WRONG>;

    fn new() -> Self {
        Event(R::Arc::new(R::Mutex::new(State::default())))
    }

    fn wait(&self) -> Self::Future {
        Happens(self.0.clone())
    }

    fn wake(&self) {
        let mut state = self.0.lock();
        let waker = state.waker.take();
        if WRONG == WAKES_THEN_HAPPENS {
            drop(state);
            waker.into_iter().for_each(Waker::wake);
            self.0.lock().has_happened = true;
            return;
        }
        state.has_happened = WRONG != FORGETS || waker.is_none();
        if WRONG != WAKES_UNDER_THE_LOCK {
            drop(state);
        }
        waker.into_iter().for_each(Waker::wake);
    }
}

type Right<R> = Event<R, NOTHING>;
type KeepsTheFirst<R> = Event<R, KEEPS_THE_FIRST>;
type LooksThenLeaves<R> = Event<R, LOOKS_THEN_LEAVES>;
type WakesThenHappens<R> = Event<R, WAKES_THEN_HAPPENS>;
type WakesUnderTheLock<R> = Event<R, WAKES_UNDER_THE_LOCK>;
type Hoards<R> = Event<R, HOARDS>;
type ReadyAtAnyRate<R> = Event<R, READY_AT_ANY_RATE>;
type Forgets<R> = Event<R, FORGETS>;

#[test]
fn a_right_event_is_refuted_nowhere() {
    let subject = subject!(Right<_> as Waiter);
    assert!(named(subject).len() >= 15, "{:?}", named(subject));
    assert_right(subject);
}

#[test]
fn each_broken_event_is_refuted_for_what_it_does() {
    let twins: [Twin; 6] = [
        (subject!(KeepsTheFirst as Waiter), "mark-again-two-cancels", &[Rule::NoLostCancel], &ALL),
        (subject!(LooksThenLeaves as Waiter), "mark-cancel", &[Rule::NoLostCancel], &ALL),
        (
            subject!(WakesThenHappens as Waiter),
            "mark-again-two-cancels",
            &[Rule::NoLostCancel, Rule::Linearizable],
            &ALL,
        ),
        (
            subject!(WakesUnderTheLock as Waiter),
            "marked-cancel-reentrant",
            &[Rule::ReentrantCallback, Rule::NoDeadlock],
            &OWN,
        ),
        (subject!(Hoards as Waiter), "mark-again-finish-cancel", &[Rule::CallbackReleased], &ALL),
        (subject!(ReadyAtAnyRate as Waiter), "mark-unmark", &[Rule::ExactlyOnce], &ALL),
    ];
    let unrefuted =
        twins.into_iter().flat_map(|(twin, name, apt, engines)| unrefuted(twin, name, apt, engines));
    assert_eq!(unrefuted.collect::<Vec<_>>(), Vec::<String>::new());
}

/// A task that was woken polls again: what has happened is there, or the wake-up was for nothing.
#[test]
fn an_event_that_forgets_what_it_has_woken_for_is_refuted_by_a_small_program() {
    for engine in [Engine::Dpor, Engine::Rc11] {
        let failures = failures(subject!(Forgets as Waiter), engine);
        let is_it =
            |failure: &String| failure.contains("mark! cancel mark!") && failure.contains("exactly-once");
        assert!(failures.iter().any(is_it), "{failures:#?}");
    }
}
