//! Violation witnesses, read back by a parser of YAML and held to what the format of version 2.2 demands.

use std::collections::BTreeSet;

use cancelproof::report;
use saphyr::{LoadableYamlNode, Yaml};

use crate::results::{hostile, mixed};

/// Everything that is wrong with the witnesses of a text.
fn faults(text: &str) -> Vec<String> {
    let documents = match Yaml::load_from_str(text) {
        Ok(documents) => documents,
        Err(error) => return vec![error.to_string()],
    };
    let entries = documents.first().and_then(Yaml::as_sequence).map(Vec::as_slice).unwrap_or_default();
    if entries.is_empty() {
        return vec!["there is no entry".to_owned()];
    }
    entries.iter().flat_map(faults_of_entry).collect()
}

fn word<'a>(node: &'a Yaml<'a>, key: &str) -> &'a str {
    node.as_mapping_get(key).and_then(Yaml::as_str).unwrap_or_default()
}

fn faults_of_entry(entry: &Yaml) -> Vec<String> {
    let mut faults = Vec::new();
    if word(entry, "entry_type") != "violation_sequence" {
        faults.push("the entry is no violation sequence".to_owned());
    }
    let Some(metadata) = entry.as_mapping_get("metadata") else { return vec!["no metadata".to_owned()] };
    for (key, length) in [("format_version", 3), ("uuid", 36), ("creation_time", 20)] {
        if word(metadata, key).len() != length {
            faults.push(format!("{key} is {:?}", word(metadata, key)));
        }
    }
    let task = metadata.as_mapping_get("task");
    let producer = metadata.as_mapping_get("producer");
    for (node, key) in [
        (producer, "name"),
        (producer, "version"),
        (task, "specification"),
        (task, "data_model"),
        (task, "language"),
    ] {
        if node.is_none_or(|node| word(node, key).is_empty()) {
            faults.push(format!("there is no {key}"));
        }
    }
    let content = entry.as_mapping_get("content").and_then(Yaml::as_sequence);
    let segments: Vec<&Yaml> =
        content.into_iter().flatten().filter_map(|item| item.as_mapping_get("segment")).collect();
    faults.extend(faults_of_segments(&segments));
    faults
}

/// The last segment alone has targets; each thread but the first is started by a waypoint before it does anything.
fn faults_of_segments(segments: &[&Yaml]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut started = 0;
    for (number, segment) in segments.iter().enumerate() {
        let is_last = number + 1 == segments.len();
        for item in segment.as_sequence().into_iter().flatten() {
            let Some(waypoint) = item.as_mapping_get("waypoint") else {
                faults.push(format!("segment {number} has something else than waypoints"));
                continue;
            };
            let kind = word(waypoint, "type");
            if (kind == "target") != is_last {
                faults.push(format!("segment {number} of {} is a {kind}", segments.len()));
            }
            if waypoint.as_mapping_get("constraint").is_some() != (kind == "assumption") {
                faults.push(format!("segment {number}: a constraint on a {kind}"));
            }
            let thread = waypoint.as_mapping_get("thread_id").and_then(Yaml::as_integer);
            if thread.is_none_or(|thread| thread > started) {
                faults.push(format!("segment {number}: thread {thread:?} was never started"));
            }
            started += i64::from(kind == "function_enter");
            let location = waypoint.as_mapping_get("location");
            let line =
                location.and_then(|location| location.as_mapping_get("line")).and_then(Yaml::as_integer);
            if line.is_none_or(|line| line < 1)
                || location.is_none_or(|place| word(place, "file_name").is_empty())
            {
                faults.push(format!("segment {number} lies nowhere"));
            }
        }
    }
    if segments.is_empty() {
        faults.push("there is no segment".to_owned());
    }
    faults
}

#[test]
fn every_finding_is_a_witness_that_a_parser_of_yaml_reads() {
    for results in [mixed(), hostile()] {
        let text = report::witness(&results);
        assert_eq!(faults(&text), Vec::<String>::new(), "{text}");
        let documents = Yaml::load_from_str(&text).expect("it is YAML");
        let entries = documents[0].as_sequence().expect("it is a list");
        assert_eq!(entries.len(), results.ledger.findings.len());
        let task = entries[0].as_mapping_get("metadata").and_then(|metadata| metadata.as_mapping_get("task"));
        let task = task.expect("it has a task");
        assert_eq!(word(task, "specification"), "G ! violates(exactly-once)");
        let hashes = task.as_mapping_get("input_file_hashes").and_then(Yaml::as_mapping);
        let files = task.as_mapping_get("input_files").and_then(Yaml::as_sequence).map_or(0, Vec::len);
        assert_eq!(
            (hashes.map(|hashes| hashes.iter().count()), files > 0),
            (Some(files), true),
            "a hash of each file"
        );
    }
}

/// The witness of the double fire goes through both threads, in the order of the counterexample.
#[test]
fn a_witness_goes_through_the_lines_of_both_threads() {
    let results = mixed();
    let text = report::witness(&results);
    let documents = Yaml::load_from_str(&text).expect("it is YAML");
    let content = documents[0].as_sequence().and_then(|entries| entries[0].as_mapping_get("content"));
    let waypoints: Vec<&Yaml> = content
        .and_then(Yaml::as_sequence)
        .into_iter()
        .flatten()
        .flat_map(|item| item.as_mapping_get("segment").and_then(Yaml::as_sequence).into_iter().flatten())
        .filter_map(|item| item.as_mapping_get("waypoint"))
        .collect();
    let of_author: Vec<&&Yaml> =
        waypoints.iter().filter(|waypoint| word(waypoint, "type") == "assumption").collect();
    let threads: BTreeSet<_> = of_author
        .iter()
        .filter_map(|waypoint| waypoint.as_mapping_get("thread_id").and_then(Yaml::as_integer))
        .collect();
    assert!(threads.len() >= 2, "{text}");
    let is_of_fault = |waypoint: &&&Yaml| {
        waypoint
            .as_mapping_get("location")
            .is_some_and(|place| word(place, "file_name").ends_with("cancel.rs"))
    };
    assert!(of_author.iter().filter(|waypoint| is_of_fault(waypoint)).count() > 2, "{text}");
}

#[test]
fn what_is_no_witness_is_noticed() {
    let text = report::witness(&mixed());
    for (from, to) in [
        ("violation_sequence", "invariant_set"),
        ("\"type\":\"target\"", "\"type\":\"assumption\""),
        ("\"type\":\"function_enter\"", "\"type\":\"assumption\""),
        ("\"format_version\":\"2.2\"", "\"format_version\":\"2\""),
        ("\"line\":", "\"row\":"),
        ("[\n", "{\n"),
    ] {
        let broken = text.replacen(from, to, 1);
        assert_ne!(broken, text, "the witness has {from}");
        assert!(!faults(&broken).is_empty(), "{to} in place of {from}");
    }
    let mut nothing = mixed();
    nothing.ledger.findings.clear();
    assert_eq!(report::witness(&nothing), "[]\n");
}
