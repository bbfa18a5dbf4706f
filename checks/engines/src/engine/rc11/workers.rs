//! The search divided among workers, with a result that does not depend on their number.
//!
//! The search is cut into *jobs*. A job explores a branch up to a fixed number of executions, and what is left of
//! it then becomes jobs of its own. Jobs are named by their path: the job that began the search, which of its
//! remainders, which of that one's, and so on; in the order of these names the executions are in the order of a
//! single depth-first search. How the search is cut depends on nothing but the search, so the sums, and the first
//! failure, are those of one worker.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::explorer::{Counts, Explorer, Settings};
use super::frontier::Branch;
use super::saved::{Divided, Frontier, Part, Path};
use super::witness::Witness;
use super::{Options, Report};
use crate::engine::progress::Progress;
use crate::engine::shard::{Coverage, Shard, mix};
use crate::executor::{Executor, FirstRun};
use crate::exploration::{Bound, Exploration, Extent, Failure, FailureKind};

/// How many executions a job explores before it is cut.
const JOB_EXECUTIONS: u64 = 1024;

/// How many executions of a job there are between two looks at budgets and progress.
const EXECUTIONS_BETWEEN_REPORTS: u64 = 64;

/// Jobs whose names have this length belong to one shard with all that comes of them; shorter ones are run by every
/// shard and counted by one.
const SHARD_DEPTH: usize = 2;

/// What every worker is given.
pub(super) struct Task<'a> {
    pub(super) options: &'a Options,
    pub(super) settings: Settings,
    pub(super) body: Arc<dyn Fn() + Send + Sync>,
    pub(super) progress: &'a (dyn Fn(Progress) + Sync),
    pub(super) visit: Option<&'a (dyn Fn(Witness) + Sync)>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    started: Instant,
    /// What was left when this exploration began.
    begun_with: Frontier,
    /// The first execution that any worker ran.
    first: OnceLock<FirstRun>,
    /// How many graphs were begun.
    graphs: AtomicU64,
    /// Whether a thread went round in a loop in one of them that could not be shown to repeat, in whatever job.
    loops: AtomicBool,
}

#[derive(Default)]
struct State {
    waiting: BTreeMap<Path, Branch>,
    running: usize,
    done: BTreeMap<Path, Counts>,
    /// Jobs that a budget stopped before their end.
    interrupted: Vec<Path>,
    /// What was counted of these in all.
    begun: BTreeMap<Path, Counts>,
    failure: Option<(Path, FailureKind, Vec<u32>)>,
    totals: Counts,
    /// The share of the space that is done, estimated.
    share: f64,
    division: Vec<Divided>,
    bound: Option<Bound>,
}

/// Explores what a frontier has left.
pub(super) fn explore(task: &Task<'_>, begun_with: Frontier) -> Report {
    let mut state =
        State { share: begun_with.share, division: begun_with.division.clone(), ..State::default() };
    state.waiting.insert(Path::new(), Branch::root());
    let shared = Shared {
        state: Mutex::new(state),
        changed: Condvar::new(),
        started: Instant::now(),
        loops: AtomicBool::new(begun_with.counts.looped > 0),
        begun_with,
        first: OnceLock::new(),
        graphs: AtomicU64::new(0),
    };
    let workers = task.options.workers.max(1);
    if workers == 1 {
        work(task, &shared);
    } else {
        std::thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| work(task, &shared));
            }
        });
    }
    let again = shared.first.get().filter(|_| lock(&shared).failure.is_none());
    let again = again.and_then(|first| Executor::new(task.options.stack_bytes).run_again(first, &task.body));
    let state = shared.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    let frontier = left_by(&state, task.options.shard, &shared.begun_with);
    let coverage = task.options.shard.and_then(|shard| coverage(shard, &frontier));
    let mut exploration = conclude(task.options, state, shared.begun_with.counts);
    if again.is_some() {
        exploration.extent = Extent::StoppedAtFailure;
        exploration.failure = again;
    }
    Report { exploration, frontier, coverage }
}

fn work(task: &Task<'_>, shared: &Shared) {
    let mut executor = Executor::new(task.options.stack_bytes);
    while let Some((path, branch)) = next_job(task, shared) {
        run_job(task, shared, &mut executor, &path, branch);
    }
    shared.changed.notify_all();
}

fn lock(shared: &Shared) -> MutexGuard<'_, State> {
    shared.state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The next job in the order of the search, as soon as there is one.
