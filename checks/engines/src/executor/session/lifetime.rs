//! How long objects live: who has come to one, and where it was dropped.
//!
//! The drop of an object is no scheduling point: it is part of the step of its thread. A controller hears of it as
//! [`Action::End`], and judges whether all that others did to the object happens before; it hears only if that is in
//! question, because another thread has come to the object which the dropping one has not joined.
//!
//! # Counts that nobody sees
//!
//! What an `Arc` of the standard library owns is dropped by the thread that gives back the last reference, and that is ordered
//! after all else by a count that the engines do not see. So nothing is held against a drop that such a count may be
//! behind. It is known by its block, which began with two counts: while the value is dropped the strong one is zero, the weak
//! one is not, and the stack of the thread has an address in the block, since it will give that back. What is left is the order of the execution
//! itself: an operation on an object that was dropped is refused, by whatever thread it was dropped.

use core::panic::Location;

use super::super::controller::TASKS_MAX;
use super::{Event, Handle, Pause, Phase, with};
use crate::arena::{self, Trouble};
use crate::executor::{TaskSet, standing};
use crate::operation::{Action, ObjectId, Operation, TaskId};

/// Where an operation is written.
type At = &'static Location<'static>;

/// What is known of the objects of an execution.
#[derive(Debug)]
pub(super) struct Lives {
    objects: Vec<Life>,
    /// Whether one of them has ended.
    has_ended: bool,
    /// By task: the others whose whole doing happens before what it does next, because it has joined them.
    joined: [TaskSet; TASKS_MAX],
    /// By task: the place that it was at last. A drop has none of its own.
    places: Vec<At>,
    /// Where objects were dropped that nobody had used: each place once.
    unused: Vec<At>,
    /// The addresses of values whose references the engines count.
    counted: Vec<usize>,
    /// The address of the object that is being dropped.
    ending: usize,
}

#[derive(Clone, Copy, Debug)]
struct Life {
    /// The tasks that have come to it.
    tasks: TaskSet,
    /// Whether references to it can be there that are not counted.
    is_kept: bool,
    /// The operation before it was dropped.
    end: Option<At>,
}

impl Lives {
    pub(super) const fn new() -> Self {
        Lives {
            objects: Vec::new(),
            has_ended: false,
            joined: [TaskSet::EMPTY; TASKS_MAX],
            places: Vec::new(),
            unused: Vec::new(),
            counted: Vec::new(),
            ending: 0,
        }
    }

    pub(super) fn reset(&mut self) {
        self.objects.clear();
        self.has_ended = false;
        self.joined = [TaskSet::EMPTY; TASKS_MAX];
        self.places.clear();
        self.unused.clear();
        self.counted.clear();
    }

    pub(super) fn created(&mut self) {
        self.objects.push(Life { tasks: TaskSet::EMPTY, is_kept: false, end: None });
    }

    /// A task has come to an object. Returns where that was dropped, if it was.
    #[inline]
    pub(super) fn touch(&mut self, object: ObjectId, task: TaskId) -> Option<At> {
        let life = &mut self.objects[usize::from(object.0)];
        life.tasks.insert(task);
        life.end
    }

    /// A task is at a place of the code.
    #[inline]
    pub(super) fn comes_by(&mut self, task: TaskId, at: At) {
        match self.places.get_mut(usize::from(task.0)) {
            Some(place) => *place = at,
            None => self.places.push(at),
        }
    }

    /// Where an object was dropped, if it was.
    #[inline]
    pub(super) fn end_of(&self, object: ObjectId) -> Option<At> {
        if self.has_ended { self.objects[usize::from(object.0)].end } else { None }
    }

    pub(super) fn starts(&mut self, parent: TaskId, child: TaskId) {
        self.joined[usize::from(child.0)] = self.joined[usize::from(parent.0)];
    }

    pub(super) fn joins(&mut self, task: TaskId, child: TaskId) {
        let mut known = self.joined[usize::from(task.0)].union(self.joined[usize::from(child.0)]);
        known.insert(child);
        self.joined[usize::from(task.0)] = known;
    }

