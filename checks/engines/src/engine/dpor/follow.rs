//! One execution, along a course that somebody lays down.
//!
//! Without a course there is one way to go on everywhere, the *default*: the task that ran last goes on; if it
//! cannot, or has yielded, the next one in cyclic order does. An execution is then described by the few decisions at
//! which it deviates from that, which is what a replay token holds.

use core::panic::Location;
use core::sync::atomic::Ordering;
use std::sync::Arc;

use super::dependency::{Access, kind};
use super::memory::{DataRace, Memory};
use super::options::{Options, STEPS_MAX};
use super::search::Rules;
use super::spurious::is_possible;
use super::waiting::Waiting;
use crate::executor::{Choice, Controller, Ending, Executor, ObjectKind, TaskSet, View, stack_bytes_default};
use crate::exploration::FailureKind;
use crate::operation::{Action, ObjectId, Operation, TaskId};

/// Where an execution is to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Course {
    /// By these tasks, in order, and then no further.
    Exactly(Vec<TaskId>),
    /// By these tasks, in order, without those that cannot go on when it is their turn; then by default.
    Roughly(Vec<TaskId>),
    /// By default, but for these decisions.
    Deviating(Vec<Deviation>),
}

/// A decision that is not the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deviation {
    /// Its place among the decisions, from 0.
    pub step: u32,
    /// The task that goes on, and how its operation comes out: see [`TaskId::spuriously`].
    pub task: TaskId,
    /// The operation that this task then performs.
    pub performs: Fingerprint,
}

/// What is recognised of an operation: its kind and its object. Lines of code may move without harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// The kind of operation.
    pub kind: u8,
    /// The number of its object, from 1; 0 if it has none.
    pub object: u16,
}

/// An ordering that is made stronger, wherever that line of code is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strengthened {
    /// The place of the operation in the code.
    pub location: &'static Location<'static>,
    /// What is added to its ordering.
    pub ordering: Ordering,
}

/// How an execution along a course ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Every task ran to its end.
    Complete,
    /// It failed.
    Failed(FailureKind),
    /// The course had no more decisions.
    RanOut,
    /// The course does not fit.
    Misfit(Misfit),
}

/// The first decision of a course that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// Its place among the decisions, from 0.
    pub step: u32,
    /// The task that it names.
    pub task: TaskId,
    /// What that task stands before, if it is there and can go on.
    pub stands_before: Option<String>,
    /// The tasks that can go on.
    pub enabled: Vec<TaskId>,
}

/// Goes along a course. The controller of one execution.
pub struct Follower<'a> {
    course: &'a Course,
    strengthened: &'a [Strengthened],
    memory: Memory,
    waiting: Waiting,
    begun: bool,
    /// The next decision of the course.
    next: usize,
    last: Option<TaskId>,
    yielded: bool,
    access: Access,
    /// The decision at hand.
    decision: TaskId,
    decisions: Vec<TaskId>,
    deviations: Vec<Deviation>,
    preemptions: u32,
    arrival: Arrival,
}

impl<'a> Follower<'a> {
    /// Follows `course`, with some orderings stronger than the code says.
    #[must_use]
    pub fn new(course: &'a Course, strengthened: &'a [Strengthened]) -> Self {
        Follower {
            course,
            strengthened,
            memory: Memory::new(),
            waiting: Waiting::new(&Rules::of(&Options::default())),
            begun: false,
            next: 0,
            last: None,
            yielded: false,
            access: Access::Local,
            decision: TaskId(0),
            decisions: Vec::new(),
            deviations: Vec::new(),
            preemptions: 0,
            arrival: Arrival::RanOut,
        }
    }

    /// How the execution ended.
    #[must_use]
    pub fn arrival(&self) -> &Arrival {
        &self.arrival
    }

    /// The tasks that went on, in order; with those whose operation came out spuriously, see
    /// [`TaskId::spuriously`].
    #[must_use]
    pub fn decisions(&self) -> &[TaskId] {
        &self.decisions
    }

    /// The decisions that were not the default.
    #[must_use]
    pub fn deviations(&self) -> &[Deviation] {
        &self.deviations
    }

