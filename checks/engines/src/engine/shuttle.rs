//! The engine `shuttle`: sequentially consistent, by plain depth-first search or by three kinds of sampling.
//!
//! The second independent witness. Its depth-first search has no reduction, so it ends only for two and three
//! threads; it sees neither data races nor leaks.
//!
//! A thread that yields again and again waits, so it lets the others go on first (`shuttle/fair.rs`). What has not ended
//! after `STEPS_MAX` steps is cut, and says nothing of the body: a loop may end later than that.

mod again;
pub(super) mod apart;
mod fair;
mod onward;
mod watched;

use std::cell::RefCell;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use shuttle::scheduler::{
    DfsScheduler, PctScheduler, RandomScheduler, Schedule, Scheduler, UrwRandomScheduler,
};
use shuttle::{Config, FailurePersistence, MaxSteps, Runner};

use self::apart::Apart;
use self::fair::{FREE_YIELDS, Fair, LeftOut};
use self::onward::{Choices, Onward};
use self::watched::{Keeping, State, Watched};
use super::resuming::{Resuming, Unresumable};
use crate::executor::{quiet, stack_bytes_default};
use crate::exploration::{Bound, Exploration, Extent, Failure, FailureKind};
use crate::locals;
use crate::outcome;
use crate::platform::reduction;

/// Steps of one execution, after which it is cut.
const STEPS_MAX: usize = 100_000;

/// With so many executions cut, the search ends: it would go on among executions that do not.
const CUT_MAX: u64 = 16;

/// How schedules are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// Every schedule, depth first.
    DepthFirst,
    /// A runnable task drawn at each step.
    Random {
        /// What the draws follow from.
        seed: u64,
        /// How many executions.
        samples: u64,
    },
    /// Probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte, ASPLOS 2010): random
    /// priorities, lowered at `depth - 1` random steps.
    Pct {
        /// What the draws follow from.
        seed: u64,
        /// How many executions.
        samples: u64,
        /// The depth of the bugs it has a guaranteed chance to hit.
        depth: usize,
    },
    /// Every schedule about equally likely, after one estimating run.
    RandomWalk {
        /// What the draws follow from.
        seed: u64,
        /// How many executions.
        samples: u64,
    },
}

/// How far to explore.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Stop after this many executions.
    pub executions: Option<u64>,
    /// Stop after this much time.
    pub time: Option<Duration>,
}

/// How shuttle's PCT refuses a body that never has two threads to choose from.
const NOTHING_TO_CHOOSE: &str = "test closure did not exercise any concurrency";

/// Explores `body` by `strategy`.
///
/// A body in which there is never a choice has one schedule, which PCT refuses; it is then run once as it is.
pub fn explore(strategy: Strategy, options: Options, body: impl Fn() + Send + Sync + 'static) -> Exploration {
    explore_counting_steps(strategy, options, body).exploration
}

/// An exploration with the length of its executions.
#[derive(Debug)]
pub struct Counted {
    /// What [`explore`] returns.
    pub exploration: Exploration,
    /// The steps of the longest execution: how often a task was chosen.
    pub longest: u64,
}

/// Like [`explore`], and says how long executions are.
pub fn explore_counting_steps(
    strategy: Strategy,
    options: Options,
    body: impl Fn() + Send + Sync + 'static,
) -> Counted {
    let body = Arc::new(body);
    let counted = explore_shared(strategy, options, Arc::clone(&body));
    match &counted.exploration.failure {
        Some(Failure { kind: FailureKind::Panic { message }, .. }) if message == NOTHING_TO_CHOOSE => {
            explore_shared(Strategy::Random { seed: 0, samples: 1 }, options, body)
        }
        _ => counted,
    }
}

/// Explores depth first, and where the budget of executions does not suffice, once more with at most 0, 1, 2 preemptions
/// and so on for as many executions again. A switch away from a task that could go on and has not yielded is a preemption.
///
/// The extent is [`Bound::Preemptions`] with the largest bound that was explored in full, if there is one. Executions are
/// counted as often as they were run.
pub fn explore_then_rising(options: Options, body: impl Fn() + Send + Sync + 'static) -> Exploration {
    explore_then_rising_within(options, options.executions.unwrap_or_default(), body)
}

