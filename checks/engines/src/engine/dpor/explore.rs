//! The exploration as a whole: rounds of units, workers, budgets, bounds.

use core::time::Duration;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Instant;

use super::frontier::{Frontier, Unit};
use super::node::Step;
use super::options::{Options, Preemptions, Report};
use super::search::{Found, Limits, Rules, Search};
use super::shard;
use crate::engine::progress::Progress;
use crate::engine::shard::{Coverage, Shard};
use crate::exploration::{Bound, Exploration, Extent, Failure};

/// The executions after which the search of a unit hands over what is left of it.
const UNIT_EXECUTIONS: u64 = 512;

/// The units of one round.
const ROUND_UNITS: usize = 64;

/// Whoever runs threads: what a search is hosted on.
pub(super) trait Host: Sync {
    /// What one operating-system thread keeps from search to search.
    type Worker;

    fn worker(&self) -> Self::Worker;

    /// Runs a search until it begins no other execution, and gives it back.
    fn run(&self, worker: &mut Self::Worker, search: Search) -> Search;
}

/// A unit on its way to a worker.
struct Job {
    place: usize,
    steps: Vec<Step>,
    rules: Arc<Rules>,
    limits: Limits,
}

/// Explores what `frontier` has left, or everything.
pub(super) fn explore<H: Host>(host: &H, options: &Options, frontier: Option<Frontier>) -> Report {
    let coordinator = Coordinator::new(options, frontier);
    let failed = AtomicUsize::new(usize::MAX);
    let search = |worker: &mut H::Worker, job: Job| {
        // A later unit of the same round has no say any more, so that the first failure is always the same.
        if job.place > failed.load(Ordering::Relaxed) {
            return None;
        }
        let found = host.run(worker, Search::new(&job.rules, &job.steps, job.limits)).finish();
        if found.failure.is_some() {
            failed.fetch_min(job.place, Ordering::Relaxed);
        }
        Some(found)
    };
    if options.workers <= 1 {
        let mut worker = host.worker();
        return coordinator.run(|jobs| jobs.into_iter().map(|job| search(&mut worker, job)).collect());
    }
    let (job_sender, job_receiver) = mpsc::channel::<Job>();
    let (found_sender, found_receiver) = mpsc::channel();
    let job_receiver = Mutex::new(job_receiver);
    let (job_receiver, search) = (&job_receiver, &search);
    thread::scope(|scope| {
        for _ in 0..options.workers {
            let found_sender = found_sender.clone();
            scope.spawn(move || {
                let mut worker = host.worker();
                let next = || job_receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
                while let Ok(job) = next() {
                    let place = job.place;
                    // A panic of the engine itself must reach the caller, who would otherwise wait for ever.
                    let found = catch_unwind(AssertUnwindSafe(|| search(&mut worker, job)));
                    if found_sender.send((place, found)).is_err() {
                        break;
                    }
                }
            });
        }
        coordinator.run(move |jobs| {
            let mut found: Vec<Option<Found>> = jobs.iter().map(|_| None).collect();
            for job in jobs {
                // A worker ends only when this sender is gone.
                job_sender.send(job).expect("the workers are there");
            }
            for _ in 0..found.len() {
                let (place, result) = found_receiver.recv().expect("the workers are there");
                found[place] = result.unwrap_or_else(|payload| resume_unwind(payload));
            }
            found
        })
    })
}

/// Hands out units in rounds, absorbs what comes back, and decides when to stop.
struct Coordinator<'a> {
    options: &'a Options,
    rules: Arc<Rules>,
    frontier: Frontier,
    /// Whether the frontier is that of an exploration that has not begun.
    fresh: bool,
    coverage: Option<Coverage>,
    failure: Option<Failure>,
    /// The limit that an execution came to.
    exceeded: Option<Bound>,
    start: Instant,
    /// The executions that an earlier exploration had counted, which this one's budget does not include.
    executions_before: u64,
    /// Those that it had abandoned.
    abandoned_before: u64,
}

/// Whether an extent says of some set of executions that all of them were explored, up to their end.
fn claims_a_whole(extent: &Extent) -> bool {
    matches!(extent, Extent::Exhausted | Extent::Bounded(Bound::Preemptions(_) | Bound::Shard { .. }))
}

