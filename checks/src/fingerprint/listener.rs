//! Hears every operation of an execution and takes it down without changing it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use crate::execution::is_of_harness;
use crate::executor::{Ahead, Interceptor};
use crate::operation::{Action, Operation, TaskId};

/// What was heard in the latest execution, and where in all of them.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub(super) text: String,
    pub(super) files: BTreeSet<String>,
    /// The values that have come up, by the order in which they did.
    names: FxHashMap<u64, usize>,
}

impl Heard {
    fn name(&mut self, value: u64) -> usize {
        let next = self.names.len();
        *self.names.entry(value).or_insert(next)
    }

    fn note(&mut self, task: TaskId, operation: &Operation, answer: Option<Result<u64, u64>>) {
        if is_of_harness(operation.location.file()) {
            return;
        }
        self.files.insert(operation.location.file().to_owned());
        let object = operation.object.map_or(0, |object| object.0 + 1);
        let what = match operation.action {
            Action::Store { value, ordering } => format!("store {} {ordering:?}", self.name(value)),
            Action::Update { update, operand, ordering } => {
                format!("{update} {} {ordering:?}", self.name(operand))
            }
            Action::CompareExchange { expected, new, success, failure, weak } => {
                let (expected, new) = (self.name(expected), self.name(new));
                format!("compare-exchange {expected} {new} {success:?} {failure:?} {weak}")
            }
            other => format!("{other:?}"),
        };
        let answer = match answer {
            None => String::new(),
            Some(Ok(value)) => format!(" {}", self.name(value)),
            Some(Err(value)) => format!(" not {}", self.name(value)),
        };
        // Writing to a text never fails.
        let _ = writeln!(self.text, "{} {object} {what}{answer}", task.0);
    }
}

/// The interceptor of one execution.
pub(super) struct Listener(Arc<Mutex<Heard>>);

impl Listener {
    /// Forgets the execution before, and listens to the next.
    pub(super) fn begin(heard: &Arc<Mutex<Heard>>) -> Rc<dyn Interceptor> {
        let mut state = heard.lock().unwrap_or_else(PoisonError::into_inner);
        state.text.clear();
        state.names.clear();
        Rc::new(Listener(Arc::clone(heard)))
    }

    fn note(&self, task: TaskId, operation: &Operation, answer: Option<Result<u64, u64>>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).note(task, operation, answer);
    }
}

impl Interceptor for Listener {
    fn perform(&self, task: TaskId, operation: &Operation, ahead: Ahead) -> Result<u64, u64> {
        let answer = ahead.perform(operation.action);
        self.note(task, operation, Some(answer));
        answer
    }

    fn observe(&self, task: TaskId, operation: &Operation) -> bool {
        self.note(task, operation, None);
        true
    }
}
