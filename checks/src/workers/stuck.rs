//! Finds out from inside a worker process whether an execution never ends.
//!
//! An execution of a model takes microseconds, so one in which nothing happens for many seconds has left the engine: it
//! spins in code that the engine does not see, or waits on a lock of the standard library. The two are told apart by the
//! processor time that the process has used meanwhile. A thread of its own looks, since the others may be what is stuck;
//! it knows the latest call and operation, which nobody outside does.

use std::io::{self, Write};
use std::process;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use cancelproof_model::machine::Call;

use super::watch::{INTERVAL, processor_time, variable};
use crate::heartbeat::{self, Doing};
use crate::pulse;

/// How long nothing may happen, in milliseconds; the variables are for tests and very slow machines.
const STUCK_AFTER_MS: u64 = 30_000;
const STUCK_VARIABLE: &str = "CANCELPROOF_STUCK_AFTER_MS";

/// The same before the first execution of a job, when work gives no signs of life: reading and hashing the source of a
/// request takes a second of it.
const UNPREPARED_AFTER_MS: u64 = 120_000;
const UNPREPARED_VARIABLE: &str = "CANCELPROOF_UNPREPARED_AFTER_MS";

/// The exit code of a worker process that was stuck, and of no other; what it said last is the reason.
pub(super) const STUCK: i32 = 7;

/// The share of the time that a process which waits does not use.
const SHARE_OF_SPINNING: f64 = 0.05;

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sign {
    /// The number of the job in this process, from 1.
    job: u64,
    /// The executions begun in it.
    begun: u64,
    /// The signs of life that executions have given.
    beats: u64,
}

/// Watches the jobs of this process from now on, and ends it with an explanation when one of them is stuck: whoever gave
/// the job is told what was said last. `job` says the number of the job that is being done, or 0 if none is.
pub(super) fn watch(job: fn() -> u64) {
    let (stuck_after, unprepared_after) = (stuck_after(), unprepared_after());
    let mut quiet = Quiet::begin(None);
    thread::spawn(move || {
        loop {
            thread::sleep(INTERVAL);
            let job = job();
            let sign = (job > 0).then(|| Sign { job, begun: pulse::begun(), beats: heartbeat::beats() });
            let Some(now) = sign.filter(|_| sign == quiet.sign) else {
                quiet = Quiet::begin(sign);
                continue;
            };
            let limit = if now.begun == 0 { unprepared_after } else { stuck_after };
            if quiet.since.elapsed() >= limit {
                // Whoever reads it may have gone, and then this process ends with it.
                let _ = writeln!(io::stderr(), "{}", quiet.explain(now.begun));
                process::exit(STUCK);
            }
        }
    });
}

/// Does `work` in this process, which is no worker, and ends it with `words` and the exit code `code` if it seems that it
/// never ends.
pub(crate) fn watch_over<T>(words: &str, code: i32, work: impl FnOnce() -> T) -> T {
    let (done, wait) = mpsc::channel::<()>();
    let words = words.to_owned();
    let watch = thread::spawn(move || {
        if wait.recv_timeout(unprepared_after()) == Err(RecvTimeoutError::Timeout) {
            let _ =
                writeln!(io::stderr(), "error: {words} has not come to an end: it spins or waits for ever");
            process::exit(code);
        }
    });
    let result = work();
    drop(done);
    // It ends now, and nobody has to reckon with it afterwards.
    let _ = watch.join();
    result
}

fn stuck_after() -> Duration {
    Duration::from_millis(variable(STUCK_VARIABLE).unwrap_or(STUCK_AFTER_MS))
}

fn unprepared_after() -> Duration {
    Duration::from_millis(variable(UNPREPARED_VARIABLE).unwrap_or(UNPREPARED_AFTER_MS))
}

/// A time in which nothing has happened.
struct Quiet {
    /// How far the job was at its beginning, if one was being done.
    sign: Option<Sign>,
    since: Instant,
    used: Duration,
}

impl Quiet {
    fn begin(sign: Option<Sign>) -> Self {
        Quiet { sign, since: Instant::now(), used: processor_time(process::id()).unwrap_or_default() }
    }

    /// What never ends, on one line: the preparation of the job, or its execution with the number `begun`.
    fn explain(&self, begun: u64) -> String {
        let used = processor_time(process::id()).unwrap_or_default().saturating_sub(self.used);
        let what = if used.as_secs_f64() > self.since.elapsed().as_secs_f64() * SHARE_OF_SPINNING {
            "never ends: the request spins outside of what the engine sees"
        } else {
            "waits for ever outside of what the engine sees, as on a lock of the standard library"
        };
        if begun == 0 {
            return format!(
                "the preparation {what}, before any execution, as in its `contract()` or in what initialises a static"
            );
        }
        let doing = match heartbeat::doing() {
            None => String::new(),
            Some(Doing::Making) => ", in the making of the request".to_owned(),
            Some(Doing::Call(thread, call)) => Call::ALL
                .get(usize::from(call))
                .map_or_else(String::new, |call| format!(", in {call} of thread {thread}")),
        };
        let place = heartbeat::latest_operation().map_or_else(String::new, |place| {
            format!(", after the operation at {}:{}", place.file(), place.line())
        });
        format!(
            "execution {begun} {what}{doing}{place}. hint: a lock, channel, join, sleep or loop of std \
             blocks the engine's own thread; use those of the runtime `R`"
        )
    }
}
