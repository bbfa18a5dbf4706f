//! A wake that comes while the waker is registered, with a flag that orders nothing.

use std::future::poll_fn;
use std::sync::atomic::Ordering::Relaxed;

use atomic_waker::AtomicWaker;
use cancelproof::sync::Arc;
use cancelproof::sync::atomic::AtomicBool;
use cancelproof::task::{Poll, block_on};
use cancelproof::thread;

#[test]
fn a_wake_is_not_lost() {
    cancelproof::model(|| {
        let shared = Arc::new((AtomicWaker::new(), AtomicBool::new(false)));
        let other = Arc::clone(&shared);
        let child = thread::spawn(move || {
            other.1.store(true, Relaxed);
            other.0.wake();
        });
        block_on(poll_fn(|context| {
            shared.0.register(context.waker());
            if shared.1.load(Relaxed) { Poll::Ready(()) } else { Poll::Pending }
        }));
        child.join().unwrap();
    });
}

#[test]
fn who_looks_before_it_registers_is_not_woken() {
    let failed = cancelproof::Model::new().explore(|| {
        let shared = Arc::new((AtomicWaker::new(), AtomicBool::new(false)));
        let other = Arc::clone(&shared);
        let child = thread::spawn(move || {
            other.1.store(true, Relaxed);
            other.0.wake();
        });
        block_on(poll_fn(|context| {
            if shared.1.load(Relaxed) {
                return Poll::Ready(());
            }
            shared.0.register(context.waker());
            Poll::Pending
        }));
        child.join().unwrap();
    });
    assert!(failed.expect_err("a wake is lost").to_string().contains("no wake came"));
}
