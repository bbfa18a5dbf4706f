//! What the page shows, worded: the template and the script have nothing to find out themselves.

use std::collections::BTreeMap;

use serde::Serialize;

use super::faults::{Found, Matrix, faults, found};
use super::machine::{self, Edge};
use super::plot::{self, Curve};
use crate::ledger::{EngineRecord, GrowthRecord, Ledger, Record, RequestRecord};
use crate::report::markdown::headline;
use crate::report::{Results, Section, trouble};

/// The page.
#[derive(Serialize)]
pub(super) struct View<'a> {
    headline: String,
    /// The class by which the headline is styled.
    mood: &'static str,
    version: &'a str,
    engines: &'a [EngineRecord],
    requests: Vec<Request<'a>>,
    faults: Option<Matrix<'a>>,
    troubles: Vec<String>,
    findings: Vec<Found<'a>>,
    mutants: &'a [Section],
    orderings: &'a [Section],
    edges: Vec<Edge>,
    curves: Vec<Curve>,
    executions: String,
    judgements: usize,
}

/// One request that should pass, or the system.
#[derive(Serialize)]
struct Request<'a> {
    name: &'a str,
    /// Its contract, or what else it is.
    contract: &'a str,
    /// What of its machine was seen.
    seen: String,
    sentence: String,
    growth: Option<String>,
    engines: Vec<&'a str>,
    rows: Vec<Row<'a>>,
    /// The states that it has reached, for the diagram.
    states: String,
}

/// One scenario of a request.
#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    program: &'a str,
    cells: Vec<Cell>,
    outcomes: Vec<Outcome<'a>>,
    /// Whether every exhaustive engine has proved it.
    is_proved: bool,
}

/// What an engine said.
#[derive(Clone, Serialize)]
pub(super) struct Cell {
    pub(super) word: String,
    /// The class by which it is styled.
    pub(super) kind: &'static str,
    pub(super) executions: String,
}

/// An outcome, with how often each engine came to it.
#[derive(Serialize)]
struct Outcome<'a> {
    words: &'a str,
    executions: Vec<String>,
}

impl<'a> View<'a> {
    pub(super) fn of(results: &'a Results, films: &[&'a str]) -> Self {
        let ledger = &results.ledger;
        let is_bad = ledger.results.iter().any(|record| !record.is_as_expected())
            || ledger.engines.iter().any(|engine| engine.canary != "seen");
        let is_short = ledger.results.iter().any(|record| !record.is_planted() && is_cut(record));
        let sections = |tables: &'a Option<crate::report::Tables>| {
            tables.as_ref().map(|tables| tables.sections.as_slice()).unwrap_or_default()
        };
        View {
            headline: headline(ledger),
            mood: if is_bad {
                "bad"
            } else if is_short {
                "cut"
            } else {
                "good"
            },
            version: &ledger.version,
            engines: &ledger.engines,
            requests: ledger
                .requests
                .iter()
                .filter(|request| request.breaks.is_none())
                .map(|request| Request::of(ledger, request))
                .chain(Request::of_the_system(ledger))
                .collect(),
            faults: faults(ledger),
            troubles: ledger
                .results
                .iter()
                .filter(|record| !record.is_as_expected())
                .map(|record| format!("{}: {}", record.title(), trouble(record)))
                .collect(),
            findings: ledger.findings.iter().zip(films).map(|(finding, film)| found(finding, film)).collect(),
            mutants: sections(&results.mutants),
            orderings: sections(&results.orderings),
            edges: machine::edges(ledger),
            curves: plot::curves(ledger),
            executions: count(ledger.results.iter().map(|record| record.executions).sum()),
            judgements: ledger.results.iter().filter(|record| record.is_judged()).count(),
        }
    }
}

impl<'a> Request<'a> {
    fn of(ledger: &'a Ledger, about: &'a RequestRecord) -> Self {
        let records: Vec<&Record> =
            ledger.results.iter().filter(|record| record.request == about.name).collect();
        let engines: Vec<&str> = ledger.engines.iter().map(|engine| engine.name.as_str()).collect();
        let mut states: Vec<String> = records
            .iter()
            .flat_map(|record| {
                ledger.coverage(record).states().into_iter().map(str::to_owned).collect::<Vec<_>>()
            })
            .collect();
        states.sort();
        states.dedup();
        let growth = ledger.growth.iter().find(|growth| growth.request == about.name);
        Request {
            name: &about.name,
            contract: &about.contract,
            seen: format!(
                "{} of {} states, {} of {} edges",
                about.seen.states, about.machine.states, about.seen.edges, about.machine.edges
            ),
            sentence: sentence(ledger, &records),
            growth: growth.map(grown),
            rows: Row::all(ledger, &records, &engines),
            engines,
            states: states.join("|"),
        }
    }

    /// The system, if it was judged; its machine is the list of outcomes of each scenario.
    fn of_the_system(ledger: &'a Ledger) -> Option<Self> {
        let records: Vec<&Record> =
            ledger.results.iter().filter(|record| record.is_of_the_system()).collect();
        let name = &records.first()?.request;
        let has_judged = |engine: &&EngineRecord| records.iter().any(|record| record.engine == engine.name);
        let engines: Vec<&str> =
            ledger.engines.iter().filter(has_judged).map(|engine| engine.name.as_str()).collect();
        Some(Request {
            name,
            contract: "queues, applications, sent requests, objects",
            seen: "not one machine".to_owned(),
            sentence: sentence(ledger, &records),
            growth: None,
            rows: Row::all(ledger, &records, &engines),
            engines,
            states: String::new(),
        })
    }
}

