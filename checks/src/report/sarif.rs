//! SARIF 2.1.0: each finding with a code flow that steps through the interleaving, one thread flow for each thread.
//!
//! The order of the whole is in `executionOrder`, so that a viewer can show the threads beside each other or one step
//! after another. Source: OASIS, "Static Analysis Results Interchange Format Version 2.1.0", sections 3.36 to 3.38.

use std::fmt::Write as _;

use cancelproof_machine::Rule;
use serde_json::{Value, json};

use super::{Results, finding, is_of_harness, place, relative, trouble};
use crate::ledger::{Finding, Ledger, Record};
use crate::trace::{Place, Trace, What};

/// The schema that the report is valid against.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What can be wrong besides a broken rule: the word of the verdict, and its meaning.
const OTHERS: [(&str, &str); 4] = [
    ("vacuous", "no execution did what the scenario is about, so nothing was judged"),
    ("crashed", "the request took its process down, or never came back"),
    ("tool failure", "the suite itself failed, so its answer would mean nothing"),
    ("not refuted", "a fault that was planted was not refuted for its own rule"),
];

/// The report, for code scanning and editors.
#[must_use]
pub fn sarif(results: &Results) -> String {
    let ledger = &results.ledger;
    let mut found: Vec<Value> = ledger.findings.iter().map(of_finding).collect();
    let others = ledger.results.iter().filter(|record| !record.is_as_expected());
    found.extend(
        others.filter(|record| finding(ledger, record).is_none()).map(|record| of_record(ledger, record)),
    );
    let rules = Rule::ALL.iter().chain(&Rule::OF_SYSTEMS).chain(&Rule::OF_SHAPES).chain(&Rule::OF_MEMORY);
    let rules = rules.map(|rule| describe(rule.name(), rule.meaning()));
    let rules: Vec<Value> =
        rules.chain(OTHERS.iter().map(|(word, meaning)| describe(word, meaning))).collect();
    let engines: Vec<Value> = ledger
        .engines
        .iter()
        .map(|engine| {
            let properties = json!({ "notLookedAt": engine.not_looked_at });
            json!({ "name": engine.name, "version": engine.version, "properties": properties })
        })
        .collect();
    let driver = json!({
        "name": "cancelproof",
        "semanticVersion": ledger.version,
        "shortDescription": { "text": "A verification suite for cancelable requests" },
        "rules": rules,
    });
    let report = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": driver, "extensions": engines },
            "originalUriBaseIds": { "SRCROOT": { "description": { "text": "the folder of the workspace" } } },
            "columnKind": "unicodeCodePoints",
            "results": found,
        }],
    });
    // Plain data with text keys always has a JSON form.
    serde_json::to_string_pretty(&report).unwrap_or_default() + "\n"
}

fn describe(name: &str, meaning: &str) -> Value {
    json!({
        "id": rule_id(name),
        "shortDescription": { "text": meaning },
        "help": { "text": format!("{name}: {meaning}. `cancelproof show {name}` says more.") },
        "defaultConfiguration": { "level": "error" },
    })
}

fn rule_id(name: &str) -> String {
    name.replace(' ', "-")
}

fn of_finding(finding: &Finding) -> Value {
    let trace = &finding.trace;
    let header = &trace.header;
    let (rule, text) = match &header.broken {
        Some(broken) => (broken.rule.as_str(), broken.explanation.as_str()),
        None => ("tool-failure", "no rule was named"),
    };
    let why: Vec<&str> = trace.why.iter().flat_map(|why| why.sentences.iter().map(String::as_str)).collect();
    let message = format!(
        "{} breaks {rule} in \"{}\": {text}. {}\nReplay: cancelproof replay {}",
        header.request,
        header.program,
        why.join(" "),
        finding.token
    );
    let mut result = json!({
        "ruleId": rule_id(rule),
        "level": "error",
        "message": { "text": message },
        "locations": place(trace).map(|place| json!({ "physicalLocation": physical(place) })).into_iter().collect::<Vec<_>>(),
        "partialFingerprints": { "failure/v1": format!("{} {rule} {}", header.request, header.program) },
        "properties": { "engine": header.engine, "token": finding.token, "preemptions": header.preemptions },
    });
    if !trace.steps.is_empty() {
        result["codeFlows"] = json!([code_flow(trace)]);
    }
    result
}

