//! One request, one scenario, one engine: one [`Judgement`].
//!
//! This is where the one-way flow is put together: the subject makes a request on the engine's platform, the harness
//! runs the scenario's program on it, the rules judge each history, and the exploration becomes a verdict.

mod applicable;
mod canary;
mod engines;
pub mod growth;
mod open;
#[cfg(feature = "hunt")]
mod portfolio;
mod stack;
mod tally;
mod trial;
mod underway;
mod witness;

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use cancelproof_machine::{Contract, Rule, Runtime};

use crate::engine::claims::{self, Claims};
use crate::engine::{self, dpor, rc11, shuttle::Strategy, turns};
use crate::execution;
use crate::executor::{Interceptor, intercept};
use crate::exploration::{Bound, Exploration, Extent};
use crate::history::History;
use crate::platform::reduction::{self, Told};
use crate::scenario::Scenario;
use crate::subject::{Made, Platform, Subject};
use crate::verdict::Judgement;

pub use crate::engine::{Budget as Settings, PCT_DEPTH};
pub use crate::subject::Property;
pub use applicable::NotApplicable;
pub use canary::{Blind, check as check_canary, check_through as check_canary_through, planted};
pub use engines::{Engine, UnknownEngine};
pub(crate) use open::broken_property;
pub use open::judge_on;
#[cfg(feature = "hunt")]
pub use portfolio::Turn;
pub(crate) use stack::on_judging_stack;
pub use trial::Trial;
pub(crate) use underway::not_resumed;
pub use underway::{Keeping, Seen, Underway, judge_resuming};
pub use witness::{Covered, unended};

/// What stands between the request and the executor: makes an [`Interceptor`] for each execution.
#[derive(Clone)]
pub struct Intercepting(Arc<dyn Fn() -> Rc<dyn Interceptor> + Send + Sync>);

impl Intercepting {
    /// Has `make` called at the beginning of each execution, on the thread that runs it.
    pub fn new(make: impl Fn() -> Rc<dyn Interceptor> + Send + Sync + 'static) -> Self {
        Intercepting(Arc::new(make))
    }
}

impl fmt::Debug for Intercepting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Intercepting").finish_non_exhaustive()
    }
}

/// Judges `subject` in `scenario` under `engine`.
///
/// The canary is not included: see [`check_canary`].
///
/// # Errors
///
/// Returns why nothing was judged when the three do not fit together. That is never a pass.
pub fn judge(
    subject: &'static dyn Subject,
    scenario: &Scenario,
    engine: Engine,
    settings: Settings,
) -> Result<Judgement, NotApplicable> {
    judge_by(subject, scenario, engine, settings, &Rule::ALL)
}

/// Like [`judge`], but [`Engine::Loom`] and [`Engine::Shuttle`] leave out nothing, for whoever compares the two. Subject, scenario
/// and engine have to fit together, which [`judge`] finds out.
#[must_use]
pub fn judge_whole(
    subject: &'static dyn Subject,
    scenario: &Scenario,
    engine: Engine,
    settings: Settings,
) -> Judgement {
    let trial = Trial::new(scenario, subject.contract(), &Rule::ALL, engine.order());
    let exploration = explore(subject, &trial, engine, settings, None);
    trial.conclude(&exploration)
}

/// Like [`judge`], by these rules only, in their order.
///
/// # Errors
///
/// As for [`judge`].
pub fn judge_by(
    subject: &'static dyn Subject,
    scenario: &Scenario,
    engine: Engine,
    settings: Settings,
    rules: &[Rule],
) -> Result<Judgement, NotApplicable> {
    judge_fitting(subject, subject.contract(), scenario, engine, settings, rules, None)
}

/// Like [`judge`], with an interceptor in each execution: the request is judged as if it did what the interceptor
/// makes of its operations.
///
/// # Errors
///
/// As for [`judge`], and for an engine that does not run on our own executor.
pub fn judge_through(
    subject: &'static dyn Subject,
    scenario: &Scenario,
    engine: Engine,
    settings: Settings,
    intercepting: &Intercepting,
) -> Result<Judgement, NotApplicable> {
    if engine.platform() != Platform::Controlled {
        return Err(NotApplicable::Interception(engine));
    }
    let contract = subject.contract();
    judge_fitting(subject, contract, scenario, engine, settings, &Rule::ALL, Some(intercepting))
}

