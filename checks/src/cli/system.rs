//! Systems on the command line: their scenarios and faults, listed and explained.

use std::collections::BTreeMap;
use std::io::{self, Write};

use comfy_table::Table;

use super::arguments::Form;
use super::{Exit, UsageError, failure, table};
use crate::judge::{Engine, Settings};
use crate::system::matrix::scenario_of;
use crate::system::registry::{FAULTS, FaultySystem, REFERENCE};
use crate::system::{Program, Scenario, catalogue, counterexample, judge};
use crate::verdict::{Judgement, Verdict};

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

/// The program of a system that a text is; `None` if it is none, but perhaps a name or the program of a request.
///
/// # Errors
///
/// Returns what is wrong with a text that speaks of systems and is no program.
pub(super) fn program(text: &str) -> Result<Option<Program>, UsageError> {
    let is_of_request = text.trim().is_empty() || text.parse::<crate::scenario::Program>().is_ok();
    if is_of_request {
        return Ok(None);
    }
    match text.parse::<Program>() {
        Ok(program) => Ok(Some(program)),
        Err(error) if speaks_of_systems(text) => Err(UsageError::Unreadable {
            path: "program".into(),
            error: io::Error::new(io::ErrorKind::InvalidInput, error),
        }),
        Err(_) => Ok(None),
    }
}

/// Whether a text has a step with a number that no program of a request has.
fn speaks_of_systems(text: &str) -> bool {
    let steps = text.split(';').next().unwrap_or_default().split(['|', ' ']);
    steps.filter_map(|step| step.split_once(':')).any(|(verb, _)| verb != "start")
}

/// Everything of systems that has a name.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let scenarios = catalogue::all().into_iter().map(|scenario| scenario.name);
    scenarios.chain(FAULTS.iter().map(|fault| fault.about.name))
}

/// Explains a fault: what it edits, and the smallest program with the fewest preemptions that breaks its rule.
pub(super) fn show_fault(out: &mut impl Write, fault: &FaultySystem, form: Form) -> Result<Exit, UsageError> {
    let about = &fault.about;
    let scenario = scenario_of(fault);
    writeln!(out, "{}: {}", about.name, about.edit)?;
    writeln!(out, "breaks {}: {}", about.breaks, about.breaks.meaning())?;
    writeln!(out, "comes from: {}", about.origin)?;
    writeln!(out, "shown by the scenario {}: {}\n", scenario.name, scenario.about)?;
    write_program(out, &scenario.program)?;
    match counterexample::find(&fault.system, &scenario, Some(about.breaks)) {
        Some(found) => writeln!(out, "{}", failure::drawn(&found.trace, form))?,
        None => writeln!(out, "refute it: cancelproof gate --request {}", about.name)?,
    }
    Ok(Exit::Proved)
}

/// Explains a scenario with all its outcomes.
pub(super) fn show_scenario(
    out: &mut impl Write,
    scenario: &Scenario,
    engine: Engine,
    form: Form,
) -> Result<Exit, UsageError> {
    writeln!(out, "{}: {}", scenario.name, scenario.about)?;
    if !scenario.source.is_empty() {
        writeln!(out, "specification: {}\npart of the catalogue: {}", scenario.source, scenario.area)?;
    }
    writeln!(out)?;
    write_program(out, &scenario.program)?;
    let judged = match judge(&REFERENCE, scenario, engine, Settings::default()) {
        Ok(judged) => judged.judgement,
        Err(reason) => {
            writeln!(out, "not applicable: {reason}")?;
            return Ok(Exit::Proved);
        }
    };
    let executions = table::count(judged.executions);
    writeln!(out, "{} under {engine}: {} ({executions} executions)", REFERENCE.name, judged.verdict)?;
    match (&judged.verdict, scenario.source.is_empty()) {
        (Verdict::Proved, false) => {
            writeln!(out, "every outcome that the specification allows, and no other:")?;
        }
        (Verdict::Proved, true) => writeln!(out, "every outcome of the reference, which keeps every rule:")?,
        (_, true) => {
            writeln!(out, "the reference does not keep every rule here, so the program proves nothing")?;
        }
        (_, false) => {}
    }
    if !judged.outcomes.is_empty() || !scenario.outcomes.is_empty() {
        writeln!(out, "\n{}", outcomes(scenario, &judged))?;
    }
    if let Verdict::Refuted { violation, failure } = &judged.verdict {
        let found = counterexample::of_failure(&REFERENCE, scenario, engine, violation, failure);
        writeln!(out, "\n{}", failure::drawn(&found.trace, form))?;
    }
    write_faults(out, scenario)?;
    match (scenario.breaks(), &judged.verdict) {
        (Some(rule), Verdict::Refuted { violation, .. }) if violation.rule == rule => {
            writeln!(out, "\nthe driver waits for itself here: that it is refuted is as it should be")?;
            Ok(Exit::Proved)
        }
        (_, verdict) => Ok(super::gate::exit_of(verdict, false)),
    }
}

/// The program, with what each step and each word of its setup means.
fn write_program(out: &mut impl Write, program: &Program) -> io::Result<()> {
    writeln!(out, "  {program}\n")?;
    let steps = program.threads.iter().enumerate().flat_map(|(thread, steps)| {
        steps.iter().map(move |step| (format!("thread {thread}"), step.to_string(), step.meaning()))
    });
    let setup = program.setup.words().into_iter();
    let setup = setup.map(|(word, meaning)| ("setup".to_owned(), word.to_owned(), meaning.to_owned()));
    let rows: Vec<(String, String, String)> = steps.chain(setup).collect();
    let width = rows.iter().map(|(_, word, _)| word.len()).max().unwrap_or_default();
    let mut last = "";
    for (who, word, meaning) in &rows {
        let shown = if who == last { "" } else { who };
        writeln!(out, "  {shown:<8}  {word:<width$}  {meaning}")?;
        last = who;
    }
    writeln!(out)
}

/// Every outcome that is allowed or was reached: the answers of each thread, and how it ended.
fn outcomes(scenario: &Scenario, judged: &Judgement) -> Table {
    let threads = scenario.program.threads.len();
    let mut header: Vec<String> = (0..threads).map(|thread| format!("thread {thread}")).collect();
    header.extend(["in the end", "executions"].map(str::to_owned));
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let reached = judged.outcomes.iter().map(|(outcome, executions)| (outcome.to_string(), *executions));
    let mut all: BTreeMap<String, u64> = scenario.outcomes.iter().map(|text| (text.clone(), 0)).collect();
    all.extend(reached);
    let rows = all.into_iter().map(|(text, executions)| {
        let (answers, end) = text.split_once(" ; ").unwrap_or((&text, ""));
        let mut cells: Vec<String> = answers.split(" | ").map(str::to_owned).collect();
        cells.resize(threads, String::new());
        cells.push(end.replace(" K", ", cancel bit set"));
        cells.push(table::count(executions));
        cells
    });
    table::plain(&header, rows.collect())
}

/// The faults that are shown by a scenario, if there are any.
fn write_faults(out: &mut impl Write, scenario: &Scenario) -> io::Result<()> {
    let mut faults = FAULTS.iter().map(|fault| &fault.about).filter(|about| about.scenario == scenario.name);
    let Some(first) = faults.next() else { return Ok(()) };
    writeln!(out, "\nfaults that it shows:")?;
    for about in std::iter::once(first).chain(faults) {
        writeln!(out, "  {}: {} (breaks {})", about.name, about.edit, about.breaks)?;
    }
    Ok(())
}
