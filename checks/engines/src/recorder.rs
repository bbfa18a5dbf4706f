//! What is taken down while an execution runs again: every operation, and what a harness notes in between.
//!
//! The recorder is a [`Controller`] around another one. It knows nothing of what is under test: what the harness sees
//! is a [`Note`], and only its kind decides what a note says.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::executor::{self, Choice, Controller, Ending, Moment, ObjectKind, Present, View};
use crate::operation::{Action, ObjectId, Operation, TaskId};

/// What a harness notes of an execution, beside its operations.
pub trait Note: Clone + fmt::Debug {
    /// Whether it opens a call. A thread notes its call as soon as it comes to it, and then stops before the first
    /// operation of the call, perhaps for long; for a reader the call begins when the thread goes on.
    fn is_call(&self) -> bool;
}

/// A note, and when it was made.
#[derive(Clone, Debug)]
pub struct Noted<N> {
    /// When; `None` if there is no clock.
    pub moment: Option<Moment>,
    /// What was noted.
    pub note: N,
}

/// What notes down what is seen from outside, while an execution runs on this thread.
pub trait Clocked<N> {
    /// From now on also notes the moment of each event, or no longer does.
    fn set_clock(&self, clock: Option<fn() -> Moment>);
    /// The events from place `from` on.
    fn noted(&self, from: usize) -> Vec<Noted<N>>;
    /// When everything under test had been made, and the objects of the harness had not.
    fn harness_begins(&self) -> Option<Moment>;
}

/// Everything that happened, in order.
#[derive(Debug)]
pub struct Log<N> {
    /// What happened.
    pub entries: Vec<Entry<N>>,
    /// The objects, in the order in which they were made.
    pub objects: Vec<ObjectKind>,
    /// The number of the first object that belongs to the harness.
    pub first_of_harness: Option<usize>,
    /// At the end of a deadlock, every task that cannot go on, with what it stands before.
    pub stuck: Vec<(TaskId, Operation)>,
    /// The task that panicked.
    pub panicked: Option<TaskId>,
    /// How many events it took until the broken rule was broken, whatever followed.
    pub broken_from: Option<usize>,
}

/// One thing that happened.
#[derive(Clone, Debug)]
pub struct Entry<N> {
    /// The task to which it happened.
    pub task: TaskId,
    /// What happened.
    pub what: Happened<N>,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Happened<N> {
    /// Something that is seen from outside, with its place in the history.
    Event(usize, Noted<N>),
    /// An operation was performed.
    Operation(Performed),
    /// The task ended.
    Ended,
}

/// An operation that was performed.
#[derive(Clone, Debug)]
pub struct Performed {
    /// The operation.
    pub operation: Operation,
    /// What it read; `Err` if it was a compare-exchange that failed, or a wait or a park that ended spuriously.
    pub result: Result<u64, u64>,
    /// Whether it was a scheduling point.
    pub is_decision: bool,
    /// The task that ran before, if it was another, and why it stopped.
    pub switch: Option<(TaskId, SwitchReason)>,
}

/// Why a thread stopped running.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SwitchReason {
    /// It could have gone on: the scheduler took another one.
    Preempted,
    /// It waits for something.
    Blocked,
    /// It has ended.
    Ended,
    /// It asked for others to run.
    Yielded,
}

impl SwitchReason {
    /// In one word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            SwitchReason::Preempted => "preempted",
            SwitchReason::Blocked => "blocked",
            SwitchReason::Ended => "ended",
            SwitchReason::Yielded => "yielded",
        }
    }
}

impl<N> Entry<N> {
    /// Whether it is something that a scheduler decided.
    #[must_use]
    pub fn is_decision(&self) -> bool {
        matches!(&self.what, Happened::Operation(performed) if performed.is_decision)
    }
}

impl<N> Default for Log<N> {
    fn default() -> Self {
        Log {
            entries: Vec::new(),
            objects: Vec::new(),
            first_of_harness: None,
            stuck: Vec::new(),
            panicked: None,
            broken_from: None,
        }
    }
}

/// A controller around a controller: it takes down what happens and changes nothing.
pub struct Recorded<'a, C, N> {
    inner: &'a mut C,
    record: Arc<dyn Clocked<N>>,
    log: Log<N>,
    /// How often the executor has told of something that is no scheduling point.
    told: usize,
    /// How many events of the record are in the log.
    logged: usize,
    last: Option<Operation>,
    switch: Option<(TaskId, SwitchReason)>,
}

impl<'a, C: Controller, N: Note> Recorded<'a, C, N> {
    /// Takes down what `inner` decides and what `record` notes meanwhile.
    pub fn new(inner: &'a mut C, record: Arc<dyn Clocked<N>>) -> Self {
        record.set_clock(Some(executor::now));
        Recorded { inner, record, log: Log::default(), told: 0, logged: 0, last: None, switch: None }
    }

    /// The log of the last execution.
    #[must_use]
    pub fn into_log(mut self) -> Log<N> {
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

impl<C: Controller, N: Note> Controller for Recorded<'_, C, N> {
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

    fn found(&mut self, task: TaskId, object: ObjectId, kind: ObjectKind) {
        self.tell();
        self.log.objects.push(kind);
        self.inner.found(task, object, kind);
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
        if let Choice::Perform(task) | Choice::PerformSpuriously(task) = choice {
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

    fn refuses(&self) -> bool {
        self.inner.refuses()
    }

    fn present(&self, present: &mut Present<'_>) -> bool {
        self.inner.present(present)
    }

    fn end(&mut self, ending: Ending<'_>) {
        self.log_all_events();
        match &ending {
            Ending::Deadlock { view } => {
                let stands = |task: TaskId| (task, view.pending()[usize::from(task.0)]);
                self.log.stuck = view.unfinished().iter().map(stands).collect();
            }
            Ending::Panic { task, .. } => self.log.panicked = Some(*task),
            Ending::Complete | Ending::Abandoned | Ending::Exceeded { .. } => {}
        }
        self.inner.end(ending);
    }
}

/// Puts each call where its thread goes on with it.
fn move_calls_to_their_operations<N: Note>(entries: &mut [Entry<N>]) {
    let mut place = 0;
    while place < entries.len() {
        let task = entries[place].task;
        let is_call = matches!(&entries[place].what, Happened::Event(_, noted) if noted.note.is_call());
        let next = entries[place + 1..].iter().position(|entry| entry.task == task);
        match next.map(|distance| place + 1 + distance) {
            Some(next) if is_call && next > place + 1 && entries[next].is_decision() => {
                entries[place..next].rotate_left(1);
            }
            _ => place += 1,
        }
    }
}
