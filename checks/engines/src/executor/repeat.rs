//! The first execution, run again after the last: what a program does must follow from the runtime's replies alone.
//!
//! An engine compares each execution with those that share its beginning, and so finds most of what is not
//! deterministic. It cannot find what only the very first run does otherwise (a static that is warm ever after), nor
//! what differs in values alone. So the first run is taken down, and run again when all else is done.

use core::fmt;

use super::controller::{Choice, Controller, Ending, ObjectKind, TaskSet, View};
use super::rest::{Memory, Present};
use crate::locals;
use crate::operation::{Action, ObjectId, Operation, TaskId};
use crate::outcome;

/// What is taken down of one run, in order. Cheap to keep: nothing is said in words.
#[derive(Debug, Default)]
pub(crate) struct FirstRun {
    entries: Vec<(TaskId, Entry)>,
    /// What it came to, if the body said so.
    outcome: Option<String>,
}

/// What is behind most differences.
fn with_cause(difference: &str) -> String {
    let cause = if locals::are_separate() {
        "a static, or memory that threads share through the standard library"
    } else {
        "a static, or a `thread_local!` of the standard library, which is one for all modelled threads and keeps its value"
    };
    format!(
        "{difference}. The cause is something that outlives an execution: {cause}; the runtime has a `thread_local!` and statics \
         that begin anew"
    )
}

/// So much is taken down at most; what comes after it is not compared.
const ENTRIES_MAX: usize = 20_000;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Entry {
    Created(ObjectKind),
    Observed(Operation),
    Performed(Operation, Result<u64, u64>),
    Ended,
}

impl FirstRun {
    /// The tasks that performed operations, in order.
    pub(crate) fn decisions(&self) -> Vec<u32> {
        let performed = self.entries.iter().filter(|(_, entry)| matches!(entry, Entry::Performed(..)));
        performed.map(|(task, _)| u32::from(task.0)).collect()
    }

    /// How many entries there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn set_outcome(&mut self, outcome: Option<String>) {
        self.outcome = outcome;
    }

    fn push(&mut self, task: TaskId, entry: Entry) {
        if self.entries.len() < ENTRIES_MAX {
            self.entries.push((task, entry));
        }
    }
}

/// A controller whose execution is taken down.
pub(super) struct TakenDown<'a, C> {
    pub(super) inner: &'a mut C,
    pub(super) run: &'a mut FirstRun,
}

impl<C: Controller> Controller for TakenDown<'_, C> {
    const OWNS_SYNCHRONISATION: bool = C::OWNS_SYNCHRONISATION;

    fn begin(&mut self) -> bool {
        self.inner.begin()
    }

    fn created(&mut self, task: TaskId, object: ObjectId, kind: ObjectKind) {
        self.run.push(task, Entry::Created(kind));
        self.inner.created(task, object, kind);
    }

    fn found(&mut self, task: TaskId, object: ObjectId, kind: ObjectKind) {
        self.run.push(task, Entry::Created(kind));
        self.inner.found(task, object, kind);
    }

    fn observe(&mut self, task: TaskId, operation: &Operation) {
        self.run.push(task, Entry::Observed(*operation));
        self.inner.observe(task, operation);
    }

    fn ended(&mut self, task: TaskId) {
        self.run.push(task, Entry::Ended);
        self.inner.ended(task);
    }

    fn choose(&mut self, view: &View<'_>) -> Choice {
        self.inner.choose(view)
    }

    fn perform(&mut self, task: TaskId, operation: &Operation) -> Result<u64, u64> {
        let reply = self.inner.perform(task, operation);
        self.run.push(task, Entry::Performed(*operation, reply));
        reply
    }

    fn refuses(&self) -> bool {
        self.inner.refuses()
    }

    fn present(&self, present: &mut Present<'_>) -> bool {
        self.inner.present(present)
    }

    fn end(&mut self, ending: Ending<'_>) {
        self.inner.end(ending);
    }
}

