//! What each engine claims, and what it does not look at: one record an engine.
//!
//! Every verdict, badge and page is written from these records, the tables of the README and of ARCHITECTURE too. An
//! engine that learns to look at something has its line among its [`Claims::limits`] taken out or reworded, and
//! nothing else is edited.

use std::fmt;

use crate::exploration::Order;
use crate::platform::{LOOM_THREADS_MAX, Platform};

mod limits;
mod page;

pub use page::{engines_table, not_looked_at_table};

/// Everything that an engine claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The name on the command line and in reports.
    pub name: &'static str,
    /// What it explores, in a line.
    pub about: &'static str,
    /// The version of the code that explores.
    pub version: &'static str,
    /// The memory model whose executions it explores.
    pub memory_model: &'static str,
    /// Whether it explores every execution when nothing stops it.
    pub is_exhaustive: bool,
    /// Whether it is one of this suite's own exhaustive engines, by which a gate promises its proofs. The others are
    /// independent witnesses, whose searches may be too long to end.
    pub is_own: bool,
    /// Whether two runs with the same settings explore the same executions.
    pub is_repeatable: bool,
    /// What the order of events means in its executions.
    pub order: Order,
    /// What the code under test must run on.
    pub platform: Platform,
    /// The most threads that it runs, if it has a limit of its own.
    pub threads_max: Option<usize>,
    /// What it does not look at, or not wholly.
    pub limits: &'static [Limit],
}

/// Something that an engine does not look at, or not wholly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What it is about.
    pub matter: Matter,
    /// Whether the engine looks at a part of it.
    pub is_partial: bool,
    /// What holds in the executions of this engine, in one plain sentence.
    pub sentence: &'static str,
}

/// What an engine may or may not look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Matter {
    /// Accesses to a cell that happens-before does not order.
    DataRaces,
    /// Loads that read something else than the latest write.
    WeakMemory,
    /// The one order of sequentially consistent accesses.
    SequentialConsistency,
    /// Loads that read what is written only after them in their own thread's program.
    LoadBuffering,
    /// A weak compare-exchange that fails although the values are equal.
    SpuriousFailures,
    /// A wait that returns although nobody woke it.
    SpuriousWakeUps,
    /// Turns of a loop that waits.
    Turns,
    /// Executions that never end.
    EndlessExecutions,
    /// Loads before a write of the same thread, as loom forgets them.
    ForgottenLoads,
    /// Statics and locks of the standard library, and whatever else does not go through the runtime.
    BypassingMemory,
    /// Which of two calls that share no object was over before the other was made.
    RealTime,
    /// Several registrations on one request at once.
    Registrations,
    /// Objects that are used after their end, or beside it.
    Lifetime,
    /// Memory and handles that are never released.
    Leaks,
    /// Executions that were not drawn, or that this machine did not do.
    OtherExecutions,
}

impl Claims {
    /// Whether it looks at all of `matter`.
    #[must_use]
    pub fn looks_at(&self, matter: Matter) -> bool {
        self.limits.iter().all(|limit| limit.matter != matter)
    }

    /// Its limit in `matter`, if it has one.
    #[must_use]
    pub fn limit(&self, matter: Matter) -> Option<&'static Limit> {
        self.limits.iter().find(|limit| limit.matter == matter)
    }
}

/// What was not wholly looked at although something was proved: each item of `proofs` is one proof with every engine
/// that gave it, and a matter is looked at in a proof if one of those engines looks at all of it.
#[must_use]
pub fn unseen<'a>(proofs: impl IntoIterator<Item = Vec<&'a Claims>>) -> Vec<Matter> {
    let mut unseen: Vec<Matter> = Vec::new();
    for engines in proofs {
        let misses = |matter: &Matter| engines.iter().all(|claims| !claims.looks_at(*matter));
        unseen.extend(Matter::ALL.into_iter().filter(misses));
    }
    unseen.sort_unstable();
    unseen.dedup();
    unseen
}

impl Matter {
    /// Every matter, in the order in which it is told.
    pub const ALL: [Matter; 15] = [
        Matter::DataRaces,
        Matter::WeakMemory,
        Matter::SequentialConsistency,
        Matter::LoadBuffering,
        Matter::SpuriousFailures,
        Matter::SpuriousWakeUps,
        Matter::Turns,
        Matter::EndlessExecutions,
        Matter::ForgottenLoads,
        Matter::BypassingMemory,
        Matter::RealTime,
        Matter::Registrations,
        Matter::Lifetime,
        Matter::Leaks,
        Matter::OtherExecutions,
    ];

    /// A few words for a line in which several are listed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Matter::DataRaces => "data races",
            Matter::WeakMemory => "weak memory",
            Matter::SequentialConsistency => "the order of SeqCst accesses",
            Matter::LoadBuffering => "load buffering",
            Matter::SpuriousFailures => "spurious compare-exchange failures",
            Matter::SpuriousWakeUps => "spurious wake-ups",
            Matter::Turns => "repeated turns of waiting loops",
            Matter::EndlessExecutions => "executions that never end",
            Matter::ForgottenLoads => "forgotten loads",
            Matter::BypassingMemory => "memory that bypasses the runtime",
            Matter::RealTime => "real-time order",
            Matter::Registrations => "several registrations at once",
            Matter::Lifetime => "use after free",
            Matter::Leaks => "leaks",
            Matter::OtherExecutions => "other executions",
        }
    }
}

