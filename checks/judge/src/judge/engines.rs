//! The engines by name. What each of them claims is its record in [`claims`].

use std::fmt;
use std::str::FromStr;

use cancelproof_references::faults::Sight;
use serde::{Deserialize, Serialize};

use crate::engine::claims::{self, Claims, Matter};
use crate::exploration::Order;
use crate::platform::Platform;

/// An engine with a way of choosing schedules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Engine {
    /// loom: every execution of its weak memory model.
    Loom,
    /// shuttle: every schedule, depth first.
    Shuttle,
    /// Ours: every trace of a sequentially consistent machine, races by happens-before.
    Dpor,
    /// Ours: every execution of the RC11 memory model.
    Rc11,
    /// shuttle: random schedules.
    ShuttleRandom,
    /// shuttle: probabilistic concurrency testing.
    ShuttlePct,
    /// shuttle: a uniform random walk.
    ShuttleWalk,
    /// Real threads.
    Threads,
}

/// A name that is no engine's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown engine {name:?}; engines are {}", Engine::names())]
pub struct UnknownEngine {
    name: String,
}

impl Engine {
    /// Every engine, the exhaustive ones first.
    pub const ALL: [Engine; 8] = [
        Engine::Loom,
        Engine::Shuttle,
        Engine::Dpor,
        Engine::Rc11,
        Engine::ShuttleRandom,
        Engine::ShuttlePct,
        Engine::ShuttleWalk,
        Engine::Threads,
    ];

    /// What it claims, and what it does not look at. Everything that is said of an engine is read from here.
    #[must_use]
    pub fn record(self) -> &'static Claims {
        match self {
            Engine::Loom => &claims::LOOM,
            Engine::Shuttle => &claims::SHUTTLE,
            Engine::Dpor => &claims::DPOR,
            Engine::Rc11 => &claims::RC11,
            Engine::ShuttleRandom => &claims::SHUTTLE_RANDOM,
            Engine::ShuttlePct => &claims::SHUTTLE_PCT,
            Engine::ShuttleWalk => &claims::SHUTTLE_WALK,
            Engine::Threads => &claims::THREADS,
        }
    }

    /// See [`Claims::name`].
    #[must_use]
    pub fn name(self) -> &'static str {
        self.record().name
    }

    /// See [`Claims::about`].
    #[must_use]
    pub fn about(self) -> &'static str {
        self.record().about
    }

    /// See [`Claims::version`].
    #[must_use]
    pub fn version(self) -> &'static str {
        self.record().version
    }

    /// See [`Claims::memory_model`].
    #[must_use]
    pub fn memory_model(self) -> &'static str {
        self.record().memory_model
    }

    /// See [`Claims::is_exhaustive`].
    #[must_use]
    pub fn is_exhaustive(self) -> bool {
        self.record().is_exhaustive
    }

    /// See [`Claims::is_own`].
    #[must_use]
    pub fn is_own(self) -> bool {
        self.record().is_own
    }

    /// See [`Claims::is_repeatable`].
    #[must_use]
    pub fn is_repeatable(self) -> bool {
        self.record().is_repeatable
    }

    /// Whether it sees data races.
    #[must_use]
    pub fn sees_happens_before(self) -> bool {
        self.record().looks_at(Matter::DataRaces)
    }

    /// Whether it claims to find every fault that takes this much to see.
    #[must_use]
    pub fn claims(self, needs: Sight) -> bool {
        let record = self.record();
        record.is_repeatable
            && match needs {
                Sight::Order => true,
                Sight::HappensBefore => record.looks_at(Matter::DataRaces),
                // An engine that misses a few weak outcomes still has the others, and claims the faults that they show.
                Sight::WeakMemory => record.limit(Matter::WeakMemory).is_none_or(|limit| limit.is_partial),
                Sight::RealTime => record.order == Order::RealTime,
                Sight::Endlessness => record.looks_at(Matter::EndlessExecutions),
            }
    }

    /// See [`Claims::platform`].
    #[must_use]
    pub fn platform(self) -> Platform {
        self.record().platform
    }

    /// See [`Claims::order`].
    #[must_use]
    pub fn order(self) -> Order {
        self.record().order
    }

    /// See [`Claims::threads_max`].
    #[must_use]
    pub fn threads_max(self) -> Option<usize> {
        self.record().threads_max
    }

    fn names() -> String {
        Engine::ALL.map(Engine::name).join(", ")
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Engine {
    type Err = UnknownEngine;

    fn from_str(name: &str) -> Result<Self, UnknownEngine> {
        Engine::ALL
            .into_iter()
            .find(|engine| engine.name() == name)
            .ok_or_else(|| UnknownEngine { name: name.to_owned() })
    }
}
