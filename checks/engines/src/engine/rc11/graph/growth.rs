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
            let event = &mut self.threads[usize::from(id.thread)].events[usize::from(id.index)];
            event.message.insert(id);
        }
        self.objects[object_index(&write.operation)].writes.insert(position - 1, id);
        id
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
                let event = &mut self.threads[usize::from(thread)].events[usize::from(id.index)];
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
        };
        event.happens.insert(id);
        event.prefix.insert(id);
        event.program.insert(id);
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
}
