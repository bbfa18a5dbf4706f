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
    /// Whether it says what objects hold when it gives up.
    knows_values: bool,
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
            knows_values: true,
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

    fn present(&self, present: &mut Present<'_>) -> bool {
        for (object, value) in self.values.iter().enumerate() {
            present.set_value(ObjectId(object as u16), *value);
        }
        self.knows_values
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

/// Draws tickets, also while being dropped, and finds that no other draw was answered the same.
struct Drawing(Arc<Draws>, #[expect(dead_code, reason = "dropped")] Counted);

/// Tickets by an atomic of the runtime, and, beside it, what the draws were answered.
struct Draws {
    tickets: AtomicU8,
    lock: ControlledMutex<u8>,
    answers: std::sync::Mutex<Vec<u8>>,
}

impl Draws {
    fn draw(&self) {
        let mut guard = self.lock.lock();
        *guard += 1;
        let answer = self.tickets.fetch_add(1, AcqRel);
        self.answers.lock().unwrap().push(answer);
    }
}

impl Drop for Drawing {
    fn drop(&mut self) {
        self.0.draw();
    }
}

/// Two tasks that draw tickets, and hold what draws once more when it is dropped.
fn draws(drops: &'static AtomicUsize) {
    let shared = Arc::new(Draws {
        tickets: AtomicU8::new(0),
        lock: ControlledMutex::new(0),
        answers: std::sync::Mutex::default(),
    });
    let draw = move |shared: &Arc<Draws>| {
        let drawing = Drawing(Arc::clone(shared), Counted(drops));
        drawing.0.draw();
        Controlled::yield_now();
        drawing.0.draw();
    };
    let other = Arc::clone(&shared);
    let child = Controlled::spawn(move || draw(&other));
    draw(&shared);
    child.join();
    let answers = shared.answers.lock().unwrap();
    assert_eq!(*answers, [0, 1, 2, 3, 4, 5], "an operation was answered that was not performed");
    drops.fetch_add(100, Ordering::Relaxed);
}

/// An execution given up at any step is finished by operations that are really performed: destructors run, each
/// draw is answered with a ticket of its own, and the last assertion of the body is come to and holds.
#[test]
fn given_up_executions_are_finished() {
    static DROPS: AtomicUsize = AtomicUsize::new(0);
    for give_up_after in 0..20 {
        let mut controller = FirstEnabled::new(1);
        controller.give_up_after = give_up_after;
        DROPS.store(0, Ordering::Relaxed);
        run(&mut controller, || draws(&DROPS));
        assert_eq!(DROPS.load(Ordering::Relaxed), 102, "given up after {give_up_after} steps");
        assert_eq!(controller.endings, ["abandoned"], "given up after {give_up_after} steps");
    }
}

/// If nobody can say what the objects hold, no line of the program runs any more: every destructor that ran belongs to
/// a draw that was performed.
#[test]
fn tasks_that_cannot_go_on_are_abandoned() {
    static DROPS: AtomicUsize = AtomicUsize::new(0);
    for give_up_after in 0..20 {
        let mut controller = FirstEnabled::new(1);
        (controller.give_up_after, controller.knows_values) = (give_up_after, false);
        DROPS.store(0, Ordering::Relaxed);
        run(&mut controller, || draws(&DROPS));
        assert!(DROPS.load(Ordering::Relaxed) <= 2, "given up after {give_up_after} steps");
        assert_eq!(controller.endings, ["abandoned"]);
    }
}

/// What never comes to an end by itself is abandoned in the end.
#[test]
fn endless_rest_is_abandoned() {
    let mut controller = FirstEnabled::new(2);
    controller.give_up_after = 3;
    run(&mut controller, || {
        let word = AtomicU8::new(0);
        while word.load(Relaxed) == 0 {}
    });
    assert_eq!(controller.endings, ["abandoned"; 2]);
}

/// A panic of a task that was given up is not charged to anybody.
#[test]
fn panic_after_giving_up_is_no_failure() {
    let mut controller = FirstEnabled::new(2);
    controller.give_up_after = 1;
    run(&mut controller, || {
        let word = AtomicU8::new(0);
        word.fetch_add(1, AcqRel);
        word.fetch_add(1, AcqRel);
        panic!("too late");
    });
    assert_eq!(controller.endings, ["abandoned"; 2]);
}

/// A data race is known before the second access is made.
#[test]
fn refused_access_is_not_made() {
    static MADE: AtomicUsize = AtomicUsize::new(0);
    struct Refusing(FirstEnabled);
    impl Controller for Refusing {
        fn begin(&mut self) -> bool {
            self.0.begin()
        }
        fn created(&mut self, task: TaskId, object: ObjectId, kind: ObjectKind) {
            self.0.created(task, object, kind);
        }
        fn observe(&mut self, task: TaskId, operation: &Operation) {
            self.0.observe(task, operation);
        }
        fn ended(&mut self, task: TaskId) {
            self.0.ended(task);
        }
        fn choose(&mut self, view: &View<'_>) -> Choice {
            self.0.choose(view)
        }
        fn perform(&mut self, task: TaskId, operation: &Operation) -> Result<u64, u64> {
            self.0.perform(task, operation)
        }
        fn refuses(&self) -> bool {
            self.0.observed.iter().any(|what| what.contains("write"))
        }
        fn end(&mut self, ending: Ending<'_>) {
            self.0.end(ending);
        }
    }
    let mut controller = Refusing(FirstEnabled::new(1));
    let body: Arc<dyn Fn() + Send + Sync> = Arc::new(|| {
        let cell = ControlledUnsafeCell::new(0);
        cell.with(|_| MADE.fetch_add(1, Ordering::Relaxed));
        cell.with_mut(|_| MADE.fetch_add(1, Ordering::Relaxed));
    });
    Executor::new(STACK_BYTES_DEFAULT).run(&mut controller, &body);
    assert_eq!(controller.0.endings, ["abandoned"]);
    assert_eq!(MADE.load(Ordering::Relaxed), 1, "{:?}", controller.0.observed);
}

/// A panic in any task ends the execution with its message; the other tasks are abandoned, and the next execution
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
