//! The jobs of a hunt: a fixed sequence, with what is urgent before it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::hunt;
use crate::job::Job;
use crate::subject::Subject;

/// What the dispatcher and the receiver of answers share.
pub(super) struct Stream {
    pub(super) subjects: Vec<&'static dyn Subject>,
    pub(super) seed: u64,
    /// The number of the next job of the fixed sequence.
    pub(super) next: AtomicU64,
    /// Failures that wait to be made small, which comes first.
    pub(super) urgent: Mutex<VecDeque<Job>>,
    /// The jobs at work, by their numbers in this process, each with its number in the fixed sequence.
    pub(super) at_work: Mutex<BTreeMap<usize, (Job, Option<u64>)>>,
    pub(super) deadline: Instant,
    pub(super) stop: Arc<AtomicBool>,
}

impl Stream {
    pub(super) fn job(&self, number: usize) -> Option<Job> {
        let urgent = lock(&self.urgent).pop_front();
        let (job, place) = match urgent {
            Some(job) => (job, None),
            None if self.is_over() => return None,
            None => {
                let place = self.next.fetch_add(1, Ordering::Relaxed);
                (hunt::job(&self.subjects, self.seed, place)?, Some(place))
            }
        };
        lock(&self.at_work).insert(number, (job.clone(), place));
        Some(job)
    }

    pub(super) fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || Instant::now() >= self.deadline
    }

    /// The first job of the fixed sequence that is not done: a hunt that is killed goes on there.
    pub(super) fn first_open(&self) -> u64 {
        let at_work = lock(&self.at_work);
        let open = at_work.values().filter_map(|(_, place)| *place).min();
        open.unwrap_or_else(|| self.next.load(Ordering::Relaxed))
    }

    /// One that has nothing more.
    pub(super) fn over() -> Self {
        Stream {
            subjects: Vec::new(),
            seed: 0,
            next: AtomicU64::new(0),
            urgent: Mutex::default(),
            at_work: Mutex::default(),
            deadline: Instant::now(),
            stop: Arc::default(),
        }
    }
}

/// Nothing panics while one of these locks is held, so a poisoned one is as good as any.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
