//! One system, one scenario, one engine: one [`Judgement`].

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, MutexGuard};

use cancelproof_engines::lock::Mutex;
use cancelproof_engines::outcome::came_to;
use cancelproof_machine::Rule;

use super::catalogue::{Kind, Scenario};
use super::execution;
use super::history::{Event, outcome};
use super::program::Program;
use super::record::Record;
use super::registry::System;
use super::rules::{Evidence, ORDER, judge_by as judge_evidence};
use crate::engine::{self, dpor, rc11, rerun, turns};
use crate::exploration::{Exploration, Extent, Failure, FailureKind};
use crate::history::Outcome;
use crate::judge::{
    Engine, Intercepting, Keeping, Seen, Settings, Underway, intercepted, not_resumed, on_judging_stack,
    on_shuttle_by,
};
use crate::platform::reduction::{self, Told, Twins};
use crate::rules::Violation;
use crate::verdict::{Judgement, Verdict};

/// How the panic begins by which the harness stops an engine at a broken rule.
const RULE_BROKEN: &str = "rule broken";

/// The engines that exhaust systems, and by which the planted faults of systems are held to be found.
pub const ENGINES: [Engine; 3] = [Engine::Loom, Engine::Dpor, Engine::Rc11];

/// The engines that judge systems: [`ENGINES`], and shuttle, whose depth-first search does not end for all of them.
pub const JUDGES: [Engine; 7] = [
    Engine::Loom,
    Engine::Shuttle,
    Engine::Dpor,
    Engine::Rc11,
    Engine::ShuttleRandom,
    Engine::ShuttlePct,
    Engine::ShuttleWalk,
];

/// Why a system was not judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("systems are judged by loom, shuttle, dpor and rc11, and not by {0}")]
pub struct NotApplicable(pub Engine);

/// The executions of one exploration.
struct Trial {
    scenario: Scenario,
    rules: Vec<Rule>,
    order: crate::history::Order,
    findings: Mutex<Findings>,
}

#[derive(Default)]
struct Findings {
    /// The histories that keep every rule, each with its outcome.
    passed: HashMap<Vec<Event>, String>,
    outcomes: BTreeMap<Outcome, u64>,
    violation: Option<Violation>,
    /// By the decisions of the failing executions, where an engine reports after each.
    violations: HashMap<Vec<u32>, Violation>,
    /// The events of the execution that broke a rule.
    broken: Vec<Event>,
}

/// A judgement, with what happened in the failing execution.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The judgement.
    pub judgement: Judgement,
    /// The events of the failing execution, in their order; empty if there is none.
    pub events: Vec<Event>,
}

/// Judges `system` in `scenario` under `engine`.
///
/// # Errors
///
/// Returns an error for an engine that does not judge systems. That is never a pass.
pub fn judge(
    system: &System,
    scenario: &Scenario,
    engine: Engine,
    settings: Settings,
) -> Result<Judged, NotApplicable> {
    judge_by(system, scenario, engine, settings, &ORDER)
}

/// Like [`judge`], by these rules only, in their order.
///
/// # Errors
///
/// As for [`judge`].
pub fn judge_by(
    system: &System,
    scenario: &Scenario,
    engine: Engine,
    settings: Settings,
    rules: &[Rule],
) -> Result<Judged, NotApplicable> {
    let trial = Arc::new(Trial {
        scenario: scenario.clone(),
        rules: rules.to_vec(),
        order: engine.order(),
        findings: Mutex::default(),
    });
    let exploration = explore(system, &trial, engine, settings, None)?;
    Ok(trial.conclude(&exploration))
}

/// Like [`judge`], with an interceptor in each execution: the system is judged as if it did what the interceptor makes of its
/// operations.
///
/// # Errors
///
/// Returns an error for an engine that does not run on our own executor.
pub fn judge_through(
    system: &System,
    scenario: &Scenario,
    engine: Engine,
    settings: Settings,
    intercepting: &Intercepting,
) -> Result<Judged, NotApplicable> {
    if !matches!(engine, Engine::Dpor | Engine::Rc11) {
        return Err(NotApplicable(engine));
    }
    let trial = Arc::new(Trial {
        scenario: scenario.clone(),
        rules: ORDER.to_vec(),
        order: engine.order(),
        findings: Mutex::default(),
    });
    let exploration = explore(system, &trial, engine, settings, Some(intercepting))?;
    Ok(trial.conclude(&exploration))
}

