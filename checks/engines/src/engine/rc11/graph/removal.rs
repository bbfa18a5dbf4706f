//! Removing events from a graph.

use super::{Graph, Object, Thread, object_index};
use crate::engine::rc11::clock::Clock;
use crate::engine::rc11::event::EventId;

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
    pub(in crate::engine::rc11) fn restrict_into(&self, target: &mut Graph, read: EventId, prefix: &Clock) {
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
            (to.path, to.history) = (from.path, from.history);
            (to.happens, to.prefix, to.program) = (from.happens, from.prefix, from.program);
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
