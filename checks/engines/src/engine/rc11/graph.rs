//! Execution graphs: threads of events, and for each object the coherence order of its writes.
//!
//! An event is only ever added where nothing follows it under program order or reads-from. So whatever is derived
//! from an event's prefix is computed once, when it is added, and stays right until it is removed.

mod growth;
mod removal;
mod renewal;

use core::hash::{Hash, Hasher};

use rustc_hash::FxHasher;

use super::clock::{Clock, THREADS_MAX};
use super::event::{Blocked, Continuation, Event, EventId, Role};
use super::semantics::Strength;
use crate::operation::Operation;

/// An execution graph.
#[derive(Clone, Debug, Default)]
pub(super) struct Graph {
    threads: Vec<Thread>,
    objects: Vec<Object>,
    /// The stamp of the newest event.
    stamp: u32,
    /// How many fences are sequentially consistent.
    sequential_fences: u32,
}

/// One thread of a graph. It keeps its place when the event that started it is removed, and is empty until then.
#[derive(Clone, Debug, Default)]
pub(super) struct Thread {
    /// The ordinals of the spawns that lead from the main thread to this one, one in each byte: its name, and its
    /// rank among all threads, whatever the order in which they were first seen.
    pub(super) path: u128,
    pub(super) events: Vec<Event>,
    /// What the event that started it passes on: its clocks, and the digest of its thread.
    happens: Clock,
    prefix: Clock,
    program: Clock,
    history: u64,
}

/// One object of a graph.
#[derive(Clone, Debug, Default)]
pub(super) struct Object {
    /// The thread that created it, and how many that thread had created before: its name.
    pub(super) creator: u8,
    pub(super) ordinal: u16,
    pub(super) initial: u64,
    /// The bits that a value has.
    pub(super) mask: u64,
    /// Its writes in coherence order, the initial value excluded.
    pub(super) writes: Vec<EventId>,
    /// By thread: how many events it had when it last came to the object, that event included; 0 if it never did.
    last: [u16; THREADS_MAX],
    /// By thread: as `last`, of exclusive accesses to a cell.
    last_exclusive: [u16; THREADS_MAX],
}

/// Where a thread stands: the clocks of its last event.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Standing {
    pub(super) happens: Clock,
    pub(super) prefix: Clock,
    pub(super) program: Clock,
}

/// What is to become a write event.
#[derive(Clone, Copy, Debug)]
pub(super) struct NewWrite {
    pub(super) thread: u8,
    pub(super) operation: Operation,
    pub(super) value: u64,
    pub(super) exclusive: bool,
    pub(super) strength: Strength,
}

/// What is to become a read event.
#[derive(Clone, Copy, Debug)]
pub(super) struct NewRead {
    pub(super) thread: u8,
    pub(super) operation: Operation,
    pub(super) source: Option<EventId>,
    pub(super) choice: u8,
    pub(super) value: u64,
    pub(super) continuation: Continuation,
    pub(super) strength: Strength,
}

impl Graph {
    /// The graph without an event: only the main thread exists.
    pub(super) fn new() -> Self {
        Graph { threads: vec![Thread::default()], ..Graph::default() }
    }

    pub(super) fn threads(&self) -> &[Thread] {
        &self.threads
    }

    pub(super) fn objects(&self) -> &[Object] {
        &self.objects
    }

    pub(super) fn object(&self, operation: &Operation) -> &Object {
        &self.objects[object_index(operation)]
    }

    pub(super) fn stamp(&self) -> u32 {
        self.stamp
    }

    pub(super) fn has_sequential_fences(&self) -> bool {
        self.sequential_fences > 0
    }

    pub(super) fn events_of(&self, thread: u8) -> &[Event] {
        &self.threads[usize::from(thread)].events
    }

    #[inline]
    pub(super) fn event(&self, id: EventId) -> &Event {
        &self.threads[usize::from(id.thread)].events[usize::from(id.index)]
    }

    /// Every event with its place.
    pub(super) fn events(&self) -> impl Iterator<Item = (EventId, &Event)> {
        self.threads.iter().enumerate().flat_map(|(thread, log)| {
            log.events
                .iter()
                .enumerate()
                .map(move |(index, event)| (EventId { thread: thread as u8, index: index as u16 }, event))
        })
    }

    pub(super) fn len(&self) -> usize {
        self.threads.iter().map(|thread| thread.events.len()).sum()
    }

    pub(super) fn last_of(&self, thread: u8) -> Option<(EventId, &Event)> {
        let events = self.events_of(thread);
        let event = events.last()?;
        Some((EventId { thread, index: events.len() as u16 - 1 }, event))
    }

    pub(super) fn standing(&self, thread: u8) -> Standing {
        let log = &self.threads[usize::from(thread)];
        match log.events.last() {
            Some(event) => Standing { happens: event.happens, prefix: event.prefix, program: event.program },
            None => Standing { happens: log.happens, prefix: log.prefix, program: log.program },
        }
    }

    /// What happens before the next event of a thread that has performed so many.
    pub(super) fn happens_before_next(&self, thread: u8, performed: u16) -> &Clock {
        let log = &self.threads[usize::from(thread)];
        let last = performed.checked_sub(1).and_then(|index| log.events.get(usize::from(index)));
        last.map_or(&log.happens, |event| &event.happens)
    }

    /// A digest of what the thread has done and read.
    pub(super) fn history(&self, thread: u8) -> u64 {
        let log = &self.threads[usize::from(thread)];
        log.events.last().map_or(log.history, |event| event.history)
    }

    /// A write's place in coherence order; the initial value is at 0.
    #[inline]
    pub(super) fn position(&self, write: Option<EventId>) -> usize {
        write.map_or(0, |write| usize::from(self.event(write).place))
    }

