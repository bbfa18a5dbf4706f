//! Waiting for a thread of loom to end, without an operation.
//!
//! loom's own join is an operation on an object, and so is the end of a thread: loom takes the two for racing and tries every
//! other thread before each end, although what is left of both threads commutes with everything. Here the two hand over by
//! parking and unparking, which orders their memory as a join does and is no operation. Whoever comes first waits for the
//! other, and nobody is unparked who does not wait here, so that no token is left behind for a `park` of the program.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use loom::thread::{self, Thread};

use crate::locals;
use crate::platform::{Loom, Outcome, handed_over, outcome_of};

/// How a thread ends that nobody has joined yet.
#[derive(Debug)]
struct Ending<T> {
    result: Option<Outcome<T>>,
    /// The thread itself, once it has ended and waits for whoever joins it.
    ended: Option<Thread>,
    joiner: Option<Thread>,
    /// Whether nobody will ever join it.
    is_detached: bool,
    /// Whether the result may be taken.
    is_handed_over: bool,
}

#[derive(Debug)]
struct Shared<T>(Mutex<Ending<T>>);

/// An owned permission to wait until a thread has ended.
#[derive(Debug)]
pub struct JoinHandle<T>(Arc<Shared<T>>);

/// Starts a thread.
#[track_caller]
pub(in crate::platform) fn spawn<T: Send + 'static>(
    body: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    let shared = Arc::new(Shared(Mutex::new(Ending {
        result: None,
        ended: None,
        joiner: None,
        is_detached: false,
        is_handed_over: false,
    })));
    let of_thread = Arc::clone(&shared);
    thread::spawn(move || {
        Loom::came_back();
        let result = locals::to_the_end(|| outcome_of(body));
        of_thread.hand_over(result);
    });
    Loom::came_back();
    JoinHandle(shared)
}

impl<T> Shared<T> {
    /// Ends the calling thread with `result`.
    fn hand_over(&self, result: Outcome<T>) {
        {
            let mut ending = self.lock();
            ending.result = Some(result);
            ending.ended = Some(thread::current());
        }
        while !self.has_handed_over() {
            thread::park();
        }
    }

    /// Hands over to whoever joins the thread, if anybody does or ever will. Returns whether nothing is left to do.
    fn has_handed_over(&self) -> bool {
        let mut ending = self.lock();
        if ending.is_detached {
            return true;
        }
        let Some(joiner) = ending.joiner.take() else { return false };
        ending.is_handed_over = true;
        drop(ending);
        joiner.unpark();
        true
    }

    fn take_result(&self) -> Option<Outcome<T>> {
        let mut ending = self.lock();
        if ending.is_handed_over { ending.result.take() } else { None }
    }

    fn lock(&self) -> MutexGuard<'_, Ending<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> cancelproof_runtime::JoinHandle<T> for JoinHandle<T> {
    fn join(self) -> T {
        let ended = {
            let mut ending = self.0.lock();
            ending.joiner = Some(thread::current());
            ending.ended.clone()
        };
        if let Some(ended) = ended {
            ended.unpark();
        }
        loop {
            if let Some(result) = self.0.take_result() {
                Loom::came_back();
                return handed_over(result);
            }
            thread::park();
        }
    }
}

impl<T> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        let ended = {
            let mut ending = self.0.lock();
            ending.is_detached = true;
            ending.ended.take().filter(|_| !ending.is_handed_over)
        };
        // While loom unwinds there may be no execution to speak of.
        if let Some(ended) = ended.filter(|_| !std::thread::panicking()) {
            ended.unpark();
            Loom::came_back();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::Ordering::Relaxed;

    use cancelproof_runtime::{Atomic, JoinHandle as _, Runtime, UnsafeCell};

    use crate::engine::loom::{Options, explore};
    use crate::exploration::{Exploration, Extent, FailureKind};
    use crate::platform::Loom;

    struct Shared(<Loom as Runtime>::UnsafeCell<u8>);
    // SAFETY: loom stops the execution before two accesses overlap.
    unsafe impl Sync for Shared {}
    // SAFETY: as above.
    unsafe impl Send for Shared {}

    /// A thread writes to a cell, and main reads it after or without waiting for the thread.
    fn write_and_read(is_joined: bool) -> Exploration {
        explore(Options::default(), move || {
            let shared = Arc::new(Shared(UnsafeCell::new(0)));
            let writer = Loom::spawn({
                let shared = Arc::clone(&shared);
                move || shared.0.with_mut(|_| ())
            });
            if is_joined {
                writer.join();
            }
            shared.0.with(|_| ());
        })
    }

    #[test]
    fn what_a_thread_did_is_seen_once_it_is_joined_and_races_while_it_is_not() {
        assert_eq!(write_and_read(true).extent, Extent::Exhausted);
        let race = write_and_read(false).failure.map(|failure| failure.kind);
        assert!(matches!(race, Some(FailureKind::DataRace { .. })), "{race:?}");
    }

    #[test]
    fn a_thread_that_nobody_joins_ends_and_one_that_is_blocked_is_a_deadlock() {
        let exploration = explore(Options::default(), || drop(Loom::spawn(|| 1)));
        assert_eq!(exploration.extent, Extent::Exhausted);
        let deadlock = explore(Options::default(), || Loom::spawn(Loom::park).join());
        assert!(matches!(deadlock.failure.map(|failure| failure.kind), Some(FailureKind::Deadlock { .. })));
    }

    #[test]
    fn ends_of_threads_cost_fewer_executions_than_those_of_loom_itself() {
        type Word = <Loom as Runtime>::AtomicU8;
        let ours = explore(Options::default(), || {
            let word = Arc::new(<Word as Atomic<u8>>::new(0));
            let add = |word: Arc<Word>| Loom::spawn(move || word.fetch_add(1, Relaxed));
            let handles = [add(Arc::clone(&word)), add(word)];
            assert_eq!(handles.map(cancelproof_runtime::JoinHandle::join).iter().sum::<u8>(), 1);
        });
        let theirs = explore(Options::default(), || {
            let word = Arc::new(<Word as Atomic<u8>>::new(0));
            let add = |word: Arc<Word>| loom::thread::spawn(move || word.fetch_add(1, Relaxed));
            let handles = [add(Arc::clone(&word)), add(word)];
            let sum: u8 = handles.map(|handle| handle.join().expect("nobody panics")).iter().sum();
            assert_eq!(sum, 1);
        });
        assert_eq!((ours.extent, theirs.extent), (Extent::Exhausted, Extent::Exhausted));
        assert!(ours.executions < theirs.executions, "{} and {}", ours.executions, theirs.executions);
    }
}