/// Like [`judge`], as if the subject declared `contract`.
///
/// # Errors
///
/// As for [`judge`].
pub fn judge_as(
    subject: &'static dyn Subject,
    contract: &Contract,
    scenario: &Scenario,
    engine: Engine,
    settings: Settings,
) -> Result<Judgement, NotApplicable> {
    judge_fitting(subject, *contract, scenario, engine, settings, &Rule::ALL, None)
}

/// The executions of one exploration, as histories.
#[derive(Clone, Debug)]
pub struct Observed {
    /// The different histories of executions that ended by themselves, each with its number of executions. There are
    /// at most as many as are remembered; beyond that the extent says that it is bounded.
    pub passed: Vec<(History, u64)>,
    /// What had happened in the execution that the engine stopped at, if it did.
    pub failed: Option<History>,
    /// What the engine says.
    pub exploration: Exploration,
}

/// Explores `subject` in `scenario` under `engine` and judges nothing: what happened is the answer.
///
/// # Errors
///
/// As for [`judge`].
pub fn observe(
    subject: &'static dyn Subject,
    scenario: &Scenario,
    engine: Engine,
    settings: Settings,
) -> Result<Observed, NotApplicable> {
    let (trial, mut exploration) =
        explore_fitting(subject, subject.contract(), scenario, engine, settings, &[], None)?;
    let failed = exploration.failure.as_ref().map(|_| trial.last_history());
    let (passed, are_too_many) = trial.take_histories();
    if are_too_many && exploration.extent == Extent::Exhausted {
        exploration.extent = Extent::Bounded(Bound::Executions(passed.iter().map(|(_, count)| count).sum()));
    }
    Ok(Observed { passed, failed, exploration })
}

fn judge_fitting(
    subject: &'static dyn Subject,
    contract: Contract,
    scenario: &Scenario,
    engine: Engine,
    settings: Settings,
    rules: &[Rule],
    intercepting: Option<&Intercepting>,
) -> Result<Judgement, NotApplicable> {
    let (trial, exploration) =
        explore_fitting(subject, contract, scenario, engine, settings, rules, intercepting)?;
    Ok(trial.conclude(&exploration))
}

fn explore_fitting(
    subject: &'static dyn Subject,
    contract: Contract,
    scenario: &Scenario,
    engine: Engine,
    settings: Settings,
    rules: &[Rule],
    intercepting: Option<&Intercepting>,
) -> Result<(Arc<Trial>, Exploration), NotApplicable> {
    applicable::check(subject, contract, scenario, engine)?;
    let properties = if rules.is_empty() { &[] } else { subject.properties() };
    let trial = Trial::with_properties(scenario, contract, rules, properties, engine.order());
    // Whoever only wants to see what happens wants to see all of it.
    if !rules.is_empty() {
        trial.reduce(engine);
    }
    let exploration = explore(subject, &trial, engine, settings, intercepting);
    Ok((trial, exploration))
}

fn explore(
    subject: &'static dyn Subject,
    trial: &Arc<Trial>,
    engine: Engine,
    settings: Settings,
    intercepting: Option<&Intercepting>,
) -> Exploration {
    let Settings { samples, executions, time, .. } = settings;
    // Whoever changes operations makes an exchange fail as one of the changes. The engine's own spurious failures beside
    // it would multiply the executions of every retry, and tell of the request and not of the change.
    let asks_of_changes = intercepting.is_some();
    match engine {
        Engine::Loom => {
            let body = reduced(Platform::Loom, trial, body(trial, move || subject.on_loom()));
            let exploration = engine::loom::explore(engine::loom::Options { executions, time }, body);
            claimed(exploration, &claims::LOOM, subject)
        }
        Engine::Dpor => on_dpor(subject, trial, settings, intercepting.cloned()),
        Engine::Rc11 => {
            let body = body(trial, move || subject.on_controlled());
            let body = intercepted(intercepting.cloned(), body);
            rc11::explore(
                &rc11::Options {
                    executions,
                    time,
                    cut_turns: turns::are_cut(),
                    spurious_failures: !asks_of_changes,
                    ..rc11::Options::default()
                },
                body,
            )
        }
        Engine::Shuttle | Engine::ShuttleRandom | Engine::ShuttlePct | Engine::ShuttleWalk => {
            let body = reduced(Platform::Shuttle, trial, body(trial, move || subject.on_shuttle()));
            on_shuttle_by(engine, settings, body)
        }
        Engine::Threads => {
            let body = body(trial, move || subject.on_std());
            engine::threads::explore(engine::threads::Options { executions: samples, time }, body)
        }
    }
}

