//! Adding events to a graph.

use core::hash::Hasher;
use core::panic::Location;

use rustc_hash::FxHasher;

use super::{Graph, NewRead, NewWrite, Standing, object_index, operation_digest};
use crate::engine::rc11::clock::Clock;
use crate::engine::rc11::event::{Continuation, Event, EventId, Role};
use crate::engine::rc11::semantics::Strength;
use crate::operation::{Action, Operation};

impl Graph {
    /// Adds a read with a stamp of its own. `stamp` is given when the read takes the place of one with another
    /// source.
    pub(in crate::engine::rc11) fn add_read(&mut self, read: &NewRead, stamp: Option<u32>) -> EventId {
        let mut standing = self.standing(read.thread);
        if let Some(source) = read.source {
            let write = self.event(source);
            standing.prefix.join(&write.prefix);
            if read.strength.acquire {
                standing.happens.join(&write.message);
            }
        }
        let history = self.digest(read.thread, &read.operation, Some((read.value, read.continuation)));
        let id = self.push(read.thread, stamp, read.strength, standing, |event| {
            event.role = Role::Read(read.continuation);
            event.operation = read.operation;
            event.source = read.source;
            event.choice = read.choice;
            event.value = read.value;
            event.history = history;
        });
        if let (Some(_), Some(source)) = (stamp, read.source) {
            self.event_mut(source).taker = Some(id);
        }
        id
    }

    /// Adds a write at this place in coherence order, which is at least 1.
    pub(in crate::engine::rc11) fn add_write(&mut self, write: &NewWrite, position: usize) -> EventId {
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
            self.event_mut(id).message.insert(id);
        }
        let object = object_index(&write.operation);
        self.objects[object].writes.insert(position - 1, id);
        self.number_writes(object, position);
        id
    }

    /// Writes of the object have moved: tells those from this place on where they are now.
    pub(super) fn number_writes(&mut self, object: usize, from: usize) {
        let (threads, writes) = (&mut self.threads, &self.objects[object].writes);
        for (place, write) in writes.iter().enumerate().skip(from - 1) {
            let event = &mut threads[usize::from(write.thread)].events[usize::from(write.index)];
            event.place = place as u16 + 1;
        }
    }

    /// Adds a fence.
    pub(in crate::engine::rc11) fn add_fence(
        &mut self,
        thread: u8,
        operation: Operation,
        strength: Strength,
    ) -> EventId {
        let mut standing = self.standing(thread);
        if strength.acquire {
            // The fence acquires what every earlier read of the thread could have acquired, and the acquiring fence before
            // it has acquired what came before that.
            let is_before_fence = |event: &&Event| event.role != Role::Fence || !event.acquire;
            for event in self.events_of(thread).iter().rev().take_while(is_before_fence) {
                if let Some(source) = event.source {
                    standing.happens.join(&self.event(source).message);
                }
            }
        }
        self.add_plain(thread, operation, Role::Fence, strength, standing)
    }

    /// Adds an event that neither reads nor writes atomically.
    pub(in crate::engine::rc11) fn add_step(
        &mut self,
        thread: u8,
        operation: Operation,
        role: Role,
    ) -> EventId {
        let mut standing = self.standing(thread);
        if let Role::Join(child) = role {
            let ended = self.standing(child);
            standing.happens.join(&ended.happens);
            standing.prefix.join(&ended.prefix);
            standing.program.join(&ended.program);
        }
        let id = self.add_plain(thread, operation, role, Strength::default(), standing);
        match role {
            Role::Spawn(child) => {
                let (standing, history) = (self.standing(thread), self.history(thread));
                let child = &mut self.threads[usize::from(child)];
                (child.happens, child.prefix) = (standing.happens, standing.prefix);
                child.program = standing.program;
                child.history = history ^ child.path as u64 ^ (child.path >> u64::BITS) as u64;
            }
            Role::Join(child) => {
                // What the child returned is part of what the thread knows.
                let returned = self.history(child);
                let event = self.event_mut(id);
                event.history = event.history.rotate_left(1) ^ returned;
            }
            _ => {}
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
            program: standing.program,
            message: Clock::default(),
            history: 0,
            place: 0,
            taker: None,
            previous: 0,
            previous_exclusive: 0,
            fence: events.last().map_or(0, |before| before.fence),
        };
        event.happens.insert(id);
        event.prefix.insert(id);
        event.program.insert(id);
        complete(&mut event);
        let number = id.index + 1;
        if event.role == Role::Fence && event.release {
            event.fence = number;
        }
        if let Some(object) = event.operation.object {
            let object = &mut self.objects[usize::from(object.0)];
            event.previous = core::mem::replace(&mut object.last[usize::from(thread)], number);
            if event.role == Role::CellWrite {
                let last = &mut object.last_exclusive[usize::from(thread)];
                event.previous_exclusive = core::mem::replace(last, number);
            }
        }
        self.sequential_fences += u32::from(event.is_sequential_fence());
        events.push(event);
        id
    }

    /// What the thread's last releasing fence released: later relaxed writes publish it.
    fn released(&self, thread: u8) -> Clock {
        let events = self.events_of(thread);
        let fence = events.last().and_then(|event| events.get(usize::from(event.fence.checked_sub(1)?)));
        fence.map_or_else(Clock::default, |fence| fence.happens)
    }

    fn event_mut(&mut self, id: EventId) -> &mut Event {
        &mut self.threads[usize::from(id.thread)].events[usize::from(id.index)]
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
}
