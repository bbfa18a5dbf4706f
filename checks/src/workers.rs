//! Worker processes: jobs run outside the process that reports, several at a time.
//!
//! An engine that aborts, or a request that takes its process down, costs one job and not the run. Two explorations by
//! loom in one process would also wait for each other at the lock of the address space; in two processes they do not.
//!
//! A request that aborts, overflows its stack, spins, waits for ever or takes all memory costs the job that it was judged
//! in, and the [pulse] of its process says in which execution: see `workers/watch.rs` and `workers/stuck.rs`.
//!
//! A worker is this same program started again. What the request prints is its own affair: jobs and answers go through a
//! private channel, and what was printed is shown with a failure. A worker is started by a keeper, which ends
//! with whoever started it, and takes everything with it that the request has started.

mod channel;
#[cfg(unix)]
mod launch;
#[cfg(not(unix))]
#[path = "workers/launch_elsewhere.rs"]
mod launch;
mod printed;
mod process;
mod stuck;
mod watch;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::num::NonZero;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::job::{Answer, Find, Job};
use crate::plain;
use crate::pulse;

pub use crate::pool::count_by_default;
use channel::Envelope;
pub(crate) use channel::Patience;
pub(crate) use process::Done;
use process::{GIVEN_UP, Worker, ask};

/// The argument by which this program becomes a worker.
pub const WORKER: &str = "worker";

/// Runs all `jobs` on `workers` processes of `program` and hands each answer to `receive` with the number of its job,
/// in whatever order they come.
///
/// # Errors
///
/// Returns the error of starting a worker process.
pub fn run(
    program: &Path,
    workers: NonZero<usize>,
    jobs: &[Job],
    receive: impl FnMut(usize, Answer),
) -> io::Result<()> {
    let numbers: Vec<usize> = (0..jobs.len()).collect();
    run_in_order(program, workers, &numbers, |number| Some(jobs[number].clone()), receive)
}

/// Like [`run`], for the jobs of these numbers in this order. `job` is asked for each when its turn has come, and may
/// say that it is too late to start it.
///
/// # Errors
///
/// Returns the error of starting a worker process.
pub fn run_in_order(
    program: &Path,
    workers: NonZero<usize>,
    numbers: &[usize],
    job: impl Fn(usize) -> Option<Job> + Sync,
    receive: impl FnMut(usize, Answer),
) -> io::Result<()> {
    let queue = Mutex::new(numbers.iter().copied());
    let next = || {
        let number = queue.lock().unwrap_or_else(PoisonError::into_inner).next()?;
        Some((number, job(number)))
    };
    dispatch(program, workers.get().min(numbers.len()), next, receive)
}

/// Like [`run`], for as many jobs as `job` has: it is asked for one whenever a worker is idle, until it has none.
///
/// # Errors
///
/// Returns the error of starting a worker process.
pub fn run_while(
    program: &Path,
    workers: NonZero<usize>,
    job: impl Fn(usize) -> Option<Job> + Sync,
    receive: impl FnMut(usize, Answer),
) -> io::Result<()> {
    let numbers = AtomicUsize::new(0);
    let next = || {
        let number = numbers.fetch_add(1, Ordering::Relaxed);
        job(number).map(|job| (number, Some(job)))
    };
    dispatch(program, workers.get(), next, receive)
}

/// Has workers do what `next` says until it says nothing; what is numbered and no job was not started.
fn dispatch(
    program: &Path,
    workers: usize,
    next: impl Fn() -> Option<(usize, Option<Job>)> + Sync,
    mut receive: impl FnMut(usize, Answer),
) -> io::Result<()> {
    let (send, answers) = mpsc::channel();
    let patience = Patience::usual();
    thread::scope(|scope| {
        let handles: Vec<_> = (0..workers)
            .map(|_| {
                let (next, send) = (&next, send.clone());
                scope.spawn(move || {
                    let mut worker: Option<Worker> = None;
                    while let Some((number, job)) = next() {
                        let answer = match job {
                            Some(job) => ask(&mut worker, program, &job, patience, None)?.answer,
                            None => Answer::NotStarted,
                        };
                        // The receiver lives until all senders are gone.
                        let _ = send.send((number, answer));
                    }
                    if let Some(worker) = worker {
                        worker.dismiss();
                    }
                    Ok(())
                })
            })
            .collect();
        drop(send);
        for (number, answer) in answers {
            receive(number, answer);
        }
        handles.into_iter().try_for_each(|handle| handle.join().unwrap_or(Ok(())))
    })
}

/// Has a process of its own do one job, which no other job has a part in, and which is given up after `most`.
///
/// # Errors
///
/// Returns the error of starting a worker process.
pub(crate) fn run_alone(
    program: &Path,
    job: &Job,
    patience: Patience,
    most: Option<Duration>,
) -> io::Result<Done> {
    let mut worker = None;
    let done = ask(&mut worker, program, job, patience, most)?;
    if let Some(worker) = worker {
        worker.dismiss();
    }
    Ok(done)
}

/// The number of the job that this worker process is doing, from 1; 0 while it is doing none.
static AT_WORK: AtomicU64 = AtomicU64::new(0);

/// Does the jobs that this worker process is given, on the requests that `find` knows: the other end of [`run`].
///
/// They come through the private channel of the process. `input` and `output`, one line for a job and one for its answer, are
/// used only in a process that somebody has started by hand; otherwise they are dropped at once, so that the locks that they
/// may hold are the request's.
///
/// # Errors
///
/// Returns the error of reading or writing, or of a line that is no job.
pub fn work(find: Find, input: impl BufRead, mut output: impl Write) -> io::Result<()> {
    let private = channel::open()?;
    pulse::share()?;
    stuck::watch(|| AT_WORK.load(Ordering::Relaxed));
    if let Some(jobs) = private {
        drop((input, output));
        return work_in_private(find, jobs);
    }
    for (number, line) in (1..).zip(input.lines()) {
        let job: Job = serde_json::from_str(&line?)?;
        let answer = work_on(number, &job, find);
        serde_json::to_writer(&mut output, &answer)?;
        writeln!(output)?;
        output.flush()?;
    }
    Ok(())
}

fn work_in_private(find: Find, jobs: BufReader<File>) -> io::Result<()> {
    for (number, line) in (1..).zip(jobs.lines()) {
        let Envelope { word, patience, job } = serde_json::from_str(&line?)?;
        channel::begin(&word);
        stuck::have(patience);
        let answer = work_on(number, &job, find);
        channel::give(&answer)?;
    }
    Ok(())
}

/// Does a job. What panics past every engine is an answer too: whoever gave the job decides what becomes of this process.
fn work_on(number: u64, job: &Job, find: Find) -> Answer {
    pulse::begin_job();
    AT_WORK.store(number, Ordering::Relaxed);
    let answer = panic::catch_unwind(AssertUnwindSafe(|| job.run(find))).map_err(plain::said);
    // What the request began to print belongs to this job. If nobody takes it, nobody misses it.
    let _ = io::stdout().flush();
    AT_WORK.store(0, Ordering::Relaxed);
    answer.unwrap_or_else(|message| Answer::Crashed(format!("{GIVEN_UP}{message}")))
}
