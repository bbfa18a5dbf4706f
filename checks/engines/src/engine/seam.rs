//! The seam at which an engine is added: what it claims, and how it explores.
//!
//! Every engine of this crate is behind it as well ([`Dpor`], [`Rc11`], and with their features [`Loom`] and
//! [`Shuttle`]), so whatever takes an [`Engine`] takes one that it has never heard of.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::claims::{self, Claims};
#[cfg(feature = "shuttle")]
use super::shuttle::Strategy;
use super::{dpor, rc11};
use crate::exploration::Exploration;

/// What an engine runs again and again: one execution of the code under test, on the platform that the engine claims.
/// It panics where the execution is wrong.
pub type Body = Arc<dyn Fn() + Send + Sync>;

/// The depth of the bugs that PCT has a guaranteed chance to hit.
pub const PCT_DEPTH: usize = 3;

/// How far to go, and from which seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// What every draw follows from.
    pub seed: u64,
    /// Executions of a sampling engine.
    pub samples: u64,
    /// Executions after which an exhaustive engine gives up.
    pub executions: Option<u64>,
    /// Time after which any engine gives up.
    pub time: Option<Duration>,
    /// Preemptions beyond which [`Dpor`] does not look. Other engines have no such bound.
    pub preemptions: Option<u32>,
}

impl Default for Budget {
    fn default() -> Self {
        Budget { seed: 1, samples: 2_000, executions: None, time: None, preemptions: None }
    }
}

/// A way of choosing the executions of a body.
///
/// # Example
///
/// An engine of one's own, which runs the body once on real threads:
///
/// ```
/// use cancelproof_engines::engine::claims::{Claims, THREADS};
/// use cancelproof_engines::engine::{Body, Budget, Engine};
/// use cancelproof_engines::exploration::{Exploration, Extent};
///
/// #[derive(Debug)]
/// struct Once;
///
/// impl Engine for Once {
///     fn claims(&self) -> Claims {
///         Claims { name: "once", about: "one execution on real threads", ..THREADS }
///     }
///
///     fn explore(&self, _: &Budget, body: Body) -> Exploration {
///         body();
///         Exploration { executions: 1, abandoned: 0, extent: Extent::Sampled, failure: None }
///     }
/// }
///
/// let explored = Once.explore(&Budget::default(), std::sync::Arc::new(|| {}));
/// assert_eq!(explored.executions, 1);
/// ```
pub trait Engine: fmt::Debug + Send + Sync {
    /// What it claims, and what it does not look at.
    fn claims(&self) -> Claims;

    /// Runs `body` in as many executions as it claims to, within `budget`. A panic of the body is the failure that is
    /// returned, and no panic of this call.
    fn explore(&self, budget: &Budget, body: Body) -> Exploration;
}

/// The engine [`dpor`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dpor;

/// The engine [`rc11`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rc11;

/// The engine [`loom`](super::loom).
#[cfg(feature = "loom")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loom;

/// The engine [`shuttle`](super::shuttle), in one of its ways of choosing schedules.
#[cfg(feature = "shuttle")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shuttle {
    /// Every schedule, depth first.
    #[default]
    DepthFirst,
    /// Random schedules.
    Random,
    /// Probabilistic concurrency testing.
    Pct,
    /// A uniform random walk.
    Walk,
}

/// The engine [`threads`](super::threads).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Threads;

impl Engine for Dpor {
    fn claims(&self) -> Claims {
        claims::DPOR
    }

    fn explore(&self, budget: &Budget, body: Body) -> Exploration {
        let options = dpor::Options {
            executions: budget.executions,
            time: budget.time,
            preemptions: budget.preemptions.map_or(dpor::Preemptions::Unbounded, dpor::Preemptions::UpTo),
            ..dpor::Options::default()
        };
        dpor::explore(&options, move || body())
    }
}

impl Engine for Rc11 {
    fn claims(&self) -> Claims {
        claims::RC11
    }

    fn explore(&self, budget: &Budget, body: Body) -> Exploration {
        let Budget { executions, time, .. } = *budget;
        rc11::explore(&rc11::Options { executions, time, ..rc11::Options::default() }, move || body())
    }
}

#[cfg(feature = "loom")]
impl Engine for Loom {
    fn claims(&self) -> Claims {
        claims::LOOM
    }

    fn explore(&self, budget: &Budget, body: Body) -> Exploration {
        let Budget { executions, time, .. } = *budget;
        super::loom::explore(super::loom::Options { executions, time }, move || body())
    }
}

#[cfg(feature = "shuttle")]
impl Engine for Shuttle {
    fn claims(&self) -> Claims {
        match self {
            Shuttle::DepthFirst => claims::SHUTTLE,
            Shuttle::Random => claims::SHUTTLE_RANDOM,
            Shuttle::Pct => claims::SHUTTLE_PCT,
            Shuttle::Walk => claims::SHUTTLE_WALK,
        }
    }

    fn explore(&self, budget: &Budget, body: Body) -> Exploration {
        let Budget { seed, samples, executions, time, .. } = *budget;
        let strategy = match self {
            Shuttle::DepthFirst => Strategy::DepthFirst,
            Shuttle::Random => Strategy::Random { seed, samples },
            Shuttle::Pct => Strategy::Pct { seed, samples, depth: PCT_DEPTH },
            Shuttle::Walk => Strategy::RandomWalk { seed, samples },
        };
        super::shuttle::explore(strategy, super::shuttle::Options { executions, time }, move || body())
    }
}

impl Engine for Threads {
    fn claims(&self) -> Claims {
        claims::THREADS
    }

    fn explore(&self, budget: &Budget, body: Body) -> Exploration {
        let options = super::threads::Options { executions: budget.samples, time: budget.time };
        super::threads::explore(options, move || body())
    }
}
