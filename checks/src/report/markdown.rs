//! A summary in Markdown, as the page of a workflow's job shows it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Results, table, trouble};
use crate::ledger::{Finding, Ledger, Record};
use crate::system::registry::REFERENCE;

/// Troubles that are listed one by one; more are only counted.
const TROUBLES_MAX: usize = 30;

/// The summary: what was shown for each request, and everything that is not as it should be.
#[must_use]
pub fn markdown(results: &Results) -> String {
    let ledger = &results.ledger;
    let mut text = format!("# cancelproof: {}\n\n", headline(ledger));
    text.push_str(&requests(ledger));
    text.push_str(&faults(ledger));
    for finding in &ledger.findings {
        text.push_str(&of_finding(finding));
    }
    text.push_str(&troubles(ledger));
    text.push_str(&limits(ledger));
    text
}

/// The whole in a line.
pub(super) fn headline(ledger: &Ledger) -> String {
    let blind = ledger.engines.iter().filter(|engine| engine.canary != "seen").count();
    let bad = ledger.results.iter().filter(|record| !record.is_as_expected()).count();
    let number = ledger.results.iter().filter(|record| record.is_judged()).count();
    let is_short = |record: &&Record| {
        !record.is_planted() && matches!(record.verdict.word.as_str(), "bounded" | "not started")
    };
    let short = ledger.results.iter().filter(is_short).count();
    match (bad, blind, short) {
        (0, 0, 0) => format!("all {number} judgements are as they should be"),
        (0, 0, short) => format!("nothing is wrong in {number} judgements; {short} were cut short"),
        (bad, 0, _) => format!("{bad} of {number} judgements are not as they should be"),
        (bad, blind, _) => {
            format!("{blind} engines are blind, {bad} of {number} judgements are not as they should be")
        }
    }
}

fn requests(ledger: &Ledger) -> String {
    let engines: Vec<&str> = ledger.engines.iter().map(|engine| engine.name.as_str()).collect();
    let mut text = format!("| request | {} | machine seen |\n", engines.join(" | "));
    let _ = writeln!(text, "|---|{}---|", "---|".repeat(engines.len()));
    for request in ledger.requests.iter().filter(|request| request.breaks.is_none()) {
        let cells: Vec<String> = engines.iter().map(|engine| cell(ledger, &request.name, engine)).collect();
        let (seen, machine) = (request.seen, request.machine);
        let _ = writeln!(
            text,
            "| {} ({}) | {} | {} of {} states, {} of {} edges |",
            escape(&request.name),
            escape(&request.contract),
            cells.join(" | "),
            seen.states,
            machine.states,
            seen.edges,
            machine.edges
        );
    }
    if ledger.results.iter().any(Record::is_of_the_system) {
        let cells: Vec<String> = engines.iter().map(|engine| cell(ledger, REFERENCE.name, engine)).collect();
        let _ = writeln!(text, "| {} | {} | not one machine |", REFERENCE.name, cells.join(" | "));
    }
    text.push('\n');
    text
}

/// How often an engine said which word of a request, or of the system.
fn cell(ledger: &Ledger, request: &str, engine: &str) -> String {
    let mut words: BTreeMap<&str, usize> = BTreeMap::new();
    let records = ledger.results.iter();
    for record in records.filter(|record| record.request == request && record.engine == engine) {
        let word = record.verdict.word.as_str();
        let is_meant = word == "refuted" && record.is_as_expected();
        *words.entry(if is_meant { "hangs as it must" } else { word }).or_default() += 1;
    }
    let parts: Vec<String> = words.into_iter().map(|(word, number)| format!("{word} {number}")).collect();
    parts.join(", ")
}

fn faults(ledger: &Ledger) -> String {
    let planted: Vec<&Record> = ledger.results.iter().filter(|record| record.is_planted()).collect();
    if planted.is_empty() {
        return String::new();
    }
    let caught = planted.iter().filter(|record| record.is_as_expected()).count();
    format!(
        "{caught} of {} judgements of planted faults refute the fault for its own rule.\n\n",
        planted.len()
    )
}

fn of_finding(finding: &Finding) -> String {
    let header = &finding.trace.header;
    let rule = header.broken.as_ref().map_or("a rule", |broken| &broken.rule);
    let table = table(&finding.trace);
    // A fence longer than any in the text cannot be ended by it.
    let longest = table.split(|character| character != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    format!(
        "<details><summary>{} breaks {} in {}</summary>\n\n{fence}text\n{table}\n{fence}\n\n</details>\n\n",
        escape(&header.request),
        escape(rule),
        escape(&header.program)
    )
}

fn troubles(ledger: &Ledger) -> String {
    let mut lines: Vec<String> = ledger
        .engines
        .iter()
        .filter(|engine| engine.canary != "seen")
        .map(|engine| format!("canary / {}: {}", engine.name, engine.canary))
        .collect();
    let bad = ledger.results.iter().filter(|record| !record.is_as_expected());
    lines.extend(bad.map(|record| format!("{}: {}", record.title(), trouble(record))));
    let mut text = String::new();
    for line in lines.iter().take(TROUBLES_MAX) {
        let _ = writeln!(text, "- {}", escape(line));
    }
    if lines.len() > TROUBLES_MAX {
        let _ = writeln!(text, "- and {} more", lines.len() - TROUBLES_MAX);
    }
    text
}

/// What no verdict speaks of: the limits of each engine.
fn limits(ledger: &Ledger) -> String {
    let mut text = String::new();
    for engine in ledger.engines.iter().filter(|engine| !engine.not_looked_at.is_empty()) {
        let _ = writeln!(text, "- {}: {}", escape(&engine.name), escape(&engine.not_looked_at.join(" ")));
    }
    if text.is_empty() {
        return text;
    }
    format!(
        "\n<details><summary>What the engines did not look at, or not wholly</summary>\n\n{text}\n</details>\n"
    )
}

/// Text that stands for itself in a cell of a table: nothing in it is markup.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' => escaped.push(' '),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '|' | '`' | '*' | '_' | '[' | ']' | '\\' | '#' => escaped.extend(['\\', character]),
            character => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_name_is_markup() {
        assert_eq!(escape("<script>|`*x*`\n[a](b)"), "&lt;script&gt;\\|\\`\\*x\\*\\` \\[a\\](b)");
    }
}
