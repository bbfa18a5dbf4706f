//! The gauntlet: every fault against every engine, so that a green run is known to mean something.
//!
//! Each [fault](cancelproof_references::faults) is run in its own scenario under each engine, and must be refuted there
//! under its own rule by every engine that claims to see what it takes. The result is a [`Matrix`]: plain data
//! first, from which a table for the terminal and one for the documentation are made.
//!
//! A matrix is clean only if no claim was broken and every fault was refuted by some exhaustive engine. A fault
//! that is refuted under another rule than its own breaks the claim as well: then the reason was not understood.

mod claim;
pub mod race;
mod render;

use std::time::{Duration, Instant};

use cancelproof_machine::Rule;

use crate::judge::{Engine, Settings, judge};
use crate::registry::{FAULTS, FaultyRequest};
use crate::scenario::{Scenario, catalogue};
use crate::verdict::Verdict;

pub use claim::why_not_claimed;

/// The most preemptions with which a fault is looked for when the fewest are counted.
pub const PREEMPTIONS_MAX: u32 = 4;

/// What became of every fault under every engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matrix {
    /// The columns.
    pub engines: Vec<Engine>,
    /// The rows, in the order of the registry.
    pub rows: Vec<Row>,
}

/// What became of one fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The fault, by name.
    pub fault: &'static str,
    /// The rule it breaks.
    pub breaks: Rule,
    /// The scenario that it ran in.
    pub scenario: Scenario,
    /// The fewest preemptions that show it, as measured; `None` if no order of steps shows it.
    pub preemptions: Option<u32>,
    /// What each engine said, in the order of the columns.
    pub cells: Vec<Cell>,
}

/// What one engine said of one fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// It was refuted under its own rule.
    Refuted {
        /// The number of the first execution that showed it, from 1.
        executions: u64,
        /// How long that took.
        elapsed: Duration,
    },
    /// It was refuted under another rule.
    WrongRule {
        /// Which one.
        found: Rule,
        /// What was said to have happened.
        explanation: String,
    },
    /// It was not refuted, although the engine claims to see it.
    Missed {
        /// The verdict instead.
        verdict: String,
    },
    /// It was not among the executions that a sampling engine drew, which promises nothing else.
    NotDrawn {
        /// How many were drawn.
        executions: u64,
    },
    /// The engine does not claim to see it, and did not run.
    NotClaimed {
        /// Why.
        because: String,
    },
}

/// What is about to be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Cells that are done.
    pub done: usize,
    /// All cells.
    pub all: usize,
    /// The fault that comes next.
    pub fault: &'static str,
    /// The engine that comes next.
    pub engine: Engine,
}

/// Runs every fault under each of `engines` and says before each what comes next.
///
/// # Panics
///
/// Panics if a fault names no scenario of the catalogue, which the tests exclude.
#[must_use]
pub fn run(engines: &[Engine], settings: Settings, mut progress: impl FnMut(Progress)) -> Matrix {
    let all = FAULTS.len() * engines.len();
    let rows = FAULTS.iter().enumerate().map(|(number, fault)| {
        let scenario = scenario_of(fault);
        let cells = engines.iter().enumerate().map(|(column, &engine)| {
            let done = number * engines.len() + column;
            progress(Progress { done, all, fault: fault.about.name, engine });
            run_one(fault, &scenario, engine, settings)
        });
        let cells = cells.collect();
        let preemptions = fewest_preemptions(fault, &scenario, settings);
        Row { fault: fault.about.name, breaks: fault.about.breaks, scenario, preemptions, cells }
    });
    let rows = rows.collect();
    Matrix { engines: engines.to_vec(), rows }
}

/// The scenario in which a fault must be found.
///
/// # Panics
///
/// Panics if the catalogue has none of that name, which the tests exclude.
#[must_use]
pub fn scenario_of(fault: &FaultyRequest) -> Scenario {
    catalogue::named(fault.about.scenario)
        .unwrap_or_else(|| panic!("{}: there is no scenario {}", fault.about.name, fault.about.scenario))
}

/// Runs one fault under one engine.
#[must_use]
pub fn run_one(
    fault: &'static FaultyRequest,
    scenario: &Scenario,
    engine: Engine,
    settings: Settings,
) -> Cell {
    if let Some(because) = why_not_claimed(engine, &fault.about, scenario) {
        return Cell::NotClaimed { because };
    }
    let begin = Instant::now();
    let judgement = match judge(fault.subject, scenario, engine, settings) {
        Ok(judgement) => judgement,
        Err(reason) => return Cell::Missed { verdict: reason.to_string() },
    };
    let elapsed = begin.elapsed();
    match judgement.verdict {
        Verdict::Refuted { violation, failure } if violation.rule == fault.about.breaks => {
            Cell::Refuted { executions: failure.execution, elapsed }
        }
        Verdict::Refuted { violation, .. } => {
            Cell::WrongRule { found: violation.rule, explanation: violation.explanation }
        }
        Verdict::Sampled | Verdict::Vacuous { .. } if !engine.is_exhaustive() => {
            Cell::NotDrawn { executions: judgement.executions }
        }
        verdict => Cell::Missed { verdict: verdict.to_string() },
    }
}

/// The fewest preemptions with which `fault` is refuted under its own rule, up to [`PREEMPTIONS_MAX`].
#[must_use]
pub fn fewest_preemptions(
    fault: &'static FaultyRequest,
    scenario: &Scenario,
    settings: Settings,
) -> Option<u32> {
    if why_not_claimed(Engine::Dpor, &fault.about, scenario).is_some() {
        return None;
    }
    (0..=PREEMPTIONS_MAX).find(|&most| {
        let settings = Settings { preemptions: Some(most), ..settings };
        matches!(run_one(fault, scenario, Engine::Dpor, settings), Cell::Refuted { .. })
    })
}

impl Matrix {
    /// Whether no claim was broken and every fault was refuted by an exhaustive engine.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.broken().next().is_none() && self.alive().next().is_none()
    }

    /// The claims that were broken: fault, engine and what it said instead.
    pub fn broken(&self) -> impl Iterator<Item = (&Row, Engine, &Cell)> {
        self.rows.iter().flat_map(move |row| {
            let columns = self.engines.iter().copied().zip(&row.cells);
            columns.filter(|(_, cell)| cell.is_broken()).map(move |(engine, cell)| (row, engine, cell))
        })
    }

    /// The faults that no exhaustive engine has refuted under their own rule.
    pub fn alive(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| {
            let mut columns = self.engines.iter().zip(&row.cells);
            !columns.any(|(engine, cell)| engine.is_exhaustive() && matches!(cell, Cell::Refuted { .. }))
        })
    }
}

impl Row {
    /// How many threads it takes to show the fault. The tests try every scenario with fewer.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.scenario.program.threads.len()
    }
}

impl Cell {
    /// Whether the engine claimed to see the fault and did not, or not for the right reason.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        matches!(self, Cell::Missed { .. } | Cell::WrongRule { .. })
    }
}
