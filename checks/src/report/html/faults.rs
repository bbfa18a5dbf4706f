//! The planted faults and the failures that nobody expected, as the page shows them.

use serde::Serialize;

use super::scenarios::{Cell, name_of};
use crate::ledger::{Finding, Ledger, Record};
use crate::report::table;

/// Every planted fault against every engine that claims to see it.
#[derive(Serialize)]
pub(super) struct Matrix<'a> {
    sentence: String,
    engines: Vec<&'a str>,
    rows: Vec<Fault<'a>>,
}

#[derive(Serialize)]
pub(super) struct Fault<'a> {
    name: &'a str,
    breaks: &'a str,
    scenario: &'a str,
    cells: Vec<Cell>,
}

/// A failure that nobody expected.
#[derive(Serialize)]
pub(super) struct Found<'a> {
    request: &'a str,
    rule: &'a str,
    meaning: &'a str,
    explanation: &'a str,
    program: &'a str,
    scenario: &'a str,
    engine: &'a str,
    why: &'a [String],
    table: String,
    token: &'a str,
    film: &'a str,
}

pub(super) fn faults(ledger: &Ledger) -> Option<Matrix<'_>> {
    let planted: Vec<&Record> = ledger.results.iter().filter(|record| record.is_planted()).collect();
    let first = planted.first()?;
    debug_assert!(first.expected.is_some());
    let engines: Vec<&str> = ledger.engines.iter().map(|engine| engine.name.as_str()).collect();
    let engines: Vec<&str> =
        engines.into_iter().filter(|engine| planted.iter().any(|record| record.engine == *engine)).collect();
    let mut names: Vec<&str> = Vec::new();
    for record in &planted {
        if !names.contains(&record.request.as_str()) {
            names.push(&record.request);
        }
    }
    let caught = planted.iter().filter(|record| record.is_as_expected()).count();
    let row = |name: &&'_ str| {
        let of: Vec<&Record> = planted.iter().copied().filter(|record| record.request == **name).collect();
        let at = |engine: &&str| Cell::of(of.iter().copied().find(|record| record.engine == **engine));
        (of.first().copied(), engines.iter().map(at).collect::<Vec<Cell>>())
    };
    let rows = names
        .iter()
        .filter_map(|name| {
            let (record, cells) = row(name);
            let record = record?;
            Some(Fault {
                name: &record.request,
                breaks: record.expected.as_deref().unwrap_or_default(),
                scenario: name_of(record),
                cells,
            })
        })
        .collect();
    let sentence = format!(
        "{} faults; {caught} of {} judgements refute the fault for its own rule.",
        names.len(),
        planted.len()
    );
    Some(Matrix { sentence, engines, rows })
}

pub(super) fn found<'a>(finding: &'a Finding, film: &'a str) -> Found<'a> {
    let header = &finding.trace.header;
    let broken = header.broken.as_ref();
    Found {
        request: &header.request,
        rule: broken.map_or("a rule", |broken| &broken.rule),
        meaning: broken.map_or("", |broken| &broken.meaning),
        explanation: broken.map_or("", |broken| &broken.explanation),
        program: &header.program,
        scenario: &finding.scenario,
        engine: &finding.engine,
        why: finding.trace.why.as_ref().map(|why| why.sentences.as_slice()).unwrap_or_default(),
        table: table(&finding.trace),
        token: &finding.token,
        film,
    }
}
