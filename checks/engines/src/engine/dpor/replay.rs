//! One execution, run again from its decisions.

use std::sync::Arc;

use super::memory::{DataRace, Memory};
use super::spurious::{is_possible, possible};
use crate::executor::{Choice, Controller, Ending, Executor, ObjectKind, TaskSet, View};
use crate::exploration::FailureKind;
use crate::operation::{ObjectId, Operation, TaskId};

/// What came of running an execution again.
#[derive(Debug)]
pub struct Replay {
    /// How it ended.
    pub outcome: ReplayOutcome,
    /// What the tasks did, in order.
    pub trace: Vec<Performed>,
}

/// How a replayed execution ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplayOutcome {
    /// Every task ran to its end.
    Complete,
    /// It failed. A failure that an engine calls after many steps (an endless loop) is none here: see
    /// [`ReplayOutcome::RanOut`].
    Failed(FailureKind),
    /// All decisions were performed, and tasks could go on.
    RanOut,
    /// A decision names a task that cannot go on: the decisions belong to another body, or to an earlier version
    /// of it.
    NotEnabled {
        /// The place of the decision, from 0.
        step: usize,
        /// The task that it names.
        task: u32,
        /// The tasks that can go on there.
        enabled: Vec<u32>,
    },
    /// Every task ran to its end before all decisions were performed.
    EndedEarly {
        /// How many decisions were performed.
        performed: usize,
    },
}

/// Something that a task did.
#[derive(Clone, Copy, Debug)]
pub struct Performed {
    /// The task.
    pub task: TaskId,
    /// What it did.
    pub operation: Operation,
    /// What it read, in `Err` if it was a compare-exchange that failed, or a wait or a park that ended spuriously;
    /// `None` for what is no decision: accesses to cells, spawns and joins.
    pub result: Option<Result<u64, u64>>,
}

/// Runs the execution of `body` that these decisions lead to, on our own executor.
pub fn replay(decisions: &[u32], stack_bytes: usize, body: impl Fn() + Send + Sync + 'static) -> Replay {
    let mut replayer = Replayer {
        decisions,
        step: 0,
        decision: TaskId(0),
        begun: false,
        memory: Memory::new(),
        trace: Vec::new(),
        outcome: ReplayOutcome::RanOut,
    };
    let body: Arc<dyn Fn() + Send + Sync> = Arc::new(body);
    Executor::new(stack_bytes).run(&mut replayer, &body);
    Replay { outcome: replayer.outcome, trace: replayer.trace }
}

struct Replayer<'a> {
    decisions: &'a [u32],
    step: usize,
    decision: TaskId,
    begun: bool,
    memory: Memory,
    trace: Vec<Performed>,
    outcome: ReplayOutcome,
}

impl Controller for Replayer<'_> {
    fn begin(&mut self) -> bool {
        !core::mem::replace(&mut self.begun, true)
    }

    fn created(&mut self, _: TaskId, _: ObjectId, kind: ObjectKind) {
        self.memory.created(kind);
    }

    fn observe(&mut self, task: TaskId, operation: &Operation) {
        self.memory.observe(task, operation);
        self.trace.push(Performed { task, operation: *operation, result: None });
    }

    fn ended(&mut self, _: TaskId) {}

    fn choose(&mut self, view: &View<'_>) -> Choice {
        if self.memory.race().is_some() {
            return Choice::Abandon;
        }
        let Some(number) = self.decisions.get(self.step) else { return Choice::Abandon };
        let decision = u8::try_from(*number).ok().map(TaskId);
        let Some(decision) = decision.filter(|decision| is_possible(*decision, view, &self.memory)) else {
            let spurious = possible(view, &self.memory).spuriously();
            let enabled = numbers(view.enabled().union(spurious));
            self.outcome = ReplayOutcome::NotEnabled { step: self.step, task: *number, enabled };
            return Choice::Abandon;
        };
        self.step += 1;
        self.decision = decision;
        Choice::of(decision)
    }

    fn perform(&mut self, task: TaskId, operation: &Operation) -> Result<u64, u64> {
        let result = self.memory.perform(self.decision, operation);
        self.trace.push(Performed { task, operation: *operation, result: Some(result) });
        result
    }

    fn refuses(&self) -> bool {
        self.memory.race().is_some()
    }

    fn end(&mut self, ending: Ending<'_>) {
        let race = self.memory.race().map(DataRace::failure);
        if let Some(failure) = race.or_else(|| ending.failure()) {
            self.outcome = ReplayOutcome::Failed(failure);
        } else if matches!(ending, Ending::Complete) {
            self.outcome = if self.step == self.decisions.len() {
                ReplayOutcome::Complete
            } else {
                ReplayOutcome::EndedEarly { performed: self.step }
            };
        }
    }
}

fn numbers(tasks: TaskSet) -> Vec<u32> {
    tasks.iter().map(|task| u32::from(task.0)).collect()
}