    /// Switches away from a task that could have gone on and had not yielded.
    #[must_use]
    pub fn preemptions(&self) -> u32 {
        self.preemptions
    }

    /// The default: see the head of this module. `None` if all tasks wait for each other, and have for long.
    fn default_task(&self, enabled: TaskSet) -> Option<TaskId> {
        let busy = enabled.difference(self.waiting.tasks());
        if busy.is_empty() {
            return self.waiting.next_idle(enabled);
        }
        let current = self.last.filter(|task| busy.contains(*task) && !self.yielded);
        let after = self.last.map_or(0, |task| task.0 + 1);
        current.or_else(|| busy.iter().find(|task| task.0 >= after)).or(busy.first())
    }

    /// The task that the course names here; `None` if it leaves the decision to the default.
    fn planned_task(&mut self, view: &View<'_>) -> Planned {
        match self.course {
            Course::Exactly(tasks) => match tasks.get(self.next) {
                Some(task) if is_possible(*task, view, &self.memory) => self.take(*task),
                Some(task) => self.misfit(view, *task),
                None => Planned::RanOut,
            },
            Course::Roughly(tasks) => {
                while let Some(task) = tasks.get(self.next) {
                    if is_possible(*task, view, &self.memory) {
                        return self.take(*task);
                    }
                    self.next += 1;
                }
                Planned::Default
            }
            Course::Deviating(deviations) => match deviations.get(self.next) {
                Some(deviation) if deviation.step as usize == self.decisions.len() => {
                    let task = deviation.task;
                    let fits = is_possible(task, view, &self.memory)
                        && Fingerprint::of(&view.pending()[usize::from(task.plain().0)])
                            == deviation.performs;
                    if fits { self.take(task) } else { self.misfit(view, task) }
                }
                _ => Planned::Default,
            },
        }
    }

    fn take(&mut self, task: TaskId) -> Planned {
        self.next += 1;
        Planned::Task(task)
    }

    fn misfit(&self, view: &View<'_>, task: TaskId) -> Planned {
        let pending = view.pending().get(usize::from(task.plain().0));
        let stands_before =
            pending.filter(|_| view.unfinished().contains(task.plain())).map(ToString::to_string);
        Planned::Misfit(Misfit {
            step: self.decisions.len() as u32,
            task,
            stands_before,
            enabled: view.enabled().iter().collect(),
        })
    }

    fn stop(&mut self, arrival: Arrival) -> Choice {
        self.arrival = arrival;
        Choice::Abandon
    }

    fn account(&mut self, view: &View<'_>, decision: TaskId, default: Option<TaskId>) {
        let task = decision.plain();
        let operation = &view.pending()[usize::from(task.0)];
        if default != Some(decision) {
            let (step, performs) = (self.decisions.len() as u32, Fingerprint::of(operation));
            self.deviations.push(Deviation { step, task: decision, performs });
        }
        if let Some(last) = self.last.filter(|last| *last != task) {
            let going =
                view.enabled().contains(last) && !self.yielded && !self.waiting.tasks().contains(last);
            self.preemptions += u32::from(going);
        }
        self.decision = decision;
        self.decisions.push(decision);
        self.last = Some(task);
        self.yielded = operation.action == Action::Yield;
    }
}

/// What a course says of a decision.
enum Planned {
    Task(TaskId),
    Default,
    RanOut,
    Misfit(Misfit),
}

