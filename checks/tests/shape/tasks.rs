//! Futures and wakers: who looks before it registers is not woken, and the engines say so.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

use cancelproof::Model;
use cancelproof::cell::UnsafeCell;
use cancelproof::exploration::FailureKind;
use cancelproof::sync::atomic::{AtomicBool, AtomicU8};
use cancelproof::sync::{Arc, Mutex};
use cancelproof::task::{AtomicWaker, Context, Executor, Poll, Waker, block_on};
use cancelproof::thread;

use crate::explored::{by_dpor, by_rc11};

/// A value that comes once.
#[derive(Default)]
struct Promise {
    is_kept: AtomicBool,
    waker: AtomicWaker,
}

impl Promise {
    fn keep(&self) {
        self.is_kept.store(true, Release);
        self.waker.wake();
    }

    fn poll(&self, context: &Context<'_>, registers_first: bool) -> Poll<()> {
        if registers_first {
            self.waker.register(context.waker());
        }
        if self.is_kept.load(Acquire) {
            return Poll::Ready(());
        }
        if !registers_first {
            self.waker.register(context.waker());
        }
        Poll::Pending
    }
}

fn promised(registers_first: bool) -> impl Fn() + Clone + Send + Sync + 'static {
    move || {
        let promise = Arc::new(Promise::default());
        let other = Arc::clone(&promise);
        let child = thread::spawn(move || other.keep());
        block_on(poll_fn(|context| promise.poll(context, registers_first)));
        child.join().unwrap();
    }
}

#[test]
fn whoever_registers_before_it_looks_is_woken() {
    for explored in [by_dpor(promised(true)), by_rc11(promised(true))] {
        assert_eq!(explored.failure(), None);
    }
}

#[test]
fn whoever_looks_first_is_not_and_no_wake_came() {
    for explored in [by_dpor(promised(false)), by_rc11(promised(false))] {
        let failure = explored.failure();
        let Some(FailureKind::Deadlock { blocked }) = failure else { panic!("{failure:?}") };
        assert!(blocked[0].ends_with("and no wake came") && blocked[0].contains("tasks.rs"), "{blocked:?}");
    }
    let failed = Model::named("promise").explore(promised(false)).unwrap_err().to_string();
    assert!(failed.contains("no-lost-wake is broken"), "{failed}");
}

/// The waker before is replaced while somebody takes it: without the state that [`AtomicWaker`] keeps, that is a race.
#[test]
fn a_waker_that_is_replaced_while_it_is_taken_is_a_race() {
    struct Bare(UnsafeCell<Option<Waker>>);
    // SAFETY: none is given, on purpose: it is the race that the engines are to find.
    unsafe impl Sync for Bare {}
    let body = || {
        let bare = Arc::new(Bare(UnsafeCell::new(None)));
        let other = Arc::clone(&bare);
        let child = thread::spawn(move || {
            // SAFETY: the engine judges every access before it is made.
            other.0.with_mut(|place| unsafe { drop((*place).take()) });
        });
        block_on(poll_fn(|context| {
            let waker = context.waker().clone();
            assert!(waker.will_wake(context.waker()));
            // SAFETY: as above.
            bare.0.with_mut(|place| unsafe { *place = Some(waker) });
            Poll::Ready(())
        }));
        child.join().unwrap();
    };
    for explored in [by_dpor(body), by_rc11(body)] {
        assert!(matches!(explored.failure(), Some(FailureKind::DataRace { .. })), "{explored:?}");
    }
}

/// Polls as often as it is told to, and wakes itself.
struct Turns(u8);

impl Future for Turns {
    type Output = u8;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u8> {
        if self.0 == 0 {
            return Poll::Ready(7);
        }
        self.0 -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

#[test]
fn an_executor_runs_what_is_woken() {
    let body = || {
        let executor = Executor::new();
        let turns = executor.spawn(Turns(1));
        let joined = executor.spawn(turns);
        let other = executor.clone();
        let child = thread::spawn(move || other.run());
        executor.run();
        child.join().unwrap();
        assert_eq!(block_on(joined), Ok(Ok(7)));
    };
    assert_eq!(by_dpor(body).failure(), None);
}

#[test]
fn an_executor_whose_future_nobody_wakes_waits_for_ever() {
    let body = || {
        let executor = Executor::new();
        drop(executor.spawn(poll_fn(|_| Poll::<()>::Pending)));
        executor.run();
    };
    for explored in [by_dpor(body), by_rc11(body)] {
        let failure = explored.failure();
        let Some(FailureKind::Deadlock { blocked }) = failure else { panic!("{failure:?}") };
        assert!(blocked[0].ends_with("and no wake came"), "{blocked:?}");
    }
}

/// A future that is aborted while its operation completes: who has the buffer then is settled by one exchange, or not at all.
fn aborted(settles: bool) -> impl Fn() -> bool + Clone + Send + Sync + 'static {
    struct Operation {
        is_over: AtomicU8,
        buffer: Mutex<Vec<u8>>,
    }
    struct Guard(Arc<Operation>, bool);
    impl Drop for Guard {
        fn drop(&mut self) {
            let is_first = if self.1 {
                self.0.is_over.compare_exchange(0, 1, AcqRel, Acquire).is_ok()
            } else {
                self.0.is_over.load(Relaxed) == 0
            };
            if is_first {
                self.0.buffer.lock().unwrap().push(1);
            }
        }
    }
    move || {
        let operation = Arc::new(Operation { is_over: AtomicU8::new(0), buffer: Mutex::new(Vec::new()) });
        let guard = Guard(Arc::clone(&operation), settles);
        let executor = Executor::new();
        let handle = executor.spawn(async move {
            let _guard = guard;
            std::future::pending::<()>().await;
        });
        let completer = Arc::clone(&operation);
        let child = thread::spawn(move || {
            if completer.is_over.compare_exchange(0, 2, AcqRel, Acquire).is_ok() {
                completer.buffer.lock().unwrap().push(2);
            }
        });
        handle.abort();
        executor.run();
        child.join().unwrap();
        let buffer = operation.buffer.lock().unwrap();
        assert_eq!(buffer.len(), 1, "the buffer was given back {} times", buffer.len());
        buffer[0] == 1
    }
}

#[test]
fn an_abort_races_a_completion() {
    for explored in [by_dpor(aborted(true)), by_rc11(aborted(true))] {
        assert_eq!(explored.failure(), None);
        assert_eq!(explored.outcomes, [false, true].into());
    }
    for explored in [by_dpor(aborted(false)), by_rc11(aborted(false))] {
        assert!(matches!(explored.failure(), Some(FailureKind::Panic { .. })), "{explored:?}");
    }
}