/// Likewise [`judge`], from where another process was interrupted: see [`judge_resuming`](crate::judge::judge_resuming).
///
/// # Errors
///
/// As for [`judge`].
pub fn judge_resuming(
    system: &System,
    scenario: &Scenario,
    engine: Engine,
    settings: Settings,
    from: Option<Underway>,
    keeping: &Keeping,
) -> Result<Judged, NotApplicable> {
    if !engine.is_witness() {
        return judge(system, scenario, engine, settings);
    }
    let trial = Arc::new(Trial {
        scenario: scenario.clone(),
        rules: ORDER.to_vec(),
        order: engine.order(),
        findings: Mutex::default(),
    });
    let position = from.map(|Underway { position, seen }| {
        trial.findings().outcomes = seen.outcomes;
        position
    });
    let watched = Arc::clone(&trial);
    let seen = move || Seen { outcomes: watched.findings().outcomes.clone(), ..Seen::default() };
    let resuming = keeping.resuming(position, seen);
    let Settings { executions, time, .. } = settings;
    let explored = if engine == Engine::Loom {
        let options = engine::loom::Options { executions, time };
        engine::loom::explore_resuming(options, resuming, on_loom(system, &trial))
    } else {
        let options = engine::shuttle::Options { executions, time };
        engine::shuttle::explore_resuming(options, resuming, on_shuttle(system, &trial, true))
    };
    Ok(match explored {
        Ok(exploration) => trial.conclude(&exploration),
        Err(error) => Judged { judgement: not_resumed(&error), events: Vec::new() },
    })
}

/// One execution on loom.
fn on_loom(system: &System, trial: &Arc<Trial>) -> impl Fn() + Send + Sync + 'static {
    let (make, program) = (system.on_loom, Arc::new(trial.scenario.program.clone()));
    let trial = Arc::clone(trial);
    move || {
        execution::run(&program, make());
        say_outcome(&program);
        trial.judge_or_panic();
    }
}

/// One execution on shuttle, of which the depth-first search is told.
fn on_shuttle(system: &System, trial: &Arc<Trial>, is_told: bool) -> impl Fn() + Send + Sync + 'static {
    let (make, program) = (system.on_shuttle, Arc::new(trial.scenario.program.clone()));
    let trial = Arc::clone(trial);
    move || {
        if is_told {
            reduction::begin(Told::Shuttle, &Twins::default());
        }
        execution::run(&program, make());
        say_outcome(&program);
        trial.judge_or_panic();
    }
}

fn explore(
    system: &System,
    trial: &Arc<Trial>,
    engine: Engine,
    settings: Settings,
    intercepting: Option<&Intercepting>,
) -> Result<Exploration, NotApplicable> {
    let Settings { executions, time, .. } = settings;
    // As for requests: whoever changes operations makes an exchange fail as one of the changes.
    let is_spurious = intercepting.is_none();
    let intercepting = intercepting.cloned();
    let program = Arc::new(trial.scenario.program.clone());
    let (judging, on_controlled) = (Arc::clone(trial), system.on_controlled);
    Ok(match engine {
        Engine::Loom => {
            engine::loom::explore(engine::loom::Options { executions, time }, on_loom(system, trial))
        }
        Engine::Shuttle | Engine::ShuttleRandom | Engine::ShuttlePct | Engine::ShuttleWalk => {
            let is_told = engine == Engine::Shuttle;
            on_shuttle_by(engine, settings, on_shuttle(system, trial, is_told))
        }
        Engine::Rc11 => rc11::explore(
            &rc11::Options {
                executions,
                time,
                cut_turns: turns::are_cut(),
                spurious_failures: is_spurious,
                ..rc11::Options::default()
            },
            intercepted(intercepting, move || {
                execution::run(&program, on_controlled());
                say_outcome(&program);
                judging.judge_or_panic();
            }),
        ),
        Engine::Dpor => {
            let options = dpor::Options {
                executions,
                time,
                preemptions: settings
                    .preemptions
                    .map_or(dpor::Preemptions::Unbounded, dpor::Preemptions::UpTo),
                on_execution: Some(Arc::new(move |execution| judging.judge_reported(execution))),
                cut_turns: turns::are_cut(),
                spurious_failures: is_spurious,
                ..dpor::Options::default()
            };
            let body = move || {
                execution::run(&program, on_controlled());
                say_outcome(&program);
            };
            dpor::explore(&options, intercepted(intercepting, body))
        }
        Engine::Threads => return Err(NotApplicable(engine)),
    })
}

/// Tells the engine what the execution has come to that ends on this thread, for it to compare when it runs the first
/// execution again.
fn say_outcome(program: &Program) {
    came_to(|| {
        let events = Record::of_this_thread().history();
        on_judging_stack(|| outcome(&events, program.threads.len(), program.requests()))
    });
}

