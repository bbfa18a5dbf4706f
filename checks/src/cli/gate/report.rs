//! Everything that the gate found, as one JSON file.

use serde::Serialize;

use super::Answers;
use super::plan::Plan;
use crate::cli::arguments::Gate;
use crate::job::{Answer, Job};

/// The version of the file's layout.
const LAYOUT: u32 = 1;

#[derive(Serialize)]
struct Report<'a> {
    layout: u32,
    version: &'static str,
    seed: u64,
    samples: u64,
    results: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    job: &'a Job,
    answer: Option<&'a Answer>,
}

/// The text of the report. It holds no times, so that two runs with the same seed write the same bytes.
pub(super) fn json(plan: &Plan, answers: &Answers, arguments: &Gate) -> String {
    let results =
        plan.jobs.iter().zip(answers).map(|(job, answer)| Entry { job, answer: answer.as_ref() }).collect();
    let report = Report {
        layout: LAYOUT,
        version: env!("CARGO_PKG_VERSION"),
        seed: arguments.seed,
        samples: arguments.samples,
        results,
    };
    // Plain data with text keys always has a JSON form.
    serde_json::to_string_pretty(&report).unwrap_or_default()
}
