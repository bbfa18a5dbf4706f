//! The pulse of a worker process: which execution it has begun, written where it survives whatever that execution does.
//!
//! A request may abort, overflow its stack, spin, or wait for ever. Whoever started the process then still reads how
//! many executions of its job it had begun; since engines explore the same ones in the same order in every run, that
//! number stands for the schedule. It is written before the execution runs, into memory that is shared with a file, so
//! it costs an execution one store.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek};
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use memmap2::MmapRaw;

/// The environment variable by which a worker process is told of the file.
pub const VARIABLE: &str = "CANCELPROOF_PULSE";

/// Executions begun in the job at hand.
static BEGUN: AtomicU64 = AtomicU64::new(0);

/// The memory that is shared with the file, in a process that has one.
static SHARED: OnceLock<MmapRaw> = OnceLock::new();

/// The size of the file: one number.
const BYTES: u64 = 8;

/// Begins to write the pulse of this process into the file that the environment names, if it names one.
///
/// # Errors
///
/// Returns why the file cannot be shared.
pub fn share() -> io::Result<()> {
    let Some(path) = std::env::var_os(VARIABLE) else { return Ok(()) };
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let shared = MmapRaw::map_raw(&file)?;
    if shared.len() as u64 == BYTES {
        // This is the first time, since a process is a worker once.
        let _ = SHARED.set(shared);
    }
    Ok(())
}

/// A job begins.
pub fn begin_job() {
    write(0);
}

/// An execution is about to run.
#[inline]
pub(crate) fn begin_execution() {
    write(BEGUN.load(Ordering::Relaxed) + 1);
}

/// The executions begun in the job of this process.
pub(crate) fn begun() -> u64 {
    BEGUN.load(Ordering::Relaxed)
}

/// Engines that work on several threads may lose a beat; the number is exact for those that do not.
#[inline]
fn write(number: u64) {
    BEGUN.store(number, Ordering::Relaxed);
    if let Some(shared) = SHARED.get() {
        #[allow(clippy::cast_ptr_alignment, reason = "memory is mapped in pages")]
        let place = shared.as_mut_ptr().cast::<u64>();
        // SAFETY: the memory is mapped for as long as the process lives, aligned to a page, as long as a number, and
        // accessed by this process through atomics only; the process that started it reads the file.
        let shared = unsafe { AtomicU64::from_ptr(place) };
        shared.store(number, Ordering::Relaxed);
    }
}

/// The other end: reads the pulse of a worker process.
#[derive(Debug)]
pub struct Pulse {
    file: File,
}

impl Pulse {
    /// Makes the file at `path`.
    ///
    /// # Errors
    ///
    /// Returns why it cannot be made.
    pub fn create(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path)?;
        file.set_len(BYTES)?;
        Ok(Pulse { file })
    }

    /// The executions that the process has begun in its job.
    pub fn begun(&mut self) -> u64 {
        let mut bytes = [0; BYTES as usize];
        let read = self.file.rewind().and_then(|()| self.file.read_exact(&mut bytes));
        read.map_or(0, |()| u64::from_ne_bytes(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_gone_or_empty_means_that_nothing_has_begun() {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let mut pulse = Pulse::create(&folder.path().join("pulse")).expect("the folder is writable");
        assert_eq!(pulse.begun(), 0);
        pulse.file.set_len(3).expect("the file is ours");
        assert_eq!(pulse.begun(), 0);
    }
}
