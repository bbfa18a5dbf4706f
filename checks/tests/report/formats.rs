//! Each form of a report, read back.

use cancelproof::report;
use serde_json::Value;

use crate::results::{HOSTILE, broken_system, hostile, mixed};

fn sarif_schema() -> Value {
    // The schema of OASIS, as the crate serde-sarif ships it.
    // One of its patterns has a bracket that only some engines of regular expressions let pass.
    let text = include_str!("sarif-2.1.0.json").replace("{2}]?$", "{2}\\\\]?$");
    serde_json::from_str(&text).expect("the schema is JSON")
}

#[test]
fn sarif_is_valid_and_steps_through_the_whole_interleaving_thread_by_thread() {
    let validator = jsonschema::validator_for(&sarif_schema()).expect("the schema is one");
    for results in [mixed(), hostile()] {
        let text = report::sarif(&results);
        let value: Value = serde_json::from_str(&text).expect("it is JSON");
        let errors: Vec<String> = validator
            .iter_errors(&value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors, Vec::<String>::new());
        // A validator that lets everything through would prove nothing.
        let mut broken = value.clone();
        broken["runs"][0]["results"][0]["level"] = "deadly".into();
        assert!(!validator.is_valid(&broken));
    }
    let results = mixed();
    let value: Value = serde_json::from_str(&report::sarif(&results)).expect("it is JSON");
    let found = &value["runs"][0]["results"];
    assert_eq!(found.as_array().map(Vec::len), Some(1), "three engines found the same: {found}");
    assert_eq!(found[0]["ruleId"], "exactly-once");
    let flows = &found[0]["codeFlows"][0]["threadFlows"];
    let trace = &results.ledger.findings[0].trace;
    assert_eq!(flows.as_array().map(Vec::len), Some(trace.lanes.len()));
    let mut orders: Vec<u64> = Vec::new();
    for flow in flows.as_array().expect("there are flows") {
        let of_thread: Vec<u64> = flow["locations"]
            .as_array()
            .expect("a flow has locations")
            .iter()
            .map(|location| location["executionOrder"].as_u64().expect("it has its place in the whole"))
            .collect();
        assert!(of_thread.is_sorted(), "{of_thread:?}");
        for location in flow["locations"].as_array().into_iter().flatten() {
            let physical = &location["location"]["physicalLocation"];
            let uri = physical["artifactLocation"]["uri"].as_str().expect("each step has a line");
            assert!(
                uri.contains("/src/") && physical["region"]["startLine"].as_u64() > Some(0),
                "{physical}"
            );
        }
        orders.extend(of_thread);
    }
    orders.sort_unstable();
    assert_eq!(orders, (1..=trace.steps.len() as u64).collect::<Vec<_>>());
}

#[test]
fn junit_is_read_by_another_library_with_the_same_figures() {
    for results in [mixed(), hostile()] {
        let text = report::junit(&results);
        let read = junit_parser::from_reader(text.as_bytes()).expect("it is JUnit");
        let cases = || read.suites.iter().flat_map(|suite| &suite.cases);
        assert_eq!(cases().count(), results.ledger.results.len() + results.ledger.engines.len());
        let failed: Vec<_> = cases().filter(|case| case.status.is_failure()).collect();
        assert_eq!(failed.len(), 3, "the double fire, by each engine");
        assert_eq!(read.failures, 3);
        let text = failed[0].status.failure_as_ref().text.clone();
        assert!(text.contains("exactly-once is broken"), "{text}");
    }
}

