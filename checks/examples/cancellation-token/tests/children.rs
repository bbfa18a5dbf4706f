//! Tokens with a parent, guards, and futures that run until there is a cancel: programs of their own, under dpor and rc11. What
//! a request cannot say is said by assertions.

use std::future::pending;

use cancelproof::exploration::FailureKind;
use cancelproof::task::block_on;
use cancelproof::thread;
use cancelproof::Model;

mod own;

use own::CancellationToken;

fn cancel(token: &CancellationToken) -> thread::JoinHandle<()> {
    let token = token.clone();
    thread::spawn(move || token.cancel())
}

#[test]
fn whoever_waits_for_a_child_is_woken_by_the_cancel_of_its_parent() {
    Model::new().check(|| {
        let parent = CancellationToken::new();
        let canceler = cancel(&parent);
        let child = parent.child_token();
        block_on(child.cancelled());
        assert!(parent.is_cancelled() && child.is_cancelled());
        canceler.join().unwrap();
    });
}

#[test]
fn the_cancel_of_a_child_is_its_own() {
    Model::new().check(|| {
        let parent = CancellationToken::new();
        let (child, sibling) = (parent.child_token(), parent.child_token());
        let canceler = cancel(&child);
        assert!(!parent.is_cancelled() && !sibling.is_cancelled());
        canceler.join().unwrap();
        assert!(child.is_cancelled() && !parent.is_cancelled() && !sibling.is_cancelled());
    });
}

/// The last handle of a child goes while its parent is canceled: it asks whether the lock of the parent is free.
#[test]
fn a_child_goes_while_its_parent_is_canceled() {
    Model::new().check(|| {
        let parent = CancellationToken::new();
        let child = parent.child_token();
        let grandchild = child.child_token();
        let canceler = cancel(&parent);
        drop(child);
        canceler.join().unwrap();
        assert!(grandchild.is_cancelled(), "the cancel does not reach over the child that is gone");
    });
}

#[test]
fn a_guard_cancels_when_it_goes() {
    Model::new().check(|| {
        let token = CancellationToken::new();
        let guard = token.clone().drop_guard();
        let other = thread::spawn(move || drop(guard));
        block_on(token.cancelled());
        other.join().unwrap();
    });
}

#[test]
fn a_future_runs_until_there_is_a_cancel() {
    Model::new().check(|| {
        let parent = CancellationToken::new();
        let canceler = cancel(&parent);
        let token = parent.child_token();
        assert_eq!(block_on(token.run_until_cancelled(pending::<()>())), None);
        canceler.join().unwrap();
    });
}

/// The twin that asks before it registers is not woken, and nobody is left to do it.
#[test]
fn the_broken_twin_waits_for_ever() {
    let failed = Model::new().explore(|| {
        let token = own::broken::CancellationToken::new();
        let other = token.clone();
        let canceler = thread::spawn(move || other.cancel());
        block_on(token.cancelled_owned());
        canceler.join().unwrap();
    });
    let failed = failed.expect_err("a cancel is lost in between");
    assert!(matches!(failed.kind, FailureKind::Deadlock { .. }), "{failed}");
    assert!(failed.to_string().contains("no wake came"), "{failed}");
}
