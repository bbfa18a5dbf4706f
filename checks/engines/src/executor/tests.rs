//! The executor under the simplest of controllers: the first enabled task goes, and memory is a plain table.

use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cancelproof_runtime::{Atomic, Condvar, JoinHandle, Mutex, Runtime, Thread, UnsafeCell};

use super::*;
use crate::operation::{ObjectId, Operation};

/// Runs one execution; `give_up_after` steps it abandons it.
struct FirstEnabled {
    executions: u32,
    values: Vec<u64>,
    steps: usize,
    give_up_after: usize,
    endings: Vec<String>,
    observed: Vec<String>,
}

impl FirstEnabled {
    fn new(executions: u32) -> Self {
        FirstEnabled {
            executions,
            values: Vec::new(),
            steps: 0,
            give_up_after: usize::MAX,
            endings: Vec::new(),
            observed: Vec::new(),
        }
    }
}

impl Controller for FirstEnabled {
    fn begin(&mut self) -> bool {
        self.values.clear();
        self.steps = 0;
        let more = self.executions > 0;
        self.executions = self.executions.saturating_sub(1);
        more
    }

    fn created(&mut self, _: TaskId, object: ObjectId, kind: ObjectKind) {
        assert_eq!(usize::from(object.0), self.values.len());
        self.values.push(if let ObjectKind::Atomic { initial, .. } = kind { initial } else { 0 });
    }

    fn observe(&mut self, task: TaskId, operation: &Operation) {
        self.observed
            .push(format!("{task}: {operation}").split(" at ").next().unwrap_or_default().to_owned());
    }

    fn ended(&mut self, task: TaskId) {
        self.observed.push(format!("{task}: end"));
    }

    fn choose(&mut self, view: &View<'_>) -> Choice {
        self.steps += 1;
        match view.enabled().first() {
            Some(task) if self.steps <= self.give_up_after => Choice::Perform(task),
            _ => Choice::Abandon,
        }
    }

    fn perform(&mut self, _: TaskId, operation: &Operation) -> Result<u64, u64> {
        let Some(object) = operation.object else { return Ok(0) };
        let value = &mut self.values[usize::from(object.0)];
        let old = *value;
        match operation.action {
            Action::Store { value: new, .. } => *value = new,
            Action::Update { update, operand, .. } => *value = update.apply(old, operand),
            Action::CompareExchange { expected, .. } if expected != old => return Err(old),
            Action::CompareExchange { new, .. } => *value = new,
            _ => {}
        }
        Ok(old)
    }

    fn end(&mut self, ending: Ending<'_>) {
        self.endings.push(match ending {
            Ending::Complete => "complete".to_owned(),
            Ending::Abandoned => "abandoned".to_owned(),
            other => other.failure().map_or_else(String::new, |failure| format!("{failure:?}")),
        });
    }
}

fn run(controller: &mut FirstEnabled, body: impl Fn() + Send + Sync + 'static) {
    let body: Arc<dyn Fn() + Send + Sync> = Arc::new(body);
    Executor::new(STACK_BYTES_DEFAULT).run(controller, &body);
}

type AtomicU8 = <Controlled as Runtime>::AtomicU8;

/// Every operation of the runtime, each with the reply it must give, in an execution that ends.
#[test]
fn every_operation_is_performed() {
    let mut controller = FirstEnabled::new(3);
    run(&mut controller, || {
        let word = Arc::new(AtomicU8::new(3));
        assert_eq!(word.load(Acquire), 3);
        assert_eq!(word.fetch_add(1, AcqRel), 3);
        assert_eq!(word.compare_exchange(4, 9, AcqRel, Acquire), Ok(4));
        assert_eq!(word.compare_exchange(4, 7, AcqRel, Acquire), Err(9));
        let shared = Arc::new((ControlledMutex::new(0), ControlledCondvar::new()));
        let other = Arc::clone(&shared);
        let main = Controlled::current();
        let child = Controlled::spawn(move || {
            let mut guard = other.0.lock();
            while *guard == 0 {
                guard = other.1.wait(guard);
            }
            drop(guard);
            main.unpark();
            7
        });
        Controlled::yield_now();
        *shared.0.lock() = 1;
        shared.1.notify_one();
        Controlled::park();
        Controlled::fence(AcqRel);
        assert_eq!(child.join(), 7);
        let cell = ControlledUnsafeCell::new(1);
        // SAFETY: nobody else reaches this cell.
        assert_eq!(cell.with(|value| unsafe { *value }), 1);
    });
    assert_eq!(controller.endings, ["complete"; 3], "{:?}", controller.observed);
    assert_eq!(controller.observed.len(), 3 * 5, "spawn, two ends, join, cell: {:?}", controller.observed);
}

