//! Violation witnesses, in the format of the competition on software verification, version 2.2: each finding as a sequence of
//! segments, for tools that exchange counterexamples.
//!
//! A segment is a place in the code that a thread comes to; the order of the segments is the order in which the threads go
//! on. The last has the place that breaks the rule, or the two accesses of a data race. What the format has for the values
//! of variables is written in C, so none is told: each place is only said to be reached. For the same reason validators
//! for C cannot run such a witness; those that only read the format can.
//!
//! JSON is YAML (YAML 1.2, section 1.2), so the file is written as JSON with a line for each waypoint.
//!
//! Sources: Ayaziová, Beyer, Lingsch-Rosenfeld, Spiessl, Strejček, "Software Verification Witnesses 2.0" (SPIN 2024), and
//! the extension of version 2.2 for threads: the optional key `thread_id`, and a last segment with two targets.

use std::env;
use std::fmt::Write as _;
use std::fs;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Results, is_of_harness, place, relative};
use crate::ledger::Finding;
use crate::trace::{Place, Step, Trace, What};

/// The version of the format.
const FORMAT: &str = "2.2";

/// By this variable a build that is to be repeated says what time it is, in seconds since 1970.
const NOW: &str = "SOURCE_DATE_EPOCH";

/// The report, with an entry for each finding.
#[must_use]
pub fn witness(results: &Results) -> String {
    let findings = &results.ledger.findings;
    let entries: Vec<Value> =
        findings.iter().map(|finding| entry(&results.ledger.version, finding)).collect();
    if entries.is_empty() {
        return "[]\n".to_owned();
    }
    let written: Vec<String> = entries.iter().map(|entry| format!("- {}", laid_out(entry))).collect();
    written.join("\n") + "\n"
}

fn entry(version: &str, finding: &Finding) -> Value {
    let trace = &finding.trace;
    let mut content: Vec<Value> = trace
        .steps
        .iter()
        .enumerate()
        .filter(|(number, step)| {
            trace.violation != Some(*number)
                && race(trace).is_none_or(|race| !race.contains(number))
                && is_a_waypoint(trace, step)
        })
        .filter_map(|(_, step)| waypoint(step).map(|waypoint| json!({ "segment": [waypoint] })))
        .collect();
    content.extend(last_segment(trace));
    json!({
        "entry_type": "violation_sequence",
        "metadata": metadata(version, finding),
        "content": content,
    })
}

/// Where the author's code comes by, and where the harness starts a thread: the ordinals of these name the threads.
fn is_a_waypoint(trace: &Trace, step: &Step) -> bool {
    match &step.what {
        What::Operation(access) => access.name == "spawn" || !is_of_harness(trace, step),
        _ => false,
    }
}

fn waypoint(step: &Step) -> Option<Value> {
    let place = step.place.as_ref()?;
    let is_spawn = matches!(&step.what, What::Operation(access) if access.name == "spawn");
    let mut waypoint = json!({
        "type": if is_spawn { "function_enter" } else { "assumption" },
        "action": "follow",
        "thread_id": step.lane,
        "location": location(place),
    });
    if !is_spawn {
        waypoint["constraint"] = json!({ "format": "c_expression", "value": "1" });
    }
    Some(json!({ "waypoint": waypoint }))
}

/// The two steps of a data race, if the finding is one.
fn race(trace: &Trace) -> Option<[usize; 2]> {
    trace.steps.iter().find_map(|step| match &step.what {
        What::Finding(finding) => finding.race.map(|(one, other)| [one, other]),
        _ => None,
    })
}

/// The segment with the violation.
fn last_segment(trace: &Trace) -> Option<Value> {
    let target = |lane: usize, place: &Place| {
        json!({ "waypoint": {
            "type": "target", "action": "follow", "thread_id": lane, "location": location(place),
        } })
    };
    let racing: Vec<Value> = race(trace)
        .iter()
        .flatten()
        .filter_map(|&number| {
            let step = trace.steps.get(number)?;
            step.place.as_ref().map(|place| target(step.lane, place))
        })
        .collect();
    if racing.len() == 2 {
        return Some(json!({ "segment": racing }));
    }
    let last = trace.violation.unwrap_or_else(|| trace.steps.len().saturating_sub(1));
    let lane = trace.steps.get(last).map_or(0, |step| step.lane);
    place(trace).map(|place| json!({ "segment": [target(lane, place)] }))
}