/// One thread flow for each thread that does something; together they have every step.
fn code_flow(trace: &Trace) -> Value {
    let flows: Vec<Value> = trace
        .lanes
        .iter()
        .enumerate()
        .filter(|(lane, _)| trace.steps.iter().any(|step| step.lane == *lane))
        .map(|(lane, about)| {
            json!({
                "id": format!("{lane}"),
                "message": { "text": format!("{}: {}", about.title, about.program) },
                "locations": thread_flow(trace, lane),
            })
        })
        .collect();
    json!({
        "message": { "text": format!("the smallest failing execution, {} steps", trace.steps.len()) },
        "threadFlows": flows,
    })
}

/// The steps of a thread. A step that has no line of its own, such as a call, is shown at the next line of its thread.
fn thread_flow(trace: &Trace, lane: usize) -> Vec<Value> {
    let steps: Vec<usize> =
        (0..trace.steps.len()).filter(|&number| trace.steps[number].lane == lane).collect();
    let near = |at: usize| {
        let own = |number: &&usize| !is_of_harness(trace, &trace.steps[**number]);
        let (before, after) = steps.split_at(at);
        let mut candidates = after.iter().filter(own).chain(before.iter().rev().filter(own));
        candidates.find_map(|&number| trace.steps[number].place.as_ref())
    };
    let location = |at: usize, number: usize| {
        let step = &trace.steps[number];
        let mut location = json!({ "message": { "text": trace.words(step) } });
        if let Some(place) = step.place.as_ref().or_else(|| near(at)) {
            location["physicalLocation"] = physical(place);
        }
        let is_violation = trace.violation == Some(number);
        let is_call = matches!(step.what, What::Call { .. } | What::Answer { .. });
        let state = step.states.first().map_or("unknown", String::as_str);
        json!({
            "location": location,
            "executionOrder": number + 1,
            "nestingLevel": step.depth,
            "importance": if is_violation { "essential" } else if is_call { "important" } else { "unimportant" },
            "state": { "request": { "text": state } },
        })
    };
    steps.iter().enumerate().map(|(at, &number)| location(at, number)).collect()
}

fn physical(place: &Place) -> Value {
    let file = relative(&place.file);
    let is_relative = !file.starts_with('/');
    let mut artifact = json!({ "uri": encode(&file) });
    if is_relative {
        artifact["uriBaseId"] = json!("SRCROOT");
    } else {
        artifact["uri"] = json!(format!("file://{}", encode(&file)));
    }
    json!({
        "artifactLocation": artifact,
        "region": { "startLine": place.line.max(1), "startColumn": place.column.max(1) },
    })
}

/// A path as part of a URI.
fn encode(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => {
                text.push(char::from(byte));
            }
            other => {
                // Writing to a text never fails.
                let _ = write!(text, "%{other:02X}");
            }
        }
    }
    text
}

/// What is wrong with a judgement that has no counterexample, at the first file of its request.
fn of_record(ledger: &Ledger, record: &Record) -> Value {
    let word = record.verdict.word.as_str();
    let rule = match &record.verdict.rule {
        Some(rule) if !record.is_planted() => rule.clone(),
        _ if record.is_planted() && word != "crashed" => "not refuted".to_owned(),
        _ => word.to_owned(),
    };
    let request = ledger.requests.iter().find(|request| request.name == record.request);
    let files = request.and_then(|request| request.fingerprint.as_ref()).map(|print| &print.files);
    let locations: Vec<Value> = files
        .and_then(|files| files.first())
        .map(
            |file| json!({ "physicalLocation": physical(&Place { file: file.clone(), line: 1, column: 1 }) }),
        )
        .into_iter()
        .collect();
    json!({
        "ruleId": rule_id(&rule),
        "level": "error",
        "message": { "text": format!("{}: {}", record.title(), trouble(record)) },
        "locations": locations,
        "partialFingerprints": { "failure/v1": format!("{} {rule}", record.title()) },
    })
}
