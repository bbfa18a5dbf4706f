//! The events of locks that can be shared and tried for.
//!
//! Such a lock is *taken*, alone or in shares, and *given* back; a try that fails is a *look*. What is different from a
//! plain lock is that giving matters to whoever tries, not only to whoever is blocked: a try that comes later might have
//! come before and failed, and a look might have come later and succeeded.
//!
//! | event | comes after, and might have come before | comes after for certain |
//! |---|---|---|
//! | taking, blocked while it cannot | the takings that it excludes | what was given back |
//! | taking, by a try | these, and what was given back | |
//! | giving | looks | |
//! | look at the whole | all takings, all shares that were given back | |
//! | look whether it was done, of what is done once | where it was: the giving | |
//! | look at a share | the last taking of the whole | |

use super::super::dependency::Access;
use crate::executor::TASKS_MAX;
use crate::operation::{ObjectId, TaskId};

/// What is known of the locks of an execution. Events are numbered from 1; 0 is none.
#[derive(Debug, Default)]
pub(super) struct Locks {
    /// By object number.
    places: Vec<Option<usize>>,
    locks: Vec<Events>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Events {
    /// The last taking of the whole, and the last time that was given back.
    take: u32,
    give: u32,
    /// Since the last taking of the whole, by task: the last share that it took, and gave back.
    shares: [u32; TASKS_MAX],
    returns: [u32; TASKS_MAX],
    /// By task, its last try in vain since the whole was last given back.
    looks: [u32; TASKS_MAX],
}

impl Locks {
    pub(super) fn reset(&mut self) {
        self.places.clear();
        self.locks.clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.locks.is_empty()
    }

    pub(super) fn add(&mut self, object: usize) {
        self.places.resize(object + 1, None);
        self.places[object] = Some(self.locks.len());
        self.locks.push(Events::default());
    }

    fn place(&self, lock: ObjectId) -> Option<usize> {
        *self.places.get(usize::from(lock.0))?
    }

    /// The events that an access depends on and that it might have come before.
    pub(super) fn racing(&self, access: Access) -> impl Iterator<Item = u32> + use<> {
        const NONE: [u32; TASKS_MAX] = [0; TASKS_MAX];
        let events = used_by(access).and_then(|lock| self.place(lock)).map(|place| self.locks[place]);
        let events = events.unwrap_or_default();
        let Events { take, give, shares, returns, looks } = events;
        let (single, many, more) = match access {
            Access::Take { shared: false, tried: false, .. } => ([take, 0], shares, NONE),
            Access::Take { shared: false, tried: true, .. } => ([take, give], shares, returns),
            Access::Take { shared: true, tried, .. } => ([take, if tried { give } else { 0 }], NONE, NONE),
            Access::Give { .. } | Access::Wait { .. } => ([0, 0], looks, NONE),
            Access::Look { shared: false, .. } => ([take, 0], shares, returns),
            Access::Look { shared: true, .. } => ([take, 0], NONE, NONE),
            Access::Peek { is_done: true, .. } => ([give, 0], NONE, NONE),
            _ => ([0, 0], NONE, NONE),
        };
        single.into_iter().chain(many).chain(more).filter(|event| *event != 0)
    }

    /// The events that an access comes after, whatever the order of all others.
    pub(super) fn before(&self, access: Access) -> impl Iterator<Item = u32> + use<> {
        let mut before = [0; TASKS_MAX + 1];
        if let Access::Take { lock, shared, .. } = access
            && let Some(place) = self.place(lock)
        {
            let events = &self.locks[place];
            before[TASKS_MAX] = events.give;
            if !shared {
                before[..TASKS_MAX].copy_from_slice(&events.returns);
            }
        }
        before.into_iter().filter(|event| *event != 0)
    }

    pub(super) fn record(&mut self, task: TaskId, access: Access, number: u32) {
        let Some(place) = used_by(access).and_then(|lock| self.place(lock)) else { return };
        let events = &mut self.locks[place];
        let task = usize::from(task.0);
        match access {
            Access::Take { shared: false, .. } => {
                events.take = number;
                events.shares = [0; TASKS_MAX];
                events.returns = [0; TASKS_MAX];
            }
            Access::Take { shared: true, .. } => events.shares[task] = number,
            Access::Give { shared: true, .. } => events.returns[task] = number,
            Access::Give { shared: false, .. } | Access::Wait { .. } => {
                events.give = number;
                events.looks = [0; TASKS_MAX];
            }
            Access::Look { .. } | Access::Peek { is_done: false, .. } => events.looks[task] = number,
            _ => {}
        }
    }
}

/// The lock that an access takes, gives back or looks at.
fn used_by(access: Access) -> Option<ObjectId> {
    match access {
        Access::Take { lock, .. }
        | Access::Give { lock, .. }
        | Access::Look { lock, .. }
        | Access::Peek { once: lock, .. }
        | Access::Wait { lock, .. } => Some(lock),
        _ => None,
    }
}
