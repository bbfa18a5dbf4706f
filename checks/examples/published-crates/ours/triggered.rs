//! A trigger wakes whoever listens, in every way of listening.

use std::time::Duration;

use cancelproof::task::block_on;
use cancelproof::thread;

#[test]
fn a_thread_that_waits_is_woken() {
    cancelproof::model(|| {
        let (trigger, listener) = triggered::trigger();
        let child = thread::spawn(move || trigger.trigger());
        listener.wait();
        child.join().unwrap();
    });
}

#[test]
fn a_wait_with_a_time_says_whether_it_was_triggered() {
    cancelproof::model(|| {
        let (trigger, listener) = triggered::trigger();
        let child = thread::spawn(move || trigger.trigger());
        let triggered = listener.wait_timeout(Duration::from_millis(1));
        assert!(!triggered || listener.is_triggered());
        child.join().unwrap();
        assert!(listener.is_triggered());
    });
}

#[test]
fn a_future_that_waits_is_woken() {
    cancelproof::model(|| {
        let (trigger, listener) = triggered::trigger();
        let child = thread::spawn(move || trigger.trigger());
        block_on(listener);
        child.join().unwrap();
    });
}
