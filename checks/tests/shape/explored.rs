//! A body under both own engines, with everything that came of it.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use cancelproof::engine::{dpor, rc11};
use cancelproof::exploration::{Exploration, Extent, FailureKind};

/// What came of a body.
#[derive(Debug)]
pub(crate) struct Explored<O> {
    pub(crate) outcomes: BTreeSet<O>,
    pub(crate) exploration: Exploration,
}

impl<O: Debug> Explored<O> {
    /// The failure, if there is one; it must have been exhausted otherwise.
    pub(crate) fn failure(&self) -> Option<&FailureKind> {
        let failure = self.exploration.failure.as_ref().map(|failure| &failure.kind);
        assert!(failure.is_some() || self.exploration.extent == Extent::Exhausted, "{self:?}");
        failure
    }
}

fn explored<O: Ord + Send + 'static>(
    body: impl Fn() -> O + Send + Sync + 'static,
    explore: impl FnOnce(Box<dyn Fn() + Send + Sync>) -> Exploration,
) -> Explored<O> {
    let outcomes = Arc::new(Mutex::new(BTreeSet::new()));
    let kept = Arc::clone(&outcomes);
    let exploration = explore(Box::new(move || {
        let outcome = body();
        kept.lock().unwrap().insert(outcome);
    }));
    let outcomes = std::mem::take(&mut *outcomes.lock().unwrap());
    Explored { outcomes, exploration }
}

/// Under `dpor`, reduced.
pub(crate) fn by_dpor<O: Ord + Send + 'static>(body: impl Fn() -> O + Send + Sync + 'static) -> Explored<O> {
    explored(body, |body| dpor::explore(&dpor::Options::default(), body))
}

/// Under `dpor`, without any reduction.
pub(crate) fn by_every_order<O: Ord + Send + 'static>(
    body: impl Fn() -> O + Send + Sync + 'static,
) -> Explored<O> {
    let preemptions = dpor::Preemptions::UpTo(1_000);
    explored(body, |body| dpor::explore(&dpor::Options { preemptions, ..dpor::Options::default() }, body))
}

/// Under `rc11`.
pub(crate) fn by_rc11<O: Ord + Send + 'static>(body: impl Fn() -> O + Send + Sync + 'static) -> Explored<O> {
    explored(body, |body| rc11::explore(&rc11::Options::default(), body))
}
