//! The hunt: a portfolio of engines over ever larger programs, for as long as it is given.
//!
//! What is run is a fixed sequence of jobs that follows from the seed, so a hunt that was stopped goes on where it was.
//! What is found is written down before it is told: see [`Log`].

mod log;

pub use log::{Entry, Found, Log, LogError, State};

use crate::job::{Job, Task};
use crate::judge::Turn;
use crate::subject::Subject;

/// The longest that a job takes.
const JOB_MS: u64 = 1_500;

/// The job with this number, from 0: each request in turn by each engine of the portfolio, in programs that grow.
///
/// # Example
///
/// ```
/// use cancelproof::{hunt, registry};
///
/// let requests = [registry::subject("word").unwrap(), registry::subject("locked").unwrap()];
/// assert_eq!(hunt::job(&requests, 1, 7), hunt::job(&requests, 1, 7));
/// assert!(hunt::job(&[], 1, 0).is_none());
/// ```
#[must_use]
pub fn job(requests: &[&'static dyn Subject], seed: u64, number: u64) -> Option<Job> {
    let requests_number = requests.len() as u64;
    let request = requests.get(number.checked_rem(requests_number)? as usize)?;
    let Turn { engine, samples, program, seed } =
        Turn::of(&request.contract(), seed, number / requests_number);
    let task = Task::Program { request: request.name().to_owned(), program: program.to_string() };
    Some(Job { task, engine, seed, samples, milliseconds: Some(JOB_MS), executions: None })
}
