//! Worker processes: jobs run outside the process that reports, several at a time.
//!
//! An engine that aborts, or a request that takes its process down, costs one job and not the run. Two explorations by
//! loom in one process would also wait for each other at the lock of the address space; in two processes they do not.
//!
//! A request that aborts, overflows its stack, spins, waits for ever or takes all memory costs the job that it was judged
//! in, and the [pulse] of its process says in which execution: see `workers/watch.rs` and `workers/stuck.rs`.
//!
//! A worker is this same program started again. It reads one job a line and writes one answer a line, in JSON.

mod process;
mod stuck;
mod watch;

use std::io::{self, BufRead, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::job::{Answer, Find, Job};
use crate::pulse;

pub use crate::pool::count_by_default;
use process::{Worker, ask};
pub(crate) use stuck::watch_over;

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
    thread::scope(|scope| {
        let handles: Vec<_> = (0..workers)
            .map(|_| {
                let (next, send) = (&next, send.clone());
                scope.spawn(move || {
                    let mut worker: Option<Worker> = None;
                    while let Some((number, job)) = next() {
                        let answer = match job {
                            Some(job) => ask(&mut worker, program, &job)?,
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

/// The number of the job that this worker process is doing, from 1; 0 while it is doing none.
static AT_WORK: AtomicU64 = AtomicU64::new(0);

/// Does jobs from standard input until it ends, on the requests that `find` knows: the other end of [`run`].
///
/// # Errors
///
/// Returns the error of reading or writing, or of a line that is no job.
pub fn work(find: Find, input: impl BufRead, mut output: impl Write) -> io::Result<()> {
    end_with_parent();
    pulse::share()?;
    stuck::watch(|| AT_WORK.load(Ordering::Relaxed));
    for (number, line) in (1..).zip(input.lines()) {
        let job: Job = serde_json::from_str(&line?)?;
        pulse::begin_job();
        AT_WORK.store(number, Ordering::Relaxed);
        let answer = job.run(find);
        AT_WORK.store(0, Ordering::Relaxed);
        serde_json::to_writer(&mut output, &answer)?;
        writeln!(output)?;
        output.flush()?;
    }
    Ok(())
}

/// Has the system end this process when the one that started it is killed: nobody would look after it then, and what it
/// does might never end.
fn end_with_parent() {
    #[cfg(target_os = "linux")]
    // SAFETY: the call sets a property of this process and touches no memory.
    unsafe {
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
    }
}
