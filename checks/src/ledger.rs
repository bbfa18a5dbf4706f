//! The ledger: everything that a gate found, and everything that it rests on, as one JSON file.
//!
//! Reports are made from it without running anything again; `cancelproof audit` runs everything again and compares; the
//! next gate looks into it to see whether a judgement has disappeared. It holds no times, so that two runs with the same
//! seed write the same bytes. Its layout is published as `checks/docs/ledger.schema.json`.

mod compare;
mod file;
mod record;

use serde::{Deserialize, Serialize};

use crate::coverage::Named;
use crate::exploration::Bound;
use crate::fingerprint::Fingerprint;
use crate::judge::growth::{Bounded, Sampled};
use crate::system::registry::REFERENCE;
use crate::trace::Trace;

pub use compare::{Difference, differences, disappeared};
pub use file::{FileError, read, write};
pub use record::Expected;

/// The version of the layout. A reader refuses a later one.
pub const LAYOUT: u32 = 2;

/// Everything that a gate found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    /// See [`LAYOUT`].
    pub layout: u32,
    /// The version of the suite.
    pub version: String,
    /// The hash of the suite's own source, without the requests that it judges; `None` where that does not lie.
    pub suite: Option<String>,
    /// What was asked for.
    pub selection: Selection,
    /// The engines that were asked.
    pub engines: Vec<EngineRecord>,
    /// The requests that were judged.
    pub requests: Vec<RequestRecord>,
    /// Edges of the machine; results refer to them by their places, from 0.
    pub edges: Vec<Named>,
    /// One for each judgement.
    pub results: Vec<Record>,
    /// How far requests were shown correct beyond the catalogue.
    pub growth: Vec<GrowthRecord>,
    /// What `cancelproof mutate` has kept beside the ledger: which changes of a request are noticed.
    pub mutants: Vec<MutantsRecord>,
    /// The failures that nobody expected, each made small.
    pub findings: Vec<Finding>,
}

/// What a run was restricted to; an empty list is no restriction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// Requests by name.
    pub requests: Vec<String>,
    /// Scenarios by name.
    pub scenarios: Vec<String>,
    /// Engines by name.
    pub engines: Vec<String>,
}

/// An engine, and whether it can be believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngineRecord {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The memory model that it explores.
    pub memory_model: String,
    /// Whether it explores every execution when nothing stops it.
    pub is_exhaustive: bool,
    /// What it does not look at, or not wholly: one sentence each. Ledgers of layout 1 have none.
    #[serde(default)]
    pub not_looked_at: Vec<String>,
    /// The planted faults that it had to find.
    pub planted: Vec<String>,
    /// What came of that; `seen` if it found them all.
    pub canary: String,
}

/// A request that was judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestRecord {
    /// Its name.
    pub name: String,
    /// The contract that it keeps.
    pub contract: String,
    /// The rule that it is known to break, if it is a planted fault.
    pub breaks: Option<String>,
    /// What it is; `None` if that could not be found out, for the reason in `trouble`.
    pub fingerprint: Option<Fingerprint>,
    /// Why there is no fingerprint.
    pub trouble: Option<String>,
    /// How many states and edges its machine has.
    pub machine: Size,
    /// How many of them all its judgements together have gone along.
    pub seen: Size,
}

/// The size of a machine, or of a part of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Size {
    /// States.
    pub states: usize,
    /// Edges.
    pub edges: usize,
}

/// One judgement with everything that it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The request, or the system.
    pub request: String,
    /// The name of the scenario; `None` for a program that is in no catalogue, such as a kept failure.
    pub scenario: Option<String>,
    /// What was run.
    pub program: String,
    /// The number of its threads.
    pub threads: usize,
    /// The engine.
    pub engine: String,
    /// The token of the execution that was run again before anything else, where this is a kept failure that has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replayed: Option<String>,
    /// The rule that had to be broken, by a planted fault, or by a driver of a system that waits for itself.
    pub expected: Option<String>,
    /// What stopped the engine, if it was not the end.
    pub bounds: Bounds,
    /// What was found.
    pub verdict: VerdictRecord,
    /// Executions that ran to their end.
    pub executions: u64,
    /// Executions that were begun and given up as redundant.
    pub abandoned: u64,
    /// Each outcome with its executions.
    pub outcomes: Vec<(String, u64)>,
    /// The edges of the machine that were gone along, by their places in the ledger.
    pub edges: Vec<usize>,
    /// The rules that were evaluated.
    pub rules: Vec<String>,
}

/// How far an engine was allowed to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// What every draw follows from.
    pub seed: u64,
    /// Executions of an engine that samples.
    pub samples: u64,
    /// Milliseconds, if there was a limit.
    pub milliseconds: Option<u64>,
    /// Executions of an engine that is exhaustive, if there was a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub executions: Option<u64>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerdictRecord {
    /// The verdict in a word: proved, bounded, sampled, refuted, vacuous, tool failure, crashed, not applicable or not
    /// started.
    pub word: String,
    /// What there is to say about it.
    pub detail: Option<String>,
    /// The bound, where the word is bounded.
    pub bound: Option<Bound>,
    /// The rule that was broken, where the word is refuted.
    pub rule: Option<String>,
    /// The number of the failing execution, from 1.
    pub execution: Option<u64>,
}

/// What became of every change of a family of requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MutantsRecord {
    /// The family.
    pub family: String,
    /// The whole in a sentence.
    pub sentence: String,
}

/// How far a request was shown correct beyond the catalogue: the driver against more and more cancelers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrowthRecord {
    /// The request.
    pub request: String,
    /// The most threads of which every interleaving was explored.
    pub proved: Option<usize>,
    /// The threads and preemptions of which every run was explored.
    pub bounded: Option<Bounded>,
    /// What was drawn from programs that are larger still.
    pub sampled: Option<Sampled>,
    /// What went wrong, if something did.
    pub troubles: Vec<String>,
    /// Executions in all.
    pub executions: u64,
}

/// A failure that nobody expected, made small.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The scenario in which it was found.
    pub scenario: String,
    /// The engine that found it.
    pub engine: String,
    /// The token by which it is run again.
    pub token: String,
    /// The failing execution.
    pub trace: Trace,
}

impl Record {
    /// By what it is known from run to run.
    #[must_use]
    pub fn title(&self) -> String {
        let what = self.scenario.as_ref().unwrap_or(&self.program);
        format!("{} / {what} / {}", self.request, self.engine)
    }

    /// Whether it is of the system as it should be, and not of a request or of a planted fault.
    #[must_use]
    pub fn is_of_the_system(&self) -> bool {
        self.request == REFERENCE.name
    }

    /// Whether it is of a planted fault.
    #[must_use]
    pub fn is_planted(&self) -> bool {
        self.expected.is_some() && !self.is_of_the_system()
    }

    /// Whether the engine said something about the request.
    #[must_use]
    pub fn is_judged(&self) -> bool {
        !matches!(self.verdict.word.as_str(), "crashed" | "not applicable" | "not started")
    }

    /// Whether what was found is what had to be found, where a rule had to be broken, or else what may be found.
    #[must_use]
    pub fn is_as_expected(&self) -> bool {
        match (&self.expected, self.verdict.word.as_str()) {
            (Some(rule), "refuted") => self.verdict.rule.as_ref() == Some(rule),
            (Some(_), "bounded" | "not started") => self.is_of_the_system(),
            (Some(_), word) => word == "not applicable",
            (None, word) => {
                matches!(word, "proved" | "bounded" | "sampled" | "not applicable" | "not started")
            }
        }
    }
}
