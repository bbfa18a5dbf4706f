//! What the lock of a queue guards: where each of its requests is, and who is dispatching.

use core::fmt;
use std::collections::VecDeque;
use std::sync::Arc;

use crate::callback::Callback;
use crate::runtime::Runtime;

/// A request, by its number.
pub type Id = usize;

/// Where a request is; the states of section 2.3 of the specification that a queue can tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// It waits in the queue and has never been delivered, or was put back. The framework owns it.
    Queued,
    /// It was delivered: the driver owns it.
    Owned,
    /// It has ended.
    Completed,
}

/// What a queue knows of one of its requests.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are the framework's own flags, each with a life of its own"
)]
pub struct Record {
    /// Where it is.
    pub place: Place,
    /// The driver has marked it and not taken that back.
    pub is_marked: bool,
    /// Its cancel callback has been started.
    pub is_notified: bool,
    /// The framework's own canceled flag: a claim led to a callback, or will.
    pub is_canceled: bool,
    /// It has been delivered before, so that its driver has to be told when it is canceled in the queue.
    pub was_delivered: bool,
    /// The driver has been told that it was canceled in the queue; only completion is left.
    pub is_told: bool,
    /// What the driver wants called, from the mark until it is called or withdrawn.
    pub callback: Option<Arc<Callback>>,
    /// References that the framework holds: section 2.5 of the specification.
    pub references: u8,
}

/// What the lock of a queue guards.
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are the framework's own flags, each with a life of its own"
)]
pub struct Lists<R: Runtime> {
    /// The requests that are with this queue.
    pub records: Vec<Option<Record>>,
    /// Requests that were not delivered, first come first served.
    pub queued: VecDeque<Id>,
    /// Marked requests that nobody has claimed.
    pub armed: Vec<Id>,
    /// Claimed requests whose callback has not been started, in the order in which they were claimed.
    pub canceled: VecDeque<Id>,
    /// Requests that were canceled in the queue and whose driver has not been told.
    pub canceled_on_queue: VecDeque<Id>,
    /// Threads that are in the event loop of the queue.
    pub dispatchers: u8,
    /// The queue has been purged and not been opened again.
    pub is_purged: bool,
    /// The driver waits for the end of the purge.
    pub is_purge_awaited: bool,
    /// The driver is being told of a change of power: callbacks are held back.
    pub is_power_held: bool,
    /// The thread that is inside a synchronized callback of the driver's.
    pub synchronized: Option<R::Thread>,
    /// That thread has found callbacks to be made, and could not make them.
    pub is_deferred: bool,
}

impl Record {
    /// A request that the driver owns.
    #[must_use]
    pub fn delivered() -> Self {
        Record { place: Place::Owned, was_delivered: true, references: 1, ..Record::queued() }
    }

    /// A request that waits in the queue and has never been delivered: the object's own reference and the queue's.
    #[must_use]
    pub fn queued() -> Self {
        Record {
            place: Place::Queued,
            is_marked: false,
            is_notified: false,
            is_canceled: false,
            was_delivered: false,
            is_told: false,
            callback: None,
            references: 2,
        }
    }
}

impl<R: Runtime> Lists<R> {
    /// An open queue with these requests.
    #[must_use]
    pub fn new(records: Vec<Option<Record>>) -> Self {
        let is_queued = |id: &Id| records[*id].as_ref().is_some_and(|record| record.place == Place::Queued);
        let queued = (0..records.len()).filter(is_queued).collect();
        Lists {
            records,
            queued,
            armed: Vec::new(),
            canceled: VecDeque::new(),
            canceled_on_queue: VecDeque::new(),
            dispatchers: 0,
            is_purged: false,
            is_purge_awaited: false,
            is_power_held: false,
            synchronized: None,
            is_deferred: false,
        }
    }

    /// The request of that number.
    ///
    /// # Panics
    ///
    /// Panics if it is not with this queue.
    pub fn record(&mut self, id: Id) -> &mut Record {
        self.records[id].as_mut().expect("a request is looked for in the queue that it is with")
    }

    /// Takes a request off the list of armed requests; whether it was on it.
    pub fn unlink(&mut self, id: Id) -> bool {
        let before = self.armed.len();
        self.armed.retain(|&armed| armed != id);
        self.armed.len() != before
    }

    /// Whether there is a callback to be made.
    #[must_use]
    pub fn has_callbacks(&self) -> bool {
        !self.canceled.is_empty() || !self.canceled_on_queue.is_empty()
    }

    /// Whether nothing is left of a purge: the driver owns no request, and is being told of none. A request is completed from
    /// within its callback as a rule, and what the callback uses must be there until it has returned.
    #[must_use]
    pub fn is_purge_over(&self) -> bool {
        !self.has_owned() && self.dispatchers == 0
    }

    /// Says that the purge is over, if the driver waits for that and it is; whether the driver is to be told.
    #[must_use]
    pub fn end_purge(&mut self) -> bool {
        let is_over = self.is_purge_awaited && self.is_purge_over();
        if is_over {
            self.is_purge_awaited = false;
            self.is_purged = false;
        }
        is_over
    }

    /// Whether the driver owns a request of this queue.
    #[must_use]
    pub fn has_owned(&self) -> bool {
        self.records.iter().flatten().any(|record| record.place == Place::Owned)
    }
}

impl<R: Runtime> fmt::Debug for Lists<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lists").field("records", &self.records).finish_non_exhaustive()
    }
}