/// The controller of the second run: the same tasks in the same order, by real operations on a sequentially
/// consistent memory.
///
/// Under every engine the first run reads what was written last, so this memory gives the same replies. Where it does
/// not, the comparison ends without a word.
pub(super) struct Again<'a> {
    run: &'a FirstRun,
    next: usize,
    begun: bool,
    memory: Memory,
    stage: Stage,
}

#[derive(Debug, PartialEq)]
enum Stage {
    Comparing,
    /// There is nothing more to compare with.
    Over,
    Differs(String),
}

impl<'a> Again<'a> {
    pub(super) fn new(run: &'a FirstRun) -> Self {
        Again { run, next: 0, begun: false, memory: Memory::default(), stage: Stage::Comparing }
    }

    /// In what the second run, which came to `outcome`, differed from the first. Where it had to be left before its end,
    /// what it came to says nothing.
    pub(super) fn difference(self, outcome: Option<&str>) -> Option<String> {
        match self.stage {
            Stage::Differs(difference) => Some(with_cause(&difference)),
            Stage::Comparing if self.next == self.run.entries.len() => {
                let difference = outcome::difference(self.run.outcome.as_deref(), outcome)?;
                Some(with_cause(&difference))
            }
            Stage::Comparing | Stage::Over => None,
        }
    }

    fn compare(&mut self, task: TaskId, found: Entry) {
        if self.stage != Stage::Comparing {
            return;
        }
        match self.run.entries.get(self.next) {
            None => self.stage = Stage::Over,
            Some((first, entry)) if *first == task && is_same(entry, &found) => self.next += 1,
            Some((first, entry)) => {
                let (first, before, now) = (*first, Told(entry), Told(&found));
                self.stage = Stage::Differs(format!(
                    "the first execution, run again after the last, was another: first {first} {before}, then {task} {now}"
                ));
            }
        }
    }
}

impl Controller for Again<'_> {
    fn begin(&mut self) -> bool {
        !core::mem::replace(&mut self.begun, true)
    }

    fn created(&mut self, task: TaskId, _: ObjectId, kind: ObjectKind) {
        self.memory.created(kind);
        self.compare(task, Entry::Created(kind));
    }

    fn observe(&mut self, task: TaskId, operation: &Operation) {
        self.compare(task, Entry::Observed(*operation));
    }

    fn ended(&mut self, task: TaskId) {
        self.compare(task, Entry::Ended);
    }

    fn choose(&mut self, view: &View<'_>) -> Choice {
        let Some((task, entry)) = self.run.entries.get(self.next) else { return Choice::Abandon };
        match entry {
            Entry::Performed(..) if self.stage == Stage::Comparing && view.enabled().contains(*task) => {
                Choice::Perform(*task)
            }
            Entry::Performed(before, _) if self.stage == Stage::Comparing => {
                let now = view.pending().get(usize::from(task.0)).copied();
                if let Some(now) = now.filter(|now| now.action != before.action && is_running(view, *task)) {
                    self.compare(*task, Entry::Performed(now, Ok(0)));
                }
                Choice::Abandon
            }
            // The first run went on here by itself, or was ended by an event that does not come again.
            _ => {
                if let (Stage::Comparing, Some(other)) = (&self.stage, view.enabled().first()) {
                    let found = Entry::Performed(view.pending()[usize::from(other.0)], Ok(0));
                    self.compare(other, found);
                }
                Choice::Abandon
            }
        }
    }

    fn perform(&mut self, task: TaskId, operation: &Operation) -> Result<u64, u64> {
        let reply = self.memory.perform(operation);
        if let Some((_, Entry::Performed(_, before))) = self.run.entries.get(self.next) {
            let before = *before;
            self.compare(task, Entry::Performed(*operation, before));
            let same = match (before, reply) {
                _ if matches!(operation.action, Action::WaitEndTimed { .. }) => {
                    before.is_ok() == reply.is_ok()
                }
                (Ok(before), Ok(now)) | (Err(before), Err(now)) => is_same_value(before, now),
                _ => false,
            };
            if !same && self.stage == Stage::Comparing && gives_a_value(operation) {
                self.stage = Stage::Over;
            }
        }
        reply
    }

    fn present(&self, present: &mut Present<'_>) -> bool {
        present.set_memory(&self.memory);
        true
    }

    fn end(&mut self, ending: Ending<'_>) {
        // A panic or a deadlock that did not come the first time.
        if self.stage == Stage::Comparing
            && self.next < self.run.entries.len()
            && let Some(failure) = ending.failure()
        {
            self.stage = Stage::Differs(format!(
                "the first execution, run again after the last, was another, and failed: {failure:?}"
            ));
        }
    }
}

