//! Execution graphs: threads of events, and for each object the coherence order of its writes.
//!
//! An event is only ever added where nothing follows it under program order or reads-from. So whatever is derived
//! from an event's prefix is computed once, when it is added, and stays right until it is removed.

use core::hash::{Hash, Hasher};
use core::panic::Location;

use rustc_hash::FxHasher;

use super::clock::{Clock, THREADS_MAX};
use super::event::{Continuation, Event, EventId, Role};
use super::semantics::Strength;
use crate::operation::{Action, Operation};

/// An execution graph.
#[derive(Clone, Debug, Default)]
pub(super) struct Graph {
    threads: Vec<Thread>,
    objects: Vec<Object>,
    /// The stamp of the newest event.
    stamp: u32,
    /// How many events are sequentially consistent.
    sequential: u32,
}

/// One thread of a graph. It keeps its place when the event that started it is removed, and is empty until then.
#[derive(Clone, Debug, Default)]
pub(super) struct Thread {
    /// The ordinals of the spawns that lead from the main thread to this one, one in each byte: its name, and its
    /// rank among all threads, whatever the order in which they were first seen.
    pub(super) path: u64,
    pub(super) events: Vec<Event>,
    /// The clocks of the event that started it.
    happens: Clock,
    prefix: Clock,
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
}

