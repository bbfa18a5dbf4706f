//! The same code under a lens on every platform: the reports must not differ.

use core::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release};
use std::sync::Arc as StdArc;
use std::sync::{Mutex as StdMutex, PoisonError};

use cancelproof_runtime::{Arc, Atomic, Condvar, JoinHandle, Mutex, Runtime, Std, Thread, UnsafeCell};

use super::{Lens, Observer, Platform, observe};
use crate::engine::dpor;
use crate::executor::{Controlled, ObjectKind};
use crate::exploration::FailureKind;
use crate::operation::{Action, ObjectId, Operation, TaskId};
use crate::platform::{Loom, Shuttle};

/// Writes down what it is told.
#[derive(Default)]
struct Recorder(StdMutex<Vec<String>>);

impl Recorder {
    fn note(&self, note: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(note);
    }

    fn take(&self) -> Vec<String> {
        core::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Observer for Recorder {
    fn created(&self, task: TaskId, object: ObjectId, kind: ObjectKind) {
        self.note(format!("{task} creates object {}: {kind:?}", object.0));
    }

    fn before(&self, task: TaskId, operation: &Operation) -> Operation {
        let text = operation.to_string();
        self.note(format!("{task} will {}", text.split(" at ").next().unwrap_or_default()));
        *operation
    }

    fn after(&self, task: TaskId, operation: &Operation, result: Result<u64, u64>) {
        let text = operation.to_string();
        self.note(format!("{task} did {}: {result:?}", text.split(" at ").next().unwrap_or_default()));
    }

    fn ended(&self, task: TaskId) {
        self.note(format!("{task} ends"));
    }
}

/// Every operation once, in an order that no scheduler can change.
fn sequential<R: Runtime>() {
    let word = <R::Arc<R::AtomicU32>>::new(R::AtomicU32::new(1));
    let shared = word.clone();
    let child = R::spawn(move || {
        shared.store(5, Release);
        shared.fetch_sub(3, AcqRel)
    });
    assert_eq!(child.join(), 5);
    assert_eq!(word.load(Acquire), 2);
    assert_eq!(word.compare_exchange(2, 4, AcqRel, Acquire), Ok(2));
    assert_eq!(word.compare_exchange(2, 9, AcqRel, Relaxed), Err(4));
    R::fence(AcqRel);
    let cell = R::UnsafeCell::new(7_u8);
    // SAFETY: only this thread knows the cell.
    assert_eq!(cell.with(|value| unsafe { *value }), 7);
    let lock = R::Mutex::new(0_u8);
    *lock.lock() += 1;
    let condvar = R::Condvar::new();
    condvar.notify_one();
    condvar.notify_all();
    R::current().unpark();
    R::park();
    R::yield_now();
}

/// Runs `sequential` under a lens on a platform that `run` provides, and returns what was reported, thread by
/// thread: on real threads, the parent may reach its join before or after the child has run.
fn record<R: Platform>(run: impl FnOnce(Box<dyn Fn() + Send + Sync>)) -> Vec<String> {
    let recorder = StdArc::new(Recorder::default());
    let observer = StdArc::clone(&recorder);
    run(Box::new(move || {
        // Every execution of an engine reports the same; the last one is kept.
        observer.take();
        observe(StdArc::<Recorder>::clone(&observer), sequential::<Lens<R>>);
    }));
    let mut notes = recorder.take();
    notes.sort_by_key(|note| note.starts_with("thread 1"));
    notes
}

#[test]
fn every_platform_reports_the_same() {
    let expected = record::<Std>(|body| body());
    assert_eq!(expected.len(), 5 + 1 + 2 * 19, "{expected:#?}");
    assert!(expected.contains(&"thread 1 did fetch_sub(3, AcqRel) on object 0: Ok(5)".to_owned()));
    assert!(
        expected
            .contains(&"thread 0 did compare_exchange(2, 9, AcqRel, Relaxed) on object 0: Err(4)".to_owned())
    );
    assert_eq!(record::<Shuttle>(|body| shuttle::check_dfs(body, None)), expected);
    assert_eq!(record::<Loom>(loom::model), expected);
    let on_controlled = record::<Controlled>(|body| {
        assert_eq!(dpor::explore(&dpor::Options::default(), body).failure, None);
    });
    assert_eq!(on_controlled, expected);
}

/// Without an observer nothing is reported, and everything works.
#[test]
fn nobody_looks() {
    sequential::<Lens<Std>>();
    assert!(super::session::current().is_none());
}

/// Weakens every store that releases.
struct Weaken;

impl Observer for Weaken {
    fn before(&self, _: TaskId, operation: &Operation) -> Operation {
        let action = match operation.action {
            Action::Store { value, ordering: Ordering::Release } => {
                Action::Store { value, ordering: Ordering::Relaxed }
            }
            other => other,
        };
        Operation { action, ..*operation }
    }
}

struct Shared<R: Runtime>(R::AtomicU8, R::UnsafeCell<u8>);

// SAFETY: one task at a time is run, and the engine reports accesses that are not ordered.
unsafe impl<R: Runtime> Sync for Shared<R> {}
// SAFETY: as above.
unsafe impl<R: Runtime> Send for Shared<R> {}

fn publish<R: Runtime>() {
    let shared = StdArc::new(Shared::<R>(Atomic::new(0), UnsafeCell::new(0)));
    let publisher = StdArc::clone(&shared);
    let child = R::spawn(move || {
        // SAFETY: see the type.
        publisher.1.with_mut(|value| unsafe { *value = 1 });
        publisher.0.store(1, Release);
    });
    if shared.0.load(Acquire) == 1 {
        // SAFETY: see the type.
        shared.1.with(|value| unsafe { *value });
    }
    child.join();
}

/// An ordering that an observer weakens is weaker for the engine too.
#[test]
fn weakened_store_publishes_nothing() {
    let explore = |observer: StdArc<dyn Observer>| {
        dpor::explore(&dpor::Options::default(), move || {
            observe(StdArc::clone(&observer), publish::<Lens<Controlled>>);
        })
    };
    assert_eq!(explore(StdArc::new(Recorder::default())).failure, None);
    let failure = explore(StdArc::new(Weaken)).failure.expect("a race");
    assert!(matches!(failure.kind, FailureKind::DataRace { .. }));
}
