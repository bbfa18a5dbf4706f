//! Worker processes: jobs run outside the process that reports, several at a time.
//!
//! An engine that aborts, or a request that takes its process down, costs one job and not the run. Two explorations by
//! loom in one process would also wait for each other at the lock of the address space; in two processes they do not.
//!
//! A worker is this same program started again. It reads one job a line and writes one answer a line, in JSON.

use std::io::{self, BufRead, BufReader, Write};
use std::num::NonZero;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::job::{Answer, Find, Job};

/// The argument by which this program becomes a worker.
pub const WORKER: &str = "worker";

/// How many workers to use if nobody says: one for each core.
#[must_use]
pub fn count_by_default() -> NonZero<usize> {
    thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN)
}

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
    mut receive: impl FnMut(usize, Answer),
) -> io::Result<()> {
    let queue = Mutex::new(numbers.iter().copied());
    let (send, answers) = mpsc::channel();
    thread::scope(|scope| {
        let handles: Vec<_> = (0..workers.get().min(numbers.len()))
            .map(|_| {
                let (queue, job, send) = (&queue, &job, send.clone());
                scope.spawn(move || {
                    let mut worker: Option<Worker> = None;
                    loop {
                        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
                        let Some(number) = next else {
                            if let Some(worker) = worker {
                                worker.dismiss();
                            }
                            return Ok(());
                        };
                        let answer = match job(number) {
                            Some(job) => ask(&mut worker, program, &job)?,
                            None => Answer::NotStarted,
                        };
                        // The receiver lives until all senders are gone.
                        let _ = send.send((number, answer));
                    }
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

/// Whether this worker process is doing a job.
static IS_BUSY: AtomicBool = AtomicBool::new(false);

/// Whether this worker process is doing a job.
#[must_use]
pub fn is_busy() -> bool {
    IS_BUSY.load(Ordering::Relaxed)
}

/// Does jobs from standard input until it ends, on the requests that `find` knows: the other end of [`run`].
///
/// # Errors
///
/// Returns the error of reading or writing, or of a line that is no job.
pub fn work(find: Find, input: impl BufRead, mut output: impl Write) -> io::Result<()> {
    for line in input.lines() {
        let job: Job = serde_json::from_str(&line?)?;
        IS_BUSY.store(true, Ordering::Relaxed);
        let answer = job.run(find);
        IS_BUSY.store(false, Ordering::Relaxed);
        serde_json::to_writer(&mut output, &answer)?;
        writeln!(output)?;
        output.flush()?;
    }
    Ok(())
}

/// A running worker process.
struct Worker {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// The last line of its standard error that is not empty; read by a thread, so that the pipe never fills up.
    last_line: thread::JoinHandle<String>,
}

impl Worker {
    fn start(program: &Path) -> io::Result<Self> {
        let mut child = Command::new(program)
            .arg(WORKER)
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let (Some(input), Some(output), Some(errors)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(io::Error::other("a worker process has no pipes"));
        };
        let last_line = thread::spawn(move || {
            let lines = BufReader::new(errors).lines().map_while(Result::ok);
            lines.filter(|line| !line.trim().is_empty()).last().unwrap_or_else(|| "nothing".to_owned())
        });
        Ok(Worker { child, input, output: BufReader::new(output), last_line })
    }

    fn ask(&mut self, job: &Job) -> io::Result<Option<Answer>> {
        serde_json::to_writer(&mut self.input, job)?;
        writeln!(self.input)?;
        self.input.flush()?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Ok(serde_json::from_str(&line).ok())
    }

    /// How the process ended, and the last that it said.
    fn last_words(self) -> String {
        let Worker { mut child, input, output, last_line } = self;
        drop((input, output));
        let status = child.wait().map_or_else(|error| error.to_string(), |status| status.to_string());
        let line = last_line.join().unwrap_or_default();
        format!("the worker process ended with {status}; it last said: {line}")
    }

    /// Lets an idle process end: its input is closed.
    fn dismiss(self) {
        drop((self.input, self.output));
        let mut child = self.child;
        // Nothing depends on how an idle worker ends.
        let _ = child.wait();
    }
}

fn ask(worker: &mut Option<Worker>, program: &Path, job: &Job) -> io::Result<Answer> {
    let mut running = match worker.take() {
        Some(running) => running,
        None => Worker::start(program)?,
    };
    match running.ask(job) {
        Ok(Some(answer)) => {
            *worker = Some(running);
            Ok(answer)
        }
        Ok(None) | Err(_) => Ok(Answer::Crashed(running.last_words())),
    }
}