fn is_running(view: &View<'_>, task: TaskId) -> bool {
    view.unfinished().intersection(TaskSet::of(task)) == TaskSet::of(task)
}

/// Whether the program is told a value by the operation.
fn gives_a_value(operation: &Operation) -> bool {
    matches!(
        operation.action,
        Action::Load { .. }
            | Action::Update { .. }
            | Action::CompareExchange { .. }
            | Action::WaitEndTimed { .. }
    )
}

fn is_same(one: &Entry, other: &Entry) -> bool {
    match (one, other) {
        (
            Entry::Created(ObjectKind::Atomic { initial, bits }),
            Entry::Created(ObjectKind::Atomic { initial: again, bits: other }),
        ) => bits == other && is_same_value(*initial, *again),
        (Entry::Observed(one), Entry::Observed(other)) => is_same_operation(one, other),
        (Entry::Performed(one, _), Entry::Performed(other, _)) => is_same_operation(one, other),
        (one, other) => one == other,
    }
}

fn is_same_operation(one: &Operation, other: &Operation) -> bool {
    one.object == other.object
        && one.location == other.location
        && match (one.action, other.action) {
            (Action::Store { value, ordering }, Action::Store { value: again, ordering: other }) => {
                ordering == other && is_same_value(value, again)
            }
            (
                Action::Update { update, operand, ordering },
                Action::Update { update: other, operand: again, ordering: with },
            ) => update == other && ordering == with && is_same_value(operand, again),
            (
                Action::CompareExchange { expected, new, success, failure, weak },
                Action::CompareExchange {
                    expected: expected_again,
                    new: new_again,
                    success: other_success,
                    failure: other_failure,
                    weak: other_weak,
                },
            ) => {
                (success, failure, weak) == (other_success, other_failure, other_weak)
                    && is_same_value(expected, expected_again)
                    && is_same_value(new, new_again)
            }
            // Whether a notification has come is known to the executor under some engines only; its reply is compared.
            (Action::WaitEndTimed { .. }, Action::WaitEndTimed { .. }) => true,
            (one, other) => one == other,
        }
}

/// Addresses lie between these on the machines that the engines run on, and what is in the upper bits is a tag.
const ADDRESSES: core::ops::Range<u64> = 1 << 44..1 << 48;

/// Whether two values are the same, or two addresses: an allocation need not lie where it lay before.
fn is_same_value(one: u64, other: u64) -> bool {
    const TAG_SHIFT: u32 = 48;
    let address = |value: u64| value & ((1 << TAG_SHIFT) - 1);
    one == other
        || one >> TAG_SHIFT == other >> TAG_SHIFT
            && ADDRESSES.contains(&address(one))
            && ADDRESSES.contains(&address(other))
}

/// An entry in words.
struct Told<'a>(&'a Entry);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Entry::Created(kind) => write!(f, "creates {kind:?}"),
            Entry::Observed(operation) | Entry::Performed(operation, _) => {
                write!(f, "comes to {operation}")?;
                match operation.action {
                    Action::Store { value, .. } => write!(f, " (value {value})"),
                    Action::Update { operand, .. } => write!(f, " (operand {operand})"),
                    Action::CompareExchange { expected, new, .. } => {
                        write!(f, " (expects {expected}, writes {new})")
                    }
                    _ => Ok(()),
                }
            }
            Entry::Ended => write!(f, "ends"),
        }
    }
}
