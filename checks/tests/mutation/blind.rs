//! An engine that is blinded on purpose is caught by the canary.

use std::cell::RefCell;
use std::rc::Rc;

use cancelproof::executor::{Ahead, Interceptor, ObjectKind};
use cancelproof::judge::{Blind, Engine, Intercepting, Settings, check_canary_through};
use cancelproof::operation::{Action, ObjectId, Operation, TaskId};

/// Performs the atomic operations of one task without telling the engine, and hides its accesses to cells. What the
/// atomics hold is kept here, so that the code under test notices nothing.
struct Blindfold {
    hidden: Option<TaskId>,
    /// Each object's value, and the mask of its width.
    values: RefCell<Vec<(u64, u64)>>,
}

impl Blindfold {
    fn hiding(hidden: Option<TaskId>) -> Intercepting {
        Intercepting::new(move || Rc::new(Blindfold { hidden, values: RefCell::default() }))
    }

    fn apply(&self, operation: &Operation) -> Option<Result<u64, u64>> {
        let mut values = self.values.borrow_mut();
        let (value, mask) = &mut values[usize::from(operation.object?.0)];
        let old = *value;
        match operation.action {
            Action::Load { .. } => {}
            Action::Store { value: new, .. } => *value = new & *mask,
            Action::Update { update, operand, .. } => *value = update.apply(old, operand) & *mask,
            Action::CompareExchange { expected, .. } if expected != old => return Some(Err(old)),
            Action::CompareExchange { new, .. } => *value = new,
            _ => return None,
        }
        Some(Ok(old))
    }
}

impl Interceptor for Blindfold {
    fn perform(&self, task: TaskId, operation: &Operation, ahead: Ahead) -> Result<u64, u64> {
        let is_atomic = matches!(
            operation.action,
            Action::Load { .. }
                | Action::Store { .. }
                | Action::Update { .. }
                | Action::CompareExchange { .. }
        );
        if is_atomic && self.hidden == Some(task) {
            return self.apply(operation).unwrap_or(Ok(0));
        }
        let told = ahead.perform(operation.action);
        self.apply(operation).unwrap_or(told)
    }

    fn observe(&self, task: TaskId, _: &Operation) -> bool {
        self.hidden != Some(task)
    }

    fn created(&self, _: TaskId, _: ObjectId, kind: ObjectKind) {
        self.values.borrow_mut().push(match kind {
            ObjectKind::Atomic { initial, bits } => (initial, u64::MAX >> (64 - u32::from(bits))),
            _ => (0, u64::MAX),
        });
    }
}

#[test]
fn a_blindfold_that_hides_nothing_passes() {
    let seeing = Blindfold::hiding(None);
    assert_eq!(check_canary_through(Engine::Dpor, Settings::default(), &seeing), Ok(()));
}

#[test]
fn an_engine_that_does_not_see_one_thread_misses_a_planted_fault() {
    for engine in [Engine::Dpor, Engine::Rc11] {
        let blind = Blindfold::hiding(Some(TaskId(1)));
        let answer = check_canary_through(engine, Settings::default(), &blind);
        assert!(matches!(answer, Err(Blind::Missed { .. })), "{engine}: {answer:?}");
    }
}

#[test]
fn an_engine_on_another_executor_cannot_be_blinded() {
    let blind = Blindfold::hiding(Some(TaskId(1)));
    let answer = check_canary_through(Engine::Shuttle, Settings::default(), &blind);
    assert!(
        matches!(answer, Err(Blind::Missed { verdict, .. }) if verdict.contains("cannot be intercepted"))
    );
}