/// Counts how often it is dropped.
struct Counted(&'static AtomicUsize);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Performs operations while being dropped.
struct Noisy(Arc<AtomicU8>, Arc<ControlledMutex<u8>>, #[expect(dead_code, reason = "dropped")] Counted);

impl Drop for Noisy {
    fn drop(&mut self) {
        while self.0.compare_exchange(77, 78, AcqRel, Relaxed).is_err() {}
        *self.1.lock() += 1;
    }
}

/// An execution given up at any step runs every destructor, and operations inside them neither block nor abort.
#[test]
fn abandoned_tasks_are_unwound() {
    static DROPS: AtomicUsize = AtomicUsize::new(0);
    for give_up_after in 0..12 {
        let mut controller = FirstEnabled::new(1);
        controller.give_up_after = give_up_after;
        DROPS.store(0, Ordering::Relaxed);
        run(&mut controller, || {
            let word = Arc::new(AtomicU8::new(77));
            let lock = Arc::new(ControlledMutex::new(0));
            let first = Noisy(Arc::clone(&word), Arc::clone(&lock), Counted(&DROPS));
            let second = Noisy(Arc::clone(&word), Arc::clone(&lock), Counted(&DROPS));
            word.fetch_sub(2, AcqRel);
            let child = Controlled::spawn(move || {
                let _owned = second;
                let guard = lock.lock();
                Controlled::yield_now();
                drop(guard);
                word.fetch_add(2, AcqRel);
            });
            child.join();
            drop(first);
        });
        assert_eq!(controller.endings, ["abandoned"]);
        assert_eq!(DROPS.load(Ordering::Relaxed), 2, "given up after {give_up_after} steps");
    }
}

/// A panic in any task ends the execution with its message; the other tasks are unwound, and the next execution
/// starts clean.
#[test]
fn panic_is_the_end_of_the_execution() {
    let mut controller = FirstEnabled::new(2);
    run(&mut controller, || {
        let word = Arc::new(AtomicU8::new(0));
        let other = Arc::clone(&word);
        let child = Controlled::spawn(move || {
            other.load(Relaxed);
            panic!("the child gives up");
        });
        word.load(Relaxed);
        child.join();
    });
    let panic = "Panic { message: \"the child gives up\" }";
    assert_eq!(controller.endings, [panic, panic]);
}

/// A panic that modelled code catches is no failure, even if destructors perform operations on its way.
#[test]
fn caught_panic_goes_on() {
    let mut controller = FirstEnabled::new(1);
    run(&mut controller, || {
        let lock = Arc::new(ControlledMutex::new(0));
        let other = Arc::clone(&lock);
        let child = Controlled::spawn(move || *other.lock() += 1);
        let result = catch_unwind(AssertUnwindSafe(|| {
            let _guard = lock.lock();
            panic!("a callback gives up");
        }));
        assert!(result.is_err());
        child.join();
        assert_eq!(*lock.lock(), 1);
    });
    assert_eq!(controller.endings, ["complete"]);
}

/// Nothing enabled but tasks unfinished: the ending names what each waits for.
#[test]
fn deadlock_names_what_is_blocked() {
    let mut controller = FirstEnabled::new(1);
    run(&mut controller, || {
        let child = Controlled::spawn(|| Controlled::park());
        child.join();
    });
    let ending = &controller.endings[0];
    assert!(ending.contains("thread 0 waits at join of thread 1"), "{ending}");
    assert!(ending.contains("thread 1 waits at park"), "{ending}");
}
