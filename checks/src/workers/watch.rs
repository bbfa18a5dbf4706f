//! Looks after a worker process from outside while it does a job: whether memory runs out. Whether an execution never ends
//! the process finds out by itself: see `workers/stuck.rs`.

use std::env;
use std::fs;
use std::time::{Duration, Instant};

use super::channel::Patience;
use crate::pulse::Pulse;

/// How often one looks.
pub(super) const INTERVAL: Duration = Duration::from_millis(250);

/// How much later than the process itself one says that nothing happens in it: it knows more.
const SLACK: Duration = Duration::from_secs(2);

/// How much memory a worker process may use, in MiB.
const MEMORY_MAX_MIB: u64 = 4_096;
const MEMORY_VARIABLE: &str = "CANCELPROOF_MEMORY_MAX_MIB";

/// How much a job may print, in bytes. One line in each of a million executions is less.
const PRINTED_MAX: u64 = 256 << 20;

/// A process that is stopped for so many looks in a row is not merely about to go on.
const STOPPED_MAX: u32 = 2;

/// What is granted to a process.
pub(super) struct Watch {
    mebibytes_max: u64,
    patience: Patience,
    /// The latest look that the process's own watch has taken, and when that was noticed.
    looks: (u64, Instant),
    /// For how many looks the process has been stopped.
    stopped: u32,
}

impl Watch {
    pub(super) fn new(patience: Patience) -> Self {
        let mebibytes_max = variable(MEMORY_VARIABLE).unwrap_or(MEMORY_MAX_MIB);
        Watch { mebibytes_max, patience, looks: (0, Instant::now()), stopped: 0 }
    }

    /// What the process has had too much of, if so; to be asked at each [`INTERVAL`].
    pub(super) fn trouble(&mut self, pulse: &mut Pulse, printed: u64) -> Option<String> {
        if printed > PRINTED_MAX {
            return Some(format!("the request printed more than {} MiB", PRINTED_MAX >> 20));
        }
        let process = pulse.process();
        if let Some(mebibytes) = process.and_then(memory).filter(|&used| used > self.mebibytes_max) {
            let begun = pulse.begun();
            return Some(format!(
                "the process used {mebibytes} MiB by execution {begun}: the request leaks or exhausts memory"
            ));
        }
        self.stopped = if process.is_some_and(is_stopped) { self.stopped + 1 } else { 0 };
        if self.stopped >= STOPPED_MAX {
            return Some(format!("in execution {} the request stopped its process", pulse.begun()));
        }
        let looks = pulse.looks();
        if looks != self.looks.0 {
            self.looks = (looks, Instant::now());
        }
        // Before the first look there is nobody inside who could speak for the process.
        let Patience { stuck_after, unprepared_after } = self.patience;
        let most = if looks == 0 { unprepared_after } else { stuck_after.max(unprepared_after) };
        (self.looks.1.elapsed() > most + SLACK).then(|| "the process gives no sign of life".to_owned())
    }
}

/// A number that the environment gives.
pub(super) fn variable(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

/// The processor time that this process has used, where the system tells. It takes no memory, which somebody may be counting.
pub(super) fn processor_time() -> Option<Duration> {
    #[cfg(unix)]
    {
        // SAFETY: the structure is plain data, for which zeros are values.
        let mut used: libc::rusage = unsafe { std::mem::zeroed() };
        // SAFETY: the call writes to the structure that it is given, and to nothing else.
        let told = unsafe { libc::getrusage(libc::RUSAGE_SELF, &raw mut used) } == 0;
        let time = |time: libc::timeval| {
            // What a process has used is never negative.
            Duration::from_secs(time.tv_sec.unsigned_abs())
                + Duration::from_micros(time.tv_usec.unsigned_abs())
        };
        told.then(|| time(used.ru_utime) + time(used.ru_stime))
    }
    #[cfg(not(unix))]
    None
}

/// Whether a process is stopped, as by `SIGSTOP`, where the system tells. One that a debugger holds is not.
fn is_stopped(process: u32) -> bool {
    state(&format!("/proc/{process}/stat")) == Some('T')
}

/// Whether a thread of this process other than the one that asks runs or waits for a processor, where the system tells.
pub(super) fn is_another_running() -> bool {
    let is_running = |entry: &fs::DirEntry| {
        state(&format!("/proc/self/task/{}/stat", entry.file_name().to_string_lossy())) == Some('R')
    };
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    // The one that asks is running itself.
    threads.filter(is_running).count() > 1
}

/// The letter for what a process or thread does, from its line of figures.
fn state(path: &str) -> Option<char> {
    let text = fs::read_to_string(path).ok()?;
    // The name stands in brackets and may contain anything.
    let (_, figures) = text.rsplit_once(')')?;
    figures.trim_start().chars().next()
}

/// The memory that a process has in use, in MiB, where the system tells.
fn memory(process: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kibibytes / 1_024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn a_process_knows_its_own_time_and_memory() {
        let process = std::process::id();
        assert!(memory(process).is_some_and(|mebibytes| mebibytes > 0));
        assert!(processor_time().is_some_and(|time| time > Duration::ZERO));
        assert_eq!((memory(u32::MAX), is_stopped(u32::MAX), is_stopped(process)), (None, false, false));
    }
}