    /// A task drops an object after an operation. Returns whether somebody has to judge that.
    fn end(&mut self, object: ObjectId, task: TaskId, at: At) -> bool {
        let life = &mut self.objects[usize::from(object.0)];
        if life.end.is_some() || life.is_kept {
            return false;
        }
        life.end = Some(at);
        self.has_ended = true;
        let mut others = life.tasks;
        others.remove(task);
        !others.is_within(self.joined[usize::from(task.0)])
    }
}

/// The calling task drops an object, which lies at this address.
pub(in crate::executor) fn ended(handle: Handle, address: usize) {
    let yielder = with(|session| {
        if session.phase != Phase::Running || handle.execution != session.execution {
            return None;
        }
        let task = session.current;
        let location = session.lives.places[usize::from(task.0)];
        if !session.lives.end(handle.object, task, location) {
            return None;
        }
        session.lives.ending = address;
        session.push(Event::Observed(Operation {
            action: Action::End,
            object: Some(handle.object),
            location,
        }));
        Some(session.yielders[usize::from(task.0)])
    });
    if let Some(yielder) = yielder {
        standing::note();
        standing::take_noted();
        let memory = arena::standing();
        // SAFETY: as in `suspend`.
        let _ = unsafe { (*yielder).suspend(Pause::Told) };
        arena::set_standing(memory);
    }
}

/// The calling task drops an object that no execution knows. Returns what tells of that: see [`unused_end`].
pub(in crate::executor) fn ended_unused() -> Option<u32> {
    with(|session| {
        if session.phase != Phase::Running {
            return None;
        }
        let at = session.lives.places[usize::from(session.current.0)];
        let unused = &mut session.lives.unused;
        let known = unused.iter().position(|known| core::ptr::eq(*known, at));
        let place = known.unwrap_or_else(|| {
            unused.push(at);
            unused.len() - 1
        });
        u32::try_from(place).ok()
    })
}

/// Where an object was dropped that nobody had used, by what [`ended_unused`] has returned.
pub(in crate::executor) fn unused_end(place: u32) -> Option<At> {
    with(|session| session.lives.unused.get(place as usize).copied())
}

/// There may be references to the object that nobody counts: its end is not known.
pub(in crate::executor) fn keep(handle: Handle) {
    with(|session| {
        if handle.execution == session.execution {
            session.lives.objects[usize::from(handle.object.0)].is_kept = true;
        }
    });
}

/// The references to the value at this address are counted by operations.
pub(in crate::executor) fn counted(address: usize) {
    with(|session| {
        if session.phase == Phase::Running {
            session.lives.counted.push(address);
        }
    });
}

/// Refuses an operation on an object that was dropped.
#[cold]
pub(in crate::executor) fn refuse_ended(dropped: At, used: At) {
    arena::tell(Trouble::UsedAfterEnd { dropped, used });
    super::stop();
}

/// Refuses a reference that is given back although there was none.
#[cold]
pub(in crate::executor) fn refuse_uncounted(at: At) {
    arena::tell(Trouble::GivenBackTwice { at });
    super::stop();
}

/// Whether the drop that the controller hears of may be ordered by a count that no engine sees. To be asked while it
/// hears of it.
pub(crate) fn is_by_unseen_count() -> bool {
    let (task, object) = with(|session| (session.current, session.lives.ending));
    let is_unseen = |word: usize| {
        let Some(block) = arena::count_without_references(word) else { return false };
        // What lies where the count would be is an object of the runtime, and so no count.
        let is_count = !(block.start..block.start + arena::COUNTS_BYTES).contains(&object);
        is_count && with(|session| !session.lives.counted.iter().any(|value| block.contains(value)))
    };
    // Where the stack cannot be read, or there is no arena, nothing is known.
    !arena::serves() || standing::any_word(task, is_unseen).unwrap_or(true)
}
