//! The pulse of a worker process: which execution it has begun, written where it survives whatever that execution does.
//!
//! A request may abort, overflow its stack, spin, or wait for ever. Whoever started the process then still reads how
//! many executions of its job it had begun; since engines explore the same ones in the same order in every run, that
//! number stands for the schedule. It is written before the execution runs, into memory that is shared with a file, so
//! it costs an execution one store.

use std::env;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek};
use std::path::PathBuf;
use std::process::{self, Command};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// The environment variable by which a worker process is told of the file: by its descriptor, which the process inherits,
/// or on systems without descriptors by its path.
const VARIABLE: &str = "CANCELPROOF_PULSE";

/// Executions begun in the job at hand.
static BEGUN: AtomicU64 = AtomicU64::new(0);

/// The memory that is shared with the file, in a process that has one.
static SHARED: OnceLock<&Numbers> = OnceLock::new();

/// The numbers in the file, by their places: executions begun, the number of the process, and how often its watch has looked.
const BEGUN_AT: usize = 0;
const PROCESS_AT: usize = 1;
const LOOKS_AT: usize = 2;

/// All of them, as they stand in the file and in the memory that is shared with it.
type Numbers = [AtomicU64; 3];

/// The size of the file.
const BYTES: u64 = size_of::<Numbers>() as u64;

/// Begins to write the pulse of this process into the file that the environment names, if it names one.
///
/// # Errors
///
/// Returns why the file cannot be shared.
pub fn share() -> io::Result<()> {
    let Some(name) = env::var_os(VARIABLE) else { return Ok(()) };
    let file = place::open(&name)?;
    // Behind the end of the file there is no memory to share.
    if file.metadata()?.len() == BYTES {
        // This is the first time, since a process is a worker once.
        let _ = SHARED.set(place::map(&file)?);
        put(PROCESS_AT, process::id().into());
    }
    Ok(())
}

