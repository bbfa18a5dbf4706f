//! `cancelproof staircase` and `cancelproof diagram`: real code held to the protocol, and what was learned of it.

use std::io::{self, Write};

use super::arguments::{Diagram, DiagramForm, Staircase};
use super::{Exit, UsageError, output, progress, table};
use crate::exploration::Extent;
use crate::judge::{Engine, Settings};
use crate::registry;
use crate::scenario::{Scenario, catalogue};
use crate::staircase::{Climb, Learned, climb, is_walked};
use crate::subject::Subject;

/// One request in every scenario that was asked for.
struct Ascent {
    scenarios: usize,
    executions: u64,
    histories: usize,
    learned: Learned,
    /// The climbs that are not simply walks, each with its scenario.
    notes: Vec<(String, Climb)>,
}

pub(super) fn run(arguments: &Staircase) -> Result<Exit, UsageError> {
    let engine = engine(&arguments.engine)?;
    let subjects = if arguments.request.is_empty() {
        registry::references().collect()
    } else {
        arguments.request.iter().map(|name| subject(name)).collect::<Result<Vec<_>, _>>()?
    };
    let chosen = arguments.scenario.iter().map(|name| {
        let known: Vec<String> = catalogue::all().into_iter().map(|scenario| scenario.name).collect();
        catalogue::named(name)
            .ok_or_else(|| UsageError::unknown("scenario", name, known.iter().map(String::as_str)))
    });
    let chosen = chosen.collect::<Result<Vec<_>, _>>()?;
    let mut out = output::plain();
    let mut exit = Exit::Proved;
    let mut rows = Vec::new();
    let mut notes = Vec::new();
    for subject in subjects {
        let ascent = ascend(subject, &scenarios(subject, &chosen), engine);
        exit = exit.max(exit_of(&ascent));
        rows.push(row(subject, &ascent));
        notes.extend(ascent.notes.into_iter().map(|note| (subject.name(), note)));
    }
    let header = ["request", "scenarios", "executions", "histories", "steps met", "of", "outside", "verdict"];
    writeln!(out, "{}", table::figures(&header, rows))?;
    for (name, (scenario, climb)) in notes {
        write_note(&mut out, name, &scenario, &climb)?;
    }
    Ok(exit)
}

pub(super) fn draw(arguments: &Diagram) -> Result<Exit, UsageError> {
    let engine = engine(&arguments.engine)?;
    let subject = subject(&arguments.request)?;
    let ascent = ascend(subject, &scenarios(subject, &[]), engine);
    let mut out = output::plain();
    let learned = &ascent.learned;
    match arguments.form {
        DiagramForm::Mermaid => write!(out, "{}", learned.to_mermaid())?,
        DiagramForm::Dot => write!(out, "{}", learned.to_dot(subject.name()))?,
    }
    // What is not the diagram goes where it does not disturb who draws it.
    output::say(format_args!(
        "{} of {} steps met for certain",
        learned.certain().len(),
        learned.reference().len()
    ));
    for edge in learned.uncertain() {
        output::say(format_args!("perhaps met: {edge}"));
    }
    for edge in learned.missing() {
        output::say(format_args!("missing: {edge}"));
    }
    for (state, step) in learned.extra() {
        output::say(format_args!("extra: {state}: {step}"));
    }
    Ok(exit_of(&ascent))
}

fn engine(name: &str) -> Result<Engine, UsageError> {
    name.parse().map_err(|_| UsageError::unknown("engine", name, Engine::ALL.map(Engine::name)))
}

fn subject(name: &str) -> Result<&'static dyn Subject, UsageError> {
    registry::subject(name).ok_or_else(|| UsageError::unknown("request", name, registry::names()))
}

/// The scenarios that were asked for; of a fault its own; of any other request all.
fn scenarios(subject: &'static dyn Subject, chosen: &[Scenario]) -> Vec<Scenario> {
    if !chosen.is_empty() {
        return chosen.to_vec();
    }
    let own = registry::fault(subject.name()).and_then(|fault| catalogue::named(fault.about.scenario));
    own.map_or_else(catalogue::all, |scenario| vec![scenario])
}

fn ascend(subject: &'static dyn Subject, scenarios: &[Scenario], engine: Engine) -> Ascent {
    let bar = progress::bar(scenarios.len() as u64);
    let mut ascent = Ascent {
        scenarios: 0,
        executions: 0,
        histories: 0,
        learned: Learned::of(&subject.contract()),
        notes: Vec::new(),
    };
    for scenario in scenarios.iter().filter(|scenario| is_walked(scenario)) {
        bar.set_message(format!("{} in {}", subject.name(), scenario.name));
        // A scenario that does not apply has nothing to walk.
        if let Ok(climb) = climb(subject, scenario, engine, Settings::default()) {
            ascent.scenarios += 1;
            ascent.executions += climb.executions;
            ascent.histories += climb.histories;
            ascent.learned.merge(&climb.learned);
            if !climb.follows() || climb.extent != Extent::Exhausted {
                ascent.notes.push((scenario.name.clone(), climb));
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    ascent
}

fn exit_of(ascent: &Ascent) -> Exit {
    let of = |(_, climb): &(String, Climb)| match climb {
        Climb { departure: Some(_), .. } => Exit::Refuted,
        Climb { failure: Some(_), .. } => Exit::ToolFailure,
        Climb { extent: Extent::Bounded(_), .. } => Exit::OutOfBudget,
        _ => Exit::Proved,
    };
    let exits = ascent.notes.iter().map(of);
    // A step outside the protocol is the answer, whatever else happened.
    if exits.clone().any(|exit| exit == Exit::Refuted) {
        return Exit::Refuted;
    }
    exits.max().unwrap_or(Exit::Proved)
}

fn row(subject: &'static dyn Subject, ascent: &Ascent) -> Vec<String> {
    let learned = &ascent.learned;
    let verdict = match exit_of(ascent) {
        Exit::Refuted => "is not the protocol",
        Exit::ToolFailure => "failed by itself",
        Exit::OutOfBudget => "bounded",
        _ if ascent.notes.is_empty() && ascent.scenarios > 0 => "is the protocol",
        _ if ascent.scenarios == 0 => "nothing to walk",
        _ => "sampled",
    };
    vec![
        subject.name().to_owned(),
        ascent.scenarios.to_string(),
        table::count(ascent.executions),
        table::count(ascent.histories as u64),
        learned.certain().len().to_string(),
        learned.reference().len().to_string(),
        learned.extra().len().to_string(),
        verdict.to_owned(),
    ]
}

fn write_note(out: &mut impl Write, name: &str, scenario: &str, climb: &Climb) -> io::Result<()> {
    if let Some(departure) = &climb.departure {
        writeln!(out, "\n{name} in {scenario}: {departure}")?;
        for line in &departure.before {
            writeln!(out, "  {line}")?;
        }
        writeln!(out, "> {}", departure.step)?;
    }
    if let Some(failure) = &climb.failure {
        writeln!(out, "\n{name} in {scenario}: the engine stopped at a failure: {failure:?}")?;
    }
    if let Extent::Bounded(bound) = &climb.extent {
        writeln!(out, "\n{name} in {scenario}: bounded: {bound}")?;
    }
    Ok(())
}
