//! Every fault of a system against every engine that judges systems: plain data, and a page.

use std::fmt::Write as _;

use cancelproof_machine::Rule;

use super::catalogue::{self, Scenario};
use super::judge;
use super::registry::{FAULTS, FaultySystem};
use crate::judge::{Engine, Settings};
use crate::verdict::Verdict;

/// The most preemptions with which a fault is looked for.
const PREEMPTIONS_MAX: u32 = 4;

/// What became of every fault.
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
    /// The rule that it breaks.
    pub breaks: Rule,
    /// The scenario that it ran in.
    pub scenario: &'static str,
    /// How many threads that has.
    pub threads: usize,
    /// The fewest preemptions that show it.
    pub preemptions: Option<u32>,
    /// For each engine the number of the first execution that showed it under its own rule, from 1; or a complaint.
    pub cells: Vec<Cell>,
}

/// What one engine said of one fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Refuted under its own rule, in that execution.
    Refuted(u64),
    /// Not claimed by the engine.
    NotClaimed,
    /// Claimed, and not refuted or not under its own rule.
    Broken(String),
}

/// The scenario in which a fault must be found.
///
/// # Panics
///
/// Panics if the catalogue has none of that name, which the tests exclude.
#[must_use]
pub fn scenario_of(fault: &FaultySystem) -> Scenario {
    let about = &fault.about;
    catalogue::named(about.scenario)
        .unwrap_or_else(|| panic!("{}: there is no scenario {}", about.name, about.scenario))
}

/// Runs every fault under each of `engines`, and says before each which one comes next.
#[must_use]
pub fn run(engines: &[Engine], mut progress: impl FnMut(&'static str)) -> Matrix {
    let rows = FAULTS.iter().map(|fault| {
        progress(fault.about.name);
        let scenario = scenario_of(fault);
        let bounded = |most: &u32| {
            let settings = Settings { preemptions: Some(*most), ..Settings::default() };
            matches!(run_one(fault, &scenario, Engine::Dpor, settings), Cell::Refuted(_))
        };
        Row {
            fault: fault.about.name,
            breaks: fault.about.breaks,
            scenario: fault.about.scenario,
            threads: scenario.program.threads.len(),
            preemptions: (0..=PREEMPTIONS_MAX).find(bounded),
            cells: engines
                .iter()
                .map(|&engine| run_one(fault, &scenario, engine, Settings::default()))
                .collect(),
        }
    });
    Matrix { engines: engines.to_vec(), rows: rows.collect() }
}

/// Runs one fault under one engine.
#[must_use]
pub fn run_one(fault: &FaultySystem, scenario: &Scenario, engine: Engine, settings: Settings) -> Cell {
    let about = &fault.about;
    if !engine.claims(about.needs) {
        return Cell::NotClaimed;
    }
    let judged = match judge(&fault.system, scenario, engine, settings) {
        Ok(judged) => judged,
        Err(reason) => return Cell::Broken(reason.to_string()),
    };
    match judged.judgement.verdict {
        Verdict::Refuted { violation, failure } if violation.rule == about.breaks => {
            Cell::Refuted(failure.execution)
        }
        verdict => Cell::Broken(format!("{} ({}) under {engine}: {verdict}", about.name, about.breaks)),
    }
}

impl Matrix {
    /// What was claimed and is not so.
    pub fn complaints(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().flat_map(|row| &row.cells).filter_map(|cell| match cell {
            Cell::Broken(complaint) => Some(complaint.as_str()),
            _ => None,
        })
    }

    /// The faults that no engine has refuted for their own rule.
    pub fn alive(&self) -> impl Iterator<Item = &Row> {
        let is_refuted = |row: &Row| row.cells.iter().any(|cell| matches!(cell, Cell::Refuted(_)));
        self.rows.iter().filter(move |row| !is_refuted(row))
    }

    /// Whether no claim was broken and every fault was refuted.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.complaints().next().is_none() && self.alive().next().is_none()
    }

    /// The header and the rows of a table.
    #[must_use]
    pub fn to_table(&self) -> (Vec<String>, Vec<Vec<String>>) {
        let header = HEADER.into_iter().chain(self.engines.iter().map(|engine| engine.name()));
        (header.map(str::to_owned).collect(), self.rows.iter().map(Row::cells).collect())
    }

    /// The page of the documentation.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut page = String::from(INTRODUCTION);
        let _ = writeln!(page, "{} faults, {} broken claims.\n", self.rows.len(), self.complaints().count());
        let (header, rows) = self.to_table();
        let _ = writeln!(page, "| {} |", header.join(" | "));
        let _ = writeln!(page, "|{}", "---|".repeat(header.len()));
        for cells in rows {
            let _ = writeln!(page, "| {} |", cells.join(" | "));
        }
        let _ = writeln!(page, "\n## The edits\n\n| fault | edit | comes from |\n|---|---|---|");
        for FaultySystem { about, .. } in FAULTS {
            let _ = writeln!(page, "| {} | {} | {} |", about.name, about.edit, about.origin);
        }
        page
    }
}

impl Row {
    fn cells(&self) -> Vec<String> {
        let Row { fault, breaks, scenario, threads, preemptions, cells } = self;
        let preemptions = preemptions.map_or_else(|| "–".to_owned(), |preemptions| preemptions.to_string());
        let labels = [
            (*fault).to_owned(),
            breaks.to_string(),
            (*scenario).to_owned(),
            threads.to_string(),
            preemptions,
        ];
        labels.into_iter().chain(cells.iter().map(Cell::in_brief)).collect()
    }
}

impl Cell {
    fn in_brief(&self) -> String {
        match self {
            Cell::Refuted(execution) => execution.to_string(),
            Cell::NotClaimed => "–".to_owned(),
            Cell::Broken(_) => "BROKEN".to_owned(),
        }
    }
}

/// What is said of a fault before what the engines say.
const HEADER: [&str; 5] = ["fault", "breaks", "scenario", "threads", "preemptions"];

const INTRODUCTION: &str = "\
# The kill matrix of systems

Every wrong queue, application, sent request and object, in the scenario that shows it, under the exhaustive engines that
judge systems. A number is that of the first execution that broke the rule. Threads are those of the scenario; preemptions
are the fewest with which the fault is shown there.

This page is what `cancelproof gauntlet --of systems --markdown` prints, and a test fails when it is stale: run the tests of
systems with `REWRITE=1` to write it anew, and review what changed.

";
