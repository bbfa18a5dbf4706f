//! What each engine said of each scenario, as marks, and each scenario once with its program and its outcomes.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::ledger::{Ledger, Record};

/// The column in which what sampling engines drew stands together.
pub(super) const SAMPLES: &str = "samples";

/// One scenario of a request.
#[derive(Serialize)]
pub(super) struct Row<'a> {
    name: &'a str,
    /// The place of its [`Scenario`], from 1.
    scenario: usize,
    cells: Vec<Cell>,
    /// Whether every exhaustive engine has proved it.
    is_proved: bool,
}

/// A scenario, told once for all requests.
#[derive(Serialize)]
pub(super) struct Scenario<'a> {
    pub(super) name: &'a str,
    program: &'a str,
    /// The requests that ran it.
    of: usize,
    outcomes: Vec<Outcome<'a>>,
}

/// An outcome of a scenario.
#[derive(Serialize)]
struct Outcome<'a> {
    words: &'a str,
    /// The requests that came to it.
    requests: usize,
}

/// What an engine said: a mark with a number.
#[derive(Clone, Serialize)]
pub(super) struct Cell {
    /// The class by which it is styled.
    pub(super) kind: &'static str,
    pub(super) text: String,
}

impl Cell {
    pub(super) fn none() -> Self {
        Cell { kind: "none", text: "–".to_owned() }
    }

    /// What all of `records` come to together: how many are proved, or drawn, and whether anything is wrong.
    pub(super) fn sum(records: &[&Record], is_exhaustive: bool) -> Self {
        let records: Vec<&Record> = records.iter().copied().filter(|record| record.is_judged()).collect();
        let wrong = records.iter().filter(|record| !record.is_as_expected()).count();
        let proved = records.iter().filter(|record| is_shown(record)).count();
        match records.len() {
            0 => Cell::none(),
            _ if wrong > 0 => Cell { kind: "bad", text: format!("✗ {}", count(wrong as u64)) },
            _ if !is_exhaustive => Cell {
                kind: "sampled",
                text: format!("≈ {}", about(records.iter().map(|record| record.executions).sum())),
            },
            all if proved == all => Cell { kind: "good", text: format!("✓ {}", count(all as u64)) },
            all => Cell { kind: "cut", text: format!("◐ {}/{}", count(proved as u64), count(all as u64)) },
        }
    }

    /// What one judgement says.
    pub(super) fn of(record: Option<&Record>) -> Self {
        let Some(record) = record else { return Cell::none() };
        let executions = if record.executions > 0 { count(record.executions) } else { String::new() };
        let (kind, text) = match (record.verdict.word.as_str(), &record.verdict.rule) {
            (word, None) if !record.is_as_expected() => ("bad", format!("✗ {word} {executions}")),
            (_, Some(rule)) if !record.is_as_expected() => ("bad", format!("✗ refuted {rule} {executions}")),
            ("proved", _) => ("good", format!("✓ {executions}")),
            ("refuted", _) => ("good", format!("✓ {executions}")),
            ("sampled", _) => ("sampled", format!("≈ {executions}")),
            ("bounded", _) => ("cut", format!("◐ {executions}")),
            ("not started", _) => ("cut", "◐ not started".to_owned()),
            (word, _) => ("none", word.to_owned()),
        };
        Cell { kind, text: text.trim_end().to_owned() }
    }

    /// What the sampling engines drew together.
    fn of_samples(records: &[&Record]) -> Self {
        match records.iter().find(|record| !record.is_as_expected()) {
            Some(wrong) => Cell::of(Some(wrong)),
            None => Cell::sum(records, false),
        }
    }
}

/// The columns of a table of scenarios: each exhaustive engine, and all samples together.
pub(super) fn columns(ledger: &Ledger) -> Vec<&str> {
    let engines = ledger.engines.iter().filter(|engine| engine.is_exhaustive);
    let mut columns: Vec<&str> = engines.map(|engine| engine.name.as_str()).collect();
    if ledger.engines.iter().any(|engine| !engine.is_exhaustive) {
        columns.push(SAMPLES);
    }
    columns
}

