//! A cancellation token: a flag, and a list of who wants to know.

use std::sync::atomic::Ordering::{AcqRel, Acquire};

use cancelproof::judge::Engine;
use cancelproof::model::runtime::{Atomic, Mutex};
use cancelproof::model::shape::{Answer, Token};
use cancelproof::model::{Callback, Rule, Runtime};
use cancelproof::subject;

use crate::judged::{Twin, assert_right, failures, named, unrefuted};

const ALL: [Engine; 4] = [Engine::Dpor, Engine::Rc11, Engine::Loom, Engine::Shuttle];

/// What is wrong with a token.
const NOTHING: u8 = 0;
/// Whoever registers looks at the flag first, and at the list afterwards.
const LOOKS_THEN_ADDS: u8 = 1;
/// A cancel calls back whom it finds and leaves the list as it is.
const CALLS_AGAIN: u8 = 2;
/// A cancel does not raise the flag.
const DOES_NOT_TELL: u8 = 3;
/// Every cancel says that it was the first.
const ALL_ARE_FIRST: u8 = 4;
/// A cancel calls back the latest that has registered, and no other.
const CALLS_THE_LATEST: u8 = 6;
/// A cancel calls back under the lock.
const CALLS_UNDER_THE_LOCK: u8 = 5;

struct Flag<R: Runtime, const WRONG: u8> {
    is_canceled: R::AtomicU8,
    waiting: R::Mutex<Vec<Callback>>,
}

impl<R: Runtime, const WRONG: u8> Token<R> for Flag<R, WRONG> {
    type Registration = ();

    fn new() -> Self {
        Flag { is_canceled: R::AtomicU8::new(0), waiting: R::Mutex::new(Vec::new()) }
    }

    fn register(&self, callback: Callback) {
        if WRONG == LOOKS_THEN_ADDS {
            if self.is_canceled() {
                callback.invoke();
            } else {
                self.waiting.lock().push(callback);
            }
            return;
        }
        let mut waiting = self.waiting.lock();
        if self.is_canceled() {
            drop(waiting);
            callback.invoke();
        } else {
            waiting.push(callback);
        }
    }

    fn cancel(&self) -> impl Answer {
        if WRONG == CALLS_UNDER_THE_LOCK {
            let mut waiting = self.waiting.lock();
            self.is_canceled.swap(1, AcqRel);
            waiting.drain(..).for_each(|callback| callback.invoke());
            return true;
        }
        let is_first = match WRONG {
            DOES_NOT_TELL => true,
            CALLS_AGAIN => self.is_canceled.swap(1, AcqRel) < 2,
            _ => self.is_canceled.swap(1, AcqRel) == 0,
        };
        if is_first {
            let mut waiting = self.waiting.lock();
            if WRONG == CALLS_AGAIN {
                waiting.iter().for_each(Callback::invoke);
            } else {
                let mut called = std::mem::take(&mut *waiting);
                drop(waiting);
                if WRONG == CALLS_THE_LATEST {
                    called.drain(..called.len().saturating_sub(1));
                }
                called.iter().for_each(Callback::invoke);
            }
        }
        // Only one of the twins is about this answer.
        (WRONG == NOTHING && is_first) || WRONG == ALL_ARE_FIRST
    }

    fn is_canceled(&self) -> bool {
        self.is_canceled.load(Acquire) == 1
    }
}

/// The same without an answer.
struct Mute<R: Runtime, const WRONG: u8>(Flag<R, WRONG>);

impl<R: Runtime, const WRONG: u8> Token<R> for Mute<R, WRONG> {
    type Registration = ();

    fn new() -> Self {
        Mute(Flag::new())
    }

    fn register(&self, callback: Callback) {
        self.0.register(callback);
    }

    fn cancel(&self) -> impl Answer {
        let _ = self.0.cancel();
    }

    fn is_canceled(&self) -> bool {
        self.0.is_canceled()
    }
}

type Right<R> = Flag<R, NOTHING>;
type Silent<R> = Mute<R, NOTHING>;
type LooksThenAdds<R> = Mute<R, LOOKS_THEN_ADDS>;
type CallsAgain<R> = Mute<R, CALLS_AGAIN>;
type DoesNotTell<R> = Mute<R, DOES_NOT_TELL>;
type CallsTheLatest<R> = Mute<R, CALLS_THE_LATEST>;
type AllAreFirst<R> = Flag<R, ALL_ARE_FIRST>;
type CallsUnderTheLock<R> = Mute<R, CALLS_UNDER_THE_LOCK>;

#[test]
fn a_right_token_is_refuted_nowhere() {
    let subject = subject!(Right<_> as Token);
    assert!(named(subject).len() >= 12, "{:?}", named(subject));
    assert_right(subject);
    assert_right(subject!(Silent<_> as Token));
}

#[test]
fn a_token_calls_back_everybody_who_has_registered() {
    assert_right(subject!(Silent<_> as Tokens));
    let twin = |name| unrefuted(subject!(CallsTheLatest<_> as Tokens), name, &[Rule::NoLostCancel], &ALL);
    assert_eq!([twin("marked-cancel"), twin("mark-cancel")].concat(), Vec::<String>::new());
    let alone =
        [Engine::Dpor, Engine::Rc11].map(|engine| failures(subject!(CallsTheLatest<_> as Token), engine));
    assert_eq!(alone.concat(), Vec::<String>::new(), "with one registration at a time nothing is wrong");
}

#[test]
fn each_broken_token_is_refuted_for_what_it_does() {
    let twins: [Twin; 5] = [
        (subject!(LooksThenAdds as Token), "mark-cancel", &[Rule::NoLostCancel], &ALL),
        (subject!(CallsAgain as Token), "marked-cancel-cancel", &[Rule::ExactlyOnce], &ALL),
        (subject!(DoesNotTell as Token), "is-canceled-tells", &[Rule::Linearizable], &ALL),
        (subject!(AllAreFirst as Token), "marked-two-cancels", &[Rule::Linearizable], &ALL),
        (subject!(CallsUnderTheLock as Token), "marked-cancel-reentrant", &[Rule::ReentrantCallback], &ALL),
    ];
    let unrefuted =
        twins.into_iter().flat_map(|(twin, name, apt, engines)| unrefuted(twin, name, apt, engines));
    assert_eq!(unrefuted.collect::<Vec<_>>(), Vec::<String>::new());
}
