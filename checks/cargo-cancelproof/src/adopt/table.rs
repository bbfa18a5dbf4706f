//! How what was adopted is told.

use std::fmt::Write as _;

use super::outcome::Outcome;
use super::{Adopted, Judge, Row};

/// One test in a line.
pub(crate) fn line(row: &Row) -> String {
    let parts: Vec<String> =
        row.outcomes.iter().map(|(judge, outcome)| format!("{} {}", judge.name(), cell(outcome))).collect();
    format!("{}: {}", row.test, parts.join("; "))
}

/// An outcome in a few words: how it came out, after how many executions, in what time.
pub(crate) fn cell(outcome: &Outcome) -> String {
    let mut cell = outcome.verdict.to_string();
    if let Some(executions) = outcome.executions {
        let plural = if executions == 1 { "" } else { "s" };
        let _ = write!(cell, ", {executions} execution{plural}");
    }
    let _ = write!(cell, ", {:.2} s", outcome.time.as_secs_f64());
    cell
}

/// What came of a crate, as it is printed: a line for each test and engine, then what no engine sees, then the verdict.
pub(crate) fn terminal(adopted: &Adopted) -> String {
    let heads = ["crate", "test", "engine", "executions", "time", "verdict"];
    let mut lines = vec![heads.map(str::to_owned)];
    for row in &adopted.rows {
        for (judge, outcome) in &row.outcomes {
            lines.push([
                adopted.package.to_string(),
                row.test.clone(),
                judge.name().to_owned(),
                outcome.executions.map_or_else(|| "-".to_owned(), |count| count.to_string()),
                format!("{:.2} s", outcome.time.as_secs_f64()),
                outcome.verdict.to_string(),
            ]);
        }
    }
    let width =
        |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default();
    let widths: [usize; 6] = std::array::from_fn(width);
    let mut text = String::new();
    for line in &lines {
        let cells: Vec<String> =
            line.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        let _ = writeln!(text, "{}", cells.join("  ").trim_end());
    }
    for unseen in &adopted.unseen {
        let _ = writeln!(text, "not seen by any engine: {unseen}");
    }
    let _ = writeln!(text, "{}: {}", adopted.package, verdict(adopted));
    text
}

/// The verdict on a crate.
pub(crate) fn verdict(adopted: &Adopted) -> String {
    let ours: Vec<&Outcome> = adopted
        .rows
        .iter()
        .flat_map(|row| &row.outcomes)
        .filter(|(judge, _)| *judge != Judge::Loom)
        .map(|(_, outcome)| outcome)
        .collect();
    let tests = adopted.rows.len();
    let plural = if tests == 1 { "" } else { "s" };
    let refuted = ours.iter().filter(|outcome| outcome.verdict.is_refuted()).count();
    if refuted > 0 {
        return format!("refuted in {refuted} of {} runs of {tests} test{plural}", ours.len());
    }
    let open = ours.iter().filter(|outcome| !outcome.verdict.is_whole()).count();
    if open > 0 {
        return format!("bounded: {open} of {} runs of {tests} test{plural} did not end", ours.len());
    }
    match adopted.unseen.len() {
        0 => format!("proved, {tests} test{plural}"),
        unseen => format!(
            "bounded: every execution of {tests} test{plural}, as far as {unseen} that no engine sees let it be"
        ),
    }
}