/// Why the rounds came to an end.
enum Stop {
    Failed,
    Executions(u64),
    Time(Duration),
    Exceeded(Bound),
    NothingLeft,
}

impl<'a> Coordinator<'a> {
    fn new(options: &'a Options, frontier: Option<Frontier>) -> Self {
        let fresh = frontier.is_none();
        let frontier = frontier.unwrap_or_default();
        let mut coordinator = Coordinator {
            options,
            rules: Arc::new(Rules::of(options)),
            executions_before: frontier.executions,
            abandoned_before: frontier.abandoned,
            frontier,
            fresh,
            coverage: None,
            failure: None,
            exceeded: None,
            start: Instant::now(),
        };
        coordinator.set_bound();
        coordinator
    }

    fn set_bound(&mut self) {
        if matches!(self.options.preemptions, Preemptions::UpTo(_)) {
            Arc::make_mut(&mut self.rules).preemptions = Some(self.frontier.preemptions);
        }
    }

    fn run(mut self, mut dispatch: impl FnMut(Vec<Job>) -> Vec<Option<Found>>) -> Report {
        let extent = loop {
            if let Some(shard) = self.options.shard {
                self.take_shard(shard, &mut dispatch);
            }
            self.fresh = false;
            let stop = self.rounds(&mut dispatch);
            if !matches!(stop, Stop::NothingLeft) {
                break self.extent_of_stop(&stop);
            }
            match self.options.preemptions {
                Preemptions::UpTo(limit) if self.frontier.cut => {
                    if self.frontier.preemptions >= limit {
                        break Extent::Bounded(Bound::Preemptions(limit));
                    }
                    self.frontier.deepen();
                    self.fresh = true;
                    self.set_bound();
                }
                Preemptions::Within(limit) if self.frontier.cut => {
                    break Extent::Bounded(Bound::Preemptions(limit));
                }
                _ => break self.extent_of_all(),
            }
        };
        let exploration = Exploration {
            executions: self.frontier.executions,
            abandoned: self.frontier.abandoned,
            extent: self.cut_short().filter(|_| claims_a_whole(&extent)).unwrap_or(extent),
            failure: self.failure,
        };
        Report { exploration, frontier: self.frontier, coverage: self.coverage }
    }

    /// What was left out of every execution that was to be explored.
    fn cut_short(&self) -> Option<Extent> {
        let short = self.frontier.short;
        if short.steps {
            Some(Extent::Bounded(Bound::Steps(u64::from(self.rules.steps))))
        } else if short.turns {
            Some(Extent::Bounded(Bound::Turns(self.rules.turns)))
        } else {
            None
        }
    }

    fn extent_of_all(&self) -> Extent {
        match self.options.shard {
            Some(Shard { index, count }) => Extent::Bounded(Bound::Shard { index, count }),
            None => Extent::Exhausted,
        }
    }

    fn extent_of_stop(&self, stop: &Stop) -> Extent {
        // What a smaller bound has covered in full says more than a number of executions.
        let covered = match self.rules.preemptions {
            Some(bound) if bound > 0 && self.options.shard.is_none() => Some(bound - 1),
            _ => None,
        };
        match (stop, covered) {
            (Stop::Failed, _) => Extent::StoppedAtFailure,
            (Stop::Exceeded(bound), _) => Extent::Bounded(bound.clone()),
            (_, Some(bound)) => Extent::Bounded(Bound::Preemptions(bound)),
            (Stop::Executions(limit), None) => Extent::Bounded(Bound::Executions(*limit)),
            (Stop::Time(limit), None) => {
                Extent::Bounded(Bound::Milliseconds(u64::try_from(limit.as_millis()).unwrap_or(u64::MAX)))
            }
            (Stop::NothingLeft, None) => self.extent_of_all(),
        }
    }

