//! `cancelproof show`: one scenario, rule, engine or fault explained.

use std::io::{self, Write};

use cancelproof_machine::Rule;
use cancelproof_references::faults::Sight;

use super::arguments::{Form, Show};
use super::{Exit, UsageError, failure, output, system, table};
use crate::counterexample;
use crate::history::Outcome;
use crate::job;
use crate::judge::{self, Engine, Settings};
use crate::registry::{self, FaultyRequest};
use crate::scenario::{Program, Scenario, catalogue};
use crate::subject::Subject;
use crate::system::registry as of_systems;

pub(super) fn run(arguments: &Show) -> Result<Exit, UsageError> {
    let mut out = output::coloured();
    let name = arguments.name.as_str();
    if let Some(rule) = Rule::named(name) {
        return show_rule(&mut out, rule);
    }
    if let Some(fault) = registry::fault(name) {
        return show_fault(&mut out, fault, arguments.form);
    }
    if let Some(fault) = of_systems::fault(name) {
        return system::show_fault(&mut out, fault, arguments.form);
    }
    if let Ok(engine) = name.parse::<Engine>() {
        return show_engine(&mut out, engine);
    }
    if let Some(scenario) = crate::system::catalogue::named(name) {
        let engine = engine(arguments, Engine::Dpor)?;
        return system::show_scenario(&mut out, &scenario, engine, arguments.form);
    }
    if let Some(program) = system::program(name)? {
        let scenario = crate::system::counterexample::ad_hoc(program).unwrap_or_else(|broken| *broken);
        return system::show_scenario(&mut out, &scenario, engine(arguments, Engine::Dpor)?, arguments.form);
    }
    if let Some(subject) = registry::references().find(|subject| subject.name() == name) {
        return show_request(&mut out, subject);
    }
    let engine = engine(arguments, Engine::Shuttle)?;
    let scenario = match catalogue::named(name) {
        Some(scenario) => scenario,
        None => job::ad_hoc(parse_program(name)?),
    };
    let subject = registry::subject(&arguments.request)
        .ok_or_else(|| UsageError::unknown("request", &arguments.request, registry::names()))?;
    show_scenario(&mut out, &scenario, subject, engine)
}

/// The engine that is asked for, or the usual one.
fn engine(arguments: &Show, usual: Engine) -> Result<Engine, UsageError> {
    arguments.engine.as_ref().map_or(Ok(usual), |name| {
        name.parse().map_err(|_| UsageError::unknown("engine", name, Engine::ALL.map(Engine::name)))
    })
}

/// A name that nothing has is a misspelt name unless it looks like a program.
pub(super) fn parse_program(name: &str) -> Result<Program, UsageError> {
    if name.trim().is_empty() {
        return Err(UsageError::NoProgram);
    }
    name.parse().map_err(|error: crate::scenario::ProgramError| {
        if name.contains([' ', '|', ';']) {
            let path = "program".into();
            return UsageError::Unreadable {
                path,
                error: io::Error::new(io::ErrorKind::InvalidInput, error),
            };
        }
        let scenarios: Vec<String> = catalogue::all().into_iter().map(|scenario| scenario.name).collect();
        let rules = Rule::ALL.into_iter().chain(Rule::OF_SYSTEMS).chain(Rule::OF_SHAPES);
        let rules = rules.chain(Rule::OF_MEMORY).map(Rule::name);
        let rules = rules.chain(Engine::ALL.map(Engine::name));
        let others: Vec<&str> = rules.chain(registry::names()).chain(system::names()).collect();
        UsageError::unknown(
            "request, scenario, rule, engine or fault",
            name,
            scenarios.iter().map(String::as_str).chain(others),
        )
    })
}

/// A reference request: its contract, what it is judged in, and the requests that are wrong in one step of it.
fn show_request(out: &mut impl Write, subject: &'static dyn Subject) -> Result<Exit, UsageError> {
    let contract = subject.contract();
    let scenarios: Vec<Scenario> =
        catalogue::all().into_iter().filter(|scenario| scenario.applies_to(&contract)).collect();
    let kind = subject.name().split('-').next().unwrap_or_default();
    let faults: Vec<&FaultyRequest> =
        registry::FAULTS.iter().filter(|fault| fault.about.name.split('-').next() == Some(kind)).collect();
    writeln!(out, "{}: a reference request that keeps the contract {contract}\n", subject.name())?;
    writeln!(out, "{contract:#?}\n")?;
    writeln!(out, "{} scenarios apply: cancelproof list scenarios", scenarios.len())?;
    writeln!(out, "{} wrong requests are edits of one step of {kind}:", faults.len())?;
    for fault in faults {
        writeln!(out, "  {} (breaks {})", fault.about.name, fault.about.breaks)?;
    }
    writeln!(out, "\njudge it: cancelproof gate --request {}", subject.name())?;
    Ok(Exit::Proved)
}