impl fmt::Display for Matter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The versions of the engines that are not ours; a test holds them to what is locked.
const LOOM_VERSION: &str = "0.7.3";
const SHUTTLE_VERSION: &str = "0.9.9";

/// loom: every execution of its weak memory model.
pub const LOOM: Claims = Claims {
    name: "loom",
    about: "every execution of loom's weak memory model, up to five threads",
    version: LOOM_VERSION,
    memory_model: "loom's part of C11",
    is_exhaustive: true,
    is_own: false,
    is_repeatable: true,
    order: Order::WithinThreads,
    platform: Platform::Loom,
    threads_max: Some(LOOM_THREADS_MAX),
    limits: limits::LOOM,
};

/// shuttle: every schedule, depth first.
pub const SHUTTLE: Claims = Claims {
    name: "shuttle",
    about: "every schedule of a sequentially consistent machine, depth first",
    version: SHUTTLE_VERSION,
    memory_model: "sequential consistency",
    is_exhaustive: true,
    is_own: false,
    is_repeatable: true,
    order: Order::RealTime,
    platform: Platform::Shuttle,
    threads_max: None,
    limits: limits::SHUTTLE,
};

/// Ours: every trace of a sequentially consistent machine, races by happens-before.
pub const DPOR: Claims = Claims {
    name: "dpor",
    about: "one execution for each trace of a sequentially consistent machine; sees data races",
    version: env!("CARGO_PKG_VERSION"),
    memory_model: "sequential consistency, races by happens-before of C11",
    is_exhaustive: true,
    is_own: true,
    is_repeatable: true,
    order: Order::RealTime,
    platform: Platform::Controlled,
    threads_max: None,
    limits: limits::DPOR,
};

/// Ours: every execution of the RC11 memory model.
pub const RC11: Claims = Claims {
    name: "rc11",
    about: "every execution of the C11 memory model as repaired in RC11; sees data races",
    memory_model: "RC11",
    order: Order::WithinThreads,
    limits: limits::RC11,
    ..DPOR
};

/// shuttle: random schedules.
pub const SHUTTLE_RANDOM: Claims = Claims {
    name: "shuttle-random",
    about: "schedules drawn at random",
    is_exhaustive: false,
    limits: limits::SAMPLING_SHUTTLE,
    ..SHUTTLE
};

/// shuttle: probabilistic concurrency testing.
pub const SHUTTLE_PCT: Claims = Claims {
    name: "shuttle-pct",
    about: "schedules with random priorities and two changes of priority",
    ..SHUTTLE_RANDOM
};

/// shuttle: a uniform random walk.
pub const SHUTTLE_WALK: Claims =
    Claims { name: "shuttle-walk", about: "schedules drawn about uniformly", ..SHUTTLE_RANDOM };

/// Real threads.
pub const THREADS: Claims = Claims {
    name: "threads",
    about: "whatever this machine does on real threads",
    version: env!("CARGO_PKG_VERSION"),
    memory_model: "that of this machine",
    is_exhaustive: false,
    is_own: false,
    is_repeatable: false,
    order: Order::RealTime,
    platform: Platform::Std,
    threads_max: None,
    limits: limits::THREADS,
};

/// Every record of this suite, the exhaustive engines first.
pub const ALL: [&Claims; 8] =
    [&LOOM, &SHUTTLE, &DPOR, &RC11, &SHUTTLE_RANDOM, &SHUTTLE_PCT, &SHUTTLE_WALK, &THREADS];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_versions_are_those_that_are_built() {
        let lock = include_str!("../../../../Cargo.lock");
        for claims in [LOOM, SHUTTLE] {
            let entry = format!("name = \"{}\"\nversion = \"{}\"", claims.name, claims.version);
            assert!(lock.contains(&entry), "{entry}");
        }
    }

    #[test]
    fn each_matter_is_told_once_by_each_engine_in_a_sentence() {
        for claims in ALL {
            for limit in claims.limits {
                let told = claims.limits.iter().filter(|other| other.matter == limit.matter).count();
                assert_eq!(told, 1, "{} tells of {} more than once", claims.name, limit.matter);
                let sentence = limit.sentence;
                assert!(sentence.ends_with('.') && sentence.starts_with(char::is_uppercase), "{sentence}");
                assert!(!sentence.contains('|'), "a cell of a table cannot hold {sentence}");
            }
        }
    }

    #[test]
    fn what_does_not_explore_everything_says_so() {
        for claims in ALL {
            assert_eq!(claims.is_exhaustive, claims.looks_at(Matter::OtherExecutions), "{}", claims.name);
            assert!(claims.is_exhaustive || !claims.is_own, "{}", claims.name);
        }
    }

    #[test]
    fn a_proof_looks_at_what_one_of_its_engines_looks_at_and_all_proofs_have_to() {
        let by_both = unseen([vec![&DPOR, &RC11]]);
        assert!(!by_both.contains(&Matter::WeakMemory) && by_both.contains(&Matter::LoadBuffering));
        let apart = unseen([vec![&RC11], vec![&DPOR]]);
        assert!(apart.contains(&Matter::WeakMemory), "nobody looked at it in the second");
        assert_eq!(unseen([]), []);
    }

    #[test]
    fn every_matter_is_in_the_list() {
        for claims in ALL {
            for limit in claims.limits {
                assert!(Matter::ALL.contains(&limit.matter), "{:?}", limit.matter);
            }
        }
    }
}
