//! Programs written by hand under `rc11`.

use cancelproof::engine::rc11::{Options, explore};
use cancelproof::executor::Controlled as C;
use cancelproof::exploration::{Bound, Exploration, Extent, FailureKind};

use crate::written::{self, Body, outcomes, set};

fn explored(body: Body) -> (Exploration, std::collections::BTreeSet<String>) {
    outcomes(body, |body| explore(&Options::default(), body))
}

#[track_caller]
fn assert_outcomes(body: Body, expected: &[&str]) {
    let (exploration, seen) = explored(body);
    assert_eq!((exploration.failure, exploration.extent), (None, Extent::Exhausted));
    assert_eq!(seen, set(expected));
}

#[track_caller]
fn assert_deadlock(body: Body) {
    let kind = explored(body).0.failure.expect("the deadlock is found").kind;
    assert!(matches!(kind, FailureKind::Deadlock { .. }), "{kind:?}");
}

#[test]
fn sequential_consistency_holds_through_spawns_and_joins() {
    assert_outcomes(written::store_buffering_through_a_spawn::<C>, &["01", "10", "11"]);
    assert_outcomes(written::store_buffering_through_a_join::<C>, &["01", "10", "11"]);
}

#[test]
fn a_weak_exchange_fails_spuriously_and_its_loop_ends() {
    assert_outcomes(written::single_weak_exchange::<C>, &["false", "true"]);
    assert_outcomes(written::retried_weak_exchange::<C>, &["2"]);
}

#[test]
fn whoever_waits_may_wake_up_without_a_cause() {
    assert_outcomes(written::wait_without_a_loop::<C>, &["false", "true"]);
    assert_outcomes(written::wait_in_a_loop::<C>, &["true"]);
    assert_outcomes(written::park_without_a_loop::<C>, &["0", "1"]);
    assert_outcomes(written::park_in_a_loop::<C>, &["1"]);
    assert_outcomes(written::order_of_two_waiters::<C>, &["12", "21"]);
}

#[test]
fn nobody_is_saved_by_waking_up_without_a_cause() {
    assert_deadlock(written::lost_wakeup::<C>);
    assert_deadlock(written::two_unparks_for_two_parks::<C>);
}

#[test]
fn too_many_threads_and_objects_are_a_limit_and_no_failure() {
    assert_outcomes(written::threads::<C, 15>, &["went on"]);
    let (exploration, seen) = explored(written::threads::<C, 16>);
    assert_eq!((exploration.failure, exploration.extent), (None, Extent::Bounded(Bound::Threads(16))));
    assert_eq!((exploration.executions, seen), (0, set(&[])));
    let (exploration, _) = explored(written::too_many_objects::<C>);
    assert_eq!((exploration.failure, exploration.extent), (None, Extent::Bounded(Bound::Objects(65_535))));
}
