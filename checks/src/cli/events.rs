//! What happens, as it happens, for tools: one JSON object a line on standard output, and nothing else there.
//!
//! A result, an engine and a growth have the forms that they have in the [ledger](crate::ledger), whose schema is
//! published; `edges` then belong to the one event.

use std::io::{self, Write};

use serde::Serialize;

use super::{Exit, output};
use crate::coverage::Named;
use crate::job::{Answer, Job, Task};
use crate::ledger::{EngineRecord, Expected, GrowthRecord, Ledger, Record, Selection};
use crate::trace::Trace;

/// The version of the form of the events.
const LAYOUT: u32 = 1;

/// Something that happened.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(super) enum Event<'a> {
    /// The work begins.
    Started {
        command: &'a str,
        layout: u32,
        version: &'a str,
        /// The number of jobs, where it is known.
        jobs: Option<usize>,
    },
    /// Only these requests are judged; all of them if there is a reason.
    Narrowed { requests: &'a [String], reason: Option<&'a str> },
    /// Whether an engine sees the faults that are planted for it.
    Canary { engine: &'a EngineRecord },
    /// A request was judged.
    Judged { is_expected: bool, result: &'a Record, edges: &'a [Named] },
    /// A request was held to the protocol, step by step.
    Climbed { request: &'a str, verdict: String, executions: u64 },
    /// A request was judged beyond the catalogue.
    Grown { growth: &'a GrowthRecord },
    /// A failure that nobody expected, made small.
    Found { request: &'a str, rule: &'a str, engine: &'a str, token: &'a str, trace: &'a Trace },
    /// A request took its process down, or never came back.
    Crashed { request: &'a str, engine: &'a str, words: &'a str },
    /// A judgement of the last ledger is not made any more.
    Disappeared { judgement: &'a str },
    /// How far a hunt is.
    Progress {
        executions: u64,
        executions_per_second: u64,
        edges_seen: usize,
        edges: usize,
        seconds_left: u64,
    },
    /// The end.
    Finished { exit_code: u8, meaning: &'a str },
}

/// Tells an event.
pub(super) fn tell(event: &Event<'_>) -> io::Result<()> {
    let mut out = output::plain();
    serde_json::to_writer(&mut out, event)?;
    writeln!(out)?;
    out.flush()
}

/// Tells that a command begins.
pub(super) fn start(command: &str, jobs: Option<usize>) -> io::Result<()> {
    tell(&Event::Started { command, layout: LAYOUT, version: env!("CARGO_PKG_VERSION"), jobs })
}

/// Tells how it ended.
pub(super) fn finish(exit: Exit) -> io::Result<()> {
    tell(&Event::Finished { exit_code: exit as u8, meaning: exit.meaning() })
}

/// Tells what came of a job of the gate.
pub(super) fn answer(job: &Job, answer: Option<&Answer>, expected: Expected) -> io::Result<()> {
    if let (Task::Staircase { request }, Some(judgement)) = (&job.task, answer.and_then(Answer::judgement)) {
        let (verdict, executions) = (judgement.verdict.to_string(), judgement.executions);
        tell(&Event::Climbed { request, verdict, executions })?;
    }
    let mut one = Ledger::new(Selection::default());
    one.add(job, answer, expected);
    for engine in &one.engines {
        tell(&Event::Canary { engine })?;
    }
    for growth in &one.growth {
        tell(&Event::Grown { growth })?;
    }
    for result in &one.results {
        tell(&Event::Judged { is_expected: result.is_as_expected(), result, edges: &one.edges })?;
    }
    Ok(())
}
