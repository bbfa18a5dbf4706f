//! Finds out from inside a worker process whether an execution never ends.
//!
//! An execution of a model takes microseconds, so one in which nothing happens for many seconds has left the engine: it
//! spins in code that the engine does not see, or waits on a lock of the standard library. The two are told apart by the
//! processor time that the process has used meanwhile. A thread of its own looks, since the others may be what is stuck;
//! it knows the latest call and operation, which nobody outside does.

use std::io::{self, Write};
#[cfg(not(unix))]
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use cancelproof_machine::machine::Call;

use super::channel::{self, Patience};
use super::watch::{INTERVAL, is_another_running, processor_time, variable};
use crate::heartbeat::{self, Doing};
use crate::job::Answer;
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

/// So many times as long as nothing may happen, one execution may take: operations that never end are signs of life too.
const TIMES_AS_LONG: u32 = 4;

/// A time in which nothing happens is a pause from here on. What only pauses between its operations is never stuck for long
/// enough, and yet would take for ever.
const PAUSE: Duration = Duration::from_secs(1);

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

/// How long nothing may happen in the job at hand, in milliseconds.
static STUCK_AFTER: AtomicU64 = AtomicU64::new(0);
static UNPREPARED_AFTER: AtomicU64 = AtomicU64::new(0);

/// From now on nothing may happen for as long as this.
pub(super) fn have(patience: Patience) {
    STUCK_AFTER.store(patience.stuck_after.as_millis() as u64, Ordering::Relaxed);
    UNPREPARED_AFTER.store(patience.unprepared_after.as_millis() as u64, Ordering::Relaxed);
}

/// Watches the jobs of this process from now on, and ends it with an explanation when one of them is stuck: whoever gave
/// the job is told. `job` says the number of the job that is being done, or 0 if none is.
pub(super) fn watch(job: fn() -> u64) {
    have(Patience::usual());
    let mut look = Look::default();
    thread::spawn(move || {
        for looks in 1.. {
            pulse::looked(looks);
            thread::sleep(INTERVAL);
            let job = job();
            let sign = (job > 0).then(|| Sign { job, begun: pulse::begun(), beats: heartbeat::beats() });
            if let Some(words) = look.at(sign) {
                end(&words);
            }
        }
    });
}

/// Ends this process; `words` say why. Nothing of the request's is run any more, as at an orderly exit it would be.
fn end(words: &str) -> ! {
    if !channel::give(&Answer::Crashed(words.to_owned())).unwrap_or(false) {
        // Whoever reads it may have gone, and then this process ends with it.
        let _ = writeln!(io::stderr(), "{words}");
    }
    #[cfg(unix)]
    // SAFETY: the call ends the process.
    unsafe {
        libc::_exit(STUCK)
    }
    #[cfg(not(unix))]
    process::exit(STUCK)
}

/// What has been seen of a job.
#[derive(Default)]
struct Look {
    /// The time in which nothing has happened.
    quiet: Option<Quiet>,
    /// The job and the execution that were begun last, and when.
    execution: Option<(u64, u64, Instant)>,
    /// For how long the job has paused in all.
    paused: Duration,
}

impl Look {
    /// Takes a look; why the job is stuck, if it is.
    fn at(&mut self, sign: Option<Sign>) -> Option<String> {
        let Some(now) = sign else {
            *self = Look::default();
            return None;
        };
        let limit = |milliseconds: &AtomicU64| Duration::from_millis(milliseconds.load(Ordering::Relaxed));
        let stuck_after = limit(&STUCK_AFTER);
        if self.execution.is_none_or(|(job, ..)| job != now.job) {
            self.paused = Duration::ZERO;
        }
        if self.execution.is_none_or(|(job, begun, _)| (job, begun) != (now.job, now.begun)) {
            self.execution = Some((now.job, now.begun, Instant::now()));
        }
        match &mut self.quiet {
            Some(quiet) if quiet.sign == now => quiet.was_running |= is_another_running(),
            quiet => {
                let before = quiet.replace(Quiet::begin(now));
                self.paused +=
                    before.filter(|before| before.sign.job == now.job).map_or(Duration::ZERO, Quiet::pause);
            }
        }
        let quiet = self.quiet.as_ref()?;
        let most = if now.begun == 0 { limit(&UNPREPARED_AFTER) } else { stuck_after };
        if quiet.since.elapsed() >= most {
            return Some(quiet.explain(now.begun));
        }
        if self.paused >= stuck_after {
            return Some(pauses(now.begun, self.paused));
        }
        let since = self.execution.map(|(.., since)| since)?;
        (now.begun > 0 && since.elapsed() >= stuck_after * TIMES_AS_LONG)
            .then(|| goes_on(now.begun, since.elapsed()))
    }
}

fn pauses(begun: u64, paused: Duration) -> String {
    format!(
        "by execution {begun} the request waited outside of what the engine sees for {} s in all{}. hint: a sleep, lock, \
         channel or join of std blocks the engine's own thread; use those of the runtime `R`",
        paused.as_secs(),
        place()
    )
}

fn goes_on(begun: u64, time: Duration) -> String {
    format!("execution {begun} does not end: it has made operations for {} s{}", time.as_secs(), place())
}

/// What the request was at last, behind a comma; nothing if nothing is known.
fn place() -> String {
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
    format!("{doing}{place}")
}

/// As the environment of this process says.
pub(super) fn stuck_after() -> Duration {
    Duration::from_millis(variable(STUCK_VARIABLE).unwrap_or(STUCK_AFTER_MS))
}

/// As the environment of this process says.
pub(super) fn unprepared_after() -> Duration {
    Duration::from_millis(variable(UNPREPARED_VARIABLE).unwrap_or(UNPREPARED_AFTER_MS))
}

/// A time in which nothing has happened.
struct Quiet {
    /// How far the job was at its beginning.
    sign: Sign,
    since: Instant,
    used: Duration,
    /// Whether another thread was seen to run in it.
    was_running: bool,
}

impl Quiet {
    fn begin(sign: Sign) -> Self {
        let used = processor_time().unwrap_or_default();
        Quiet { sign, since: Instant::now(), used, was_running: false }
    }

    /// How long it was, if somebody waited in it: a process that gets no processor, or that thinks, does not pause.
    fn pause(self) -> Duration {
        let time = self.since.elapsed();
        if time >= PAUSE && !self.was_running && self.sign.begun > 0 { time } else { Duration::ZERO }
    }

    /// What never ends, on one line: the preparation of the job, or its execution with the number `begun`.
    fn explain(&self, begun: u64) -> String {
        let used = processor_time().unwrap_or_default().saturating_sub(self.used);
        // Where many want the processor, whoever spins gets little of it, but is seen to want it.
        let share = used.as_secs_f64() / self.since.elapsed().as_secs_f64();
        let what = if share > SHARE_OF_SPINNING || self.was_running {
            "never ends: the request spins outside of what the engine sees"
        } else {
            "waits for ever outside of what the engine sees, as on a lock of the standard library"
        };
        if begun == 0 {
            return format!(
                "the preparation {what}, before any execution, as in its `contract()` or in what initialises a static"
            );
        }
        format!(
            "execution {begun} {what}{}. hint: a lock, channel, join, sleep or loop of std \
             blocks the engine's own thread; use those of the runtime `R`",
            place()
        )
    }
}
