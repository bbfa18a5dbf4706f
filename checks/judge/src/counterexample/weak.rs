//! Failures that no sequentially consistent machine shows: found, made small and taken down by `rc11`.
//!
//! Another engine's failure that our own machines do not show at all is named by its number, and has no steps.

use std::time::Duration;

use cancelproof_machine::Rule;

use super::mending::{self, Stronger, mending};
use super::stage::Stage;
use super::{Counterexample, Decisions, Token, case, header, shrink};
use crate::alteration::Site;
use crate::engine::rc11;
use crate::exploration::{Failure, FailureKind};
use crate::judge::{self, Engine, Settings};
use crate::registry;
use crate::rules::Violation;
use crate::scenario::{Program, Reaches, Scenario, Scope};
use crate::subject::Subject;
use crate::trace::{self, Material, Place, Step, SwitchReason, Trace, Why};
use crate::verdict::Verdict;

/// Time after which the search of one program is given up.
const TIME_MAX: Duration = Duration::from_millis(400);

/// The counterexample of a request that breaks `rule` in `scenario` under a weak memory, or any rule if none is given.
#[must_use]
pub fn find_weak(
    subject: &'static dyn Subject,
    scenario: &Scenario,
    rule: Option<Rule>,
) -> Option<Counterexample> {
    let (violation, _) = search(subject, scenario.program.clone(), scenario.scope, rule)?;
    let rule = violation.rule;
    let control = control(subject)
        .filter(|control| search(*control, scenario.program.clone(), scenario.scope, None).is_none());
    let program = shrink::smallest(&scenario.program, shrink::smaller, |program| {
        let search = |subject, rule| search(subject, program.clone(), scenario.scope, rule);
        search(subject, Some(rule)).is_some() && control.is_none_or(|control| search(control, None).is_none())
    });
    let (violation, failure) = search(subject, program.clone(), scenario.scope, Some(rule))?;
    let token = Token {
        request: subject.name().to_owned(),
        program,
        scope: scenario.scope,
        rule,
        decisions: Decisions::Numbered { engine: Engine::Rc11, execution: failure.execution, seed: 0 },
    };
    Some(present(subject, token, &violation, &failure))
}

/// A reference request that keeps the same contract, to tell a wrong program from a wrong request.
fn control(subject: &dyn Subject) -> Option<&'static dyn Subject> {
    registry::references().find(|known| known.contract() == subject.contract())
}

fn search(
    subject: &'static dyn Subject,
    program: Program,
    scope: Scope,
    rule: Option<Rule>,
) -> Option<(Violation, Failure)> {
    let settings = Settings { time: Some(TIME_MAX), ..Settings::default() };
    let judgement = judge::judge(subject, &scenario(program, scope), Engine::Rc11, settings).ok()?;
    match judgement.verdict {
        Verdict::Refuted { violation, failure } if rule.is_none_or(|rule| rule == violation.rule) => {
            Some((violation, failure))
        }
        _ => None,
    }
}

/// A scenario for a program that only has to be run.
pub(super) fn scenario(program: Program, scope: Scope) -> Scenario {
    Scenario {
        name: "program".to_owned(),
        about: String::new(),
        source: String::new(),
        scope,
        program,
        reaches: Reaches::Answer,
        only: None,
    }
}

/// The counterexample of an execution that is named by its number.
pub(super) fn present(
    subject: &'static dyn Subject,
    token: Token,
    violation: &Violation,
    failure: &Failure,
) -> Counterexample {
    let trace = match &token.decisions {
        Decisions::Numbered { engine: Engine::Rc11, .. } => record(subject, &token, violation, failure),
        _ => None,
    };
    let trace = trace.unwrap_or_else(|| without_steps(subject, &token, violation));
    Counterexample { trace, token }
}

/// Runs the execution of `rc11` again and takes down what happens.
fn record(
    subject: &'static dyn Subject,
    token: &Token,
    violation: &Violation,
    failure: &Failure,
) -> Option<Trace> {
    let case = case(subject, token.program.clone(), token.scope)?;
    let options = rc11::Options::default();
    let (_, mut log) = rc11::replay_recorded(&options, &failure.decisions, case.clocked(), case.body());
    log.broken_from = case.broken_from_in(Engine::Rc11.order(), violation.rule);
    // The panic by which the harness stopped the engine at a broken rule is not one of the request.
    let of_engine = Some(&failure.kind).filter(|kind| !matches!(kind, FailureKind::Panic { .. }));
    let mut trace = trace::build(Material {
        header: header(subject, token, Engine::Rc11, Some(violation)),
        log: &log,
        cast: &case.cast(),
        failure: of_engine,
        rule: Some(violation.rule),
    });
    let is_preemption =
        |step: &&Step| step.switch.is_some_and(|switch| switch.reason == SwitchReason::Preempted);
    trace.header.preemptions = trace.steps.iter().filter(is_preemption).count() as u32;
    let mending = mending(subject, &scenario(token.program.clone(), token.scope), &log);
    trace.why = explain(&trace, &mending);
    Some(trace)
}

/// The reads that have not seen the latest write, which no sequentially consistent machine shows, and where an edge is
/// missing.
fn explain(trace: &Trace, mending: &[Stronger]) -> Option<Why> {
    let pairs: Vec<(usize, usize)> =
        (0..trace.steps.len()).filter_map(|read| Some((read, trace.overlooked_write(read)?))).collect();
    let lane = |step: usize| trace.lanes[trace.steps[step].lane].title.as_str();
    let sentence = |&(read, write): &(usize, usize)| {
        format!(
            "{} of {} does not see {} of {}, which nothing orders before it: only a weak memory shows this",
            trace.describe_operation(read),
            lane(read),
            trace.describe_operation(write),
            lane(write),
        )
    };
    let steps: Vec<usize> = pairs.iter().flat_map(|&(read, write)| [write, read]).collect();
    let mut places: Vec<Place> = steps.iter().filter_map(|&step| trace.steps[step].place.clone()).collect();
    let mut sentences: Vec<String> = pairs.iter().map(sentence).collect();
    if !mending.is_empty() {
        sentences.push(mending::sentence(mending));
        places.extend(mending.iter().map(|stronger| place(&stronger.site)));
    }
    (!sentences.is_empty()).then_some(Why { sentences, places, steps })
}

/// The reason that weak memory gives, where it is not known what would mend it.
#[must_use]
pub fn explain_overlooked_writes(trace: &Trace) -> Option<Why> {
    explain(trace, &[])
}

fn place(site: &Site) -> Place {
    Place { file: site.file.to_owned(), line: site.line, column: site.column }
}

/// The trace of an execution that only its own engine can run.
pub(super) fn without_steps(subject: &dyn Subject, token: &Token, violation: &Violation) -> Trace {
    let engine = match token.decisions {
        Decisions::Numbered { engine, .. } => engine,
        Decisions::Deviations { .. } => Engine::Dpor,
    };
    Trace {
        header: header(subject, token, engine, Some(violation)),
        lanes: Vec::new(),
        objects: Vec::new(),
        steps: Vec::new(),
        violation: None,
        why: None,
    }
}
