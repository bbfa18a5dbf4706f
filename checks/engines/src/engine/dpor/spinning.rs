//! Loops that wait without a yield.
//!
//! Nothing marks where a turn of such a loop begins, and other work may come before it. So each operation that a task
//! comes to *again*, with nothing changed by the task in between, begins a turn; what the task was like there is kept as a *mark*. If
//! the task comes to the same operation once more and is as it was at the mark, the turn has led back to where it began, and the
//! task waits until another task changes one of the objects that the turn looked at.
//!
//! A place of the code may be passed more often than once in a turn, with the task in another state each time. So
//! a mark is taken anew after one pass, after two, four and so on (Brent's way to find a cycle): some mark stays for a whole turn.
//!
//! What a task did is kept as well. If the last of it repeats itself and no mark says that the task is the same, the turns only look alike.
//!
//! Each write to a lock lets every waiting task try once more, and whether it does is another trace. So programs that spin at locks have
//! very many, and once a task waits in such a loop the exploration ends after a number of executions.

use crate::executor::standing::{Comparison, Standing};
use crate::operation::{ObjectId, TaskId};

/// Turns of more operations than this are not recognised.
const LONGEST_TURN: usize = 256;

/// What one task does without a yield, since it has last changed anything.
#[derive(Debug, Default)]
pub(super) struct Spin {
    done: Vec<Done>,
    /// The operations that it came to again. Those beyond the first `marked` are kept for their memory.
    marks: Vec<Mark>,
    marked: usize,
    /// The task as it is now.
    present: Standing,
    /// Turns before this place in `done` are not compared: another task has changed what they looked at.
    from: usize,
    wait: Option<Wait>,
    /// How many turns in a row looked like the one before, when the last turn ended.
    alike: u32,
    /// Turns since the task began to wait.
    idle: u32,
}

/// An operation that a task performed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Done {
    /// The operation's place in the code, with its object.
    pub(super) what: u64,
    /// What it read.
    pub(super) value: u64,
    /// Its object.
    pub(super) object: Option<ObjectId>,
    /// Whether it may have used up something of the task's own: the task has to do it twice before that counts as a repetition.
    pub(super) uses_up: bool,
}

/// What is known of a task when it comes to an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    Plain,
    /// It waits from now on, since another turn would change nothing.
    Waits,
    /// It waits from now on although it would perhaps do something else.
    Cut,
}

/// A task as it was when it came to an operation.
#[derive(Debug, Default)]
struct Mark {
    what: u64,
    /// How much it had done.
    at: usize,
    passes: u32,
    standing: Standing,
}

/// Why a task waits.
#[derive(Clone, Copy, Debug)]
struct Wait {
    watched: u64,
    /// Whether it is shown that another turn would change nothing.
    is_shown: bool,
}

/// What is asked of turns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    /// After this number of turns that look alike a task waits in any case.
    pub(super) alike_max: u32,
    /// Whether turns may be shown to repeat.
    pub(super) shows: bool,
}

impl Spin {
    /// The task changed something, or yielded: what it has done repeats nothing.
    pub(super) fn forget(&mut self) {
        if self.done.is_empty() && self.wait.is_none() {
            return;
        }
        self.done.clear();
        self.marked = 0;
        self.from = 0;
        self.wait = None;
        self.alike = 0;
        self.idle = 0;
    }

    pub(super) fn performed(&mut self, done: Done) {
        self.done.push(done);
    }