impl<'a> Row<'a> {
    /// One for each scenario, in the order in which they were judged.
    fn all(ledger: &Ledger, records: &[&'a Record], engines: &[&str]) -> Vec<Self> {
        let mut scenarios: Vec<&str> = Vec::new();
        for record in records {
            let name = name_of(record);
            if !scenarios.contains(&name) {
                scenarios.push(name);
            }
        }
        scenarios.into_iter().map(|name| Row::of(ledger, records, name, engines)).collect()
    }

    fn of(ledger: &Ledger, records: &[&'a Record], name: &'a str, engines: &[&str]) -> Self {
        let of = |engine: &str| {
            records.iter().copied().find(|record| record.engine == engine && name_of(record) == name)
        };
        let found: Vec<Option<&Record>> = engines.iter().map(|engine| of(engine)).collect();
        let mut outcomes: BTreeMap<&'a str, Vec<String>> = BTreeMap::new();
        for (column, record) in found.iter().enumerate() {
            for (outcome, executions) in record.iter().flat_map(|record| &record.outcomes) {
                let row = outcomes.entry(outcome).or_insert_with(|| vec![String::new(); engines.len()]);
                row[column] = count(*executions);
            }
        }
        let is_exhaustive =
            |name: &str| ledger.engines.iter().any(|engine| engine.name == name && engine.is_exhaustive);
        let mut exhaustive = found.iter().flatten().filter(|record| is_exhaustive(&record.engine));
        Row {
            name,
            program: found.iter().flatten().next().map_or("", |record| &record.program),
            cells: found.iter().map(|record| cell(*record)).collect(),
            outcomes: outcomes.into_iter().map(|(words, executions)| Outcome { words, executions }).collect(),
            is_proved: exhaustive.all(|record| {
                let is_meant = record.expected.is_some() && record.is_as_expected();
                is_meant || matches!(record.verdict.word.as_str(), "proved" | "not applicable")
            }),
        }
    }
}

pub(super) fn name_of(record: &Record) -> &str {
    record.scenario.as_ref().unwrap_or(&record.program)
}

fn is_cut(record: &Record) -> bool {
    matches!(record.verdict.word.as_str(), "bounded" | "not started")
}

pub(super) fn cell(record: Option<&Record>) -> Cell {
    let Some(record) = record else {
        return Cell { word: "left out".to_owned(), kind: "none", executions: String::new() };
    };
    let kind = match record.verdict.word.as_str() {
        _ if !record.is_as_expected() => "bad",
        "proved" | "refuted" => "good",
        "sampled" => "sampled",
        "bounded" | "not started" => "cut",
        _ => "none",
    };
    let word = match (&record.expected, &record.verdict.rule) {
        (None, Some(rule)) => format!("refuted {rule}"),
        (Some(expected), Some(rule)) if expected != rule => format!("refuted {rule}"),
        _ => record.verdict.word.clone(),
    };
    let executions = if record.executions > 0 { count(record.executions) } else { String::new() };
    Cell { word, kind, executions }
}

/// What was shown for a request, and never more.
fn sentence(ledger: &Ledger, records: &[&Record]) -> String {
    let of = |engine: &EngineRecord| {
        let is_its = |record: &&Record| record.engine == engine.name && record.is_judged();
        let records: Vec<&Record> = records.iter().copied().filter(is_its).collect();
        if records.is_empty() {
            return None;
        }
        let proved = records.iter().filter(|record| record.verdict.word == "proved").count();
        let (must_hang, lawful): (Vec<&Record>, Vec<&Record>) =
            records.iter().copied().partition(|record| record.expected.is_some());
        let hang = must_hang.iter().filter(|record| record.is_as_expected()).count();
        let threads = records.iter().map(|record| record.threads).max().unwrap_or_default();
        Some(if engine.is_exhaustive {
            let hanging = match must_hang.len() {
                0 => String::new(),
                some => format!(", and {hang} of {some} that must hang do"),
            };
            format!(
                "{} proved {proved} of {} scenarios of up to {threads} threads{hanging}",
                engine.name,
                lawful.len()
            )
        } else {
            let executions: u64 = records.iter().map(|record| record.executions).sum();
            format!("{} sampled {} executions", engine.name, count(executions))
        })
    };
    let parts: Vec<String> = ledger.engines.iter().filter_map(of).collect();
    format!("{}.", parts.join("; "))
}

fn grown(growth: &GrowthRecord) -> String {
    let mut parts = Vec::new();
    if let Some(threads) = growth.proved {
        parts.push(format!("every interleaving of up to {threads} threads"));
    }
    if let Some(bounded) = growth.bounded {
        parts.push(format!(
            "every run of {} threads with at most {} preemptions",
            bounded.threads, bounded.preemptions
        ));
    }
    if let Some(sampled) = growth.sampled {
        parts.push(format!(
            "{} samples of {} threads, which miss a bug of depth {} with a probability of at most {:.3}",
            count(sampled.samples),
            sampled.threads,
            sampled.depth,
            (sampled.miss() * 1_000.0).ceil() / 1_000.0
        ));
    }
    parts.extend(growth.troubles.iter().cloned());
    format!("{}.", parts.join("; "))
}

/// A count with its thousands apart.
fn count(number: u64) -> String {
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