/// Likewise, with at most so many executions with bounds on preemptions.
pub fn explore_then_rising_within(
    options: Options,
    rising: u64,
    body: impl Fn() + Send + Sync + 'static,
) -> Exploration {
    let (begin, body) = (Instant::now(), Arc::new(body));
    let mut whole = explore_shared(Strategy::DepthFirst, options, Arc::clone(&body)).exploration;
    if options.executions.is_none() || !matches!(whole.extent, Extent::Bounded(_)) {
        return whole;
    }
    let mut left = rising;
    for preemptions in 0.. {
        let time = options.time.map(|time| time.saturating_sub(begin.elapsed()));
        let options = Options { executions: Some(left), time };
        let (bounded, was_cut) = explore_preempting(preemptions, options, Arc::clone(&body));
        whole.executions += bounded.executions;
        left = left.saturating_sub(bounded.executions);
        match bounded.extent {
            Extent::Exhausted if was_cut => whole.extent = Extent::Bounded(Bound::Preemptions(preemptions)),
            Extent::Bounded(_) => return whole,
            // Nothing was cut, or there is a failure: no larger bound has more.
            extent => return Exploration { extent, failure: bounded.failure, ..whole },
        }
    }
    whole
}

/// Explores every schedule with at most so many preemptions, and says whether there are others.
fn explore_preempting(
    preemptions: u32,
    options: Options,
    body: Arc<impl Fn() + Send + Sync + 'static>,
) -> (Exploration, bool) {
    let left_out = LeftOut::default();
    let inner = Box::new(Fair::new(DfsScheduler::new(None, false), Rc::clone(&left_out)));
    let (state, result) =
        run(inner, options, Bounds { is_search: true, preemptions: Some(preemptions) }, None, move || body());
    let mut state = state.borrow_mut();
    state.is_unfair = *left_out.borrow();
    (summarise(Strategy::DepthFirst, &state, result), state.was_cut)
}

/// Which of the schedules that shuttle allows are offered to a scheduler.
#[derive(Clone, Copy, Debug, Default)]
struct Bounds {
    /// Whether it searches all of them, and neither draws some nor repeats one.
    is_search: bool,
    /// Those with at most so many preemptions.
    preemptions: Option<u32>,
}

/// Runs `body` by a scheduler that is watched.
fn run(
    inner: Box<dyn Scheduler>,
    options: Options,
    bounds: Bounds,
    keeping: Option<Keeping>,
    body: impl Fn() + Send + Sync + 'static,
) -> (Rc<RefCell<State>>, Result<(), String>) {
    let state = Rc::new(RefCell::new(State { bounds, ..State::default() }));
    let watched = Watched { inner, options, begin: Instant::now(), state: Rc::clone(&state), keeping };
    let result = quiet::catch(AssertUnwindSafe(|| {
        Runner::new(Apart(watched), config()).run(move || locals::to_the_end(&body));
    }));
    reduction::forget();
    locals::forget();
    (state, result)
}

fn explore_shared(
    strategy: Strategy,
    options: Options,
    body: Arc<impl Fn() + Send + Sync + 'static>,
) -> Counted {
    let left_out = LeftOut::default();
    let scheduler: Box<dyn Scheduler> = match strategy {
        Strategy::DepthFirst => Box::new(Fair::new(DfsScheduler::new(None, false), Rc::clone(&left_out))),
        Strategy::Random { seed, samples } => {
            let random = RandomScheduler::new_from_seed(seed, samples as usize);
            Box::new(Fair::new(random, Rc::clone(&left_out)))
        }
        Strategy::Pct { seed, samples, depth } => {
            Box::new(PctScheduler::new_from_seed(seed, depth, samples as usize))
        }
        Strategy::RandomWalk { seed, samples } => {
            Box::new(UrwRandomScheduler::new_from_seed(seed, samples as usize))
        }
    };
    let again = Arc::clone(&body);
    let (body, said) = outcome::listening_once(body);
    let bounds = Bounds { is_search: strategy == Strategy::DepthFirst, preemptions: None };
    let (state, result) = run(scheduler, options, bounds, None, body);
    let mut state = state.borrow_mut();
    state.first.set_outcome(outcome::taken(&said));
    state.is_unfair = *left_out.borrow();
    let exploration = settled(summarise(strategy, &state, result), &state, move || again());
    Counted { exploration, longest: state.longest as u64 }
}

