//! Looks after a worker process from outside while it does a job: whether memory runs out. Whether an execution never ends
//! the process finds out by itself: see `workers/stuck.rs`.

use std::env;
use std::fs;
use std::time::Duration;

/// How often one looks.
pub(super) const INTERVAL: Duration = Duration::from_millis(250);

/// How much memory a worker process may use, in MiB.
const MEMORY_MAX_MIB: u64 = 4_096;
const MEMORY_VARIABLE: &str = "CANCELPROOF_MEMORY_MAX_MIB";

/// What is granted to a process.
pub(super) struct Watch {
    process: u32,
    mebibytes_max: u64,
}

impl Watch {
    pub(super) fn new(process: u32) -> Self {
        Watch { process, mebibytes_max: variable(MEMORY_VARIABLE).unwrap_or(MEMORY_MAX_MIB) }
    }

    /// The memory that the process uses, in MiB, if that is more than it may.
    pub(super) fn exhausted(&self) -> Option<u64> {
        memory(self.process).filter(|&mebibytes| mebibytes > self.mebibytes_max)
    }
}

/// A number that the environment gives.
pub(super) fn variable(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

/// The processor time that a process has used, where the system tells.
pub(super) fn processor_time(process: u32) -> Option<Duration> {
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
