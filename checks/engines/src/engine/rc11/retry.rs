//! Turns of loops that lead nowhere, recognised in running code.
//!
//! # Repeating turns
//!
//! A thread that waits for another reads the same writes turn after turn. A turn that repeats the one before it,
//! step by step and with the same writes read, is not explored: the thread is blocked at its last read until that
//! read can be given another write.
//!
//! # Failed turns
//!
//! A retry loop reads a value *v*, computes, and tries to replace *v* by a compare-exchange; when that fails with
//! *w*, it begins again with *w*. The failed turn has no trace but the reads themselves, and without these the
//! execution is still consistent: every relation of the model that the reads contribute to only shrinks when they
//! go. So the execution in which the loop had read *w* at once covers the one with the failed turn, and the thread
//! is blocked at the failed compare-exchange. For this to be right,
//!
//! 1. nothing lies between the first read and the compare-exchange but yields;
//! 2. the first read is no stronger than a failure of the compare-exchange, whose part it takes over;
//! 3. if the first read is itself a failed compare-exchange, *w* would have failed it as well;
//! 4. the failed turn leaves nothing behind in the program but *w*.
//!
//! # How the last condition is tested
//!
//! The thread is asked, in runs of their own whose outcome is discarded. It is brought to where the turn begins and
//! is given made-up answers.
//!
//! - If the thread goes back to the first read after a failure, it must do so [`RETRY_ROUNDS`] times in a row.
//! - Otherwise it must do, after the failure with *w*, what it does when the first read reads *w*; and when it is
//!   told again and again that the value is still *v* it must repeat the same compare-exchange [`RETRY_ROUNDS`]
//!   times in a row.
//! - For a repeating turn the same answers must lead to the same steps and back to the same *state* of the thread: its
//!   stack and its registers (`executor/standing.rs`).
//!
//! A loop that counts its turns and gives up, that does something else the second time, or that panics, fails
//! this test and is explored as it is. Of failed turns only the steps are compared, and so the test cannot see a loop
//! that only remembers: one that goes on as if nothing had happened and *later* behaves differently because a turn
//! had failed. For such code the recognition of failed turns must stay off, which is why it is an option.

use core::hash::Hasher;

use rustc_hash::{FxHashMap, FxHasher};

use super::event::{Blocked, Continuation, Event, EventId, Role};
use super::explorer::Settings;
use super::graph::{Graph, is_same_step, operation_digest};
use super::semantics::Strength;
use crate::executor::standing::{Comparison, Standing};
use crate::operation::{Action, Operation, TaskId, Update};

/// How many rounds of a retry loop are tried.
const RETRY_ROUNDS: usize = 100;

/// What was found out about turns: by the history of the thread up to their end, whether they lead nowhere.
#[derive(Debug, Default)]
pub(super) struct Purity {
    known: FxHashMap<u64, bool>,
}

impl Purity {
    /// What must be asked about the read, the last event of its thread, before the thread goes on.
    pub(super) fn question(graph: &Graph, read: EventId, settings: &Settings) -> Option<Probe> {
        let events = &graph.events_of(read.thread)[..=usize::from(read.index)];
        let (kind, first) = match repeated_turn(events).filter(|_| settings.cut_turns) {
            Some(first) => (Kind::Repeat, first),
            None if settings.retry_loops => (Kind::Retry, failed_turn(events)?),
            None => return None,
        };
        let mut key = FxHasher::default();
        key.write_u64(graph.history(read.thread));
        key.write_u8(kind as u8);
        let mut turn: Vec<_> =
            events[first..].iter().map(|event| (event.operation, answer_of(event))).collect();
        let mut kept = first;
        if kind == Kind::Repeat {
            // The thread has performed all of the turn but the last read, and is asked from there.
            turn.rotate_right(1);
            kept = events.len() - 1;
        }
        Some(Probe {
            kind,
            read,
            kept: kept as u16,
            turn,
            key: key.finish(),
            begun: false,
            stage: Stage::Turn,
            given: 0,
            standing: Standing::default(),
            verdict: None,
        })
    }

    /// The answer, if it is known.
    pub(super) fn known(&self, probe: &Probe) -> Option<bool> {
        self.known.get(&probe.key).copied()
    }

    /// Remembers the answer.
    pub(super) fn learn(&mut self, probe: &Probe, is_pure: bool) {
        self.known.insert(probe.key, is_pure);
    }
}

/// A question about a turn, and how far its answer has come.
#[derive(Clone, Debug)]
pub(super) struct Probe {
    kind: Kind,
    read: EventId,
    kept: u16,
    /// The steps of the turn with their true answers; for a repeating turn the last one comes first.
    turn: Vec<(Operation, Result<u64, u64>)>,
    key: u64,
    /// Whether the run under way is one of the probe's.
    begun: bool,
    stage: Stage,
    /// How many answers the thread was given in this run.
    given: usize,
    /// The thread as it was when it was last before the first step of a repeating turn.
    standing: Standing,
    verdict: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Repeat,
    Retry,
}

