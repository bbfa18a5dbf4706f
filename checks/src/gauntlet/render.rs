//! The matrix as text: a table for the terminal, and a page for the documentation.

use std::fmt::Write as _;

use cancelproof_machine::Rule;
use cancelproof_references::faults::About;

use super::{Cell, Matrix, Row};
use crate::judge::Engine;
use crate::registry;

/// What is said of a fault before what the engines say; threads and preemptions are the fewest that show it.
const HEADER: [&str; 5] = ["fault", "breaks", "scenario", "threads", "preemptions"];

/// What the page is, for a reader who comes from a search.
const INTRODUCTION: &str = "\
# The kill matrix

Every wrong request of the gauntlet, in the smallest scenario that shows it, under every exhaustive engine. A number is
that of the first execution that broke the rule; a dash means that the engine does not claim to see the fault, and the
second table says why. Threads and preemptions are the fewest that show the fault; a dash among the preemptions means
that no order of steps does, on a machine that has one.

This page is what `cancelproof gauntlet --markdown` prints, and a test fails when it is stale: run the tests of the
gauntlet with `REWRITE=1` to write it anew, and review what changed.

";

impl Matrix {
    /// The header and the rows of a table for the terminal: the executions to the first failure and how long they
    /// took, or what went wrong.
    #[must_use]
    pub fn to_table(&self) -> (Vec<String>, Vec<Vec<String>>) {
        let header = HEADER.into_iter().chain(self.engines.iter().map(|engine| engine.name()));
        let rows = self.rows.iter().map(|row| {
            let cells = row.cells.iter().map(|cell| match cell {
                Cell::Refuted { executions, elapsed } => {
                    format!("{executions} ({} ms)", elapsed.as_millis())
                }
                other => in_brief(other),
            });
            labels(row).into_iter().chain(cells).collect()
        });
        (header.map(str::to_owned).collect(), rows.collect())
    }

    /// The page of the documentation. It holds no times, so it is the same on every machine as long as the engines
    /// in it are repeatable.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut page = INTRODUCTION.to_owned();
        self.write_summary(&mut page);
        self.write_matrix(&mut page);
        self.write_reasons(&mut page);
        self.write_edits(&mut page);
        page
    }

    fn write_summary(&self, page: &mut String) {
        let alive = self.alive().count();
        let broken = self.broken().count();
        let _ = writeln!(
            page,
            "{} faults, {} refuted by an exhaustive engine under their own rule, {broken} broken claims.\n",
            self.rows.len(),
            self.rows.len() - alive,
        );
        let _ = writeln!(page, "| rule | faults |\n|---|---|");
        for rule in Rule::ALL {
            let faults = self.rows.iter().filter(|row| row.breaks == rule).count();
            let _ = writeln!(page, "| {rule} | {faults} |");
        }
    }

    fn write_matrix(&self, page: &mut String) {
        let _ = writeln!(page, "\n## Fault by engine\n");
        let engines: Vec<&str> = self.engines.iter().map(|engine| engine.name()).collect();
        let _ = writeln!(page, "| {} | {} |", HEADER.join(" | "), engines.join(" | "));
        let _ = writeln!(page, "|{}", "---|".repeat(HEADER.len() + engines.len()));
        for row in &self.rows {
            let cells: Vec<String> = row.cells.iter().map(in_brief).collect();
            let _ = writeln!(page, "| {} | {} |", labels(row).join(" | "), cells.join(" | "));
        }
    }

    /// Each reason once, with the faults it holds for.
    fn write_reasons(&self, page: &mut String) {
        let _ = writeln!(page, "\n## What is not claimed, and why\n");
        let _ = writeln!(page, "| engine | because | faults |\n|---|---|---|");
        for (column, engine) in self.engines.iter().enumerate() {
            for (because, faults) in self.reasons(column) {
                let _ = writeln!(page, "| {engine} | {because} | {} |", faults.join(", "));
            }
        }
    }

    fn reasons(&self, column: usize) -> Vec<(&str, Vec<&str>)> {
        let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
        for row in &self.rows {
            let Cell::NotClaimed { because } = &row.cells[column] else { continue };
            match reasons.iter_mut().find(|(known, _)| known == because) {
                Some((_, faults)) => faults.push(row.fault),
                None => reasons.push((because, vec![row.fault])),
            }
        }
        reasons
    }

    fn write_edits(&self, page: &mut String) {
        let _ = writeln!(page, "\n## The edits\n");
        let _ = writeln!(page, "| fault | contract | edit | comes from |\n|---|---|---|---|");
        for About { name, contract, edit, origin, .. } in
            self.rows.iter().filter_map(|row| registry::fault(row.fault)).map(|fault| fault.about)
        {
            let _ = writeln!(page, "| {name} | {contract} | {edit} | {origin} |");
        }
    }
}

impl Matrix {
    /// The engines whose columns are the same on every run and every machine.
    #[must_use]
    pub fn documented_engines() -> Vec<Engine> {
        Engine::ALL.into_iter().filter(|engine| engine.is_exhaustive() && engine.is_repeatable()).collect()
    }
}

fn labels(row: &Row) -> [String; 5] {
    [
        row.fault.to_owned(),
        row.breaks.to_string(),
        row.scenario.name.clone(),
        row.threads().to_string(),
        row.preemptions.map_or_else(|| "–".to_owned(), |preemptions| preemptions.to_string()),
    ]
}

/// A cell in a word or a number; the number is that of the first failing execution.
fn in_brief(cell: &Cell) -> String {
    match cell {
        Cell::Refuted { executions, .. } => executions.to_string(),
        Cell::WrongRule { found, .. } => format!("WRONG RULE: {found}"),
        Cell::Missed { verdict } => format!("MISSED: {verdict}"),
        Cell::NotDrawn { executions } => format!("not in {executions}"),
        Cell::NotClaimed { .. } => "–".to_owned(),
    }
}
