//! Where the engines differ on the suite, and who is right.
//!
//! `rc11` has every outcome that RC11 allows and no other; the tests hold it to the data of the
//! [`suite`](super::suite()), which itself is held to a brute-force enumeration of the axioms. The others differ in
//! five ways:
//!
//! - shuttle is sequentially consistent: it has no outcome that is wrong, and misses the weak ones;
//! - shuttle does not see data races;
//! - loom treats sequentially consistent accesses as acquire and release, so it reports outcomes that their order
//!   forbids (its issues 180 and 191);
//! - loom lets a store go between an update and the write that the update has read, or misplaces it in the
//!   coherence order (its issue 254): it reports outcomes in which a store is lost;
//! - loom has each update read the write that was made last, so it misses the weak outcomes in which updates of two
//!   threads see two stores in different orders.

use std::collections::{BTreeMap, BTreeSet};

use super::interpreter::{Observed, Outcome, Outcomes, under_loom, under_rc11, under_shuttle};
use super::program::Program;
use super::suite::{Allowed, Litmus, suite};
use crate::engine::rc11;

/// A way in which an engine differs from RC11.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deviation {
    /// Weak outcomes are missing, because the engine is sequentially consistent.
    SequentiallyConsistent,
    /// A data race is not seen.
    RaceUnseen,
    /// There are outcomes that the order of sequentially consistent accesses forbids.
    OrderIgnored,
    /// There are outcomes in which a store came between an update and what it has read.
    UpdateTornByStore,
    /// Outcomes are missing in which an update reads a write that was not made last.
    UpdateReadsTheLast,
}

impl Deviation {
    /// All of them.
    pub const ALL: [Deviation; 5] = [
        Deviation::SequentiallyConsistent,
        Deviation::RaceUnseen,
        Deviation::OrderIgnored,
        Deviation::UpdateTornByStore,
        Deviation::UpdateReadsTheLast,
    ];

    /// The smallest program of the suite that shows it.
    #[must_use]
    pub fn shown_by(self) -> &'static str {
        match self {
            Deviation::SequentiallyConsistent => "SB+rlx",
            Deviation::RaceUnseen => "MP+cell+rlx",
            Deviation::OrderIgnored => "SB+sc",
            Deviation::UpdateTornByStore => "RMW+store",
            Deviation::UpdateReadsTheLast => "IRIW+updates-reading",
        }
    }

    /// One sentence that says what the engine does, and that it is the engine that is wrong.
    #[must_use]
    pub fn explanation(self) -> &'static str {
        match self {
            Deviation::SequentiallyConsistent => {
                "rc11 is right: the engine treats every access as sequentially consistent and misses weak outcomes"
            }
            Deviation::RaceUnseen => "rc11 is right: the engine does not look for data races",
            Deviation::OrderIgnored => {
                "rc11 is right: the engine treats sequentially consistent accesses as acquire and release"
            }
            Deviation::UpdateTornByStore => {
                "rc11 is right: the engine lets a plain store go between an update and the write it has read"
            }
            Deviation::UpdateReadsTheLast => {
                "rc11 is right: the engine has each update read the write that was made last and misses weak outcomes"
            }
        }
    }
}

/// What one engine made of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What RC11 allows and the engine did not reach.
    pub missing: BTreeSet<Outcome>,
    /// What the engine reached and RC11 does not allow.
    pub impossible: BTreeSet<Outcome>,
    /// Whether the program has a race and the engine did not see it, or the other way round.
    pub is_wrong_about_race: bool,
    /// Whether the engine came to the end; if it did not, nothing counts as missing.
    pub is_exhaustive: bool,
}

impl Finding {
    /// Whether the engine agrees with RC11, as far as it got.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.missing.is_empty() && self.impossible.is_empty() && !self.is_wrong_about_race
    }
}

/// One program under every engine.
#[derive(Clone, Debug)]
pub struct Row {
    /// The program.
    pub litmus: &'static Litmus,
    /// Under `rc11`.
    pub rc11: Finding,
    /// Under loom.
    pub loom: Finding,
    /// Under shuttle.
    pub shuttle: Finding,
}

impl Row {
    /// Runs a program under every engine.
    ///
    /// # Panics
    ///
    /// Panics if the program is not well-formed.
    #[must_use]
    pub fn of(litmus: &'static Litmus) -> Self {
        let (program, observed) = litmus.parse();
        let find = |outcomes: Outcomes| compare(litmus, &outcomes);
        Row {
            litmus,
            rc11: find(under_rc11(&program, &observed, &rc11::Options::default()).0),
            loom: find(under_loom(&program, &observed)),
            shuttle: find(under_shuttle(&program, &observed)),
        }
    }

