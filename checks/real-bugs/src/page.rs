//! The matrix as text: a table for the terminal, and a page for the documentation.

use std::fmt::Write as _;

use crate::bug::{Class, Language, Seen};
use crate::matrix::{Cell, ENGINES, Matrix, Row, Twin};
use crate::story;

/// What the page is, for a reader who comes from a search.
const INTRODUCTION: &str = "\
# Real bugs

Races between cancel and completion that public projects have had, each as a small program of our own beside its twin with the
fix, under every engine. A number is that of the first execution that showed the bug, for an apt rule; a dash means that the
engine does not claim to see what it takes, and `not in` that it was not among so many executions. A twin is proved when every
execution was explored by both dpor and rc11; the numbers are their executions.

A program has the operations that the report blames, in their order and with their orderings, and nothing of the project around
them. That an engine finds it says that it finds bugs of this kind, not that it would have found this one in the project's code.
Whether a project's own tests could have found a bug is our reading of its report. The column of PCT is of depth two and then three.

This page is what `cancelproof gauntlet --of real --markdown` prints, and a test fails when it is stale: run
`cargo test -p cancelproof-real-bugs` with `REWRITE=1` to write it anew, and review what changed.

";

impl Matrix {
    /// The header and the rows of a table for the terminal.
    #[must_use]
    pub fn to_table(&self) -> (Vec<String>, Vec<Vec<String>>) {
        let engines = ENGINES.iter().map(|engine| engine.claims().name);
        let header = ["bug", "rule"].into_iter().chain(engines).chain(["twin"]);
        let rows = self.rows.iter().map(|row| {
            let labels = [row.bug.name.to_owned(), row.bug.rule.to_string()];
            labels.into_iter().chain(row.cells.iter().map(in_brief)).chain([twin_in_brief(row)]).collect()
        });
        (header.map(str::to_owned).collect(), rows.collect())
    }

    /// One sentence under the table.
    #[must_use]
    pub fn summary(&self) -> String {
        let proved = self.rows.iter().filter(|row| row.is_twin_proved()).count();
        format!(
            "{} bugs, {} refuted for an apt rule by dpor or rc11, {proved} twins proved by both, {} broken claims",
            self.rows.len(),
            self.refuted(),
            self.complaints().count()
        )
    }

    /// The page of the documentation. It holds no times, so it is the same on every machine.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut page = INTRODUCTION.to_owned();
        let _ = writeln!(page, "{}.\n", self.summary());
        self.write_counts(&mut page);
        self.write_matrix(&mut page);
        self.write_unfound(&mut page);
        story::write(&mut page);
        self.write_bugs(&mut page);
        page
    }

    fn write_counts(&self, page: &mut String) {
        let _ = writeln!(page, "| class | bugs | of Rust projects |\n|---|---|---|");
        let count = |is_one: &dyn Fn(&Row) -> bool| self.rows.iter().filter(|row| is_one(row)).count();
        for class in Class::ALL {
            let all = count(&|row| row.bug.class == class);
            let rust = count(&|row| row.bug.class == class && row.bug.language == Language::Rust);
            let _ = writeln!(page, "| {class} | {all} | {rust} |");
        }
        let rust = count(&|row| row.bug.language == Language::Rust);
        let _ = writeln!(page, "| all | {} | {rust} |", self.rows.len());
    }

    fn write_matrix(&self, page: &mut String) {
        let (header, rows) = self.to_table();
        let _ = writeln!(page, "\n## Bug by engine\n\n| {} |", header.join(" | "));
        let _ = writeln!(page, "|{}", "---|".repeat(header.len()));
        for row in rows {
            let _ = writeln!(page, "| {} |", row.join(" | "));
        }
    }

    /// What our own engines did not find, with the reason.
    fn write_unfound(&self, page: &mut String) {
        let unfound: Vec<&Row> = self.rows.iter().filter(|row| !row.is_refuted()).collect();
        if unfound.is_empty() {
            return;
        }
        let _ = writeln!(
            page,
            "\n## What dpor and rc11 do not find\n\n| bug | engine | because |\n|---|---|---|"
        );
        for row in unfound {
            for (engine, cell) in ENGINES.iter().zip(&row.cells).filter(|(engine, _)| engine.claims().is_own)
            {
                let Cell::NotFound { because, .. } = cell else { continue };
                let because = because.unwrap_or("it is claimed, and nobody knows yet");
                let _ = writeln!(page, "| {} | {} | {because} |", row.bug.name, engine.claims().name);
            }
        }
    }

    fn write_bugs(&self, page: &mut String) {
        let _ = writeln!(page, "\n## The bugs");
        for Row { bug, .. } in &self.rows {
            let seen = match bug.seen {
                Seen::Read => "",
                Seen::ListOnly => " (the report was not read; this is what a list of bugs says)",
            };
            let _ = writeln!(
                page,
                "\n### {}\n\n`{}`, {}, {}{seen}. {} {}\n\nMended: {} Missed: {}",
                bug.name,
                bug.reference,
                bug.language.name(),
                bug.class,
                bug.mechanism,
                bug.users,
                bug.fix,
                bug.missed
            );
        }
    }
}

impl Row {
    /// Whether both of our own engines have proved the twin.
    #[must_use]
    pub fn is_twin_proved(&self) -> bool {
        let mut own = ENGINES.iter().zip(&self.twins).filter(|(engine, _)| engine.claims().is_own);
        own.all(|(_, twin)| matches!(twin, Twin::Proved { .. }))
    }
}

fn in_brief(cell: &Cell) -> String {
    match cell {
        Cell::Refuted { execution } => execution.to_string(),
        Cell::WrongRule { found } => format!("WRONG RULE: {found}"),
        Cell::NotFound { because: Some(_), .. } => "–".to_owned(),
        Cell::NotFound { executions, is_exhausted: true, .. } => format!("not in all {executions}"),
        Cell::NotFound { executions, .. } => format!("not in {executions}"),
    }
}

fn twin_in_brief(row: &Row) -> String {
    let own = ENGINES.iter().zip(&row.twins).filter(|(engine, _)| engine.claims().is_own);
    let said = own.map(|(_, twin)| match twin {
        Twin::Proved { executions } => executions.to_string(),
        Twin::Bounded { executions } => format!("NOT PROVED in {executions}"),
        Twin::Refuted { found } => format!("REFUTED: {found}"),
    });
    said.collect::<Vec<_>>().join(", ")
}