fn location(place: &Place) -> Value {
    json!({ "file_name": relative(&place.file), "line": place.line.max(1), "column": place.column.max(1) })
}

fn metadata(version: &str, finding: &Finding) -> Value {
    let header = &finding.trace.header;
    let mut files: Vec<&str> = finding
        .trace
        .steps
        .iter()
        .filter_map(|step| step.place.as_ref().map(|place| place.file.as_str()))
        .collect();
    files.sort_unstable();
    files.dedup();
    // What cannot be read has no hash that anybody could compare; the format asks for one of each file.
    let hashes: serde_json::Map<String, Value> =
        files.iter().filter_map(|file| read(file).map(|text| (relative(file), json!(hash(&text))))).collect();
    let rule = header.broken.as_ref().map_or("", |broken| broken.rule.as_str());
    let meaning = header.broken.as_ref().map_or("", |broken| broken.meaning.as_str());
    json!({
        "format_version": FORMAT,
        "uuid": uuid(&finding.token),
        "creation_time": creation_time(env::var(NOW).ok().as_deref()),
        "producer": {
            "name": "cancelproof",
            "version": version,
            "configuration": format!("{} under {}", header.contract, header.engine),
            "command_line": format!("cancelproof replay '{}'", finding.token),
            "description": format!("{} in {}: {rule}, {meaning}", header.request, header.program),
        },
        "task": {
            "input_files": files.iter().map(|file| relative(file)).collect::<Vec<_>>(),
            "input_file_hashes": hashes,
            "specification": format!("G ! violates({rule})"),
            "data_model": "LP64",
            "language": "Rust",
        },
    })
}

/// A source file, which is named from the folder in which the compiler worked: this one, or that of the workspace around it.
fn read(file: &str) -> Option<Vec<u8>> {
    let here = env::current_dir().unwrap_or_default();
    here.ancestors().take(2).find_map(|folder| fs::read(folder.join(file)).ok())
}

fn hash(bytes: &[u8]) -> String {
    let mut digits = String::new();
    for byte in Sha256::digest(bytes) {
        // Writing to a text never fails.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

/// An identifier that follows from the finding, so that two reports of it are the same (RFC 9562, section 5.8).
fn uuid(token: &str) -> String {
    let mut digits = hash(token.as_bytes());
    digits.truncate(32);
    digits.replace_range(12..13, "8");
    digits.replace_range(16..17, "a");
    let groups = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    groups.join("-")
}

/// The time as the format writes it. The format demands one and a report has none, so it is that of the variable, or 1970.
fn creation_time(seconds: Option<&str>) -> String {
    let seconds: u64 = seconds.and_then(|text| text.parse().ok()).unwrap_or(0);
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = date(days);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3_600, rest / 60 % 60, rest % 60)
}

/// The day of the calendar that lies this number of days after the first of 1970.
fn date(mut days: u64) -> (u64, u64, u64) {
    let is_leap =
        |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let mut year = 1970;
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let february = 28 + u64::from(is_leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    (year, month, days + 1)
}

/// JSON with a line for each part of the metadata and for each segment, so that it can be read and compared.
fn laid_out(entry: &Value) -> String {
    let segments: Vec<String> =
        entry["content"].as_array().into_iter().flatten().map(|segment| format!("    {segment}")).collect();
    format!(
        "{{\n  \"entry_type\": {},\n  \"metadata\": {},\n  \"content\": [\n{}\n  ]\n  }}",
        entry["entry_type"],
        entry["metadata"],
        segments.join(",\n")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_identifiers_follow_from_what_is_given() {
        assert_eq!(creation_time(None), "1970-01-01T00:00:00Z");
        assert_eq!(creation_time(Some("951782400")), "2000-02-29T00:00:00Z");
        assert_eq!(creation_time(Some("1767225599")), "2025-12-31T23:59:59Z");
        assert_eq!(creation_time(Some("soon")), "1970-01-01T00:00:00Z");
        let one = uuid("cp3:one");
        assert_eq!((one.len(), &one[14..15], &one[19..20]), (36, "8", "a"), "{one}");
        assert_ne!(one, uuid("cp3:other"));
    }
}
