//! Vector clocks over the threads of one execution graph.

use super::event::EventId;

/// The largest number of threads in one execution, the main one included.
pub(super) const THREADS_MAX: usize = 16;

/// A set of events that is closed under program order: of each thread, its first so many events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Clock([u16; THREADS_MAX]);

impl Clock {
    /// How many of the thread's events are in the set.
    #[inline]
    pub(super) fn of(&self, thread: u8) -> u16 {
        self.0[usize::from(thread)]
    }

    /// Whether the event is in the set.
    #[inline]
    pub(super) fn contains(&self, event: EventId) -> bool {
        event.index < self.of(event.thread)
    }

    /// Adds the event and everything that precedes it in program order.
    #[inline]
    pub(super) fn insert(&mut self, event: EventId) {
        let entry = &mut self.0[usize::from(event.thread)];
        *entry = (*entry).max(event.index + 1);
    }

    /// Adds every event of the other set.
    #[inline]
    pub(super) fn join(&mut self, other: &Clock) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine = (*mine).max(*theirs);
        }
    }

    /// Whether the sets differ in the events of one thread alone, if at all.
    #[inline]
    pub(super) fn is_equal_but_for(&self, other: &Clock, thread: u8) -> bool {
        let mut mine = *self;
        mine.0[usize::from(thread)] = other.of(thread);
        mine == *other
    }
}
