//! `JUnit`: one test case for each judgement, one suite for each request.

use std::collections::BTreeMap;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite, XmlString};

use super::{Results, finding, table, trouble, verdict};
use crate::ledger::{EngineRecord, Ledger, Record};

/// The report, for any consumer of the format.
///
/// A judgement that was cut short is a success only where the gate allowed that; what it is called then is said in the
/// output of the case and never `proved`.
#[must_use]
pub fn junit(results: &Results) -> String {
    let ledger = &results.ledger;
    let mut report = Report::new("cancelproof");
    let mut canary = TestSuite::new("canary");
    canary.add_test_cases(ledger.engines.iter().map(canary_case));
    report.add_test_suite(canary);
    let mut suites: BTreeMap<&str, TestSuite> = BTreeMap::new();
    for record in &ledger.results {
        let suite = suites.entry(&record.request).or_insert_with(|| TestSuite::new(&*record.request));
        suite.add_test_case(case(ledger, record));
    }
    report.add_test_suites(suites.into_values());
    // Everything in it is text, in which the library replaces what XML cannot hold.
    report.to_string().unwrap_or_default()
}

fn canary_case(engine: &EngineRecord) -> TestCase {
    let status = if engine.canary == "seen" {
        TestCaseStatus::success()
    } else {
        non_success(NonSuccessKind::Error, "canary", &engine.canary)
    };
    named("canary", &engine.name, status)
}

fn case(ledger: &Ledger, record: &Record) -> TestCase {
    let what = record.scenario.as_ref().unwrap_or(&record.program);
    let mut case = named(&record.request, &format!("{what}::{}", record.engine), status(ledger, record));
    case.set_system_out(format!(
        "{}: {} executions, {} outcomes, {} threads: {}",
        verdict(record),
        record.executions,
        record.outcomes.len(),
        record.threads,
        record.program
    ));
    case
}

fn status(ledger: &Ledger, record: &Record) -> TestCaseStatus {
    if matches!(record.verdict.word.as_str(), "not applicable" | "not started") {
        let mut skipped = TestCaseStatus::skipped();
        skipped.set_message(record.verdict.detail.as_ref().unwrap_or(&record.verdict.word).as_str());
        return skipped;
    }
    if record.is_as_expected() {
        return TestCaseStatus::success();
    }
    let kind = match record.verdict.word.as_str() {
        "crashed" | "tool failure" => NonSuccessKind::Error,
        _ => NonSuccessKind::Failure,
    };
    let mut status = non_success(kind, &record.verdict.word, &trouble(record));
    if let Some(found) = finding(ledger, record) {
        status.set_description(table(&found.trace));
    }
    status
}

fn non_success(kind: NonSuccessKind, word: &str, message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(word);
    status.set_message(message);
    status
}

fn named(class: &str, name: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname(XmlString::new(class));
    case
}
