//! The named scenarios: every race R1 to R12 and T1 to T5 of the specification, the handshakes, re-marking, and every
//! misuse.
//!
//! The minimal request has no queue, so a *purge* is a cancel from somebody else than the application: the races
//! with a purge are represented by a further cancel, and named so.

mod beyond_windows;
mod drivers;
mod lawful;
mod misuse;
mod points;
mod shapes;

use super::{Demand, Reaches, Scenario, Scope};

/// A row of the catalogue.
#[derive(Clone, Copy)]
struct Row {
    name: &'static str,
    source: &'static str,
    about: &'static str,
    program: &'static str,
    scope: Scope,
    reaches: Reaches,
    only: Option<Demand>,
}

const fn lawful(name: &'static str, source: &'static str, program: &'static str, about: &'static str) -> Row {
    Row { name, source, about, program, scope: Scope::Lawful, reaches: Reaches::Callback, only: None }
}

const fn misuse(name: &'static str, source: &'static str, program: &'static str, about: &'static str) -> Row {
    Row { name, source, about, program, scope: Scope::Misuse, reaches: Reaches::Callback, only: None }
}

const fn without_cancel(row: Row) -> Row {
    Row { reaches: Reaches::Answer, ..row }
}

const fn without_callback(row: Row) -> Row {
    Row { reaches: Reaches::Cancel, ..row }
}

const fn scoped(row: Row, scope: Scope) -> Row {
    Row { scope, ..row }
}

const fn refusing(row: Row) -> Row {
    Row { only: Some(Demand::MarkRefuses), ..row }
}

const fn calling_back(row: Row) -> Row {
    Row { only: Some(Demand::MarkCallsBack), ..row }
}

const fn waiting(row: Row) -> Row {
    Row { only: Some(Demand::UnmarkWaits), ..row }
}

const fn only(demand: Demand, row: Row) -> Row {
    Row { only: Some(demand), ..row }
}

const fn refusing_completion(row: Row) -> Row {
    Row { only: Some(Demand::CompleteRefuses), ..row }
}

/// All rows, smallest situations first.
fn rows() -> impl Iterator<Item = &'static Row> {
    [
        lawful::ROWS,
        misuse::ROWS,
        beyond_windows::ROWS,
        points::ROWS,
        shapes::ROWS,
        drivers::ROWS,
        misuse::CONSEQUENCES,
    ]
    .into_iter()
    .flatten()
}

/// Every named scenario, in catalogue order.
///
/// # Panics
///
/// Panics if a row does not parse, which the tests exclude.
#[must_use]
pub fn all() -> Vec<Scenario> {
    rows().map(Row::scenario).collect()
}

/// The scenario of that name.
#[must_use]
pub fn named(name: &str) -> Option<Scenario> {
    rows().find(|row| row.name == name).map(Row::scenario)
}

impl Row {
    fn scenario(&self) -> Scenario {
        Scenario {
            name: self.name.to_owned(),
            about: self.about.to_owned(),
            source: self.source.to_owned(),
            scope: self.scope,
            // The catalogue is constant, and a test parses every row.
            program: self.program.parse().expect("catalogue rows are programs"),
            reaches: self.reaches,
            only: self.only,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_every_row_parses() {
        let names: BTreeSet<String> = all().into_iter().map(|scenario| scenario.name).collect();
        assert_eq!(names.len(), rows().count());
    }

    #[test]
    fn every_race_that_the_core_must_cover_has_a_scenario() {
        let sources: BTreeSet<&str> = rows().flat_map(|row| row.source.split(", ")).collect();
        let needed = (1..=12).map(|n| format!("R{n}")).chain((1..=5).map(|n| format!("T{n}")));
        let missing: Vec<String> = needed.filter(|race| !sources.contains(race.as_str())).collect();
        assert_eq!(missing, Vec::<String>::new());
    }
}
