//! The part of the page that is about the bugs that are requests, and why the others are none.

use std::fmt::Write as _;

use crate::closures::REASONS;
use crate::matrix::Matrix;
use crate::programs::{Hunted, Judged, Small, TwinHunted, TwinSmall};
use crate::requests;

/// Writes both tables.
pub(super) fn write(matrix: &Matrix, page: &mut String) {
    let _ = writeln!(
        page,
        "\n## As requests\n\nThe smallest program that shows each, its number among all small programs, the rule, and where a hunt was when \
         it found the bug. Small programs ran under `dpor`, and under `rc11` where the bug needs weak memory. Twins were exhausted in \
         every small program, and went through {} turns of the hunt as far as these apply.\n\n\
         | bug | shape | smallest program | number | rule | hunt | twin: programs, executions, turns |\n\
         |---|---|---|---|---|---|---|",
        crate::programs::TURNS_OF_A_TWIN
    );
    for judged in matrix.judged() {
        let shape = requests::of(judged.name).map_or("", |request| request.shape.name());
        let _ = writeln!(
            page,
            "| {} | {shape} | {} | {} | {} |",
            judged.name,
            small(judged),
            hunted(judged),
            twins(judged)
        );
    }
    let _ = writeln!(page, "\n## Why the others are no requests\n\n| in brief | why | bugs |\n|---|---|---|");
    for reason in REASONS {
        let _ = writeln!(page, "| {} | {} | {} |", reason.brief, reason.sentence, reason.kernels.join(", "));
    }
}

/// The program, its number and the rule.
fn small(judged: &Judged) -> String {
    match &judged.small {
        Small::Refuted { program, number, rule, .. } => {
            format!("{} | {number} under {} | {rule}", in_a_cell(program), judged.engine)
        }
        Small::WrongRule { found } => format!("WRONG RULE: {} | |", in_a_cell(found)),
        Small::NotFound { programs } => format!("none of {programs} | |"),
    }
}

fn hunted(judged: &Judged) -> String {
    match &judged.hunted {
        Hunted::Refuted { turn, engine, program, .. } => {
            format!("turn {turn}, {engine}: {}", in_a_cell(program))
        }
        Hunted::WrongRule { found } => format!("WRONG RULE: {}", in_a_cell(found)),
        Hunted::NotFound { turns } => format!("not in {turns} turns"),
    }
}

fn twins(judged: &Judged) -> String {
    let small = match &judged.twin_small {
        TwinSmall::Proved { programs, executions } => format!("{programs}, {executions}"),
        TwinSmall::Otherwise { found } => format!("NOT PROVED: {}", in_a_cell(found)),
    };
    match &judged.twin_hunted {
        TwinHunted::Clean { turns } => format!("{small}, {turns}"),
        TwinHunted::Refuted { found } => format!("{small}, REFUTED: {}", in_a_cell(found)),
    }
}

/// A program as code; a bar in it is no border of its cell.
fn in_a_cell(program: &str) -> String {
    format!("`{}`", program.trim().replace('|', "\\|"))
}
