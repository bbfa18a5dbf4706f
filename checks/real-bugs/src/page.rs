//! The matrix as text: a table for the terminal, and a page for the documentation.

mod as_requests;

use std::fmt::Write as _;

use crate::bug::{Class, Language};
use crate::elsewhere::ELSEWHERE;
use crate::matrix::{Cell, ENGINES, Matrix, Row, Twin};
use crate::programs::{Hunted, Small};
use crate::{closures, story};

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

A bug that is a request as well stands behind the calls of its shape, and no program is chosen for it: *small programs* are all of up to
one thread with four calls and two threads with three, the smallest first, and *hunt* is the sequence of `cancelproof hunt` from a fixed
seed, without its turns on real threads. Both numbers are the executions up to the first that showed the bug, for an apt rule, those of
the programs before included. A bug that is a program and no request has words there, which are explained below.

This page is what `cancelproof gauntlet --of real --markdown` prints, and a test fails when it is stale: run
`cargo test -p cancelproof-real-bugs` with `REWRITE=1` to write it anew, and review what changed.

";

impl Matrix {
    /// The header and the rows of a table for the terminal.
    #[must_use]
    pub fn to_table(&self) -> (Vec<String>, Vec<Vec<String>>) {
        let engines = ENGINES.iter().map(|engine| engine.claims().name);
        let columns = ["small programs", "hunt", "twin"];
        let header = ["bug", "rule"].into_iter().chain(engines).chain(columns);
        let rows = self.rows.iter().map(|row| {
            let labels = [row.bug.name.to_owned(), row.bug.rule.to_string()];
            let last = [small_in_brief(row), hunt_in_brief(row), twin_in_brief(row)];
            labels.into_iter().chain(row.cells.iter().map(in_brief)).chain(last).collect()
        });
        (header.map(str::to_owned).collect(), rows.collect())
    }

    /// One sentence under the table.
    #[must_use]
    pub fn summary(&self) -> String {
        let proved = self.rows.iter().filter(|row| row.is_twin_proved()).count();
        format!(
            "{} bugs, {} refuted for an apt rule by dpor or rc11, {proved} twins proved by both; {} of them are requests as well, {} \
             refuted by small programs; {} broken claims",
            self.rows.len(),
            self.refuted(),
            self.judged().count(),
            self.judged().filter(|judged| judged.is_refuted()).count(),
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
        as_requests::write(self, &mut page);
        story::write(&mut page);
        self.write_bugs(&mut page);
        write_elsewhere(&mut page);
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
            let _ = writeln!(
                page,
                "\n### {}\n\n`{}`, {}, {}; {}. {} {}\n\nMended: {} Missed: {}",
                bug.name,
                bug.reference,
                bug.language.name(),
                bug.class,
                bug.seen.in_words(),
                bug.mechanism,
                bug.users,
                bug.fix,
                bug.missed
            );
        }
    }
}

fn write_elsewhere(page: &mut String) {
    let _ = writeln!(
        page,
        "\n## Listed and without a kernel\n\nThe benchmark began with a list of 83 bugs; these of it have no kernel.\n\n\
         | report | listed as | why it has none |\n|---|---|---|"
    );
    for bug in ELSEWHERE {
        let _ = writeln!(page, "| `{}` | {} | {} |", bug.reference, bug.listed, bug.reason);
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

fn small_in_brief(row: &Row) -> String {
    match row.judged.as_ref().map(|judged| &judged.small) {
        Some(Small::Refuted { executions, .. }) => executions.to_string(),
        Some(Small::WrongRule { found }) => format!("WRONG RULE: {found}"),
        Some(Small::NotFound { programs }) => format!("in none of {programs}"),
        None => why_none(row),
    }
}

fn hunt_in_brief(row: &Row) -> String {
    match row.judged.as_ref().map(|judged| &judged.hunted) {
        Some(Hunted::Refuted { executions, .. }) => executions.to_string(),
        Some(Hunted::WrongRule { found }) => format!("WRONG RULE: {found}"),
        Some(Hunted::NotFound { turns }) => format!("not in {turns} turns"),
        None => why_none(row),
    }
}

/// Why a bug has no such column.
fn why_none(row: &Row) -> String {
    closures::why(row.bug.name).map_or("–", |reason| reason.brief).to_owned()
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