    /// The task comes to an operation. `is_attempt` says that it may be one at a lock.
    pub(super) fn comes_to(&mut self, task: TaskId, what: u64, is_attempt: bool, asked: Asked) -> Arrival {
        let near = self.done.len().saturating_sub(LONGEST_TURN);
        let Some(last) = self.done[near..].iter().rposition(|done| done.what == what) else {
            self.goes_on();
            return Arrival::Plain;
        };
        let turn = self.done.len() - near - last;
        self.alike = self.repetitions(turn, asked.alike_max);
        let Some(place) = self.marks[..self.marked].iter().position(|mark| mark.what == what) else {
            self.mark(task, what, is_attempt);
            return Arrival::Plain;
        };
        let shown = self.renew(task, place, asked.shows);
        let at = match shown {
            Some(at) => at,
            None if self.alike > 0 && self.alike >= asked.alike_max => self.done.len() - turn,
            None => {
                self.goes_on();
                return Arrival::Plain;
            }
        };
        let done = &self.done[at..];
        self.idle += u32::from(self.wait.is_some());
        self.wait = Some(Wait { watched: watched(done), is_shown: shown.is_some() });
        if shown.is_some() { Arrival::Waits } else { Arrival::Cut }
    }

    fn goes_on(&mut self) {
        self.wait = None;
        self.idle = 0;
    }

    fn mark(&mut self, task: TaskId, what: u64, is_attempt: bool) {
        if self.marked == self.marks.len() {
            self.marks.push(Mark::default());
        }
        let mark = &mut self.marks[self.marked];
        self.marked += 1;
        (mark.what, mark.at, mark.passes) = (what, self.done.len(), 1);
        if is_attempt {
            // What is tried at the same place twice in vain is probably tried again, so its memory is worth a look.
            mark.standing.forget();
            let _ = mark.standing.renew(task);
        } else {
            mark.standing.begin(task);
        }
    }

    /// Compares the task with a mark. Where it is the same, what it had done at the mark.
    fn renew(&mut self, task: TaskId, place: usize, shows: bool) -> Option<usize> {
        let mark = &mut self.marks[place];
        mark.passes += 1;
        self.present.clone_from(&mark.standing);
        let comparison = self.present.renew(task);
        let turn = &self.done[mark.at..];
        let is_used_up = self.alike == 0 && turn.iter().any(|done| done.uses_up);
        let at = mark.at;
        if comparison == Comparison::Same && !is_used_up {
            return shows.then_some(at);
        }
        if comparison == Comparison::Touched {
            self.forget();
        } else if mark.passes.is_power_of_two() {
            mark.standing.clone_from(&self.present);
            mark.at = self.done.len();
        }
        None
    }

    /// How often what was done last, so many operations, was done right before as well.
    fn repetitions(&self, turn: usize, most: u32) -> u32 {
        let done = &self.done[self.from.min(self.done.len())..];
        let mut before = done.rchunks_exact(turn);
        let Some(last) = before.next() else { return 0 };
        before.take(most as usize).take_while(|turn| *turn == last).count() as u32
    }

    /// Another task changed what the bit stands for, or may have. True if the task goes on waiting although it would perhaps do something else.
    pub(super) fn woken(&mut self, bit: u64, is_known: bool, alike_max: u32) -> bool {
        if self.wait.is_none_or(|wait| wait.watched & bit == 0) {
            return false;
        }
        if !is_known && self.alike >= alike_max {
            return true;
        }
        self.goes_on();
        if is_known {
            self.from = self.done.len();
        }
        false
    }

    pub(super) fn waits(&self) -> bool {
        self.wait.is_some()
    }

    /// Whether the task waits and is shown to.
    pub(super) fn repeats(&self) -> bool {
        self.wait.is_some_and(|wait| wait.is_shown)
    }

    /// The turns since the task began to wait.
    pub(super) fn idle(&self) -> u32 {
        self.idle
    }
}

/// The objects of a turn. One that looked at nothing waits for nothing in particular.
fn watched(turn: &[Done]) -> u64 {
    match turn.iter().fold(0, |watched, done| watched | done.object.map_or(u64::MAX, bit_of)) {
        0 => u64::MAX,
        watched => watched,
    }
}

/// An object, folded into 64 bits.
pub(super) fn bit_of(object: ObjectId) -> u64 {
    1 << (object.0 % 64)
}
