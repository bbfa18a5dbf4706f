//! In which order the jobs of a gate are done, and how a budget is shared out.
//!
//! Cheap jobs come first, so that a likely failure shows early. Without a budget every job is done to its end. With
//! one, the catalogue may use the larger part of it; what is left goes to the growth of each request in equal shares,
//! so that the gate ends when its budget does.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::plan::{Effort, Plan};
use super::resume::Resumption;
use crate::cli::UsageError;
use crate::cli::arguments::Gate;
use crate::job::{Answer, Job};
use crate::workers;

/// The share of a budget that the catalogue may use.
const CATALOGUE_SHARE: f64 = 0.7;

/// What a budget does first.
const CATALOGUE: [Effort; 3] = [Effort::First, Effort::Light, Effort::Heavy];

/// A job that could run no longer than this is not started: it would show nothing.
const WORTHWHILE: Duration = Duration::from_millis(50);

/// The numbers of all jobs, in the order in which they are begun.
pub(super) fn order(plan: &Plan, arguments: &Gate) -> Vec<usize> {
    match arguments.budget {
        None => plan.in_order(&[Effort::First, Effort::Light, Effort::Elastic, Effort::Heavy]),
        Some(_) => [plan.in_order(&CATALOGUE), plan.in_order(&[Effort::Elastic])].concat(),
    }
}

/// Does all jobs, each answer going to `receive`.
pub(super) fn run(
    plan: &Plan,
    arguments: &Gate,
    resumption: Option<&Resumption>,
    begin: Instant,
    mut receive: impl FnMut(usize, Answer),
) -> Result<(), UsageError> {
    let program = std::env::current_exe().map_err(UsageError::NoWorker)?;
    let count = arguments.workers.unwrap_or_else(workers::count_by_default);
    let job = |number: usize| match resumption {
        Some(resumption) => resumption.job(plan, number),
        None => plan.jobs[number].clone(),
    };
    let Some(budget) = arguments.budget else {
        return workers::run_in_order(
            &program,
            count,
            &order(plan, arguments),
            |number| Some(job(number)),
            receive,
        )
        .map_err(UsageError::NoWorker);
    };
    let catalogue = plan.in_order(&CATALOGUE);
    let growth = plan.in_order(&[Effort::Elastic]);
    let share = if growth.is_empty() { 1.0 } else { CATALOGUE_SHARE };
    let deadline = begin + budget.mul_f64(share);
    let until_deadline = |number: usize| limited(&job(number), remaining(deadline));
    workers::run_in_order(&program, count, &catalogue, until_deadline, &mut receive)
        .map_err(UsageError::NoWorker)?;
    let waiting = AtomicUsize::new(growth.len());
    let in_equal_shares = |number: usize| {
        let rounds = waiting.fetch_sub(1, Ordering::Relaxed).div_ceil(count.get());
        limited(&plan.jobs[number], remaining(begin + budget) / rounds.max(1) as u32)
    };
    workers::run_in_order(&program, count, &growth, in_equal_shares, receive).map_err(UsageError::NoWorker)
}

fn remaining(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}

/// The job with no more time than `time`, if that is worth while.
fn limited(job: &Job, time: Duration) -> Option<Job> {
    let time = job.milliseconds.map_or(time, |own| time.min(Duration::from_millis(own)));
    (time >= WORTHWHILE).then(|| Job { milliseconds: Some(time.as_millis() as u64), ..job.clone() })
}