fn next_job(task: &Task<'_>, shared: &Shared) -> Option<(Path, Branch)> {
    let mut state = lock(shared);
    loop {
        while state.bound.is_none()
            && let Some((path, branch)) = state.waiting.pop_first()
        {
            let is_late = state.failure.as_ref().is_some_and(|(failed, ..)| path > *failed);
            let is_of_interest = !is_late || task.options.shard.is_some() && divides(&path);
            if is_of_interest
                && is_in_shard(task.options.shard, &path)
                && shared.begun_with.part(&path) != Part::Finished
            {
                state.running += 1;
                return Some((path, branch));
            }
        }
        if state.running == 0 {
            return None;
        }
        state = shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
    }
}

fn run_job(task: &Task<'_>, shared: &Shared, executor: &mut Executor, path: &Path, branch: Branch) {
    let is_open = shared.begun_with.part(path) == Part::Open;
    let is_counted = is_open && owner(task.options.shard, path);
    // An earlier exploration has counted so much of this job.
    let begun = shared.begun_with.counted_of(path);
    let mut bound = None;
    let mut is_interrupted = false;
    let mut goes_on = |counts: &Counts, pending: usize, done: f64| {
        // Where a loop is cut, most graphs come to no execution, so the graphs are counted.
        let graphs = shared.graphs.fetch_add(1, Ordering::Relaxed) + 1;
        let loops = counts.looped > 0 || shared.loops.load(Ordering::Relaxed);
        if counts.looped > 0 {
            shared.loops.store(true, Ordering::Relaxed);
        }
        let new = counts.all().saturating_sub(begun.all());
        let is_over = || task.options.time.is_some_and(|limit| shared.started.elapsed() >= limit);
        // Each part of an exploration gets on by an execution at least, if one ends within its time.
        if new > 0 && (new.is_multiple_of(EXECUTIONS_BETWEEN_REPORTS) || is_over()) {
            let (counts, done) =
                if is_open { (counts.since(&begun), done) } else { (Counts::default(), 0.0) };
            bound = report(task, shared, &counts, pending, done);
        }
        let limit = task.options.executions_with_turns.filter(|limit| loops && graphs >= *limit);
        bound = bound.take().or(limit.map(Bound::Executions));
        is_interrupted = bound.is_some() && counts.all() < JOB_EXECUTIONS;
        bound.is_none() && counts.all() < JOB_EXECUTIONS
    };
    let mut seen = 0;
    let mut complete = |graph: &super::graph::Graph| {
        seen += 1;
        if let (Some(visit), true) = (task.visit, is_counted && seen > begun.complete) {
            visit(Witness::of(graph));
        }
    };
    let mut explorer = Explorer::new(task.settings, &mut goes_on, &mut complete);
    explorer.enter(branch);
    if shared.first.get().is_none() {
        // Of workers that begin at the same time, one has the say.
        let _ = shared.first.set(executor.run_taking_down(&mut explorer, &task.body));
    } else {
        executor.run(&mut explorer, &task.body);
    }

    let (counts, failure, done) = (explorer.counts, explorer.failure.take(), explorer.done());
    let (is_late, exceeded) = (explorer.is_late, explorer.exceeded.take());
    let stops = is_late || exceeded.is_some();
    let rest = if failure.is_some() || stops { Vec::new() } else { explorer.rest() };
    drop(explorer);
    is_interrupted |= stops;
    let bound = exceeded.or(bound).or_else(|| task.options.time.filter(|_| is_late).map(milliseconds));
    let mut state = lock(shared);
    state.running -= 1;
    if is_counted {
        let new = counts.since(&begun);
        state.totals.add(&new);
        state.done.insert(path.clone(), new);
        if let Some((kind, decisions)) = failure
            && state.failure.as_ref().is_none_or(|(failed, ..)| path < failed)
        {
            state.failure = Some((path.clone(), kind, decisions));
        }
    }
    state.bound = state.bound.take().or(bound);
    if is_interrupted {
        state.interrupted.push(path.clone());
        if is_open {
            // Interrupted before it came to something new, it is where it was.
            let so_far = if counts.all() > begun.all() { counts } else { begun };
            state.begun.insert(path.clone(), so_far);
        }
    } else {
        if is_open {
            state.share += done;
            if divides(path) {
                state.division.push(Divided { path: path.clone(), counts, rest: rest.len() as u64 });
            }
        }
        for (number, branch) in rest.into_iter().enumerate() {
            let mut name = path.clone();
            name.push(number as u32);
            state.waiting.insert(name, branch);
        }
    }
    drop(state);
    shared.changed.notify_all();
}

