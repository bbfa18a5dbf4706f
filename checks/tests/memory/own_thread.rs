//! Objects that come to an execution, or to an operating-system thread, that they do not belong to: refused in words,
//! before anything is reached.

use std::sync::{Arc, Mutex as StdMutex, OnceLock, PoisonError};

use cancelproof::engine::dpor;
use cancelproof::executor::Controlled;
use cancelproof::exploration::FailureKind;
use cancelproof_model::runtime::{Atomic, Condvar, JoinHandle, Mutex, Runtime, Thread};

type Lock = <Controlled as Runtime>::Mutex<Vec<u64>>;

const REFUSED: &str = "an object of one execution was used in another: create every object inside the body";

/// The message of the panic that the body fails with.
fn panic_of(body: impl Fn() + Send + Sync + 'static) -> String {
    match dpor::explore(&dpor::Options::default(), body).failure.map(|failure| failure.kind) {
        Some(FailureKind::Panic { message }) => message,
        other => panic!("expected a panic, and not {other:?}"),
    }
}

/// A lock in a static: the thread that comes second has an executor of its own, in which the lock's number is that of
/// another lock.
#[test]
fn lock_of_another_executor_is_refused() {
    static SHARED: OnceLock<Lock> = OnceLock::new();
    let body = || {
        let own = Lock::new(Vec::new());
        let shared = SHARED.get_or_init(|| own);
        shared.lock().push(1);
    };
    // The first executor makes the lock, and that goes well.
    let once = move || {
        let course = dpor::Course::Roughly(Vec::new());
        let mut follower = dpor::Follower::new(&course, &[]);
        dpor::run_once(&mut follower, body);
        follower.arrival().clone()
    };
    assert_eq!(std::thread::spawn(once).join().unwrap(), dpor::Arrival::Complete);
    for _ in 0..2 {
        let refused = std::thread::spawn(move || panic_of(body)).join().unwrap();
        assert_eq!(refused, REFUSED);
    }
}

/// Everything that names an object or a task of an execution, kept until the next.
#[test]
fn handles_of_an_earlier_execution_are_refused() {
    type Kept = Box<dyn FnOnce() + Send>;
    fn refused(keep: impl Fn() -> Kept + Send + Sync + 'static) {
        let kept: StdMutex<Option<Kept>> = StdMutex::new(Some(Box::new(|| ())));
        let store = StdMutex::new(None);
        let _ = dpor::explore(&dpor::Options::default(), {
            let store = Arc::new(store);
            let first = Arc::new(kept);
            move || {
                let earlier = store.lock().unwrap_or_else(PoisonError::into_inner).take();
                if let Some(earlier) = earlier {
                    let refusal: Box<dyn FnOnce() + Send> = earlier;
                    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(refusal));
                    let payload = result.expect_err("a handle of an earlier execution was accepted");
                    assert_eq!(payload.downcast_ref::<&str>(), Some(&REFUSED));
                    first.lock().unwrap_or_else(PoisonError::into_inner).take();
                }
                *store.lock().unwrap_or_else(PoisonError::into_inner) = Some(keep());
                // Two executions at least.
                let word = Arc::new(<Controlled as Runtime>::AtomicU8::new(0));
                let other = Arc::clone(&word);
                let child = Controlled::spawn(move || other.store(1, core::sync::atomic::Ordering::Release));
                word.store(2, core::sync::atomic::Ordering::Release);
                child.join();
            }
        })
        .failure
        .map(|failure| panic!("{:?}", failure.kind));
    }
    refused(|| {
        let word = <Controlled as Runtime>::AtomicU8::new(0);
        Box::new(move || {
            let _ = word.load(core::sync::atomic::Ordering::Acquire);
        })
    });
    refused(|| {
        let lock = Lock::new(Vec::new());
        Box::new(move || drop(lock.lock()))
    });
    refused(|| {
        let condvar = <Controlled as Runtime>::Condvar::new();
        Box::new(move || condvar.notify_all())
    });
    refused(|| {
        let thread = Controlled::current();
        Box::new(move || thread.unpark())
    });
}
