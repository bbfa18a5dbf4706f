//! The named scenarios of systems, each with all its outcomes.
//!
//! The outcomes are kept in `outcomes.txt` beside this file: the full set that the specification allows, reviewed
//! scenario by scenario. A test holds every exhaustive engine to that set, in both directions: nothing else happens,
//! and everything that may happen does.

mod application;
mod others;
mod queue;

use std::fmt::Write as _;

use cancelproof_machine::Rule;

use super::program::Program;

/// What is judged in a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Drivers and applications keep the rules.
    Lawful,
    /// The driver breaks the rules with its raw steps, each of which is to be refused.
    Misuse,
    /// The driver waits for what only it could bring about: there is an execution without an end.
    Hangs,
}

/// A program over a system, with a name and a meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// The situation, in a few words joined by hyphens.
    pub name: &'static str,
    /// What it is about, together with others: a part of the catalogue.
    pub area: &'static str,
    /// The race, invariant or rule of the specification that it realises.
    pub source: &'static str,
    /// What runs.
    pub program: Program,
    /// What is judged.
    pub kind: Kind,
    /// Whether every request ends in every execution.
    pub ends: bool,
    /// The situation, in a sentence.
    pub about: &'static str,
    /// All outcomes that the specification allows.
    pub outcomes: Vec<String>,
}

#[derive(Clone, Copy)]
struct Row {
    name: &'static str,
    source: &'static str,
    program: &'static str,
    kind: Kind,
    ends: bool,
    about: &'static str,
}

const fn row(name: &'static str, source: &'static str, program: &'static str, about: &'static str) -> Row {
    Row { name, source, program, kind: Kind::Lawful, ends: true, about }
}

/// Somebody leaves a request as it is.
const fn leaving(row: Row) -> Row {
    Row { ends: false, ..row }
}

const fn misuse(row: Row) -> Row {
    Row { kind: Kind::Misuse, ..row }
}

const fn hanging(row: Row) -> Row {
    Row { kind: Kind::Hangs, ends: false, ..row }
}

const OUTCOMES: &str = include_str!("outcomes.txt");

/// Some scenarios that are about the same.
type Area = (&'static str, &'static [Row]);

const AREAS: &[Area] = &[
    ("a request on its queue", queue::BASICS),
    ("purges", queue::PURGES),
    ("the dispatcher", queue::DISPATCHING),
    ("requests that wait in a queue", queue::WAITING),
    ("queues that stop", queue::STOPPING),
    ("sent requests", others::SENT),
    ("what an application cancels", application::APPLICATION),
    ("closed handles, ended threads", application::ENDS),
    ("counted objects", others::OBJECTS),
    ("misuse", others::MISUSES),
];

/// Every scenario.
///
/// # Panics
///
/// Panics if a row does not parse, which the tests exclude.
#[must_use]
pub fn all() -> Vec<Scenario> {
    rows().map(|(area, row)| row.scenario(area)).collect()
}

/// The scenario of that name.
#[must_use]
pub fn named(name: &str) -> Option<Scenario> {
    rows().find(|(_, row)| row.name == name).map(|(area, row)| row.scenario(area))
}

fn rows() -> impl Iterator<Item = (&'static str, &'static Row)> {
    AREAS.iter().flat_map(|&(area, rows)| rows.iter().map(move |row| (area, row)))
}

impl Scenario {
    /// The rule that some execution has to break, where the driver waits for itself; any other scenario keeps them all.
    #[must_use]
    pub fn breaks(&self) -> Option<Rule> {
        (self.kind == Kind::Hangs).then_some(Rule::NoDeadlock)
    }
}

impl Row {
    fn scenario(&self, area: &'static str) -> Scenario {
        Scenario {
            name: self.name,
            area,
            source: self.source,
            // The catalogue is constant, and a test parses every row.
            program: self.program.parse().expect("catalogue rows are programs"),
            kind: self.kind,
            ends: self.ends,
            about: self.about,
            outcomes: outcomes_of(self.name),
        }
    }
}

/// The kept outcomes of a scenario: the lines that are indented below its name.
fn outcomes_of(name: &str) -> Vec<String> {
    let mut lines = OUTCOMES.lines().skip_while(|line| *line != name).skip(1);
    let indented = lines.by_ref().map_while(|line| line.strip_prefix("  "));
    indented.map(str::to_owned).collect()
}

/// The text of `outcomes.txt` for these scenarios with their outcomes.
#[must_use]
pub fn page(outcomes: &[(Scenario, Vec<String>)]) -> String {
    let mut page = String::new();
    for (scenario, outcomes) in outcomes {
        page += scenario.name;
        page.push('\n');
        for outcome in outcomes {
            let _ = writeln!(page, "  {outcome}");
        }
    }
    page
}