impl Controller for Follower<'_> {
    fn begin(&mut self) -> bool {
        !core::mem::replace(&mut self.begun, true)
    }

    fn created(&mut self, task: TaskId, _: ObjectId, kind: ObjectKind) {
        self.memory.created(kind);
        self.waiting.created(task);
    }

    fn observe(&mut self, task: TaskId, operation: &Operation) {
        self.memory.observe(task, operation);
        self.waiting.observed(task, operation);
    }

    fn ended(&mut self, _: TaskId) {}

    fn choose(&mut self, view: &View<'_>) -> Choice {
        if self.memory.race().is_some() {
            return Choice::Abandon;
        }
        let steps = self.decisions.len();
        if steps >= STEPS_MAX as usize {
            // Nothing is known of where it leads.
            return self.stop(Arrival::RanOut);
        }
        let default = self.default_task(view.enabled());
        let task = match self.planned_task(view) {
            Planned::Task(task) => task,
            Planned::RanOut => return self.stop(Arrival::RanOut),
            Planned::Misfit(misfit) => return self.stop(Arrival::Misfit(misfit)),
            Planned::Default => {
                let Some(task) = default else {
                    let failure = FailureKind::Unbounded { steps: steps as u64, cycle: true };
                    return self.stop(Arrival::Failed(failure));
                };
                task
            }
        };
        self.account(view, task, default);
        Choice::of(task)
    }

    fn perform(&mut self, task: TaskId, operation: &Operation) -> Result<u64, u64> {
        let operation = strengthen(*operation, self.strengthened);
        self.access = Access::of(self.decision, &operation, &self.memory);
        let reply = self.memory.perform(self.decision, &operation);
        let (Ok(value) | Err(value)) = reply;
        let effect = self.access.effect(&operation, value, &self.memory);
        self.waiting.performed(task, &operation, effect, value);
        reply
    }

    fn refuses(&self) -> bool {
        self.memory.race().is_some()
    }

    fn end(&mut self, ending: Ending<'_>) {
        let race = self.memory.race().map(DataRace::failure);
        if let Some(failure) = race.or_else(|| ending.failure()) {
            self.arrival = Arrival::Failed(failure);
        } else if matches!(ending, Ending::Complete) {
            self.arrival = match self.course {
                Course::Deviating(deviations) if self.next < deviations.len() => self.ended_early(deviations),
                Course::Exactly(tasks) if self.next < tasks.len() => {
                    let (step, task) = (self.next as u32, tasks[self.next]);
                    Arrival::Misfit(Misfit { step, task, stands_before: None, enabled: Vec::new() })
                }
                _ => Arrival::Complete,
            };
        }
    }
}

impl Follower<'_> {
    fn ended_early(&self, deviations: &[Deviation]) -> Arrival {
        let Deviation { step, task, .. } = deviations[self.next];
        Arrival::Misfit(Misfit { step, task, stands_before: None, enabled: Vec::new() })
    }
}

/// Runs `body` once under `controller`, on an executor of its own.
pub fn run_once(controller: &mut impl Controller, body: impl Fn() + Send + Sync + 'static) {
    let body: Arc<dyn Fn() + Send + Sync> = Arc::new(body);
    Executor::new(stack_bytes_default()).run(controller, &body);
}

impl Fingerprint {
    /// What is recognised of `operation`.
    #[must_use]
    pub fn of(operation: &Operation) -> Self {
        Fingerprint {
            kind: kind(operation),
            object: operation.object.map_or(0, |object| object.0.saturating_add(1)),
        }
    }
}

/// The operation with the orderings that its place is given.
fn strengthen(mut operation: Operation, strengthened: &[Strengthened]) -> Operation {
    for change in strengthened.iter().filter(|change| change.location == operation.location) {
        match &mut operation.action {
            Action::Load { ordering } => *ordering = join(*ordering, change.ordering, Ordering::Acquire),
            Action::Store { ordering, .. } => {
                *ordering = join(*ordering, change.ordering, Ordering::Release);
            }
            Action::Update { ordering, .. } => {
                *ordering = join(*ordering, change.ordering, Ordering::AcqRel);
            }
            Action::CompareExchange { success, failure, .. } => {
                *success = join(*success, change.ordering, Ordering::AcqRel);
                *failure = join(*failure, change.ordering, Ordering::Acquire);
            }
            _ => {}
        }
    }
    operation
}

/// The weakest ordering that is at least both, as far as `most` allows.
fn join(one: Ordering, other: Ordering, most: Ordering) -> Ordering {
    use Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};
    let acquires = |ordering| matches!(ordering, Acquire | AcqRel | SeqCst);
    let releases = |ordering| matches!(ordering, Release | AcqRel | SeqCst);
    if one == SeqCst {
        return SeqCst;
    }
    let acquire = (acquires(one) || acquires(other)) && acquires(most);
    let release = (releases(one) || releases(other)) && releases(most);
    match (acquire, release) {
        (true, true) => AcqRel,
        (true, false) => Acquire,
        (false, true) => Release,
        (false, false) => Relaxed,
    }
}
