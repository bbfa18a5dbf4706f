//! A scheduler that lets a thread which yields wait for the others.
//!
//! A loop that waits for another thread goes round for ever under a search that tries every schedule. So once a thread has
//! yielded [`FREE_YIELDS`] times, a further yield puts it behind every thread that could have gone on since its
//! yield before and did not, as in fair stateless model checking (Musuvathi and Qadeer, PLDI 2008): it goes on when each
//! of them has, or cannot any more. Then every execution without end is a fair one, and loops that end under a fair
//! schedule do end. What is left out by that is told, and the search is no longer exhaustive.

use std::cell::RefCell;
use std::rc::Rc;

use shuttle::scheduler::{Schedule, Scheduler, Task, TaskId};

/// The yields of a thread after which any thread may still go on.
pub(super) const FREE_YIELDS: u32 = 2;

/// The threads that are held to fairness, the first to be started. More are let alone.
const THREADS_MAX: usize = 64;

/// What the scheduler has left out.
pub(super) type LeftOut = Rc<RefCell<bool>>;

/// The scheduler within, of the threads whose turn it may be.
pub(super) struct Fair<S> {
    inner: S,
    left_out: LeftOut,
    threads: Vec<Thread>,
    /// The threads that could go on at the last choice.
    enabled: u64,
}

/// One thread, in sets of threads as bits.
#[derive(Clone, Copy, Debug)]
struct Thread {
    yields: u32,
    /// Those that go first.
    behind: u64,
    /// Those that have gone on since its last yield.
    scheduled: u64,
    /// Those that could have gone on at every moment since then.
    enabled: u64,
    /// Those that it has kept from going on since then.
    disabled: u64,
}

impl Thread {
    const NEW: Thread = Thread { yields: 0, behind: 0, scheduled: u64::MAX, enabled: 0, disabled: 0 };
}

impl<S: Scheduler> Fair<S> {
    pub(super) fn new(inner: S, left_out: LeftOut) -> Self {
        Fair { inner, left_out, threads: Vec::new(), enabled: 0 }
    }

    /// The thread that ran has come to its next choice.
    fn account(&mut self, current: usize, enabled: u64, is_yielding: bool) {
        let kept_from = self.enabled & !enabled;
        for thread in &mut self.threads {
            thread.enabled &= enabled;
        }
        let Some(thread) = self.threads.get_mut(current) else { return };
        thread.disabled |= kept_from;
        if !is_yielding {
            return;
        }
        thread.yields += 1;
        if thread.yields > FREE_YIELDS {
            thread.behind |= (thread.enabled | thread.disabled) & !thread.scheduled & !bit(current);
        }
        (thread.scheduled, thread.enabled, thread.disabled) = (0, enabled, 0);
    }

    /// Whether it may be this thread's turn.
    fn may_go(&self, number: usize, enabled: u64) -> bool {
        self.threads.get(number).is_none_or(|thread| thread.behind & enabled == 0)
    }
}

fn bit(number: usize) -> u64 {
    if number < THREADS_MAX { 1 << number } else { 0 }
}

impl<S: Scheduler> Scheduler for Fair<S> {
    fn new_execution(&mut self) -> Option<Schedule> {
        self.threads.clear();
        self.enabled = 0;
        self.inner.new_execution()
    }

    fn next_task(&mut self, tasks: &[&Task], current: Option<TaskId>, is_yielding: bool) -> Option<TaskId> {
        let number = |task: &&Task| usize::from(task.id());
        let enabled = tasks.iter().fold(0, |set, task| set | bit(number(task)));
        let known = tasks.iter().map(number).max().unwrap_or(0) + 1;
        if self.threads.len() < known.min(THREADS_MAX) {
            self.threads.resize(known.min(THREADS_MAX), Thread::NEW);
        }
        if let Some(current) = current {
            self.account(current.into(), enabled, is_yielding);
        }
        let next = if tasks.iter().all(|task| self.may_go(number(task), enabled)) {
            self.inner.next_task(tasks, current, is_yielding)?
        } else {
            let fair: Vec<&Task> =
                tasks.iter().filter(|task| self.may_go(number(task), enabled)).copied().collect();
            *self.left_out.borrow_mut() = true;
            // Nobody is behind a thread that is behind it, so somebody is left.
            let among = if fair.is_empty() { tasks } else { &fair };
            self.inner.next_task(among, current, is_yielding)?
        };
        let chosen = bit(next.into());
        for thread in &mut self.threads {
            thread.behind &= !chosen;
            thread.scheduled |= chosen;
        }
        self.enabled = enabled;
        Some(next)
    }

    fn next_u64(&mut self) -> u64 {
        self.inner.next_u64()
    }
}