    /// Explores until nothing is left or something says stop.
    fn rounds(&mut self, dispatch: &mut impl FnMut(Vec<Job>) -> Vec<Option<Found>>) -> Stop {
        while !self.frontier.is_empty() {
            let spent = self.frontier.executions - self.executions_before;
            let budget = self.options.executions.map_or(u64::MAX, |limit| limit.saturating_sub(spent));
            if budget == 0 {
                return Stop::Executions(self.options.executions.unwrap_or(0));
            }
            let with_abandoned = spent + self.frontier.abandoned - self.abandoned_before;
            if let Some(limit) = self.options.executions_with_turns
                && self.frontier.short.turns
                && with_abandoned >= limit
            {
                return Stop::Executions(limit);
            }
            if let Some(limit) = self.options.time
                && self.start.elapsed() >= limit
            {
                return Stop::Time(limit);
            }
            self.round(budget, dispatch);
            self.report_progress();
            if self.failure.is_some() {
                return Stop::Failed;
            }
            if let Some(bound) = self.exceeded.take() {
                return Stop::Exceeded(bound);
            }
        }
        Stop::NothingLeft
    }

    fn round(&mut self, budget: u64, dispatch: &mut impl FnMut(Vec<Job>) -> Vec<Option<Found>>) {
        let affordable = usize::try_from(budget.div_ceil(UNIT_EXECUTIONS)).unwrap_or(usize::MAX);
        let units = self.frontier.take(ROUND_UNITS.min(affordable));
        let job = |(place, unit): (usize, &Unit)| {
            // The last unit gets what the others leave of the budget, should they use up theirs.
            let rest = budget - UNIT_EXECUTIONS.saturating_mul(place as u64);
            self.job(place, self.frontier.steps(unit), UNIT_EXECUTIONS.min(rest), 0)
        };
        let jobs = units.iter().enumerate().map(job).collect();
        let results = dispatch(jobs);
        let mut absorbed: Vec<(Unit, Found)> = Vec::new();
        for (unit, found) in units.into_iter().zip(results) {
            // Whatever comes after a failure does not count.
            let Some(found) = found.filter(|_| self.failure.is_none()) else { continue };
            if let Some(failure) = &found.failure {
                let execution = self.frontier.executions + failure.execution;
                self.failure = Some(Failure { execution, ..failure.clone() });
            }
            self.exceeded = self.exceeded.take().or(found.exceeded.clone());
            self.frontier.executions += found.executions;
            self.frontier.abandoned += found.abandoned;
            self.frontier.cut |= found.cut;
            self.frontier.short.add(found.short);
            absorbed.push((unit, found));
        }
        // The first unit of the round is absorbed last, so that its remains are taken first.
        for (unit, found) in absorbed.into_iter().rev() {
            if found.untouched {
                self.frontier.put_back(unit);
            } else {
                self.frontier.absorb(unit, &found.left, &found.requests);
            }
        }
    }

    fn job(&self, place: usize, steps: Vec<Step>, executions: u64, expand_to: usize) -> Job {
        let deadline = self.options.time.and_then(|limit| self.start.checked_add(limit));
        let limits = Limits {
            executions,
            all: UNIT_EXECUTIONS,
            deadline,
            on_execution: self.options.on_execution.clone(),
            expand_to,
        };
        Job { place, steps, rules: Arc::clone(&self.rules), limits }
    }

    /// Finds out how the space is divided, and keeps of a fresh frontier what belongs to the shard.
    fn take_shard(&mut self, shard: Shard, dispatch: &mut impl FnMut(Vec<Job>) -> Vec<Option<Found>>) {
        let enough = shard::LEAVES_PER_SHARD * shard.count as usize;
        let mut leaves = Vec::new();
        for depth in 1..=shard::DEPTH_MAX {
            let mut job = self.job(0, Vec::new(), u64::MAX, depth);
            job.limits.all = u64::MAX;
            job.limits.deadline = None;
            let found = dispatch(vec![job]).pop().flatten().unwrap_or_default();
            leaves = found.leaves;
            if leaves.len() >= enough || leaves.iter().all(|leaf| leaf.len() < depth) {
                break;
            }
        }
        let (mine, coverage) = shard::deal(shard, leaves);
        self.coverage = Some(coverage);
        if self.fresh {
            self.frontier.restrict_to(mine);
        }
    }

    fn report_progress(&self) {
        let Some(on_progress) = &self.options.on_progress else { return };
        on_progress(&Progress::at(
            (self.frontier.executions, self.frontier.abandoned),
            self.frontier.len(),
            1.0 - self.frontier.share_left(),
            self.executions_before,
            self.start.elapsed(),
        ));
    }
}
