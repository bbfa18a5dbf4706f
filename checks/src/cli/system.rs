//! Systems on the command line: their scenarios and faults, listed and explained.

use std::io::Write;

use super::{Exit, UsageError, table};
use crate::judge::{Engine, Settings};
use crate::system::history::Event;
use crate::system::matrix::scenario_of;
use crate::system::registry::{FAULTS, FaultySystem, REFERENCE};
use crate::system::{Judged, Kind, Scenario, System, catalogue, judge};
use crate::verdict::Verdict;

/// The most preemptions with which a fault is looked for before it is shown as it comes.
const PREEMPTIONS_MAX: u32 = 4;

/// The rows of the faults, as `list` shows them.
pub(super) fn faults() -> impl Iterator<Item = Vec<String>> {
    let row = |fault: &FaultySystem| {
        let about = &fault.about;
        [about.name, about.breaks.name(), about.scenario, about.edit].map(str::to_owned).to_vec()
    };
    FAULTS.iter().map(row)
}

/// The rows of the scenarios, as `list` shows them.
pub(super) fn scenarios() -> impl Iterator<Item = Vec<String>> {
    let row = |scenario: Scenario| {
        let Scenario { name, source, program, about, .. } = scenario;
        vec![name.to_owned(), source.to_owned(), program.to_string(), about.to_owned()]
    };
    catalogue::all().into_iter().map(row)
}

/// Everything of systems that has a name.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let scenarios = catalogue::all().into_iter().map(|scenario| scenario.name);
    scenarios.chain(FAULTS.iter().map(|fault| fault.about.name))
}

/// Explains a fault: what it edits, and the execution with the fewest preemptions that breaks its rule.
pub(super) fn show_fault(out: &mut impl Write, fault: &FaultySystem) -> Result<Exit, UsageError> {
    let about = &fault.about;
    writeln!(out, "{}: {}", about.name, about.edit)?;
    writeln!(out, "breaks {}: {}", about.breaks, about.breaks.meaning())?;
    let scenario = scenario_of(fault);
    writeln!(out, "shown by the scenario {}: {}", scenario.name, scenario.about)?;
    writeln!(out, "comes from: {}\n\n  {}\n", about.origin, scenario.program)?;
    match smallest(&fault.system, &scenario) {
        Some((preemptions, judged)) => {
            writeln!(out, "{}", judged.judgement.verdict)?;
            writeln!(out, "dpor, with {preemptions} preemptions:\n")?;
            writeln!(out, "{}", lanes(&judged.events, scenario.program.threads.len()))?;
        }
        None => writeln!(out, "no order of steps with up to {PREEMPTIONS_MAX} preemptions shows it")?,
    }
    Ok(Exit::Proved)
}

fn smallest(system: &System, scenario: &Scenario) -> Option<(u32, Judged)> {
    (0..=PREEMPTIONS_MAX).find_map(|most| {
        let settings = Settings { preemptions: Some(most), ..Settings::default() };
        let judged = judge(system, scenario, Engine::Dpor, settings).ok()?;
        matches!(judged.judgement.verdict, Verdict::Refuted { .. }).then_some((most, judged))
    })
}

/// The events of one execution, a column for each thread.
fn lanes(events: &[Event], threads: usize) -> String {
    let header: Vec<String> = (0..threads).map(|thread| format!("thread {thread}")).collect();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let mut current = 0;
    let rows = events.iter().map(|event| {
        let text = event.to_string();
        // What names no thread happened on the one that was running.
        let (lane, text) = match text.strip_prefix("thread ").and_then(|rest| rest.split_once(": ")) {
            Some((thread, rest)) => (thread.parse().unwrap_or(current), rest.to_owned()),
            None => (current, text.clone()),
        };
        current = lane;
        (0..threads).map(|thread| if thread == lane { text.clone() } else { String::new() }).collect()
    });
    table::plain(&header, rows.collect()).to_string()
}

/// Explains a scenario with all its outcomes.
pub(super) fn show_scenario(
    out: &mut impl Write,
    scenario: &Scenario,
    engine: Engine,
) -> Result<Exit, UsageError> {
    writeln!(out, "{}: {}\nspecification: {}", scenario.name, scenario.about, scenario.source)?;
    writeln!(out, "\n  {}\n", scenario.program)?;
    let Ok(Judged { judgement: judged, .. }) = judge(&REFERENCE, scenario, engine, Settings::default())
    else {
        writeln!(out, "not applicable: systems are judged by loom, shuttle, dpor and rc11")?;
        return Ok(Exit::Proved);
    };
    let executions = table::count(judged.executions);
    writeln!(out, "{} under {engine}: {} ({executions} executions)", REFERENCE.name, judged.verdict)?;
    let rows = judged.outcomes.iter().map(|(outcome, count)| vec![outcome.to_string(), table::count(*count)]);
    writeln!(out, "{}", table::plain(&["outcome", "executions"], rows.collect()))?;
    if scenario.kind == Kind::Hangs {
        writeln!(out, "the driver waits for itself here: that it is refuted is as it should be")?;
        return Ok(Exit::Proved);
    }
    Ok(super::gate::exit_of(&judged.verdict, false))
}
