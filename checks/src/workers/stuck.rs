//! Finds out from inside a worker process whether an execution never ends.
//!
//! An execution of a model takes microseconds, so one in which nothing happens for many seconds has left the engine: it
//! spins in code that the engine does not see, or waits on a lock of the standard library. The two are told apart by the
//! processor time that the process has used meanwhile. A thread of its own looks, since the others may be what is stuck;
//! it knows the latest call and operation, which nobody outside does.

use std::process;
use std::thread;
use std::time::{Duration, Instant};

use super::watch::{INTERVAL, processor_time, variable};
use crate::{heartbeat, pulse};

/// How long nothing may happen, in milliseconds; the variable is for tests and very slow machines.
const STUCK_AFTER_MS: u64 = 30_000;
const STUCK_VARIABLE: &str = "CANCELPROOF_STUCK_AFTER_MS";

/// The exit code of a worker process that was stuck, and of no other; what it said last is the reason.
pub(super) const STUCK: i32 = 7;

/// The share of the time that a process which waits does not use.
const SHARE_OF_SPINNING: f64 = 0.05;

/// Watches the jobs of this process from now on, and ends it with an explanation when one of them is stuck: whoever gave
/// the job is told what was said last. `is_busy` says whether a job is being done.
pub(super) fn watch(is_busy: fn() -> bool) {
    let stuck_after = Duration::from_millis(variable(STUCK_VARIABLE).unwrap_or(STUCK_AFTER_MS));
    let mut quiet = Quiet::begin(None);
    thread::spawn(move || {
        loop {
            thread::sleep(INTERVAL);
            // Before the first execution nothing tells work from standing still.
            let sign =
                is_busy().then(|| (pulse::begun(), heartbeat::beats())).filter(|(begun, _)| *begun > 0);
            if sign.is_none() || sign != quiet.sign {
                quiet = Quiet::begin(sign);
            } else if quiet.since.elapsed() >= stuck_after {
                eprintln!("{}", quiet.explain());
                process::exit(STUCK);
            }
        }
    });
}

/// A time in which nothing has happened.
struct Quiet {
    /// The execution and the signs of life at its beginning, if a job was being done.
    sign: Option<(u64, u64)>,
    since: Instant,
    used: Duration,
}

impl Quiet {
    fn begin(sign: Option<(u64, u64)>) -> Self {
        Quiet { sign, since: Instant::now(), used: processor_time(process::id()).unwrap_or_default() }
    }

    /// What the execution does that never ends, on one line.
    fn explain(&self) -> String {
        let begun = self.sign.map_or(0, |(begun, _)| begun);
        let used = processor_time(process::id()).unwrap_or_default().saturating_sub(self.used);
        let what = if used.as_secs_f64() > self.since.elapsed().as_secs_f64() * SHARE_OF_SPINNING {
            "never ends: the request spins outside of what the engine sees"
        } else {
            "waits for ever outside of what the engine sees, as on a lock of the standard library"
        };
        let call = heartbeat::latest_call()
            .map_or_else(String::new, |(thread, call)| format!(", in {call} of thread {thread}"));
        let place = heartbeat::latest_operation().map_or_else(String::new, |place| {
            format!(", after the operation at {}:{}", place.file(), place.line())
        });
        format!(
            "execution {begun} {what}{call}{place}. hint: a lock, channel, join, sleep or loop of std \
             blocks the engine's own thread; use those of the runtime `R`"
        )
    }
}