#[test]
fn annotations_and_summary_name_the_line_and_no_text_escapes_them() {
    let (mixed, hostile) = (mixed(), hostile());
    let lines = report::github(&mixed);
    assert_eq!(lines.lines().count(), 1, "{lines}");
    assert!(lines.starts_with("::error file=model/references/src/faults/locked/cancel.rs,line="), "{lines}");
    assert!(lines.contains("title=locked-fires-twice breaks exactly-once::"), "{lines}");
    assert_eq!(report::github(&hostile).lines().count(), 1);

    let summary = report::markdown(&mixed);
    assert!(summary.starts_with("# cancelproof: 3 of "), "{summary}");
    assert!(summary.contains("| word (UMDF\\_1) | proved 3 | proved 3 | sampled 3 |"), "{summary}");
    assert!(summary.contains("cancelproof replay cp1-"), "{summary}");
    let summary = report::markdown(&hostile);
    let outside: String = summary.split("```").step_by(2).collect();
    assert!(!outside.contains("<script") && !outside.contains("<img"), "{outside}");
}

#[test]
fn the_page_escapes_every_text_and_is_the_same_every_time() {
    let page = report::html(&mixed(), "report");
    // An outcome of a scenario stands once, however many requests come to it.
    let outcome = "<li>mark=marked | [complete=completed], cancel=claimed ; 1 callback <span class=\"muted\">2 of 2</span>";
    assert_eq!(page.html.matches(outcome).count(), 1);
    assert_eq!(page.html, report::html(&mixed(), "report").html);
    assert_eq!(page.films.len(), 1);
    let hostile = report::html(&hostile(), "report");
    for of_the_page in ["<script", "</script", "<img", "onerror=\"", "<!--"] {
        let count = |text: &str| text.matches(of_the_page).count();
        assert_eq!(count(&hostile.html), count(&page.html), "{of_the_page}");
    }
    assert!(!hostile.html.contains(HOSTILE) && hostile.html.contains("&lt;script&gt;"));
    for outside in ["http:", "https:", "//www", "src=", "@import", "import(", "fetch("] {
        assert!(!page.html.replace("http://www.w3.org/2000/svg", "").contains(outside), "{outside}");
    }
}

#[test]
fn the_system_stands_beside_the_requests_and_what_it_breaks_is_named_in_every_form() {
    let (sound, broken) = (mixed(), broken_system());
    let summary = report::markdown(&sound);
    assert!(
        summary.contains("| system | hangs as it must 1, proved 1 |  |  | not one machine |"),
        "{summary}"
    );
    assert!(
        summary.contains("1 of 1 judgements of planted faults"),
        "a driver that must hang is none: {summary}"
    );
    let summary = report::markdown(&broken);
    assert!(summary.starts_with("# cancelproof: 4 of ") && summary.contains("refuted 1"), "{summary}");
    let trouble = "- system / handler-cancels-two / dpor: refuted in-order: ";
    assert!(summary.contains(trouble), "{summary}");
    assert!(report::github(&broken).contains("title=system / handler-cancels-two / dpor::refuted in-order"));

    let sarif: Value = serde_json::from_str(&report::sarif(&broken)).expect("it is JSON");
    let validator = jsonschema::validator_for(&sarif_schema()).expect("the schema is one");
    assert!(validator.is_valid(&sarif));
    let run = &sarif["runs"][0];
    let results = run["results"].as_array().expect("there are results");
    assert!(results.iter().any(|result| result["ruleId"] == "in-order"), "{results:?}");
    let rules = run["tool"]["driver"]["rules"].as_array().expect("there are rules");
    for result in results {
        assert!(rules.iter().any(|rule| rule["id"] == result["ruleId"]), "{result}");
    }

    for (results, failed) in [(&sound, 3), (&broken, 4)] {
        let read = junit_parser::from_reader(report::junit(results).as_bytes()).expect("it is JUnit");
        assert_eq!(read.failures, failed);
        assert!(read.suites.iter().any(|suite| suite.name == "system"));
    }

    let page = report::html(&sound, "report").html;
    let row = "system</a><td class=\"contract\">queues, applications, sent requests, objects<td class=\"good\">✓ 2<";
    assert!(page.contains(row), "one is proved, and one that must hang does: {page}");
    assert!(!page.contains("refuted in-order"));
    assert!(report::html(&broken, "report").html.contains("refuted in-order"));
}
