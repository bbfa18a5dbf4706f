//! Removing events from a graph.

use super::{Graph, Object, Thread, object_index};
use crate::engine::rc11::clock::Clock;
use crate::engine::rc11::event::{Event, EventId, Role};

impl Graph {
    /// Removes every event that is newer than `stamp`.
    pub(in crate::engine::rc11) fn truncate(&mut self, stamp: u32) {
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
        self.sequential_fences -= u32::from(event.is_sequential_fence());
        if let Some(object) = event.operation.object {
            forget(&mut self.objects[usize::from(object.0)], id.thread, &event);
        }
        if event.is_write() {
            let object = object_index(&event.operation);
            self.objects[object].writes.remove(usize::from(event.place) - 1);
            self.number_writes(object, usize::from(event.place));
        }
    }

    /// Makes `target` the part of this graph that is at most as old as `read` or in `prefix`, without `read`
    /// itself, which nothing in that part follows.
    pub(in crate::engine::rc11) fn restrict_into(&self, target: &mut Graph, read: EventId, prefix: &Clock) {
        let newest = self.event(read).stamp;
        target.threads.resize_with(self.threads.len(), Thread::default);
        target.objects.resize_with(self.objects.len(), Object::default);
        for (from, to) in self.objects.iter().zip(&mut target.objects) {
            (to.creator, to.ordinal, to.initial, to.mask) =
                (from.creator, from.ordinal, from.initial, from.mask);
            (to.last, to.last_exclusive) = (from.last, from.last_exclusive);
        }
        target.sequential_fences = self.sequential_fences;
        for (thread, (from, to)) in self.threads.iter().zip(&mut target.threads).enumerate() {
            let by_age = from.events.partition_point(|event| event.stamp <= newest);
            let kept = if thread == usize::from(read.thread) {
                usize::from(read.index)
            } else {
                by_age.max(usize::from(prefix.of(thread as u8)))
            };
            (to.path, to.history) = (from.path, from.history);
            (to.happens, to.prefix, to.program) = (from.happens, from.prefix, from.program);
            to.events.clear();
            to.events.extend_from_slice(&from.events[..kept]);
            for removed in from.events[kept..].iter().rev() {
                target.sequential_fences -= u32::from(removed.is_sequential_fence());
                if let Some(object) = removed.operation.object {
                    forget(&mut target.objects[usize::from(object.0)], thread as u8, removed);
                }
            }
        }
        self.keep_writes(target);
        target.stamp = self.stamp;
    }

    /// Gives `target`, which has the events that are kept, the writes among them in their order.
    fn keep_writes(&self, target: &mut Graph) {
        for (object, from) in self.objects.iter().enumerate() {
            let threads = &target.threads;
            let kept =
                |write: &&EventId| usize::from(write.index) < threads[usize::from(write.thread)].events.len();
            let writes = &mut target.objects[object].writes;
            writes.clear();
            writes.extend(from.writes.iter().filter(kept));
            if writes.len() < from.writes.len() {
                target.number_writes(object, 1);
            }
        }
    }
}

/// The thread's last event, about this object, is gone.
fn forget(object: &mut Object, thread: u8, event: &Event) {
    object.last[usize::from(thread)] = event.previous;
    if event.role == Role::CellWrite {
        object.last_exclusive[usize::from(thread)] = event.previous_exclusive;
    }
}
