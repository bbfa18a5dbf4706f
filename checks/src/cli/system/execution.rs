//! One execution of a system that breaks a rule, laid out: a column for each thread, and one for what the framework does.

use std::fmt;

use crate::cli::table;
use crate::judge::{Engine, Settings};
use crate::rules::Violation;
use crate::system::history::{Event, Thread};
use crate::system::{Scenario, System, judge};
use crate::verdict::Verdict;

/// The most preemptions with which a failure is looked for.
pub(super) const PREEMPTIONS_MAX: u32 = 4;

/// A failing execution with the fewest preemptions.
pub(super) struct Found {
    system: &'static str,
    scenario: Scenario,
    violation: Violation,
    /// Its number, from 1.
    execution: u64,
    preemptions: u32,
    events: Vec<Event>,
}

/// Looks for a failure with ever more preemptions.
pub(super) fn smallest(system: &System, scenario: &Scenario) -> Option<Found> {
    (0..=PREEMPTIONS_MAX).find_map(|preemptions| {
        let settings = Settings { preemptions: Some(preemptions), ..Settings::default() };
        let judged = judge(system, scenario, Engine::Dpor, settings).ok()?;
        let Verdict::Refuted { violation, failure } = judged.judgement.verdict else { return None };
        Some(Found {
            system: system.name,
            scenario: scenario.clone(),
            violation,
            execution: failure.execution,
            preemptions,
            events: judged.events,
        })
    })
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Violation { rule, explanation } = &self.violation;
        writeln!(f, "{rule} is broken: {}\n  {explanation}", rule.meaning())?;
        writeln!(f, "{} in {}", self.system, self.scenario.program)?;
        let preemptions = match self.preemptions {
            0 => "no preemption".to_owned(),
            1 => "1 preemption".to_owned(),
            more => format!("{more} preemptions"),
        };
        writeln!(f, "{}, execution {}, {preemptions}\n", Engine::Dpor, self.execution)?;
        write!(f, "{}", lanes(&self.events, self.scenario.program.threads.len()))
    }
}

/// The events in their order. What names no thread is the framework's, in a column of its own.
fn lanes(events: &[Event], threads: usize) -> String {
    let mut header: Vec<String> = (0..threads).map(|thread| format!("thread {thread}")).collect();
    header.push("framework".to_owned());
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let mut depths = vec![0; threads];
    let rows = events.iter().map(|event| {
        let (lane, text) = match cell(event, &mut depths) {
            Some((thread, text)) => (usize::from(thread), text),
            None => (threads, event.to_string()),
        };
        (0..=threads).map(|column| if column == lane { text.clone() } else { String::new() }).collect()
    });
    table::plain(&header, rows.collect()).to_string()
}

/// What a thread does, indented by the calls and callbacks that it is in.
fn cell(event: &Event, depths: &mut [usize]) -> Option<(Thread, String)> {
    let (thread, begins, ends, text) = match event {
        Event::Called { thread, step, .. } => (*thread, 1, 0, step.to_string()),
        Event::Answered { thread, answer } => (*thread, 0, 1, format!("→ {answer}")),
        Event::CallbackStarted { thread, request, arming } => {
            (*thread, 1, 0, format!("callback {} of request {request} starts", arming + 1))
        }
        Event::CallbackReturned { thread, request, arming } => {
            (*thread, 0, 1, format!("callback {} of request {request} returns", arming + 1))
        }
        Event::ToldOnQueue { thread, request } => {
            (*thread, 0, 0, format!("driver is told that request {request} was canceled in the queue"))
        }
        _ => return None,
    };
    let depth = &mut depths[usize::from(thread)];
    *depth = depth.saturating_sub(ends);
    let text = format!("{}{text}", "\u{a0}".repeat(2 * *depth));
    *depth += begins;
    Some((thread, text))
}
