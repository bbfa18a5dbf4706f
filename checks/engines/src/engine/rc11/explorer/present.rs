//! What the objects hold when an execution is given up: the newest writes of the graph that threads have performed.
//!
//! An event may be in the graph that its thread was not told of: the one that made the execution useless, or that
//! the thread is blocked at. The graph without it is consistent, and stays so when reads of the newest writes and
//! new newest writes are added to it: that is how the tasks go on.

use super::Explorer;
use crate::engine::rc11::event::EventId;
use crate::engine::rc11::semantics;
use crate::executor::{ObjectKind, Present, TaskSet};
use crate::operation::{ObjectId, TaskId};

impl Explorer<'_> {
    pub(super) fn show_present(&self, present: &mut Present<'_>) {
        for object in (0..present.objects()).map(|number| ObjectId(number as u16)) {
            if self.naming.is_unnamed(object) {
                // Nobody has performed an operation on it.
                continue;
            }
            let value = self.newest_value(self.naming.object_name(object));
            match present.kind(object) {
                ObjectKind::Atomic { .. } | ObjectKind::Arc => present.set_value(object, value),
                ObjectKind::Mutex => present.set_held(object, value != 0),
                ObjectKind::RwLock => {
                    present.set_value(object, value);
                    present.set_held(object, value & 1 != 0);
                    present.set_shares(object, (value / 2) as u16);
                }
                ObjectKind::Condvar => {
                    let (waiting, notified) = semantics::waiters(value);
                    present.set_waiters(object, self.tasks(waiting), self.tasks(notified));
                }
                ObjectKind::Once => present.set_once(object, value),
                ObjectKind::Meeting => present.set_value(object, value),
                ObjectKind::Gate => present.set_open(object, value != 0),
                ObjectKind::Cell => {}
            }
        }
        let has_token = |thread: u8| {
            let name = self.naming.token_name(self.frontier.graph(), thread);
            name.is_some_and(|name| self.newest_value(name) != 0)
        };
        let tokens = self.naming.started().filter(|(thread, _)| has_token(*thread));
        present.set_tokens(tokens.map(|(_, task)| task).collect());
    }

    /// The newest value of an object of the graph that was written by a performed event.
    fn newest_value(&self, object: usize) -> u64 {
        let graph = self.frontier.graph();
        let is_performed = |write: &&EventId| write.index < self.performed[usize::from(write.thread)];
        let newest = graph.objects()[object].writes.iter().rev().find(is_performed).copied();
        graph.value_of(object, newest)
    }

    /// The tasks that run a set of threads.
    fn tasks(&self, threads: u32) -> TaskSet {
        let task = |thread: u8| -> Option<TaskId> { self.naming.task(thread) };
        (0..32_u8).filter(|thread| threads >> thread & 1 == 1).filter_map(task).collect()
    }
}
