//! A source with a handle that takes its registration back when it is dropped, as that of `std::stop_callback` does.

use std::sync::Arc as StdArc;

use cancelproof::judge::Engine;
use cancelproof::model::contract::UnmarkDuringCallback;
use cancelproof::model::runtime::{Arc, Condvar, Mutex};
use cancelproof::model::shape::{Answer, REGISTRATION, Registration, SCOPED_REGISTRATION};
use cancelproof::model::{Callback, Contract, Rule, Runtime};
use cancelproof::subject;

use crate::judged::{Twin, assert_right, named, unrefuted};

const ALL: [Engine; 4] = [Engine::Dpor, Engine::Rc11, Engine::Loom, Engine::Shuttle];

/// loom is not asked where the broken type waits for ever in a destructor: its own end of the execution runs that once more,
/// which ends the process.
const OWN: [Engine; 2] = [Engine::Dpor, Engine::Rc11];

/// What is wrong with a source.
const NOTHING: u8 = 0;
/// Taking back does not wait for a callback that runs.
const DOES_NOT_WAIT: u8 = 1;
/// A cancel keeps the callback, so that the next one calls it as well.
const CALLS_AGAIN: u8 = 2;
/// A registration does not look whether somebody has canceled.
const LOOKS_NOWHERE: u8 = 3;
/// A cancel calls back under the lock.
const CALLS_UNDER_THE_LOCK: u8 = 4;
/// Taking back waits for itself.
const WAITS_FOR_ITSELF: u8 = 5;
/// Taking back leaves the callback where it is.
const LEAVES_IT: u8 = 6;
/// A cancel copies the callback out, lets go of the lock, and takes it away.
const COPIES_THEN_TAKES: u8 = 7;

struct State {
    is_canceled: bool,
    callback: Option<StdArc<Callback>>,
    /// The number of the thread that runs the callback, plus one.
    running: usize,
}

struct Source<R: Runtime, const WRONG: u8>(R::Arc<Shared<R>>);

struct Shared<R: Runtime> {
    state: R::Mutex<State>,
    ended: R::Condvar,
}

struct Handle<R: Runtime, const WRONG: u8>(R::Arc<Shared<R>>);

impl<R: Runtime> Shared<R> {
    fn call(&self, callback: &Callback) {
        self.state.lock().running = R::current_number() + 1;
        callback.invoke();
        self.state.lock().running = 0;
        self.ended.notify_all();
    }
}

impl<R: Runtime, const WRONG: u8> Drop for Handle<R, WRONG> {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        if WRONG == LEAVES_IT {
            return;
        }
        let callback = state.callback.take();
        if WRONG != DOES_NOT_WAIT {
            while state.running != 0
                && (state.running != R::current_number() + 1 || WRONG == WAITS_FOR_ITSELF)
            {
                state = self.0.ended.wait(state);
            }
        }
        drop(state);
        drop(callback);
    }
}

impl<R: Runtime, const WRONG: u8> Registration<R> for Source<R, WRONG> {
    type Handle = Handle<R, WRONG>;

    fn new() -> Self {
        let state = State { is_canceled: false, callback: None, running: 0 };
        Source(R::Arc::new(Shared { state: R::Mutex::new(state), ended: R::Condvar::new() }))
    }

    fn contract() -> Contract {
        SCOPED_REGISTRATION
    }

    fn register(&self, callback: Callback) -> Self::Handle {
        let mut state = self.0.state.lock();
        if state.is_canceled && WRONG != LOOKS_NOWHERE {
            drop(state);
            self.0.call(&callback);
        } else {
            state.callback = Some(StdArc::new(callback));
        }
        Handle(self.0.clone())
    }

