//! A future that somebody aborts while it is polled or waits.

use std::future::{pending, ready};

use cancelproof::task::block_on;
use cancelproof::thread;
use futures_util::future::{AbortHandle, Abortable, Aborted};

#[test]
fn an_abort_ends_a_future_that_waits() {
    cancelproof::model(|| {
        let (handle, registration) = AbortHandle::new_pair();
        let aborting = thread::spawn(move || handle.abort());
        assert_eq!(block_on(Abortable::new(pending::<()>(), registration)), Err(Aborted));
        aborting.join().unwrap();
    });
}

#[test]
fn a_future_that_is_ready_is_aborted_or_done() {
    cancelproof::model(|| {
        let (handle, registration) = AbortHandle::new_pair();
        let aborting = thread::spawn(move || handle.abort());
        let ended = block_on(Abortable::new(ready(7), registration));
        assert!(matches!(ended, Ok(7) | Err(Aborted)));
        aborting.join().unwrap();
    });
}