impl Trial {
    /// Judges the execution that has just ended on this thread, and panics if it broke a rule: that is what stops an
    /// engine that knows no other way.
    fn judge_or_panic(&self) {
        if rerun::is_rerun() {
            return;
        }
        if let Some(violation) = self.judge_now(None) {
            let message = format!("{RULE_BROKEN}: {violation}");
            self.findings().violation = Some(violation);
            panic!("{message}");
        }
    }

    /// Judges the execution that has just ended on this thread, for an engine that reports after each.
    fn judge_reported(&self, execution: &dpor::Execution<'_>) -> Result<(), FailureKind> {
        let Some(violation) = self.judge_now(execution.failure) else { return Ok(()) };
        let message = format!("{RULE_BROKEN}: {violation}");
        let decisions = execution.decisions.iter().map(|task| u32::from(task.0)).collect();
        self.findings().violations.insert(decisions, violation);
        if execution.failure.is_some() { Ok(()) } else { Err(FailureKind::Panic { message }) }
    }

    fn judge_now(&self, failure: Option<&FailureKind>) -> Option<Violation> {
        let record = Record::of_this_thread();
        let events = record.history();
        if failure.is_none() {
            let mut findings = self.findings();
            let known = findings.passed.get(&events).cloned();
            if let Some(text) = known {
                *findings.outcomes.entry(Outcome::from_text(&text)).or_default() += 1;
                return None;
            }
        }
        let attention = record.attention();
        let violation = on_judging_stack(|| {
            let evidence = Evidence::new(&self.scenario, &events, self.order, failure, attention);
            judge_evidence(&evidence, &self.rules)
        });
        let mut findings = self.findings();
        match (&violation, failure) {
            (Some(_), _) => findings.broken = events,
            (None, Some(_)) => {}
            (None, None) => {
                let program = &self.scenario.program;
                let text = on_judging_stack(|| outcome(&events, program.threads.len(), program.requests()));
                *findings.outcomes.entry(Outcome::from_text(&text)).or_default() += 1;
                findings.passed.insert(events, text);
            }
        }
        violation
    }

    fn conclude(&self, exploration: &Exploration) -> Judged {
        let verdict = match &exploration.failure {
            Some(failure) => self.verdict_of_failure(failure),
            None => self.verdict_of_passing(exploration),
        };
        let mut findings = self.findings();
        let events = std::mem::take(&mut findings.broken);
        let program = &self.scenario.program;
        let text = || on_judging_stack(|| outcome(&events, program.threads.len(), program.requests()));
        let judgement = Judgement {
            verdict,
            executions: exploration.executions,
            abandoned: exploration.abandoned,
            outcomes: std::mem::take(&mut findings.outcomes),
            // Answers of systems are not held against the machine.
            coverage: crate::coverage::Coverage::default(),
            failing: (!events.is_empty()).then(|| Outcome::from_text(&text())),
        };
        drop(findings);
        Judged { judgement, events }
    }

    /// Exhausted, every outcome that may happen must have happened.
    fn verdict_of_passing(&self, exploration: &Exploration) -> Verdict {
        let findings = self.findings();
        let missing = self
            .scenario
            .outcomes
            .iter()
            .find(|outcome| !findings.outcomes.contains_key(&Outcome::from_text(outcome)));
        match (&exploration.extent, missing) {
            (Extent::Bounded(bound), _) if exploration.executions == 0 => {
                Verdict::without_an_execution(bound)
            }
            (Extent::Bounded(bound), _) => Verdict::Bounded(bound.clone()),
            (Extent::Exhausted, Some(missing)) => {
                Verdict::Vacuous { missing: format!("no execution has the outcome {missing}") }
            }
            (Extent::Exhausted, None) if self.scenario.kind == Kind::Hangs => {
                Verdict::Vacuous { missing: "no execution hangs".to_owned() }
            }
            (Extent::Exhausted, None) => Verdict::Proved,
            (Extent::Sampled, _) => Verdict::Sampled,
            (Extent::StoppedAtFailure, _) => {
                Verdict::ToolFailure { reason: "the engine stopped at a failure and named none".to_owned() }
            }
        }
    }

    fn verdict_of_failure(&self, failure: &Failure) -> Verdict {
        if let FailureKind::Nondeterminism { message } = &failure.kind {
            return Verdict::ToolFailure { reason: format!("the system is not deterministic: {message}") };
        }
        let findings = self.findings();
        let known = findings.violations.get(&failure.decisions).or(findings.violation.as_ref()).cloned();
        drop(findings);
        match known.or_else(|| self.judge_now(Some(&failure.kind))) {
            Some(violation) => Verdict::Refuted { violation, failure: failure.clone() },
            None => Verdict::ToolFailure { reason: format!("no rule explains {:?}", failure.kind) },
        }
    }

    fn findings(&self) -> MutexGuard<'_, Findings> {
        self.findings.lock()
    }
}