/// Explores depth first from where another process was interrupted, and tells how far it has come. The executions of the
/// other process are part of what is returned.
///
/// # Errors
///
/// Returns an error if the place is none of shuttle's.
pub fn explore_resuming(
    options: Options,
    resuming: Resuming,
    body: impl Fn() + Send + Sync + 'static,
) -> Result<Exploration, Unresumable> {
    let (left_out, choices, start) = (LeftOut::default(), Choices::default(), resuming.start());
    let path = onward::parse(&start.place).ok_or(Unresumable::Damaged)?;
    let search = Onward::new(DfsScheduler::new(None, false), path, Rc::clone(&choices));
    let scheduler = Box::new(Fair::new(search, Rc::clone(&left_out)));
    let keeping = Keeping { resuming, start: start.clone(), choices, left_out: Rc::clone(&left_out) };
    let body = Arc::new(body);
    let again = Arc::clone(&body);
    let (body, said) = outcome::listening_once(body);
    let bounds = Bounds { is_search: true, preemptions: None };
    let (state, result) = run(scheduler, options, bounds, Some(keeping), body);
    let mut state = state.borrow_mut();
    state.first.set_outcome(outcome::taken(&said));
    state.is_unfair = *left_out.borrow() || start.is_incomplete;
    let begun = start.executions + start.abandoned;
    let mut exploration = settled(summarise(Strategy::DepthFirst, &state, result), &state, move || again());
    exploration.executions += start.executions;
    exploration.abandoned += start.abandoned;
    if exploration.extent == Extent::Exhausted && exploration.abandoned > 0 {
        exploration.extent = Extent::Bounded(Bound::Steps(STEPS_MAX as u64));
    }
    if let Some(failure) = &mut exploration.failure {
        failure.execution += begun;
    }
    Ok(exploration)
}

/// What was explored, or in what the body was another when it was run again.
fn settled(
    mut exploration: Exploration,
    state: &State,
    again: impl Fn() + Send + Sync + 'static,
) -> Exploration {
    if state.is_lost && exploration.failure.is_none() {
        let message =
            "after the same decisions, shuttle's search found other threads that can go on".to_owned();
        let kind = FailureKind::Nondeterminism { message };
        exploration.extent = Extent::StoppedAtFailure;
        exploration.failure =
            Some(Failure { kind, execution: state.started, decisions: state.decisions.clone() });
    } else if exploration.failure.is_none()
        // Of an execution that was cut there is no end to compare.
        && state.cut == 0
        && let Some(message) = state.first.run_again(config(), again)
    {
        let kind = FailureKind::Nondeterminism { message };
        let decisions = state.first.decisions();
        exploration.extent = Extent::StoppedAtFailure;
        exploration.failure = Some(Failure { kind, execution: 1, decisions });
    }
    // The execution that was run again has been told as well.
    reduction::forget();
    exploration
}

/// Runs the one execution that `decisions` describe: the numbers of the tasks, in the order in which they ran.
pub fn replay(decisions: &[u32], body: impl Fn() + Send + Sync + 'static) -> Exploration {
    let schedule = Schedule::new_from_task_ids(0, decisions.iter().map(|&task| task as usize));
    let mut scheduler = shuttle::scheduler::ReplayScheduler::new_from_schedule(schedule);
    scheduler.set_allow_incomplete();
    let (state, result) = run(Box::new(scheduler), Options::default(), Bounds::default(), None, body);
    let state = state.borrow();
    summarise(Strategy::Random { seed: 0, samples: 1 }, &state, result)
}

fn config() -> Config {
    let mut config = Config::new();
    config.stack_size = stack_bytes_default();
    config.failure_persistence = FailurePersistence::None;
    // Kept by the scheduler, which can tell who was cut.
    config.max_steps = MaxSteps::None;
    config.max_time = None;
    config.silence_warnings = true;
    config
}

fn summarise(strategy: Strategy, state: &State, result: Result<(), String>) -> Exploration {
    let completed = state.started - state.cut;
    let failure = result.err().map(|message| Failure {
        kind: classify(message),
        execution: state.started,
        decisions: state.decisions.clone(),
    });
    let is_exhaustive = strategy == Strategy::DepthFirst;
    let extent = match &state.spent {
        _ if failure.is_some() => Extent::StoppedAtFailure,
        Some(bound) if is_exhaustive || completed == 0 => Extent::Bounded(bound.clone()),
        None if state.cut > 0 && (is_exhaustive || completed == 0) => {
            Extent::Bounded(Bound::Steps(STEPS_MAX as u64))
        }
        None if is_exhaustive && state.is_unfair => Extent::Bounded(Bound::Turns(FREE_YIELDS)),
        None if is_exhaustive => Extent::Exhausted,
        _ => Extent::Sampled,
    };
    Exploration { executions: completed, abandoned: state.cut, extent, failure }
}

/// What a panic of shuttle's means.
fn classify(message: String) -> FailureKind {
    if message.contains("deadlock! ") {
        return FailureKind::Deadlock { blocked: vec![message] };
    }
    FailureKind::Panic { message }
}

#[cfg(test)]
mod tests;
