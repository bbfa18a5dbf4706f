//! The specification, row by row: what exercises each, and why the rest is not exercised.
//!
//! The specification's rows are here by their section and item, each with a statement in our own words, and each section with its
//! sources (`sources.txt`), in files beside this one: `machine.txt` (sections 2 and 3), `races.txt` (4 and 5),
//! `checks.txt` (6) and `appendices.txt`; `rules.txt` has a page for each Windows rule that concerns cancel or
//! completion. From them the pages `docs/coverage.md` and `docs/rules.md` are written, and tests hold them in step with
//! the scenarios, faults and tests that they name.

mod parse;
mod render;

use std::fmt;

use cancelproof_references::faults::About;

use crate::registry;
use crate::scenario::catalogue;
use crate::system;

pub use parse::Malformed;
pub use render::{coverage_page, rules_page};

/// One table of the specification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its number and subject.
    pub title: String,
    /// Where its claims are from, in words.
    pub source: String,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// One row of a table of the specification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The row's name: a state, a number, a rule.
    pub item: String,
    /// On what the specification's claim rests.
    pub grade: Grade,
    /// What the row says, in our own words.
    pub statement: String,
    /// What exercises it.
    pub proofs: Vec<Proof>,
    /// Why nothing does, or what is not covered of it; empty if there is nothing to say.
    pub remark: String,
}

/// On what a claim of the specification rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grade {
    /// Published source of the framework.
    Source,
    /// Published documentation.
    Documentation,
    /// Published samples, debugger output, or conformance tests.
    Observation,
    /// Inference: the point itself is published nowhere.
    Inference,
}

/// What exercises a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Proof {
    /// A scenario of a request or of a system.
    Scenario(String),
    /// A fault, which must be refuted.
    Fault(String),
    /// A test: its file below `checks/tests` or, with `model/` in front, below `model/tests`, and its name.
    Test {
        /// The file.
        file: String,
        /// The function.
        name: String,
    },
    /// A Windows rule with a page of its own.
    Rule(String),
}

/// A Windows rule that concerns cancel or completion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The Windows rule's name.
    pub name: String,
    /// The sets that it belongs to.
    pub sets: String,
    /// What it demands, in a plain sentence.
    pub statement: String,
    /// The scenario that it is about, and the fault that breaks it there; `None` where there is only a remark.
    pub shown: Option<Shown>,
    /// What has to be said besides, or instead.
    pub remark: String,
}

/// By what a rule is seen to fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The scenario, by name.
    pub scenario: String,
    /// The fault, by name.
    pub fault: String,
}

/// A scenario of a request or of a system, as far as pages need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Situation {
    /// Its program.
    pub program: String,
    /// The items of the specification that it says it realises.
    pub sources: Vec<String>,
    /// Whether it is one of systems.
    pub is_of_systems: bool,
}

/// Every table, in the order of the specification. Rows that are named by a number also have every scenario that says
/// that it realises them.
///
/// # Errors
///
/// Returns the first line that cannot be understood.
pub fn sections() -> Result<Vec<Section>, Malformed> {
    const FILES: [(&str, &str); 4] = [
        ("machine.txt", include_str!("specification/machine.txt")),
        ("races.txt", include_str!("specification/races.txt")),
        ("checks.txt", include_str!("specification/checks.txt")),
        ("appendices.txt", include_str!("specification/appendices.txt")),
    ];
    let mut sections = Vec::new();
    for (file, text) in FILES {
        sections.extend(parse::sections(file, text)?);
    }
    for section in &mut sections {
        section.source = parse::source(include_str!("specification/sources.txt"), &section.title);
    }
    for row in sections.iter_mut().flat_map(|section| &mut section.rows) {
        for (name, situation) in situations() {
            let proof = Proof::Scenario(name);
            if situation.sources.contains(&row.item) && is_numbered(&row.item) && !row.proofs.contains(&proof)
            {
                row.proofs.push(proof);
            }
        }
    }
    Ok(sections)
}

/// Every rule page.
///
/// # Errors
///
/// Returns the first line that cannot be understood.
pub fn pages() -> Result<Vec<Page>, Malformed> {
    parse::pages("rules.txt", include_str!("specification/rules.txt"))
}

/// Whether an item is a letter and a number, such as R12.
fn is_numbered(item: &str) -> bool {
    let mut characters = item.chars();
    characters.next().is_some_and(|first| first.is_ascii_uppercase())
        && item.len() > 1
        && characters.all(|rest| rest.is_ascii_digit())
}

/// Every scenario of requests and of systems, by name.
#[must_use]
pub fn situations() -> Vec<(String, Situation)> {
    let split = |source: &str| source.split(", ").map(str::to_owned).collect();
    let of_requests = catalogue::all().into_iter().map(|scenario| {
        let program = scenario.program.to_string();
        (scenario.name, Situation { program, sources: split(&scenario.source), is_of_systems: false })
    });
    let of_systems = system::catalogue::all().into_iter().map(|scenario| {
        let program = scenario.program.to_string();
        let sources = split(scenario.source);
        (scenario.name.to_owned(), Situation { program, sources, is_of_systems: true })
    });
    of_requests.chain(of_systems).collect()
}

/// What is documented of a fault of requests or of systems.
#[must_use]
pub fn fault(name: &str) -> Option<&'static About> {
    let of_requests = registry::fault(name).map(|fault| &fault.about);
    of_requests.or_else(|| system::registry::fault(name).map(|fault| &fault.about))
}

impl Row {
    /// Whether it is exercised, or it is said why not.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        !self.proofs.is_empty() || !self.remark.is_empty()
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Grade::Source => "source",
            Grade::Documentation => "documentation",
            Grade::Observation => "observation",
            Grade::Inference => "**inference**",
        })
    }
}