    fn cancel(&self) -> impl Answer {
        let mut state = self.0.state.lock();
        let is_first = !std::mem::replace(&mut state.is_canceled, true);
        if !is_first && WRONG != CALLS_AGAIN {
            return false;
        }
        if WRONG == CALLS_UNDER_THE_LOCK {
            if let Some(callback) = state.callback.take() {
                callback.invoke();
            }
            return true;
        }
        if WRONG == COPIES_THEN_TAKES {
            let seen = state.callback.clone();
            drop(state);
            if let Some(callback) = seen {
                self.0.call(&callback);
            }
            let callback = self.0.state.lock().callback.take();
            drop(callback);
            return true;
        }
        let callback = if WRONG == CALLS_AGAIN { state.callback.clone() } else { state.callback.take() };
        if callback.is_some() {
            // Before the lock is free: taking back has to see it.
            state.running = R::current_number() + 1;
        }
        drop(state);
        if let Some(callback) = callback {
            self.0.call(&callback);
        }
        is_first
    }
}

type Right<R> = Source<R, NOTHING>;
type DoesNotWait<R> = Source<R, DOES_NOT_WAIT>;
type CallsAgain<R> = Source<R, CALLS_AGAIN>;
type LooksNowhere<R> = Source<R, LOOKS_NOWHERE>;
type CallsUnderTheLock<R> = Source<R, CALLS_UNDER_THE_LOCK>;
type WaitsForItself<R> = Source<R, WAITS_FOR_ITSELF>;
type LeavesIt<R> = Source<R, LEAVES_IT>;
type CopiesThenTakes<R> = Source<R, COPIES_THEN_TAKES>;

#[test]
fn a_right_source_is_refuted_nowhere() {
    let subject = subject!(Right<_> as Registration);
    assert!(named(subject).len() >= 15, "{:?}", named(subject));
    assert_right(subject);
}

#[test]
fn each_broken_source_is_refuted_for_what_it_does() {
    let twins: [Twin; 7] = [
        (
            subject!(DoesNotWait as Registration),
            "wait-then-complete",
            &[Rule::NeverAfterCompletion, Rule::TruthfulUnmark],
            &ALL,
        ),
        (subject!(CallsAgain as Registration), "marked-cancel-cancel", &[Rule::ExactlyOnce], &ALL),
        (subject!(LooksNowhere as Registration), "cancel-then-mark", &[Rule::NoLostCancel], &ALL),
        (
            subject!(CallsUnderTheLock as Registration),
            "marked-cancel-reentrant",
            &[Rule::ReentrantCallback],
            &OWN,
        ),
        (
            subject!(WaitsForItself as Registration),
            "marked-cancel-reentrant",
            &[Rule::ReentrantCallback],
            &OWN,
        ),
        (subject!(LeavesIt as Registration), "unmark-then-cancel", &[Rule::TruthfulUnmark], &ALL),
        (subject!(CopiesThenTakes as Registration), "marked-finish-cancel", &[Rule::TruthfulUnmark], &ALL),
    ];
    let unrefuted =
        twins.into_iter().flat_map(|(twin, name, apt, engines)| unrefuted(twin, name, apt, engines));
    assert_eq!(unrefuted.collect::<Vec<_>>(), Vec::<String>::new());
}

/// A source that says whether it was in time, and does not wait.
struct Unregisters<R: Runtime, const LIES: bool>(R::Arc<R::Mutex<(bool, Option<Callback>)>>);

impl<R: Runtime, const LIES: bool> Registration<R> for Unregisters<R, LIES> {
    type Handle = R::Arc<R::Mutex<(bool, Option<Callback>)>>;

    fn new() -> Self {
        Unregisters(R::Arc::new(R::Mutex::new((false, None))))
    }

    fn register(&self, callback: Callback) -> Self::Handle {
        let mut state = self.0.lock();
        if state.0 {
            drop(state);
            callback.invoke();
        } else {
            state.1 = Some(callback);
        }
        self.0.clone()
    }

    fn deregister(handle: Self::Handle) -> impl Answer {
        let callback = handle.lock().1.take();
        callback.is_some() || LIES
    }

    fn cancel(&self) -> impl Answer {
        let mut state = self.0.lock();
        state.0 = true;
        let callback = state.1.take();
        drop(state);
        callback.iter().for_each(Callback::invoke);
    }
}