/// Where a thread stands: the clocks of its last event.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Standing {
    pub(super) happens: Clock,
    pub(super) prefix: Clock,
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

    pub(super) fn has_sequential_events(&self) -> bool {
        self.sequential > 0
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
            Some(event) => Standing { happens: event.happens, prefix: event.prefix },
            None => Standing { happens: log.happens, prefix: log.prefix },
        }
    }

    /// A digest of what the thread has done and read.
    pub(super) fn history(&self, thread: u8) -> u64 {
        let log = &self.threads[usize::from(thread)];
        log.events.last().map_or(log.path, |event| event.history)
    }

    /// A write's place in coherence order; the initial value is at 0.
    #[inline]
    pub(super) fn position(&self, object: usize, write: Option<EventId>) -> usize {
        let Some(write) = write else { return 0 };
        let writes = &self.objects[object].writes;
        writes.iter().rposition(|other| *other == write).map_or(0, |index| index + 1)
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
        let depth = (u64::BITS - parent_path.trailing_zeros()).div_ceil(8);
        assert!(depth < 8, "threads are nested at most eight deep");
        let path = parent_path | u64::from(ordinal + 1) << (56 - 8 * depth);
        if let Some(known) = self.threads.iter().position(|thread| thread.path == path) {
            return known as u8;
        }
        assert!(self.threads.len() < THREADS_MAX, "an execution has at most {THREADS_MAX} threads");
        self.threads.push(Thread { path, ..Thread::default() });
        self.threads.len() as u8 - 1
    }

    /// The `ordinal`th object that `creator` created; makes a place for it if need be, and states what it holds.
    pub(super) fn object_of(&mut self, creator: u8, ordinal: u16, initial: u64, mask: u64) -> u16 {
        let known =
            self.objects.iter().position(|object| object.ordinal == ordinal && object.creator == creator);
        if let Some(known) = known {
            let object = &mut self.objects[known];
            (object.initial, object.mask) = (initial, mask);
            return known as u16;
        }
        self.objects.push(Object { creator, ordinal, initial, mask, writes: Vec::new() });
        self.objects.len() as u16 - 1
    }

    /// Adds a read with a stamp of its own. `stamp` is given when the read takes the place of one with another
    /// source.
    pub(super) fn add_read(&mut self, read: &NewRead, stamp: Option<u32>) -> EventId {
        let mut standing = self.standing(read.thread);
        if let Some(source) = read.source {
            let write = self.event(source);
            standing.prefix.join(&write.prefix);
            if read.strength.acquire {
                standing.happens.join(&write.message);
            }
        }
        let history = self.digest(read.thread, &read.operation, Some((read.value, read.continuation)));
        self.push(read.thread, stamp, read.strength, standing, |event| {
            event.role = Role::Read(read.continuation);
            event.operation = read.operation;
            event.source = read.source;
            event.choice = read.choice;
            event.value = read.value;
            event.history = history;
        })
    }

    /// Adds a write at this place in coherence order, which is at least 1.
    pub(super) fn add_write(&mut self, write: &NewWrite, position: usize) -> EventId {
        let standing = self.standing(write.thread);
        let mut message = if write.strength.release { standing.happens } else { self.released(write.thread) };
        if let (true, Some((_, read))) = (write.exclusive, self.last_of(write.thread))
            && let Some(source) = read.source
        {
            message.join(&self.event(source).message);
        }
        // The writing part of an update adds nothing to what its reading part says of the thread.
        let history = if write.exclusive {
            self.history(write.thread)
        } else {
            self.digest(write.thread, &write.operation, None)
        };
        let id = self.push(write.thread, None, write.strength, standing, |event| {
            event.role = Role::Write { exclusive: write.exclusive };
            event.operation = write.operation;
            event.value = write.value;
            event.message = message;
            event.history = history;
        });
        if write.strength.release {
            let event = &mut self.threads[usize::from(id.thread)].events[usize::from(id.index)];
            event.message.insert(id);
        }
        self.objects[object_index(&write.operation)].writes.insert(position - 1, id);
        id
    }

    /// Adds a fence.
    pub(super) fn add_fence(&mut self, thread: u8, operation: Operation, strength: Strength) -> EventId {
        let mut standing = self.standing(thread);
        if strength.acquire {
            // The fence acquires what every earlier read of the thread could have acquired.
            for event in self.events_of(thread) {
                if let Some(source) = event.source {
                    standing.happens.join(&self.event(source).message);
                }
            }
        }
        self.add_plain(thread, operation, Role::Fence, strength, standing)
    }

    /// Adds an event that neither reads nor writes atomically.
    pub(super) fn add_step(&mut self, thread: u8, operation: Operation, role: Role) -> EventId {
        let mut standing = self.standing(thread);
        if let Role::Join(child) = role {
            let ended = self.standing(child);
            standing.happens.join(&ended.happens);
            standing.prefix.join(&ended.prefix);
        }
        let id = self.add_plain(thread, operation, role, Strength::default(), standing);
        if let Role::Spawn(child) = role {
            let standing = self.standing(thread);
            let child = &mut self.threads[usize::from(child)];
            (child.happens, child.prefix) = (standing.happens, standing.prefix);
        }
        id
    }

    fn add_plain(
        &mut self,
        thread: u8,
        operation: Operation,
        role: Role,
        strength: Strength,
        standing: Standing,
    ) -> EventId {
        let history = self.digest(thread, &operation, None);
        self.push(thread, None, strength, standing, |event| {
            event.role = role;
            event.operation = operation;
            event.history = history;
        })
    }

    fn push(
        &mut self,
        thread: u8,
        stamp: Option<u32>,
        strength: Strength,
        standing: Standing,
        complete: impl FnOnce(&mut Event),
    ) -> EventId {
        let stamp = stamp.unwrap_or_else(|| {
            self.stamp += 1;
            self.stamp
        });
        let events = &mut self.threads[usize::from(thread)].events;
        let id = EventId { thread, index: events.len() as u16 };
        let mut event = Event {
            operation: Operation { action: Action::Yield, object: None, location: Location::caller() },
            role: Role::Step,
            stamp,
            choice: 0,
            acquire: strength.acquire,
            release: strength.release,
            sequential: strength.sequential,
            source: None,
            value: 0,
            happens: standing.happens,
            prefix: standing.prefix,
            message: Clock::default(),
            history: 0,
        };
        event.happens.insert(id);
        event.prefix.insert(id);
        complete(&mut event);
        self.sequential += u32::from(event.sequential);
        events.push(event);
        id
    }

    /// What the thread's last releasing fence released: later relaxed writes publish it.
    fn released(&self, thread: u8) -> Clock {
        let fence =
            self.events_of(thread).iter().rev().find(|event| event.role == Role::Fence && event.release);
        fence.map_or_else(Clock::default, |fence| fence.happens)
    }

    fn digest(&self, thread: u8, operation: &Operation, read: Option<(u64, Continuation)>) -> u64 {
        let mut hasher = FxHasher::default();
        hasher.write_u64(self.history(thread));
        hasher.write_u64(operation_digest(operation));
        if let Some((value, continuation)) = read {
            hasher.write_u64(value);
            hasher.write_u8(u8::from(matches!(continuation, Continuation::Write(_))));
        }
        hasher.finish()
    }

    /// Changes how the thread goes on after its last event, which must be a read.
    pub(super) fn block(&mut self, read: EventId, why: super::event::Blocked) {
        let event = &mut self.threads[usize::from(read.thread)].events[usize::from(read.index)];
        debug_assert!(event.is_read(), "only a read can block its thread");
        event.role = Role::Read(Continuation::Blocked(why));
    }

    /// Removes every event that is newer than `stamp`.
    pub(super) fn truncate(&mut self, stamp: u32) {
        for thread in 0..self.threads.len() as u8 {
            while let Some((id, last)) = self.last_of(thread)
                && last.stamp > stamp
            {
                self.remove_last(id);
            }
        }
        self.stamp = stamp;
    }

    fn remove_last(&mut self, id: EventId) {
        let Some(event) = self.threads[usize::from(id.thread)].events.pop() else { return };
        self.sequential -= u32::from(event.sequential);
        if event.is_write() {
            let writes = &mut self.objects[object_index(&event.operation)].writes;
            if let Some(place) = writes.iter().rposition(|write| *write == id) {
                writes.remove(place);
            }
        }
    }

    /// Makes `target` the part of this graph that is at most as old as `read` or in `prefix`, without `read`
    /// itself, which nothing in that part follows.
    pub(super) fn restrict_into(&self, target: &mut Graph, read: EventId, prefix: &Clock) {
        let newest = self.event(read).stamp;
        target.threads.resize_with(self.threads.len(), Thread::default);
        target.sequential = 0;
        for (thread, (from, to)) in self.threads.iter().zip(&mut target.threads).enumerate() {
            let by_age = from.events.partition_point(|event| event.stamp <= newest);
            let kept = if thread == usize::from(read.thread) {
                usize::from(read.index)
            } else {
                by_age.max(usize::from(prefix.of(thread as u8)))
            };
            (to.path, to.happens, to.prefix) = (from.path, from.happens, from.prefix);
            to.events.clear();
            to.events.extend_from_slice(&from.events[..kept]);
            target.sequential += to.events.iter().map(|event| u32::from(event.sequential)).sum::<u32>();
        }
        target.objects.resize_with(self.objects.len(), Object::default);
        let threads = &target.threads;
        for (from, to) in self.objects.iter().zip(&mut target.objects) {
            (to.creator, to.ordinal, to.initial, to.mask) =
                (from.creator, from.ordinal, from.initial, from.mask);
            to.writes.clear();
            let kept =
                |write: &&EventId| usize::from(write.index) < threads[usize::from(write.thread)].events.len();
            to.writes.extend(from.writes.iter().filter(kept));
        }
        target.stamp = self.stamp;
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