/// Tells how far the search has come, and whether a budget has run out.
fn report(task: &Task<'_>, shared: &Shared, counts: &Counts, pending: usize, done: f64) -> Option<Bound> {
    let state = lock(shared);
    let mut totals = state.totals;
    totals.add(counts);
    let before = &shared.begun_with.counts;
    let elapsed = shared.started.elapsed();
    let progress = Progress::at(
        (before.complete + totals.complete, before.abandoned + totals.abandoned),
        state.waiting.len() + pending,
        state.share + done,
        before.complete,
        elapsed,
    );
    let bound = state.bound.clone();
    drop(state);
    (task.progress)(progress);
    bound
        .or_else(|| task.options.executions.filter(|limit| totals.complete >= *limit).map(Bound::Executions))
        .or_else(|| {
            let limit = task.options.time.filter(|limit| elapsed >= *limit)?;
            Some(milliseconds(limit))
        })
}

fn milliseconds(limit: Duration) -> Bound {
    Bound::Milliseconds(limit.as_millis() as u64)
}

/// Whether the job is one of those that divide the space among shards, and that all of them run.
fn divides(path: &Path) -> bool {
    path.len() < SHARD_DEPTH
}

/// Whether the shard must run the job.
fn is_in_shard(shard: Option<Shard>, path: &Path) -> bool {
    divides(path) || owner(shard, path)
}

/// Whether the shard counts the job.
fn owner(shard: Option<Shard>, path: &Path) -> bool {
    let Some(shard) = shard else { return true };
    let name = &path[..path.len().min(SHARD_DEPTH)];
    // Any function of the name would do; this one deals neighbours to different shards.
    let number = name.iter().fold(0_u32, |number, step| number.wrapping_mul(31).wrapping_add(step + 1));
    number % shard.count == shard.index - 1
}

/// What the exploration leaves to whoever goes on.
fn left_by(state: &State, shard: Option<Shard>, begun_with: &Frontier) -> Frontier {
    let mut frontier = Frontier {
        counts: begun_with.counts,
        share: state.share,
        division: state.division.clone(),
        ..Frontier::default()
    };
    frontier.division.sort();
    for counts in state.done.values() {
        frontier.counts.add(counts);
    }
    let unfinished = state.waiting.keys().chain(&state.interrupted);
    for path in unfinished.filter(|path| is_in_shard(shard, path)) {
        match begun_with.part(path) {
            Part::Open => _ = frontier.left.insert(path.clone()),
            Part::OnTheWay => frontier.left.extend(begun_with.below(path).cloned()),
            Part::Finished => {}
        }
    }
    // Of a job that was not run this time, what an earlier exploration has counted is still counted.
    let before = begun_with.begun.iter().map(|(path, counts)| (path, counts));
    let begun: BTreeMap<&Path, &Counts> = before.chain(&state.begun).collect();
    frontier.begun = begun
        .into_iter()
        .filter(|(path, _)| frontier.left.contains(*path))
        .map(|(path, counts)| (path.clone(), *counts))
        .collect();
    frontier
}

/// What the shard covers, if all jobs that divide the space were run.
fn coverage(shard: Shard, frontier: &Frontier) -> Option<Coverage> {
    if frontier.left.iter().any(divides) {
        return None;
    }
    let mut subtrees = 0;
    let mut signature = 0;
    for Divided { path, counts, rest } in &frontier.division {
        subtrees += 1;
        if path.len() + 1 == SHARD_DEPTH {
            subtrees += rest;
        }
        let name = path.iter().map(|step| u64::from(*step) + 1).chain([0]);
        for word in name.chain([counts.complete, counts.abandoned, counts.cut, *rest]) {
            signature = mix(signature, word);
        }
    }
    Some(Coverage { index: shard.index, count: shard.count, subtrees, signature })
}

/// Adds up the jobs in the order of the search, up to the first failure.
fn conclude(options: &Options, state: State, before: Counts) -> Exploration {
    let mut counts = before;
    let last = state.failure.as_ref().map(|(path, ..)| path.clone());
    for (path, job) in &state.done {
        if last.as_ref().is_none_or(|last| path <= last) {
            counts.add(job);
        }
    }
    let extent = match (&state.failure, state.bound, options.shard) {
        (Some(_), ..) => Extent::StoppedAtFailure,
        (None, Some(bound), _) => Extent::Bounded(bound),
        (None, None, _) if counts.cut > 0 => Extent::Bounded(Bound::Steps(options.steps as u64)),
        (None, None, _) if counts.turned > 0 => Extent::Bounded(Bound::Turns(options.turns)),
        (None, None, Some(shard)) => Extent::Bounded(Bound::Shard { index: shard.index, count: shard.count }),
        (None, None, None) => Extent::Exhausted,
    };
    Exploration {
        executions: counts.complete,
        abandoned: counts.abandoned + counts.cut,
        extent,
        failure: state.failure.map(|(_, kind, decisions)| Failure {
            kind,
            execution: counts.complete,
            decisions,
        }),
    }
}