fn show_rule(out: &mut impl Write, rule: Rule) -> Result<Exit, UsageError> {
    writeln!(out, "{rule}: {}\n\nfaults that break it:", rule.meaning())?;
    for fault in registry::FAULTS.iter().filter(|fault| fault.about.breaks == rule) {
        writeln!(out, "  {}: {}", fault.about.name, fault.about.edit)?;
    }
    for fault in of_systems::FAULTS.iter().filter(|fault| fault.about.breaks == rule) {
        writeln!(out, "  {}: {}", fault.about.name, fault.about.edit)?;
    }
    Ok(Exit::Proved)
}

fn show_engine(out: &mut impl Write, engine: Engine) -> Result<Exit, UsageError> {
    let claims = engine.record();
    writeln!(out, "{engine} {}: {}", claims.version, claims.about)?;
    writeln!(out, "memory model: {}\n\ndoes not look at, or not wholly:", claims.memory_model)?;
    for limit in claims.limits {
        writeln!(out, "  {}: {}", limit.matter, limit.sentence)?;
    }
    Ok(Exit::Proved)
}

fn show_fault(out: &mut impl Write, fault: &FaultyRequest, form: Form) -> Result<Exit, UsageError> {
    let about = &fault.about;
    writeln!(out, "{}: {}", about.name, about.edit)?;
    writeln!(out, "breaks {}: {}", about.breaks, about.breaks.meaning())?;
    writeln!(out, "shown by the scenario {}", about.scenario)?;
    let found = catalogue::named(about.scenario).and_then(|scenario| {
        let rule = Some(about.breaks);
        let search =
            if about.needs == Sight::WeakMemory { counterexample::find_weak } else { counterexample::find };
        search(fault.subject, &scenario, rule)
    });
    match found {
        Some(found) => writeln!(out, "\n{}", failure::text(&found, form))?,
        None => writeln!(out, "\nrefute it: cancelproof gate --request {}", about.name)?,
    }
    Ok(Exit::Proved)
}

fn show_scenario(
    out: &mut impl Write,
    scenario: &Scenario,
    subject: &'static dyn Subject,
    engine: Engine,
) -> Result<Exit, UsageError> {
    writeln!(out, "{}: {}", scenario.name, scenario.about)?;
    if !scenario.source.is_empty() {
        writeln!(out, "specification: {}", scenario.source)?;
    }
    writeln!(out, "\n  {}\n", scenario.program)?;
    for (number, steps) in scenario.program.threads.iter().enumerate() {
        let steps: Vec<String> = steps.iter().map(ToString::to_string).collect();
        writeln!(out, "  thread {number}: {}", steps.join(", then "))?;
    }
    writeln!(out, "  callback: {}\n", scenario.program.callback)?;
    let judgement = match judge::judge(subject, scenario, engine, Settings::default()) {
        Ok(judgement) => judgement,
        Err(reason) => {
            writeln!(out, "{} under {engine}: not applicable, {reason}", subject.name())?;
            return Ok(Exit::Proved);
        }
    };
    let executions = table::count(judgement.executions);
    writeln!(out, "{} under {engine}: {} ({executions} executions)", subject.name(), judgement.verdict)?;
    let limits: Vec<&str> = engine.record().limits.iter().map(|limit| limit.matter.name()).collect();
    writeln!(out, "not looked at, or not wholly, by {engine}: {}", limits.join(", "))?;
    let graded = counterexample::outcomes(subject, scenario);
    let row = |outcome: &Outcome, executions: u64| {
        let known = graded.iter().find(|graded| graded.outcome == *outcome);
        let (grade, why, witness) = known.map_or_else(
            || ("interesting".to_owned(), "only a weak memory shows it".to_owned(), String::new()),
            |graded| (graded.grade.to_string(), graded.why.clone(), graded.witness.clone()),
        );
        vec![outcome.to_string(), table::count(executions), grade, why, witness]
    };
    let mut rows: Vec<_> =
        judgement.outcomes.iter().map(|(outcome, executions)| row(outcome, *executions)).collect();
    // An engine stops at the first broken rule; what else would be forbidden is still shown.
    let unseen = graded.iter().filter(|graded| !judgement.outcomes.contains_key(&graded.outcome));
    rows.extend(unseen.map(|graded| row(&graded.outcome, 0)));
    writeln!(out, "{}", table::plain(&["outcome", "executions", "grade", "why", "order of threads"], rows))?;
    Ok(super::gate::exit_of(&judgement.verdict, false))
}
