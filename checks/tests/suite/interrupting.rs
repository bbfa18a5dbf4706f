//! A request after `FutureTask`: a cancel interrupts, and says afterwards that it has. Whoever ends the registration waits by
//! spinning until that is over.

use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};

use cancelproof::judge::{Engine, Settings, judge};
use cancelproof::model::runtime::{Atomic, Mutex, Runtime, UnsafeCell};
use cancelproof::model::{
    Callback, Cancel, CancelableRequest, Complete, Contract, IsCanceled, Mark, Misuse, Rule, Status, Unmark,
};
use cancelproof::scenario::catalogue;
use cancelproof::subject;
use cancelproof::verdict::Verdict;

const NONE: u8 = 0;
const ASKED: u8 = 1;
const ARMED: u8 = 2;
const INTERRUPTING: u8 = 3;
const INTERRUPTED: u8 = 4;
const DONE: u8 = 5;

struct Task<R: Runtime, const COMPLETION_WAITS: bool> {
    word: R::AtomicU8,
    callback: R::UnsafeCell<Option<Callback>>,
    /// The thread that interrupts, plus one.
    runner: R::AtomicUsize,
    /// Keeps marks and unmarks apart.
    owner: R::Mutex<()>,
}

// SAFETY: the callback is of whoever has moved the word from `ARMED`, and of the owner while it is not armed.
unsafe impl<R: Runtime, const COMPLETION_WAITS: bool> Sync for Task<R, COMPLETION_WAITS> {}
// SAFETY: nothing in it is tied to a thread.
unsafe impl<R: Runtime, const COMPLETION_WAITS: bool> Send for Task<R, COMPLETION_WAITS> {}

type Waits<R> = Task<R, true>;
type Answers<R> = Task<R, false>;

impl<R: Runtime, const COMPLETION_WAITS: bool> Task<R, COMPLETION_WAITS> {
    fn moves(&self, from: u8, to: u8) -> bool {
        self.word.compare_exchange(from, to, AcqRel, Acquire).is_ok()
    }

    fn take(&self) -> Option<Callback> {
        // SAFETY: the caller has moved the word from `ARMED`, or owns what is not armed.
        self.callback.with_mut(|callback| unsafe { (*callback).take() })
    }

    fn interrupts_elsewhere(&self) -> bool {
        self.runner.load(Relaxed) != R::current_number() + 1
    }

    fn interrupt(&self, callback: Callback) {
        self.runner.store(R::current_number() + 1, Relaxed);
        callback.invoke();
        drop(callback);
        self.runner.store(0, Relaxed);
        self.moves(INTERRUPTING, INTERRUPTED);
    }
}

impl<R: Runtime, const COMPLETION_WAITS: bool> CancelableRequest<R> for Task<R, COMPLETION_WAITS> {
    fn new() -> Self {
        Task {
            word: R::AtomicU8::new(NONE),
            callback: R::UnsafeCell::new(None),
            runner: R::AtomicUsize::new(0),
            owner: R::Mutex::new(()),
        }
    }

    fn contract() -> Contract {
        Contract::STOP_CALLBACK
    }

    fn mark(&self, callback: Callback) -> Mark {
        let owner = self.owner.lock();
        match self.word.load(Acquire) {
            ARMED => return Mark::Refused(Misuse::AlreadyMarked),
            DONE => return Mark::Refused(Misuse::AlreadyCompleted),
            NONE | ASKED => {}
            _ => return Mark::Refused(Misuse::CancelClaimed),
        }
        // SAFETY: the owner's lock is held, and nothing is armed.
        self.callback.with_mut(|place| unsafe { *place = Some(callback) });
        if self.moves(NONE, ARMED) {
            return Mark::Marked;
        }
        let callback = self.take();
        let is_asked = self.moves(ASKED, INTERRUPTING);
        drop(owner);
        match callback.filter(|_| is_asked) {
            Some(callback) => self.interrupt(callback),
            None => return Mark::Refused(Misuse::AlreadyCompleted),
        }
        Mark::Marked
    }

    fn unmark(&self) -> Unmark {
        loop {
            match self.word.load(Acquire) {
                NONE | ASKED => return Unmark::Refused(Misuse::NotMarked),
                ARMED => {
                    let owner = self.owner.lock();
                    let is_ours = self.moves(ARMED, NONE);
                    let callback = if is_ours { self.take() } else { None };
                    drop(owner);
                    drop(callback);
                    if is_ours {
                        return Unmark::Unmarked;
                    }
                }
                INTERRUPTING if self.interrupts_elsewhere() => R::yield_now(),
                INTERRUPTING | INTERRUPTED => return Unmark::Canceled,
                _ => return Unmark::Refused(Misuse::AlreadyCompleted),
            }
        }
    }

    fn cancel(&self) -> Cancel {
        loop {
            match self.word.load(Acquire) {
                NONE if self.moves(NONE, ASKED) => return Cancel::NotClaimed,
                ARMED if self.moves(ARMED, INTERRUPTING) => {
                    if let Some(callback) = self.take() {
                        self.interrupt(callback);
                    }
                    return Cancel::Claimed;
                }
                NONE | ARMED => {}
                DONE => return Cancel::NotFound,
                _ => return Cancel::NotClaimed,
            }
        }
    }

    fn complete(&self, _: Status) -> Complete {
        loop {
            match self.word.load(Acquire) {
                DONE => return Complete::Refused(Misuse::AlreadyCompleted),
                INTERRUPTING if COMPLETION_WAITS && self.interrupts_elsewhere() => R::yield_now(),
                ARMED => {
                    if self.moves(ARMED, DONE) {
                        drop(self.take());
                        return Complete::Completed;
                    }
                }
                other => {
                    if self.moves(other, DONE) {
                        return Complete::Completed;
                    }
                }
            }
        }
    }

    fn is_canceled(&self) -> IsCanceled {
        match self.word.load(Acquire) {
            NONE | ARMED => IsCanceled::No,
            DONE => IsCanceled::Refused(Misuse::AlreadyCompleted),
            _ => IsCanceled::Yes,
        }
    }
}

/// All scenarios of two threads, by both own engines.
#[test]
fn a_completion_that_waits_by_spinning_is_proved() {
    let contract = Contract::STOP_CALLBACK;
    let applies = |scenario: &cancelproof::scenario::Scenario| {
        scenario.applies_to(&contract) && scenario.program.threads.len() <= 2
    };
    for scenario in catalogue::all().into_iter().filter(applies) {
        for engine in [Engine::Dpor, Engine::Rc11] {
            let judgement = judge(subject!(Waits<_>), &scenario, engine, Settings::default());
            let verdict = judgement.expect("the scenario applies").verdict;
            assert!(matches!(verdict, Verdict::Proved), "{scenario} by {engine}: {verdict}");
        }
    }
}

/// The owner is told that the registration has ended, and the callback still runs: see decision 65.
#[test]
fn a_completion_that_does_not_wait_is_refuted() {
    let scenario = catalogue::named("completed-while-canceled").expect("it is in the catalogue");
    for engine in [Engine::Dpor, Engine::Rc11] {
        let judgement = judge(subject!(Answers<_>), &scenario, engine, Settings::default());
        let verdict = judgement.expect("the scenario applies").verdict;
        let Verdict::Refuted { violation, .. } = &verdict else { panic!("{engine}: {verdict}") };
        assert_eq!(violation.rule, Rule::NeverAfterCompletion, "{violation}");
    }
}
