//! Atomics of loom that do not forget a load.
//!
//! loom 0.7.3 remembers the latest access to an atomic and nothing before it. When a thread loads an atomic and then
//! writes it, its own load is the latest one, so an earlier load by another thread does not count as racing with the
//! write: the executions in which that thread reads what was written are left out, and the exploration ends as if it were
//! complete (loom issues 166 and 392). `load; compare_exchange` is how most state words are driven.
//!
//! So each load here is preceded by a relaxed read-modify-write of an atomic that belongs to the loading thread, and each
//! write by one of that same atomic for every thread whose load loom has forgotten by then. That is an access which loom
//! does remember, so it sees the race, explores the other order, and with it what was hidden. Loads do not depend on each
//! other by this, and it orders nothing: the accesses are relaxed, and nobody uses what they read. Which loads are
//! forgotten is decided by the accesses before, so an execution that is run again runs the same.

use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};

use loom::thread::{self, ThreadId};

use crate::platform::LOOM_THREADS_MAX as THREADS_MAX;
use crate::platform::Loom;

/// What the accesses of one atomic have in common.
#[derive(Debug)]
struct Accesses {
    /// For each thread what stands for its loads, by the place that the thread has in `loads`.
    threads: [loom::sync::atomic::AtomicU8; THREADS_MAX],
    loads: Mutex<Loads>,
}

/// Who has loaded.
#[derive(Debug, Default)]
struct Loads {
    /// The threads that have loaded at any time, in the order in which they came.
    threads: Vec<ThreadId>,
    /// The places of those that have loaded since the latest write, the latest load last.
    since_write: Vec<usize>,
}

impl Loads {
    /// The place of a thread.
    fn place(&mut self, thread: ThreadId) -> usize {
        self.threads.iter().position(|other| *other == thread).unwrap_or_else(|| {
            self.threads.push(thread);
            self.threads.len() - 1
        })
    }
}

impl Accesses {
    #[track_caller]
    fn new() -> Self {
        let threads = [(); THREADS_MAX].map(|()| loom::sync::atomic::AtomicU8::new(0));
        Accesses { threads, loads: Mutex::default() }
    }

    #[track_caller]
    fn begin_load(&self) {
        let place = self.with(|_, place| place);
        self.threads[place].fetch_or(0, Ordering::Relaxed);
    }

    fn end_load(&self) {
        self.with(|loads, place| {
            loads.since_write.retain(|other| *other != place);
            loads.since_write.push(place);
        });
        Loom::performed();
    }

    #[track_caller]
    fn begin_write(&self) {
        for place in self.with(forgotten) {
            self.threads[place].fetch_or(0, Ordering::Relaxed);
        }
    }

    fn end_write(&self) {
        self.with(|loads, _| loads.since_write.clear());
        Loom::performed();
    }

    /// Gives access to the loads, and the place of the current thread.
    fn with<O>(&self, access: impl FnOnce(&mut Loads, usize) -> O) -> O {
        let mut loads = self.loads.lock().unwrap_or_else(PoisonError::into_inner);
        let place = loads.place(thread::current().id());
        access(&mut loads, place)
    }
}

/// Whose loads loom does not hold against a write by the thread of this place: all but the latest, which it remembers, and
/// the thread's own.
fn forgotten(loads: &mut Loads, place: usize) -> Vec<usize> {
    let (_, others) = loads.since_write.split_last().unwrap_or((&0, &[]));
    others.iter().copied().filter(|other| *other != place).collect()
}

macro_rules! define {
    ($atomic:ident, $value:ty) => {
        /// loom's atomic of the same name, whose loads loom does not forget.
        #[derive(Debug)]
        pub struct $atomic {
            word: loom::sync::atomic::$atomic,
            accesses: Accesses,
        }

        impl $atomic {
            #[track_caller]
            pub(in crate::platform) fn new(value: $value) -> Self {
                $atomic { word: loom::sync::atomic::$atomic::new(value), accesses: Accesses::new() }
            }

            #[track_caller]
            pub(in crate::platform) fn load(&self, ordering: Ordering) -> $value {
                self.accesses.begin_load();
                let value = self.word.load(ordering);
                self.accesses.end_load();
                value
            }

            define!(@write store(value: $value, ordering: Ordering) -> ());
            define!(@write swap(value: $value, ordering: Ordering) -> $value);
            define!(@write fetch_add(operand: $value, ordering: Ordering) -> $value);
            define!(@write fetch_sub(operand: $value, ordering: Ordering) -> $value);
            define!(@write fetch_and(operand: $value, ordering: Ordering) -> $value);
            define!(@write fetch_or(operand: $value, ordering: Ordering) -> $value);
            define!(@write fetch_xor(operand: $value, ordering: Ordering) -> $value);
            define!(@write compare_exchange(
                expected: $value, new: $value, success: Ordering, failure: Ordering
            ) -> Result<$value, $value>);
            define!(@write compare_exchange_weak(
                expected: $value, new: $value, success: Ordering, failure: Ordering
            ) -> Result<$value, $value>);
        }
    };
    (@write $name:ident($($argument:ident: $type:ty),+) -> $result:ty) => {
        // A compare-exchange that fails counts as a write for loom, too.
        #[track_caller]
        pub(in crate::platform) fn $name(&self, $($argument: $type),+) -> $result {
            self.accesses.begin_write();
            let result = self.word.$name($($argument),+);
            self.accesses.end_write();
            result
        }
    };
}

define!(AtomicU8, u8);
define!(AtomicU32, u32);
define!(AtomicU64, u64);
define!(AtomicUsize, usize);

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::atomic::Ordering::{Relaxed, SeqCst};
    use std::sync::{Arc, Mutex};

    use crate::engine::loom::{Options, explore};

    /// What the first thread reads while the second one loads and then adds, for atomics of a kind.
    macro_rules! reads {
        ($atomic:ty) => {{
            let reads = Arc::new(Mutex::new(BTreeSet::new()));
            let body = {
                let reads = Arc::clone(&reads);
                move || {
                    let word = Arc::new(<$atomic>::new(0));
                    let other = loom::thread::spawn({
                        let word = Arc::clone(&word);
                        move || {
                            word.load(SeqCst);
                            word.fetch_add(1, SeqCst);
                        }
                    });
                    let read = word.load(Relaxed);
                    other.join().expect("it does not panic");
                    reads.lock().expect("nobody panics").insert(read);
                }
            };
            let exploration = explore(Options::default(), body);
            assert_eq!(exploration.failure, None);
            let reads = reads.lock().expect("nobody panics").iter().copied().collect::<Vec<_>>();
            (reads, exploration.executions)
        }};
    }

    #[test]
    fn a_load_before_a_write_of_the_same_thread_hides_no_other_load() {
        let (reads, executions) = reads!(super::AtomicU8);
        assert_eq!(reads, [0, 1]);
        assert_eq!(executions, 10);
    }

    #[test]
    fn loom_alone_still_forgets_the_load() {
        // When this fails loom has been mended, and this file can go.
        assert_eq!(reads!(loom::sync::atomic::AtomicU8), (vec![0], 1));
    }
}