/// Whoever watches this process from inside has looked, for the `looks`th time.
pub fn looked(looks: u64) {
    put(LOOKS_AT, looks);
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
pub fn begun() -> u64 {
    BEGUN.load(Ordering::Relaxed)
}

/// Engines that work on several threads may lose a beat; the number is exact for those that do not.
#[inline]
fn write(number: u64) {
    BEGUN.store(number, Ordering::Relaxed);
    put(BEGUN_AT, number);
}

/// Writes a number of the file, which is one of those at the constant places.
#[inline]
fn put(at: usize, number: u64) {
    if let Some(shared) = SHARED.get() {
        shared[at].store(number, Ordering::Relaxed);
    }
}

/// The other end: reads the pulse of a worker process.
#[derive(Debug)]
pub struct Pulse {
    file: File,
    place: place::Place,
}

impl Pulse {
    /// Makes a file for the pulse of one process.
    ///
    /// # Errors
    ///
    /// Returns why it cannot be made.
    pub fn create() -> io::Result<Self> {
        let (file, place) = place::create()?;
        file.set_len(BYTES)?;
        Ok(Pulse { file, place })
    }

    /// Has the process that `command` starts write its pulse here.
    pub fn give_to(&self, command: &mut Command) {
        self.place.give_to(command, &self.file);
    }

    /// The executions that the process has begun in its job.
    pub fn begun(&mut self) -> u64 {
        self.number(BEGUN_AT)
    }

    /// The number of the process, once it has begun to work.
    pub fn process(&mut self) -> Option<u32> {
        u32::try_from(self.number(PROCESS_AT)).ok().filter(|&process| process > 0)
    }

    /// How often the watch of the process has looked; 0 before it has begun to work.
    pub fn looks(&mut self) -> u64 {
        self.number(LOOKS_AT)
    }

    fn number(&mut self, at: usize) -> u64 {
        let mut bytes = [0; BYTES as usize];
        let read = self.file.rewind().and_then(|()| self.file.read_exact(&mut bytes));
        let number = bytes.as_chunks::<8>().0.get(at).copied().unwrap_or_default();
        read.map_or(0, |()| u64::from_ne_bytes(number))
    }
}

/// Has a process that is started know of no pulse, whatever the environment of this one says.
pub fn withhold(command: &mut Command) {
    command.env_remove(VARIABLE);
}

/// A new file under a name of this process's own in the folder for such files.
fn create_file() -> io::Result<(File, PathBuf)> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    loop {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("cancelproof-pulse-{}-{number}", process::id()));
        match OpenOptions::new().read(true).write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((file, path)),
            // Somebody else's, which is not to be written to; the next name is as good.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

/// Where the file is: nowhere. It loses its name as soon as it has been made, so that nothing stays behind however the
/// processes end, and the worker inherits its descriptor.
#[cfg(unix)]
mod place {
    use std::ffi::OsStr;
    use std::fs::{self, File};
    use std::io;
    use std::os::fd::{AsRawFd, FromRawFd, RawFd};
    use std::os::unix::process::CommandExt;
    use std::process::Command;
    use std::ptr;

    use super::{BYTES, Numbers, VARIABLE, create_file};

    #[derive(Debug)]
    pub(super) struct Place;

    pub(super) fn create() -> io::Result<(File, Place)> {
        let (file, path) = create_file()?;
        fs::remove_file(path)?;
        Ok((file, Place))
    }

    pub(super) fn open(name: &OsStr) -> io::Result<File> {
        let descriptor: Option<RawFd> = name.to_str().and_then(|text| text.parse().ok());
        let descriptor = descriptor.filter(|&descriptor| descriptor > libc::STDERR_FILENO);
        let descriptor = descriptor.ok_or_else(|| io::Error::other(format!("{VARIABLE} names no file")))?;
        // SAFETY: whoever started this process has opened the descriptor for nothing else, and it is taken over once.
        Ok(unsafe { File::from_raw_fd(descriptor) })
    }

    /// Shares the memory of the numbers with a file of their size, for as long as this process lives.
    pub(super) fn map(file: &File) -> io::Result<&'static Numbers> {
        let (access, descriptor) = (libc::PROT_READ | libc::PROT_WRITE, file.as_raw_fd());
        // SAFETY: the system chooses the address, so memory that is in use stays as it is.
        let memory =
            unsafe { libc::mmap(ptr::null_mut(), BYTES as usize, access, libc::MAP_SHARED, descriptor, 0) };
        if memory == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the memory is never unmapped, aligned to a page, as long as the numbers, of which every pattern of bits is one,
        // and accessed by this process through atomics only; the process that started it reads the file.
        Ok(unsafe { &*memory.cast::<Numbers>() })
    }

    impl Place {
        #[allow(clippy::unused_self, reason = "elsewhere the place is a path")]
        pub(super) fn give_to(&self, command: &mut Command, file: &File) {
            let descriptor = file.as_raw_fd();
            command.env(VARIABLE, descriptor.to_string());
            let inherit = move || {
                // SAFETY: the call changes a flag of a descriptor and touches no memory; it may be made after a fork.
                match unsafe { libc::fcntl(descriptor, libc::F_SETFD, 0) } {
                    -1 => Err(io::Error::last_os_error()),
                    _ => Ok(()),
                }
            };
            // SAFETY: between fork and exec the closure makes one system call and allocates nothing.
            unsafe { command.pre_exec(inherit) };
        }
    }
}

/// Where the file is: at a path, until the process that reads it has done so.
#[cfg(not(unix))]
mod place {
    use std::ffi::OsStr;
    use std::fs::{self, File, OpenOptions};
    use std::io;
    use std::path::PathBuf;
    use std::process::Command;

    use memmap2::MmapRaw;

    use super::{Numbers, VARIABLE, create_file};

    #[derive(Debug)]
    pub(super) struct Place(PathBuf);

    pub(super) fn create() -> io::Result<(File, Place)> {
        create_file().map(|(file, path)| (file, Place(path)))
    }

    pub(super) fn open(name: &OsStr) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).open(name)
    }

    /// Shares the memory of the numbers with a file of their size, for as long as this process lives.
    pub(super) fn map(file: &File) -> io::Result<&'static Numbers> {
        let shared = Box::leak(Box::new(MmapRaw::map_raw(file)?));
        // SAFETY: the memory is never unmapped, aligned to a page, as long as the numbers, of which every pattern of bits is one,
        // and accessed by this process through atomics only; the process that started it reads the file.
        Ok(unsafe { &*shared.as_mut_ptr().cast::<Numbers>() })
    }

    impl Place {
        pub(super) fn give_to(&self, command: &mut Command, _file: &File) {
            command.env(VARIABLE, &self.0);
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            // A file that stays is a few bytes in a folder for such files.
            let _ = fs::remove_file(&self.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_empty_means_that_nothing_has_begun() {
        let mut pulse = Pulse::create().expect("the folder for such files is writable");
        assert_eq!(pulse.begun(), 0);
        pulse.file.set_len(3).expect("the file is ours");
        assert_eq!(pulse.begun(), 0);
    }
}