type Unregistering<R> = Unregisters<R, false>;
type Lying<R> = Unregisters<R, true>;

#[test]
fn a_source_that_does_not_wait_is_held_to_what_it_says() {
    assert_eq!(REGISTRATION.unmark_during_callback, UnmarkDuringCallback::Answers);
    assert_right(subject!(Unregistering<_> as Registration));
    let lying =
        unrefuted(subject!(Lying<_> as Registration), "marked-finish-cancel", &[Rule::TruthfulUnmark], &ALL);
    assert_eq!(lying, Vec::<String>::new());
}

/// A source with a list, whose handles have numbers.
struct Listed<R: Runtime, const WRONG: u8>(R::Arc<R::Mutex<List>>);

/// What is wrong with a list: a cancel calls back the first of it alone.
const CALLS_THE_FIRST: u8 = 21;
/// Taking one back takes all back.
const CLEARS_THE_LIST: u8 = 22;
/// Taking one back takes back whatever stands at its place.
const GOES_BY_PLACE: u8 = 23;

#[derive(Default)]
struct List {
    is_canceled: bool,
    next: usize,
    callbacks: Vec<(usize, Callback)>,
}

struct Entry<R: Runtime, const WRONG: u8>(R::Arc<R::Mutex<List>>, usize);

impl<R: Runtime, const WRONG: u8> Registration<R> for Listed<R, WRONG> {
    type Handle = Entry<R, WRONG>;

    fn new() -> Self {
        Listed(R::Arc::new(R::Mutex::new(List::default())))
    }

    fn register(&self, callback: Callback) -> Self::Handle {
        let mut list = self.0.lock();
        let number = if WRONG == GOES_BY_PLACE { list.callbacks.len() } else { list.next };
        list.next += 1;
        if list.is_canceled {
            drop(list);
            callback.invoke();
        } else {
            list.callbacks.push((number, callback));
        }
        Entry(self.0.clone(), number)
    }

    fn deregister(handle: Self::Handle) -> impl Answer {
        let mut list = handle.0.lock();
        let place = list.callbacks.iter().position(|(number, _)| *number == handle.1);
        let removed = match WRONG {
            CLEARS_THE_LIST => place.map(|_| std::mem::take(&mut list.callbacks)),
            GOES_BY_PLACE => (handle.1 < list.callbacks.len()).then(|| vec![list.callbacks.remove(0)]),
            _ => place.map(|place| vec![list.callbacks.remove(place)]),
        };
        drop(list);
        removed.is_some()
    }

    fn cancel(&self) -> impl Answer {
        let mut list = self.0.lock();
        list.is_canceled = true;
        let mut callbacks = std::mem::take(&mut list.callbacks);
        drop(list);
        if WRONG == CALLS_THE_FIRST {
            callbacks.truncate(1);
        }
        for (_, callback) in &callbacks {
            callback.invoke();
        }
    }
}

type RightList<R> = Listed<R, NOTHING>;
type CallsTheFirst<R> = Listed<R, CALLS_THE_FIRST>;
type ClearsTheList<R> = Listed<R, CLEARS_THE_LIST>;
type GoesByPlace<R> = Listed<R, GOES_BY_PLACE>;

#[test]
fn a_source_with_several_registrations_keeps_them_apart() {
    assert_right(subject!(RightList<_> as Registration));
    assert_right(subject!(RightList<_> as Registrations));
    let lost = &[Rule::NoLostCancel, Rule::ExactlyOnce, Rule::TruthfulUnmark];
    let twins: [Twin; 3] = [
        (subject!(CallsTheFirst as Registrations), "marked-cancel", lost, &ALL),
        (subject!(ClearsTheList as Registrations), "unmark-then-cancel", lost, &ALL),
        (subject!(GoesByPlace as Registrations), "unmark-then-cancel", lost, &ALL),
    ];
    let unrefuted =
        twins.into_iter().flat_map(|(twin, name, apt, engines)| unrefuted(twin, name, apt, engines));
    assert_eq!(unrefuted.collect::<Vec<_>>(), Vec::<String>::new());
}
