//! What the page shows, worded: the template and the script have nothing to find out themselves.

use serde::Serialize;

use super::faults::{Found, Matrix, faults, found};
use super::machine::{self, Edge};
use super::plot::{self, Curve};
use super::scenarios::{self, Cell, Row, SAMPLES, Scenario, count};
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
    columns: Vec<&'a str>,
    /// Whether the last column is that of what was drawn.
    has_samples: bool,
    requests: Vec<Request<'a>>,
    /// What each column says of all requests together, if there are several.
    totals: Option<Vec<Cell>>,
    scenarios: Vec<Scenario<'a>>,
    faults: Option<Matrix<'a>>,
    troubles: Vec<String>,
    findings: Vec<Found<'a>>,
    mutants: &'a [Section],
    orderings: &'a [Section],
    edges: Vec<Edge>,
    curves: Vec<Curve>,
    executions: String,
    judgements: String,
}

/// One request that should pass, or the system.
#[derive(Serialize)]
struct Request<'a> {
    name: &'a str,
    /// Its contract, or what else it is.
    contract: &'a str,
    /// What each column says of all its scenarios together.
    marks: Vec<Cell>,
    /// The most threads of which every interleaving was explored.
    threads: usize,
    /// What of its machine was seen.
    seen: String,
    growth: Option<String>,
    rows: Vec<Row<'a>>,
    /// The states that it has reached, for the diagram.
    states: String,
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
        let (columns, scenarios) = (scenarios::columns(ledger), scenarios::scenarios(ledger));
        let requests: Vec<Request> = ledger
            .requests
            .iter()
            .filter(|request| request.breaks.is_none())
            .map(|request| Request::of(ledger, request, &columns, &scenarios))
            .chain(Request::of_the_system(ledger, &columns, &scenarios))
            .collect();
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
            totals: (requests.len() > 1).then(|| totals(ledger, &columns)),
            has_samples: columns.last() == Some(&SAMPLES),
            columns,
            requests,
            scenarios,
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
            judgements: count(ledger.results.iter().filter(|record| record.is_judged()).count() as u64),
        }
    }
}

impl<'a> Request<'a> {
    fn of(
        ledger: &'a Ledger,
        about: &'a RequestRecord,
        columns: &[&str],
        scenarios: &[Scenario<'a>],
    ) -> Self {
        let records: Vec<&Record> =
            ledger.results.iter().filter(|record| record.request == about.name).collect();
        let mut states: Vec<String> = records
            .iter()
            .flat_map(|record| {
                ledger.coverage(record).states().into_iter().map(str::to_owned).collect::<Vec<_>>()
            })
            .collect();
        states.sort();
        states.dedup();
        let growth = ledger.growth.iter().find(|growth| growth.request == about.name);
        let grown_to = growth.and_then(|growth| growth.proved).unwrap_or_default();
        Request {
            name: &about.name,
            contract: &about.contract,
            marks: marks(ledger, &records, columns),
            threads: threads(ledger, &records).max(grown_to),
            seen: format!(
                "{} of {} states, {} of {} edges",
                about.seen.states, about.machine.states, about.seen.edges, about.machine.edges
            ),
            growth: growth.map(grown),
            rows: scenarios::rows(ledger, &records, columns, scenarios),
            states: states.join("|"),
        }
    }

    /// The system, if it was judged; its machine is the list of outcomes of each scenario.
    fn of_the_system(ledger: &'a Ledger, columns: &[&str], scenarios: &[Scenario<'a>]) -> Option<Self> {
        let records: Vec<&Record> =
            ledger.results.iter().filter(|record| record.is_of_the_system()).collect();
        Some(Request {
            name: &records.first()?.request,
            contract: "queues, applications, sent requests, objects",
            marks: marks(ledger, &records, columns),
            threads: threads(ledger, &records),
            seen: "all outcomes of each scenario".to_owned(),
            growth: None,
            rows: scenarios::rows(ledger, &records, columns, scenarios),
            states: String::new(),
        })
    }
}

/// What each column says of all scenarios of a request.
fn marks(ledger: &Ledger, records: &[&Record], columns: &[&str]) -> Vec<Cell> {
    let mark = |column: &&str| Cell::sum(&scenarios::of_column(ledger, records, column), *column != SAMPLES);
    columns.iter().map(mark).collect()
}

fn totals(ledger: &Ledger, columns: &[&str]) -> Vec<Cell> {
    let lawful: Vec<&Record> = ledger.results.iter().filter(|record| !record.is_planted()).collect();
    marks(ledger, &lawful, columns)
}

/// The most threads of a scenario that an exhaustive engine has proved.
fn threads(ledger: &Ledger, records: &[&Record]) -> usize {
    let proved = records
        .iter()
        .filter(|record| record.verdict.word == "proved" && scenarios::is_exhaustive(ledger, &record.engine));
    proved.map(|record| record.threads).max().unwrap_or_default()
}

fn is_cut(record: &Record) -> bool {
    matches!(record.verdict.word.as_str(), "bounded" | "not started")
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