/// The run that is made; the first is the only one for a loop that goes back to its first read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The turn, over and over.
    Turn,
    /// The first read, with the value that the compare-exchange found; what was done after the failed turn.
    Direct { after_turn: u64 },
    /// The turn with the expected value reported as found, over and over.
    Unchanged,
}

/// Stands for the end of the thread among digests of operations.
const ENDED: u64 = 1;

impl Probe {
    pub(super) fn asks(&self, thread: u8) -> bool {
        self.read.thread == thread
    }

    pub(super) fn thread(&self) -> u8 {
        self.read.thread
    }

    pub(super) fn read(&self) -> EventId {
        self.read
    }

    /// How many events of the thread come before it is asked.
    pub(super) fn kept(&self) -> u16 {
        self.kept
    }

    /// Why the thread is blocked if the turn leads nowhere.
    pub(super) fn verdict(&self) -> Blocked {
        match self.kind {
            Kind::Repeat => Blocked::Repeating,
            Kind::Retry => Blocked::Failed,
        }
    }

    /// A run of the probe begins.
    pub(super) fn begin(&mut self) {
        self.begun = true;
        self.given = 0;
        self.standing.forget();
    }

    /// The probe's run went wrong: the turn counts as one that leaves something behind.
    pub(super) fn refute(&mut self) {
        self.verdict = Some(false);
    }

    /// The thread did something that needs no answer, or ended.
    pub(super) fn hear(&mut self, what: Option<&Operation>) {
        if self.verdict.is_none() && self.given > 0 {
            self.reach(what.map_or(ENDED, operation_digest));
        }
    }

    /// The thread, which runs as `task`, asks for the result of an operation. Returns a made-up one, or `None` when
    /// enough was seen.
    pub(super) fn answer(&mut self, task: TaskId, operation: &Operation) -> Option<Result<u64, u64>> {
        if self.verdict.is_some() {
            return None;
        }
        if self.kind == Kind::Repeat && self.given.is_multiple_of(self.turn.len()) {
            let comparison = self.standing.renew(task);
            if self.given > 0 {
                // Not any state that comes later, but the very one in which the turn began.
                self.verdict = Some(comparison == Comparison::Same);
                return None;
            }
        }
        let given = self.given;
        let reply = match self.stage {
            Stage::Turn => self.answer_in_turn(operation),
            Stage::Direct { .. } if given > 0 => {
                self.reach(operation_digest(operation));
                None
            }
            Stage::Direct { .. } => self.expect(0, operation).map(|reply| replace(reply, self.found())),
            Stage::Unchanged if given < self.turn.len() - 1 => self.expect(given, operation),
            Stage::Unchanged if given > RETRY_ROUNDS => {
                self.verdict = Some(true);
                None
            }
            Stage::Unchanged => {
                let last = self.turn.len() - 1;
                self.expect(last, operation).map(|reply| replace(reply, self.expected()))
            }
        };
        self.given += usize::from(reply.is_some());
        reply
    }

    fn answer_in_turn(&mut self, operation: &Operation) -> Option<Result<u64, u64>> {
        let length = self.turn.len();
        if self.given >= length * RETRY_ROUNDS {
            self.verdict = Some(true);
            return None;
        }
        if self.kind == Kind::Retry && self.given == length && !is_same_step(operation, &self.turn[0].0) {
            self.reach(operation_digest(operation));
            return None;
        }
        self.expect(self.given % length, operation)
    }

    /// The true answer to this step of the turn, if that is what the thread is about to do.
    fn expect(&mut self, step: usize, operation: &Operation) -> Option<Result<u64, u64>> {
        let (expected, reply) = self.turn[step];
        if is_same_step(operation, &expected) {
            return Some(reply);
        }
        self.verdict = Some(false);
        None
    }

    /// The thread does something that ends the run.
    fn reach(&mut self, what: u64) {
        match self.stage {
            Stage::Turn if self.kind == Kind::Retry && self.given == self.turn.len() => {
                self.stage = Stage::Direct { after_turn: what };
                self.begun = false;
            }
            Stage::Direct { after_turn } if self.begun && after_turn == what => {
                self.stage = Stage::Unchanged;
                self.begun = false;
            }
            // Between two runs there is nothing to hear.
            _ if !self.begun => {}
            _ => self.verdict = Some(false),
        }
    }

    /// What is known at the end of a run; `None` if another run must be made.
    pub(super) fn conclude(&mut self) -> Option<bool> {
        if self.begun && self.verdict.is_none() {
            // The run ended without the thread having said enough.
            self.verdict = Some(false);
        }
        self.verdict
    }

    /// The value that the failed compare-exchange found.
    fn found(&self) -> u64 {
        value(self.turn[self.turn.len() - 1].1)
    }

    /// The value that it expected, which is the one that the first read had read.
    fn expected(&self) -> u64 {
        value(self.turn[0].1)
    }
}