    /// The events of the thread that are about the object, newest first. Each knows the one before, so this takes a step for
    /// each event that is asked for, however long the thread is.
    pub(super) fn accesses(&self, object: usize, thread: u8) -> impl Iterator<Item = (EventId, &Event)> {
        self.chain(thread, self.objects[object].last[usize::from(thread)], |event| event.previous)
    }

    /// As [`accesses`](Graph::accesses), of exclusive accesses to a cell.
    pub(super) fn exclusive_accesses(
        &self,
        object: usize,
        thread: u8,
    ) -> impl Iterator<Item = (EventId, &Event)> {
        let last = self.objects[object].last_exclusive[usize::from(thread)];
        self.chain(thread, last, |event| event.previous_exclusive)
    }

    /// Whether a read that was there before the write takes it.
    pub(super) fn is_taken(&self, write: EventId, event: &Event) -> bool {
        event.taker.is_some_and(|read| {
            let read = self.events_of(read.thread).get(usize::from(read.index));
            read.is_some_and(|read| read.source == Some(write) && read.stamp < event.stamp)
        })
    }

    fn chain(
        &self,
        thread: u8,
        last: u16,
        before: impl Fn(&Event) -> u16,
    ) -> impl Iterator<Item = (EventId, &Event)> {
        let of = move |count: u16| {
            let index = count.checked_sub(1)?;
            let id = EventId { thread, index };
            Some((id, self.event(id)))
        };
        core::iter::successors(of(last), move |(_, event)| of(before(event)))
    }

    /// The write at a place in coherence order; `None` at 0, the initial value.
    #[inline]
    pub(super) fn write_at(&self, object: usize, position: usize) -> Option<EventId> {
        position.checked_sub(1).map(|index| self.objects[object].writes[index])
    }

    /// The value of a write of the object.
    pub(super) fn value_of(&self, object: usize, write: Option<EventId>) -> u64 {
        write.map_or(self.objects[object].initial, |write| self.event(write).value)
    }

    /// Whether the write at this place is the writing part of an update of the write before it.
    pub(super) fn is_bound_to_predecessor(&self, object: usize, position: usize) -> bool {
        let writes = &self.objects[object].writes;
        position
            .checked_sub(1)
            .and_then(|index| writes.get(index))
            .is_some_and(|write| matches!(self.event(*write).role, Role::Write { exclusive: true }))
    }

    /// The thread that is the `ordinal`th child of `parent`; makes a place for it if need be.
    pub(super) fn child_of(&mut self, parent: u8, ordinal: u8) -> u8 {
        let parent_path = self.threads[usize::from(parent)].path;
        let depth = (u128::BITS - parent_path.trailing_zeros()).div_ceil(8);
        let path = parent_path | u128::from(ordinal + 1) << (120 - 8 * depth);
        if let Some(known) = self.threads.iter().position(|thread| thread.path == path) {
            return known as u8;
        }
        assert!(self.threads.len() < THREADS_MAX, "an execution has at most {THREADS_MAX} threads");
        self.threads.push(Thread { path, ..Thread::default() });
        self.threads.len() as u8 - 1
    }

    /// Makes a place for the `ordinal`th object that `creator` created, and states what it holds.
    pub(super) fn add_object(&mut self, creator: u8, ordinal: u16, initial: u64, mask: u64) -> u16 {
        self.objects.push(Object { creator, ordinal, initial, mask, ..Object::default() });
        self.objects.len() as u16 - 1
    }

    /// Whether the object at this place has this name.
    pub(super) fn is_named(&self, place: u16, creator: u8, ordinal: u16) -> bool {
        let object = self.objects.get(usize::from(place));
        object.is_some_and(|object| object.ordinal == ordinal && object.creator == creator)
    }

    /// The object of this name, if there is one.
    pub(super) fn object_named(&self, creator: u8, ordinal: u16) -> Option<u16> {
        let is_it = |object: &Object| object.ordinal == ordinal && object.creator == creator;
        self.objects.iter().position(is_it).map(|place| place as u16)
    }

    /// States what an object holds.
    pub(super) fn restate(&mut self, object: u16, initial: u64, mask: u64) {
        let object = &mut self.objects[usize::from(object)];
        (object.initial, object.mask) = (initial, mask);
    }

    /// Whether an event of the graph is about the object. Who waits with a lock has taken the lock before.
    pub(super) fn refers_to(&self, object: u16) -> bool {
        self.objects[usize::from(object)].last.iter().any(|last| *last != 0)
    }

    /// Changes how the thread goes on after its last event, which must be a read.
    pub(super) fn block(&mut self, read: EventId, why: Blocked) {
        let event = &mut self.threads[usize::from(read.thread)].events[usize::from(read.index)];
        debug_assert!(event.is_read(), "only a read can block its thread");
        event.role = Role::Read(Continuation::Blocked(why));
    }
}

/// The number of the object that an operation on memory accesses.
pub(super) fn object_index(operation: &Operation) -> usize {
    operation.object.map_or(usize::MAX, |object| usize::from(object.0))
}

/// Whether two operations are the same step of the program. Objects and threads must be numbered as in the graph.
pub(super) fn is_same_step(one: &Operation, other: &Operation) -> bool {
    one.action == other.action
        && one.object == other.object
        && (core::ptr::eq(one.location, other.location) || one.location == other.location)
}

/// A digest of an operation: equal for equal ones.
pub(super) fn operation_digest(operation: &Operation) -> u64 {
    let mut hasher = FxHasher::default();
    operation.action.hash(&mut hasher);
    hasher.write_u32(operation.object.map_or(u32::MAX, |object| u32::from(object.0)));
    hasher.write_u32(operation.location.line());
    hasher.write_u32(operation.location.column());
    hasher.finish()
}