/// What may be claimed of `exploration`: of loom's own atomics loom forgets loads.
fn claimed(mut exploration: Exploration, claims: &Claims, subject: &'static dyn Subject) -> Exploration {
    let forgets = claims.platform == Platform::Loom && subject.is_of_loom_itself();
    if forgets && exploration.extent == Extent::Exhausted {
        exploration.extent = Extent::Bounded(Bound::ForgottenLoads);
    }
    exploration
}

/// Explores by one of shuttle's ways of choosing. Its depth-first search goes on with rising bounds on preemptions once its
/// budget of executions is used up, so that what is bounded is so by something that can be said.
pub(crate) fn on_shuttle_by(
    engine: Engine,
    settings: Settings,
    body: impl Fn() + Send + Sync + 'static,
) -> Exploration {
    let Settings { seed, samples, executions, time, .. } = settings;
    let options = engine::shuttle::Options { executions, time };
    let strategy = match engine {
        Engine::ShuttleRandom => Strategy::Random { seed, samples },
        Engine::ShuttlePct => Strategy::Pct { seed, samples, depth: PCT_DEPTH },
        Engine::ShuttleWalk => Strategy::RandomWalk { seed, samples },
        _ => Strategy::DepthFirst,
    };
    if let (Strategy::DepthFirst, Some(executions)) = (strategy, executions) {
        let rising = witness::rising_executions(executions);
        return engine::shuttle::explore_then_rising_within(options, rising, body);
    }
    engine::shuttle::explore(strategy, options, body)
}

/// The request that a subject makes. [`judge`] has asked before whether the subject runs on the platform.
fn made<R: Runtime>(request: Option<Made<R>>) -> Made<R> {
    request.expect("a subject makes a request on each platform that it says it runs on")
}

/// One execution: the program on a fresh request, judged at its end.
fn body<R: Runtime>(
    trial: &Arc<Trial>,
    make: impl Fn() -> Option<Made<R>> + Send + Sync + 'static,
) -> impl Fn() + Send + Sync + 'static {
    let trial = Arc::clone(trial);
    move || {
        trial.announce();
        execution::run(trial.program(), || made(make()));
        trial.say_outcome();
        trial.judge_or_panic();
    }
}

/// The body with what the engine may leave out of each execution.
fn reduced(
    platform: Platform,
    trial: &Arc<Trial>,
    body: impl Fn() + Send + Sync + 'static,
) -> impl Fn() + Send + Sync + 'static {
    let told = told(platform);
    let twins = trial.twins().cloned();
    move || {
        if let Some(twins) = &twins {
            reduction::begin(told, twins);
        }
        body();
    }
}

/// Who is told of executions on a platform.
fn told(platform: Platform) -> Told {
    match platform {
        Platform::Loom => Told::Loom,
        Platform::Shuttle => Told::Shuttle,
        Platform::Controlled | Platform::Std => Told::Nobody,
    }
}

/// The body with the interceptor installed before anything else.
pub(crate) fn intercepted(
    intercepting: Option<Intercepting>,
    body: impl Fn() + Send + Sync + 'static,
) -> impl Fn() + Send + Sync + 'static {
    move || {
        if let Some(Intercepting(make)) = &intercepting {
            intercept(make());
        }
        body();
    }
}

fn on_dpor(
    subject: &'static dyn Subject,
    trial: &Arc<Trial>,
    settings: Settings,
    intercepting: Option<Intercepting>,
) -> Exploration {
    let judge = Arc::clone(trial);
    let options = dpor::Options {
        executions: settings.executions,
        time: settings.time,
        preemptions: settings.preemptions.map_or(dpor::Preemptions::Unbounded, dpor::Preemptions::UpTo),
        on_execution: Some(Arc::new(move |execution| judge.judge_reported(execution))),
        cut_turns: turns::are_cut(),
        spurious_failures: intercepting.is_none(),
        ..dpor::Options::default()
    };
    let trial = Arc::clone(trial);
    let body = move || {
        trial.announce();
        execution::run(trial.program(), || made(subject.on_controlled()));
        trial.say_outcome();
    };
    dpor::explore(&options, intercepted(intercepting, body))
}