fn value(answer: Result<u64, u64>) -> u64 {
    answer.unwrap_or_else(|value| value)
}

fn replace(answer: Result<u64, u64>, value: u64) -> Result<u64, u64> {
    answer.map(|_| value).map_err(|_| value)
}

fn answer_of(event: &Event) -> Result<u64, u64> {
    match event.operation.action {
        Action::CompareExchange { .. } => Err(event.value),
        _ => Ok(event.value),
    }
}

/// The beginning of a turn that ends with the last event and repeats the turn before it.
///
/// A turn of one read repeats if the read does: there is nothing else in it but yields.
fn repeated_turn(events: &[Event]) -> Option<usize> {
    let (last, before) = events.split_last()?;
    let reads = same_object(before, last);
    // By coherence what the thread read or wrote there before is no newer; once it is older, all before is.
    let is_of_source = |event: &Event| event.is_read() && event.source == last.source;
    let mut reads = reads.take_while(|(_, event)| is_of_source(event));
    let (previous, _) = reads.find(|(_, event)| is_same_read(event, last))?;
    let length = before.len() - previous;
    let first = events.len() - length;
    if before[first..].iter().all(|event| event.operation.action == Action::Yield) {
        return Some(first);
    }
    let previous = &events[first.checked_sub(length)?..first];
    previous.iter().zip(&events[first..]).all(|(one, other)| is_same_read(one, other)).then_some(first)
}

/// Which of the events of the same thread are about the same object as `last`, the one after them; newest first.
fn same_object<'e>(before: &'e [Event], last: &Event) -> impl Iterator<Item = (usize, &'e Event)> {
    let at = |count: u16| {
        let index = usize::from(count.checked_sub(1)?);
        Some((index, &before[index]))
    };
    core::iter::successors(at(last.previous), move |(_, event)| at(event.previous))
}

/// Whether the events are the same step, read the same write, and have no effect.
fn is_same_read(one: &Event, other: &Event) -> bool {
    matches!(one.role, Role::Read(Continuation::Program) | Role::Step)
        && matches!(other.role, Role::Read(Continuation::Program) | Role::Step)
        && one.source == other.source
        && is_same_step(&one.operation, &other.operation)
}

/// Whether the thread is in a loop: it has gone round so often, or its last event, a read, is that of a swap that finds what it
/// writes. That is a turn at a lock that is taken by swaps, and since each such turn is an update of its own, their orders are
/// too many long before a thread has made several in a row.
pub(super) fn goes_round(events: &[Event], turns: u32) -> bool {
    let is_in_vain = |event: &Event| {
        matches!(event.operation.action, Action::Update { update: Update::Swap, .. })
            && event.role == Role::Read(Continuation::Write(event.value))
    };
    events.last().is_some_and(is_in_vain) || is_worn_out(events, turns)
}

/// Whether a loop has gone round often enough: the thread's last events are so many turns that look alike, and the last
/// event, a read, ends another. What it reads, and what it writes, is the same in each, though it may read it from
/// other writes.
pub(super) fn is_worn_out(events: &[Event], turns: u32) -> bool {
    let Some((last, before)) = events.split_last() else { return false };
    let looks_alike = |one: &Event, other: &Event| {
        one.value == other.value
            && is_same_step(&one.operation, &other.operation)
            && core::mem::discriminant(&one.role) == core::mem::discriminant(&other.role)
    };
    // Of turns that are longer there cannot be enough.
    let longest = events.len() / (turns as usize + 1);
    let mut recent = same_object(before, last).take_while(|(index, _)| before.len() - index <= longest);
    let Some((previous, _)) = recent.find(|(_, event)| looks_alike(event, last)) else { return false };
    let length = before.len() - previous;
    let begin = events.len() - length * (turns as usize + 1);
    events[begin + length..].iter().zip(&events[begin..]).all(|(one, other)| looks_alike(one, other))
}

/// The beginning of a turn of a retry loop that ends with the last event, a compare-exchange that has failed.
fn failed_turn(events: &[Event]) -> Option<usize> {
    let (last, before) = events.split_last()?;
    let Action::CompareExchange { expected, failure, .. } = last.operation.action else { return None };
    let first = before.iter().rposition(|event| event.operation.action != Action::Yield)?;
    let read = &before[first];
    let is_read_of_expected = read.role == Role::Read(Continuation::Program)
        && read.operation.object == last.operation.object
        && read.value == expected
        && last.value != expected;
    let failure = Strength::from(failure);
    let is_no_stronger = (!read.acquire || failure.acquire) && (!read.sequential || failure.sequential);
    let would_fail_as_well = match read.operation.action {
        Action::CompareExchange { expected, .. } => {
            expected != last.value || read.operation.location == last.operation.location
        }
        _ => true,
    };
    (is_read_of_expected && is_no_stronger && would_fail_as_well).then_some(first)
}
