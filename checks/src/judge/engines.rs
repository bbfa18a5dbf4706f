//! The engines by name, and what each of them can claim.

use std::fmt;
use std::str::FromStr;

use cancelproof_model::faults::Sight;
use serde::{Deserialize, Serialize};

use crate::engine::loom;
use crate::history::Order;
use crate::subject::Platform;

/// The versions of the engines that are not ours; a test holds them to what is locked.
const LOOM_VERSION: &str = "0.7.3";
const SHUTTLE_VERSION: &str = "0.9.9";

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

    /// The name on the command line and in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Engine::Loom => "loom",
            Engine::Shuttle => "shuttle",
            Engine::Dpor => "dpor",
            Engine::Rc11 => "rc11",
            Engine::ShuttleRandom => "shuttle-random",
            Engine::ShuttlePct => "shuttle-pct",
            Engine::ShuttleWalk => "shuttle-walk",
            Engine::Threads => "threads",
        }
    }

    /// What it explores, in a line.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Engine::Loom => "every execution of loom's weak memory model, up to five threads",
            Engine::Shuttle => "every schedule of a sequentially consistent machine, depth first",
            Engine::Dpor => {
                "one execution for each trace of a sequentially consistent machine; sees data races"
            }
            Engine::Rc11 => "every execution of the C11 memory model as repaired in RC11; sees data races",
            Engine::ShuttleRandom => "schedules drawn at random",
            Engine::ShuttlePct => "schedules with random priorities and two changes of priority",
            Engine::ShuttleWalk => "schedules drawn about uniformly",
            Engine::Threads => "whatever this machine does on real threads",
        }
    }

    /// The version of the code that explores.
    #[must_use]
    pub fn version(self) -> &'static str {
        match self.platform() {
            Platform::Loom => LOOM_VERSION,
            Platform::Shuttle => SHUTTLE_VERSION,
            Platform::Controlled | Platform::Std => env!("CARGO_PKG_VERSION"),
        }
    }

    /// The memory model whose executions it explores.
    #[must_use]
    pub fn memory_model(self) -> &'static str {
        match self {
            Engine::Loom => "loom's part of C11",
            Engine::Shuttle | Engine::ShuttleRandom | Engine::ShuttlePct | Engine::ShuttleWalk => {
                "sequential consistency"
            }
            Engine::Dpor => "sequential consistency, races by happens-before of C11",
            Engine::Rc11 => "RC11",
            Engine::Threads => "that of this machine",
        }
    }

    /// Whether it explores every execution when nothing stops it.
    #[must_use]
    pub fn is_exhaustive(self) -> bool {
        matches!(self, Engine::Loom | Engine::Shuttle | Engine::Dpor | Engine::Rc11)
    }

    /// Whether it is one of this suite's own exhaustive engines, by which the gate promises its proofs. The others are
    /// independent witnesses, whose searches may be too long to end.
    #[must_use]
    pub fn is_own(self) -> bool {
        matches!(self, Engine::Dpor | Engine::Rc11)
    }

    /// Whether two runs with the same settings explore the same executions.
    #[must_use]
    pub fn is_repeatable(self) -> bool {
        self != Engine::Threads
    }

    /// Whether it sees data races.
    #[must_use]
    pub fn sees_happens_before(self) -> bool {
        matches!(self, Engine::Loom | Engine::Dpor | Engine::Rc11)
    }

    /// Whether it claims to find every fault that takes this much to see.
    #[must_use]
    pub fn claims(self, needs: Sight) -> bool {
        match needs {
            Sight::Order => self != Engine::Threads,
            Sight::HappensBefore => self.sees_happens_before(),
            Sight::WeakMemory => matches!(self, Engine::Loom | Engine::Rc11),
            Sight::RealTime => self != Engine::Threads && self.order() == Order::RealTime,
        }
    }

    /// What a request must run on.
    #[must_use]
    pub fn platform(self) -> Platform {
        match self {
            Engine::Loom => Platform::Loom,
            Engine::Shuttle | Engine::ShuttleRandom | Engine::ShuttlePct | Engine::ShuttleWalk => {
                Platform::Shuttle
            }
            Engine::Dpor | Engine::Rc11 => Platform::Controlled,
            Engine::Threads => Platform::Std,
        }
    }

    /// What the order of a history means under it.
    #[must_use]
    pub fn order(self) -> Order {
        match self {
            Engine::Loom | Engine::Rc11 => Order::WithinThreads,
            _ => Order::RealTime,
        }
    }

    /// The most threads that it runs, if it has a limit of its own.
    #[must_use]
    pub fn threads_max(self) -> Option<usize> {
        (self == Engine::Loom).then_some(loom::THREADS_MAX)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_versions_are_those_that_are_built() {
        let lock = include_str!("../../../Cargo.lock");
        for (name, version) in [("loom", LOOM_VERSION), ("shuttle", SHUTTLE_VERSION)] {
            assert!(lock.contains(&format!("name = \"{name}\"\nversion = \"{version}\"")), "{name}");
        }
    }
}