    /// The engines that differ from RC11 on this program, with what they make of it and in which way they differ.
    pub(super) fn differences(&self) -> impl Iterator<Item = (&Self, &'static str, &Finding, Deviation)> {
        let loom = self.loom_deviation().map(|deviation| (self, "loom", &self.loom, deviation));
        let shuttle = self.shuttle_deviation().map(|deviation| (self, "shuttle", &self.shuttle, deviation));
        loom.into_iter().chain(shuttle)
    }

    /// How loom deviates on this program, if it does.
    #[must_use]
    pub fn loom_deviation(&self) -> Option<Deviation> {
        let has_updates = ["swap", "add", "cas"].iter().any(|update| self.litmus.program.contains(update));
        let has_fences_only = !self.litmus.program.contains("sc");
        match (self.loom.agrees(), has_updates && has_fences_only) {
            (true, _) => None,
            (false, true) if self.loom.impossible.is_empty() => Some(Deviation::UpdateReadsTheLast),
            (false, true) => Some(Deviation::UpdateTornByStore),
            (false, false) if self.litmus.name.starts_with("RMW+store") => Some(Deviation::UpdateTornByStore),
            (false, false) => Some(Deviation::OrderIgnored),
        }
    }

    /// How shuttle deviates on this program, if it does.
    #[must_use]
    pub fn shuttle_deviation(&self) -> Option<Deviation> {
        match (self.shuttle.agrees(), self.shuttle.is_wrong_about_race) {
            (true, _) => None,
            (false, true) => Some(Deviation::RaceUnseen),
            (false, false) => Some(Deviation::SequentiallyConsistent),
        }
    }
}

impl Litmus {
    /// The program and what is observed of it.
    ///
    /// # Panics
    ///
    /// Panics if the program is not well-formed.
    #[must_use]
    pub fn parse(&self) -> (Program, Observed) {
        let program = self.program.parse().unwrap_or_else(|error| panic!("{}: {error}", self.name));
        let observed =
            Observed::new(self.observed).unwrap_or_else(|| panic!("{}: not observable", self.name));
        (program, observed)
    }
}

/// Holds the outcomes of an engine against what RC11 allows.
fn compare(litmus: &Litmus, outcomes: &Outcomes) -> Finding {
    let is_exhaustive = outcomes.is_exhaustive || outcomes.failed;
    let Allowed::Outcomes(allowed) = litmus.allowed else {
        return Finding {
            missing: BTreeSet::new(),
            impossible: BTreeSet::new(),
            is_wrong_about_race: !outcomes.failed,
            is_exhaustive,
        };
    };
    let allowed: BTreeSet<Outcome> = allowed.iter().map(|text| Outcome::from(*text)).collect();
    let missing = if is_exhaustive {
        allowed.difference(&outcomes.reached).cloned().collect()
    } else {
        BTreeSet::new()
    };
    Finding {
        missing,
        impossible: outcomes.reached.difference(&allowed).cloned().collect(),
        is_wrong_about_race: outcomes.failed,
        is_exhaustive,
    }
}

impl From<&str> for Outcome {
    /// The numbers in the text; anything else in it counts as 0.
    fn from(text: &str) -> Self {
        Outcome(text.split_whitespace().map(|number| number.parse().unwrap_or_default()).collect())
    }
}

/// Runs the whole suite under every engine.
#[must_use]
pub fn compare_engines() -> Vec<Row> {
    suite().map(Row::of).collect()
}

/// Every difference between an engine and rc11: the program, the engine, what is missing, what is impossible, and who is
/// right.
#[must_use]
pub fn by_program(rows: &[Row]) -> Vec<[String; 5]> {
    let row = |(row, engine, finding, deviation): (&Row, &'static str, &Finding, Deviation)| {
        [
            row.litmus.name.to_owned(),
            engine.to_owned(),
            list(&finding.missing),
            list(&finding.impossible),
            deviation.explanation().to_owned(),
        ]
    };
    rows.iter().flat_map(Row::differences).map(row).collect()
}

/// For each way in which an engine differs: the engine, on how many programs, the smallest of them, and who is right.
#[must_use]
pub fn by_deviation(rows: &[Row]) -> Vec<Vec<String>> {
    let mut counts: BTreeMap<(&str, Deviation), usize> = BTreeMap::new();
    for (_, engine, _, deviation) in rows.iter().flat_map(Row::differences) {
        *counts.entry((engine, deviation)).or_default() += 1;
    }
    let row = |((engine, deviation), count): ((&str, Deviation), usize)| {
        vec![
            engine.to_owned(),
            count.to_string(),
            deviation.shown_by().to_owned(),
            deviation.explanation().to_owned(),
        ]
    };
    counts.into_iter().map(row).collect()
}

pub(super) fn list(outcomes: &BTreeSet<Outcome>) -> String {
    outcomes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
