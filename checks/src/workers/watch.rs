//! Looks after a worker process while it does a job: whether an execution never ends, and whether memory runs out.
//!
//! An execution of a model takes microseconds, so one that takes many seconds has left the engine: it spins in code
//! that the engine does not see, or waits on a lock of the standard library. The two are told apart by the processor
//! time that the process has used meanwhile.

use std::env;
use std::fs;
use std::time::{Duration, Instant};

/// How often one looks.
pub(super) const INTERVAL: Duration = Duration::from_millis(250);

/// How long an execution may take, in milliseconds; the variable is for tests and very slow machines.
const STUCK_AFTER_MS: u64 = 30_000;
const STUCK_VARIABLE: &str = "CANCELPROOF_STUCK_AFTER_MS";

/// How much memory a worker process may use, in MiB.
const MEMORY_MAX_MIB: u64 = 4_096;
const MEMORY_VARIABLE: &str = "CANCELPROOF_MEMORY_MAX_MIB";

/// The share of the time that a process which waits does not use.
const SHARE_OF_SPINNING: f64 = 0.05;

/// What an execution does that never ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    Spins,
    Waits,
    Exhausts { mebibytes: u64 },
}

impl Trouble {
    pub(super) fn words(self, begun: u64) -> String {
        match self {
            Trouble::Spins => {
                format!("execution {begun} never ends: the request spins outside of what the engine sees")
            }
            Trouble::Waits => format!(
                "execution {begun} waits for ever outside of what the engine sees, as on a lock of the standard library"
            ),
            Trouble::Exhausts { mebibytes } => format!(
                "the process used {mebibytes} MiB by execution {begun}: the request leaks or exhausts memory"
            ),
        }
    }
}

/// What is known of a process.
pub(super) struct Watch {
    process: u32,
    begun: Option<u64>,
    since: Instant,
    used: Duration,
    stuck_after: Duration,
    mebibytes_max: u64,
}

impl Watch {
    pub(super) fn new(process: u32) -> Self {
        Watch {
            process,
            begun: None,
            since: Instant::now(),
            used: processor_time(process).unwrap_or_default(),
            stuck_after: Duration::from_millis(variable(STUCK_VARIABLE).unwrap_or(STUCK_AFTER_MS)),
            mebibytes_max: variable(MEMORY_VARIABLE).unwrap_or(MEMORY_MAX_MIB),
        }
    }

    /// Looks at the process; `begun` is its pulse, if it has one. Without one it is never called stuck.
    pub(super) fn look(&mut self, begun: Option<u64>) -> Option<Trouble> {
        if let Some(mebibytes) = memory(self.process).filter(|&mebibytes| mebibytes > self.mebibytes_max) {
            return Some(Trouble::Exhausts { mebibytes });
        }
        if begun != self.begun {
            (self.begun, self.since) = (begun, Instant::now());
            self.used = processor_time(self.process).unwrap_or_default();
            return None;
        }
        // Before the first execution and without a pulse nothing tells work from standing still.
        if self.since.elapsed() < self.stuck_after || begun.is_none_or(|begun| begun == 0) {
            return None;
        }
        let used = processor_time(self.process).unwrap_or_default().saturating_sub(self.used);
        let is_busy = used.as_secs_f64() > self.since.elapsed().as_secs_f64() * SHARE_OF_SPINNING;
        Some(if is_busy { Trouble::Spins } else { Trouble::Waits })
    }
}

fn variable(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

/// The processor time that a process has used, where the system tells.
fn processor_time(process: u32) -> Option<Duration> {
    /// What the kernel counts in, whatever the processor.
    const TICKS_PER_SECOND: u64 = 100;
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name stands in brackets and may contain anything.
    let (_, figures) = text.rsplit_once(')')?;
    let ticks: u64 =
        figures.split_whitespace().skip(11).take(2).filter_map(|text| text.parse::<u64>().ok()).sum();
    Some(Duration::from_millis(ticks * 1_000 / TICKS_PER_SECOND))
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
        assert!(processor_time(process).is_some());
        assert_eq!((memory(u32::MAX), processor_time(u32::MAX)), (None, None));
    }
}