/// The records of a column.
pub(super) fn of_column<'a>(ledger: &Ledger, records: &[&'a Record], column: &str) -> Vec<&'a Record> {
    let is_of = |record: &&&Record| {
        record.engine == column || column == SAMPLES && !is_exhaustive(ledger, &record.engine)
    };
    records.iter().filter(is_of).copied().collect()
}

pub(super) fn is_exhaustive(ledger: &Ledger, name: &str) -> bool {
    ledger.engines.iter().any(|engine| engine.name == name && engine.is_exhaustive)
}

/// One row for each scenario of a request, in the order in which they were judged.
pub(super) fn rows<'a>(
    ledger: &Ledger,
    records: &[&'a Record],
    columns: &[&str],
    scenarios: &[Scenario<'a>],
) -> Vec<Row<'a>> {
    let mut by_name: Vec<(&str, Vec<&Record>)> = Vec::new();
    for record in records {
        let name = name_of(record);
        match by_name.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => known.push(record),
            None => by_name.push((name, vec![record])),
        }
    }
    let row = |(name, records): (&'a str, Vec<&Record>)| {
        let cell = |column: &&str| match (*column, of_column(ledger, &records, column)) {
            (SAMPLES, drawn) => Cell::of_samples(&drawn),
            (_, judged) => Cell::of(judged.first().copied()),
        };
        let place = scenarios.iter().position(|scenario| scenario.name == name).unwrap_or_default();
        Row {
            name,
            scenario: place + 1,
            cells: columns.iter().map(cell).collect(),
            is_proved: records
                .iter()
                .filter(|record| is_exhaustive(ledger, &record.engine))
                .all(|record| is_shown(record) || record.verdict.word == "not applicable"),
        }
    };
    by_name.into_iter().map(row).collect()
}

/// Every scenario that some request has run, in the order of the first judgements.
pub(super) fn scenarios(ledger: &Ledger) -> Vec<Scenario<'_>> {
    let mut by_name: Vec<(&str, Vec<&Record>)> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for record in ledger.results.iter().filter(|record| !record.is_planted()) {
        let place = *places.entry(name_of(record)).or_insert_with(|| {
            by_name.push((name_of(record), Vec::new()));
            by_name.len() - 1
        });
        by_name[place].1.push(record);
    }
    by_name.into_iter().map(|(name, records)| Scenario::of(name, &records)).collect()
}

impl<'a> Scenario<'a> {
    fn of(name: &'a str, records: &[&'a Record]) -> Self {
        let mut outcomes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut requests: Vec<&str> = records.iter().map(|record| record.request.as_str()).collect();
        requests.sort_unstable();
        requests.dedup();
        for record in records {
            for (words, _) in &record.outcomes {
                let known = outcomes.entry(words).or_default();
                if !known.contains(&record.request.as_str()) {
                    known.push(&record.request);
                }
            }
        }
        Scenario {
            name,
            program: records.first().map_or("", |record| &record.program),
            of: requests.len(),
            outcomes: outcomes
                .into_iter()
                .map(|(words, requests)| Outcome { words, requests: requests.len() })
                .collect(),
        }
    }
}

pub(super) fn name_of(record: &Record) -> &str {
    record.scenario.as_ref().unwrap_or(&record.program)
}

/// Whether the judgement is final and what it had to be: proved, or refuted where that was expected.
fn is_shown(record: &Record) -> bool {
    record.verdict.word == "proved" || record.expected.is_some() && record.is_as_expected()
}

/// A count with its thousands apart.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A large count, rounded down: a column of samples has no room for more.
fn about(number: u64) -> String {
    match number {
        1_000_000.. => format!("{}M", number / 1_000_000),
        10_000.. => format!("{}k", number / 1_000),
        small => count(small),
    }
}
