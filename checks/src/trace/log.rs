//! What is taken down while a failing execution runs again, before it is made readable.

use std::sync::Arc;

use crate::executor::{self, Choice, Controller, Ending, Moment, ObjectKind, View};
use crate::operation::{Action, ObjectId, Operation, TaskId};

use super::data::SwitchReason;
use super::outside::{Clocked, Noted, Outside};

/// Everything that happened, in order.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) entries: Vec<Entry>,
    /// The objects, with the number of the first that belongs to the harness.
    pub(crate) objects: Vec<ObjectKind>,
    pub(crate) first_of_harness: Option<usize>,
    /// At the end of a deadlock, every task that cannot go on.
    pub(crate) stuck: Vec<(TaskId, Operation)>,
    /// The task that panicked.
    pub(crate) panicked: Option<TaskId>,
    /// How many events it took until the broken rule was broken, whatever followed.
    pub(crate) broken_from: Option<usize>,
}

/// One thing that happened.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) task: TaskId,
    pub(crate) what: Happened,
}

impl Entry {
    /// Whether it is something that a scheduler decided.
    pub(crate) fn is_decision(&self) -> bool {
        matches!(&self.what, Happened::Operation(performed) if performed.is_decision)
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Happened {
    /// Something that is seen from outside, with its place in the history.
    Event(usize, Noted),
    Operation(Performed),
    Ended,
}

#[derive(Clone, Debug)]
pub(crate) struct Performed {
    pub(crate) operation: Operation,
    /// What it read; `Err` if it was a compare-exchange that failed.
    pub(crate) result: Result<u64, u64>,
    /// Whether it was a scheduling point.
    pub(crate) is_decision: bool,
    /// The task that ran before, if it was another, and why it stopped.
    pub(crate) switch: Option<(TaskId, SwitchReason)>,
}

/// A controller around a controller: it takes down what happens and changes nothing.
pub(crate) struct Recorded<'a, C> {
    inner: &'a mut C,
    record: Arc<dyn Clocked>,
    log: Log,
    /// How often the executor has told of something that is no scheduling point.
    told: usize,
    /// How many events of the record are in the log.
    logged: usize,
    last: Option<Operation>,
    switch: Option<(TaskId, SwitchReason)>,
}

impl<'a, C: Controller> Recorded<'a, C> {
    pub(crate) fn new(inner: &'a mut C, record: Arc<dyn Clocked>) -> Self {
        record.set_clock(Some(executor::now));
        Recorded { inner, record, log: Log::default(), told: 0, logged: 0, last: None, switch: None }
    }

    /// The log of the last execution.
    pub(crate) fn into_log(mut self) -> Log {
        self.record.set_clock(None);
        let mut log = std::mem::take(&mut self.log);
        move_calls_to_their_operations(&mut log.entries);
        log
    }

    /// Logs what the harness saw before the moment at which `told` things had been told.
    fn log_events(&mut self, before: impl Fn(Moment) -> bool) {
        for noted in self.record.noted(self.logged) {
            let Some(moment) = noted.moment.filter(|moment| before(*moment)) else { break };
            let what = Happened::Event(self.logged, noted);
            self.log.entries.push(Entry { task: moment.task, what });
            self.logged += 1;
        }
    }

    fn log_all_events(&mut self) {
        self.log_events(|_| true);
    }

    /// The executor tells of something that came about before the task stopped at its next operation.
    fn tell(&mut self) {
        let told = self.told;
        self.log_events(|moment| moment.told <= told);
        self.told += 1;
    }

    fn push(&mut self, task: TaskId, operation: &Operation, result: Option<Result<u64, u64>>) {
        let performed = Performed {
            operation: *operation,
            result: result.unwrap_or(Ok(0)),
            is_decision: result.is_some(),
            switch: self.switch.take(),
        };
        self.log.entries.push(Entry { task, what: Happened::Operation(performed) });
    }

    fn switch_to(&self, task: TaskId, view: &View<'_>) -> Option<(TaskId, SwitchReason)> {
        let last = view.last().filter(|last| *last != task)?;
        let yielded = self.last.is_some_and(|operation| operation.action == Action::Yield);
        let reason = if !view.unfinished().contains(last) {
            SwitchReason::Ended
        } else if !view.enabled().contains(last) {
            SwitchReason::Blocked
        } else if yielded {
            SwitchReason::Yielded
        } else {
            SwitchReason::Preempted
        };
        Some((last, reason))
    }
}

impl<C: Controller> Controller for Recorded<'_, C> {
    const OWNS_SYNCHRONISATION: bool = C::OWNS_SYNCHRONISATION;

    fn begin(&mut self) -> bool {
        let more = self.inner.begin();
        if more {
            self.log = Log::default();
            (self.told, self.logged, self.last) = (0, 0, None);
        }
        more
    }

    fn created(&mut self, task: TaskId, object: ObjectId, kind: ObjectKind) {
        let made = self.record.harness_begins();
        if self.log.first_of_harness.is_none() && made.is_some_and(|made| made.told == self.told) {
            self.log.first_of_harness = Some(self.log.objects.len());
        }
        self.tell();
        self.log.objects.push(kind);
        self.inner.created(task, object, kind);
    }

    fn observe(&mut self, task: TaskId, operation: &Operation) {
        // A join that had to wait is not among what the tasks themselves have told.
        let waited = matches!(operation.action, Action::Join { .. }) && executor::told() <= self.told;
        if waited {
            self.log_all_events();
        } else {
            self.tell();
        }
        self.push(task, operation, None);
        self.inner.observe(task, operation);
    }

    fn ended(&mut self, task: TaskId) {
        self.log_all_events();
        self.log.entries.push(Entry { task, what: Happened::Ended });
        self.inner.ended(task);
    }

    fn choose(&mut self, view: &View<'_>) -> Choice {
        self.log_all_events();
        let choice = self.inner.choose(view);
        if let Choice::Perform(task) = choice {
            self.switch = self.switch_to(task, view);
        }
        choice
    }

    fn perform(&mut self, task: TaskId, operation: &Operation) -> Result<u64, u64> {
        let result = self.inner.perform(task, operation);
        self.push(task, operation, Some(result));
        self.last = Some(*operation);
        result
    }

    fn end(&mut self, ending: Ending<'_>) {
        self.log_all_events();
        match &ending {
            Ending::Deadlock { view } => {
                let stands = |task: TaskId| (task, view.pending()[usize::from(task.0)]);
                self.log.stuck = view.unfinished().iter().map(stands).collect();
            }
            Ending::Panic { task, .. } => self.log.panicked = Some(*task),
            Ending::Complete | Ending::Abandoned => {}
        }
        self.inner.end(ending);
    }
}

/// A thread logs its call as soon as it comes to it, and then stops before the first operation of the call, perhaps
/// for long. For a reader the call begins when the thread goes on.
fn move_calls_to_their_operations(entries: &mut [Entry]) {
    let mut place = 0;
    while place < entries.len() {
        let task = entries[place].task;
        let is_call = matches!(&entries[place].what, Happened::Event(_, noted)
            if matches!(noted.what, Outside::Called { .. }));
        let next = entries[place + 1..].iter().position(|entry| entry.task == task);
        match next.map(|distance| place + 1 + distance) {
            Some(next) if is_call && next > place + 1 && entries[next].is_decision() => {
                entries[place..next].rotate_left(1);
            }
            _ => place += 1,
        }
    }
}
