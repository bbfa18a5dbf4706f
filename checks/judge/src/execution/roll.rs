//! Who is who in an execution: which thread of the program the caller runs on, and which mark is the next.
//!
//! As the [record](super::record) does, it takes no lock where the threads of a program take part.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU8, AtomicUsize};

use cancelproof_engines::lock::Mutex;
use cancelproof_machine::runtime::Runtime;

use crate::history::{Arming, Thread};
use crate::scenario::MAX_THREADS;

/// The threads of an execution, and its marks.
#[derive(Debug, Default)]
pub(super) struct Roll {
    /// The runtime's number of each thread of the program, plus one.
    threads: [AtomicUsize; MAX_THREADS],
    /// The numbers of the request's own threads, in the order in which they were seen.
    others: Mutex<Vec<usize>>,
    marks: AtomicU8,
}

impl Roll {
    /// The caller runs on that thread of the program.
    pub(super) fn sign<R: Runtime>(&self, thread: Thread) {
        self.threads[usize::from(thread)].store(R::current_number() + 1, Relaxed);
    }

    /// The number of the thread that the caller runs on. Threads that the program does not know, the request's own, are
    /// numbered after its `threads`, in the order in which they are seen.
    pub(super) fn thread<R: Runtime>(&self, threads: usize) -> Thread {
        let current = R::current_number();
        if let Some(thread) = self.threads.iter().position(|number| number.load(Relaxed) == current + 1) {
            return thread as Thread;
        }
        let mut others = self.others.lock();
        let place = others.iter().position(|&known| known == current).unwrap_or_else(|| {
            others.push(current);
            others.len() - 1
        });
        (threads + place) as Thread
    }

    /// The number of the next mark.
    pub(super) fn next_mark(&self) -> Arming {
        self.marks.fetch_add(1, Relaxed)
    }
}
