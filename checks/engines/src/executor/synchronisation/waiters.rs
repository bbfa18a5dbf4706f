//! Who waits at a condition variable, and which of them may go on.

use crate::operation::TaskId;

/// The waiters of one condition variable.
///
/// A notification may wake *any* task that was waiting when it was given, and the executor leaves the choice to
/// the scheduling of the ends of the waits. So a notification is a signal that remembers how many waits had begun
/// before it; a waiter may take the oldest signal that is younger than its own wait. Taking the oldest loses no
/// behaviour: every task that may take an older signal may take a younger one as well.
#[derive(Debug, Default)]
pub(super) struct Waiters {
    /// The waiting tasks, each with the number of waits that had begun before its own.
    waiting: Vec<(TaskId, u32)>,
    /// For each signal not yet taken, oldest first, the number of waits that had begun before it.
    signals: Vec<u32>,
    begun: u32,
}

impl Waiters {
    pub(super) fn reset(&mut self) {
        self.waiting.clear();
        self.signals.clear();
        self.begun = 0;
    }

    pub(super) fn begin(&mut self, task: TaskId) {
        self.waiting.push((task, self.begun));
        self.begun += 1;
    }

    pub(super) fn notify(&mut self, limit: usize) {
        let unsignalled = self.waiting.len() - self.signals.len();
        for _ in 0..limit.min(unsignalled) {
            self.signals.push(self.begun);
        }
    }

    pub(super) fn may_end(&self, task: TaskId) -> bool {
        self.oldest_signal(task).is_some()
    }

    pub(super) fn end(&mut self, task: TaskId) {
        if let Some(signal) = self.oldest_signal(task) {
            self.signals.remove(signal);
            self.waiting.retain(|(waiting, _)| *waiting != task);
        }
    }

    /// A wait ends: by a signal that it may take, or else because its time is over. Then every signal that was given
    /// can be taken by another.
    pub(super) fn end_timed(&mut self, task: TaskId) {
        if self.may_end(task) {
            self.end(task);
        } else {
            self.leave(task);
        }
    }

    /// Whether `task` can go without taking a signal: each signal, in order, must be left with a waiter that may take
    /// it.
    pub(super) fn may_leave(&self, task: TaskId) -> bool {
        let others = |signal: &u32| {
            self.waiting.iter().filter(|(waiting, before)| *waiting != task && before < signal).count()
        };
        self.signals.iter().enumerate().all(|(place, signal)| others(signal) > place)
    }

    pub(super) fn leave(&mut self, task: TaskId) {
        self.waiting.retain(|(waiting, _)| *waiting != task);
    }

    fn oldest_signal(&self, task: TaskId) -> Option<usize> {
        let (_, before) = self.waiting.iter().find(|(waiting, _)| *waiting == task)?;
        self.signals.iter().position(|given_after| given_after > before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::executor::TASKS_MAX;

    fn waiters(begun: u8) -> Waiters {
        let mut waiters = Waiters::default();
        for task in 0..begun {
            waiters.begin(TaskId(task));
        }
        waiters
    }

    /// A notification with nobody waiting is lost: it wakes nobody who comes later.
    #[test]
    fn notification_without_waiters_is_lost() {
        let mut waiters = waiters(0);
        waiters.notify(1);
        waiters.begin(TaskId(0));
        assert!(!waiters.may_end(TaskId(0)));
    }

    /// Either of two waiters may take a single signal, and then the other may not.
    #[test]
    fn one_signal_wakes_either_but_not_both() {
        for first in [0, 1] {
            let mut waiters = waiters(2);
            waiters.notify(1);
            assert!(waiters.may_end(TaskId(0)) && waiters.may_end(TaskId(1)));
            waiters.end(TaskId(first));
            assert!(!waiters.may_end(TaskId(1 - first)));
        }
    }

    /// A waiter that came after the first signal may take the second only; whoever remains takes the first.
    #[test]
    fn later_waiter_leaves_the_older_signal_to_the_earlier_ones() {
        let mut waiters = waiters(2);
        waiters.notify(1);
        waiters.begin(TaskId(2));
        assert!(!waiters.may_end(TaskId(2)));
        waiters.notify(1);
        waiters.end(TaskId(2));
        assert!(waiters.may_end(TaskId(0)) && waiters.may_end(TaskId(1)));
        waiters.end(TaskId(1));
        assert!(!waiters.may_end(TaskId(0)));
    }

    /// A waiter goes spuriously only if the signals that were given can still be taken.
    #[test]
    fn a_signal_is_never_left_without_a_waiter() {
        let mut waiters = waiters(2);
        assert!(waiters.may_leave(TaskId(0)) && waiters.may_leave(TaskId(1)));
        waiters.notify(1);
        waiters.begin(TaskId(2));
        assert!([0, 1, 2].map(TaskId).iter().all(|task| waiters.may_leave(*task)));
        waiters.leave(TaskId(0));
        assert!(!waiters.may_leave(TaskId(1)), "the third came too late for the signal");
        assert!(waiters.may_leave(TaskId(2)));
        waiters.end(TaskId(1));
        assert!(!waiters.may_end(TaskId(2)));
    }

    /// A wait whose time may be over takes a signal if there is one, and leaves the next one to others if there is none.
    #[test]
    fn a_timed_wait_ends_in_any_case() {
        let mut waiters = waiters(2);
        waiters.end_timed(TaskId(0));
        waiters.notify(1);
        assert!(waiters.may_end(TaskId(1)) && !waiters.may_end(TaskId(0)));
        waiters.end_timed(TaskId(1));
        assert!(waiters.signals.is_empty() && waiters.waiting.is_empty());
    }

    /// A notification of all wakes those who wait now and nobody who comes later.
    #[test]
    fn notify_all_wakes_present_waiters_only() {
        let mut waiters = waiters(2);
        waiters.notify(TASKS_MAX);
        waiters.begin(TaskId(2));
        waiters.notify(1);
        waiters.end(TaskId(0));
        waiters.end(TaskId(1));
        assert!(waiters.may_end(TaskId(2)));
    }
}
