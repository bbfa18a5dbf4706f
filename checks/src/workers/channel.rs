//! The worker's end of its private channel.
//!
//! Standard input, output and error of a worker belong to the request: it may print, read, close or redirect them. Jobs and
//! answers go through pipes of their own, whose numbers nobody is left to read or to guess: the environment forgets them at once,
//! and they are moved far from the numbers that programs use. Each job carries a fresh word, and only what begins with that
//! word is its answer, so nothing that a request writes anywhere is believed.

use std::collections::hash_map::RandomState;
use std::fs::File;
use std::hash::{BuildHasher, Hasher};
use std::io::{self, BufReader, Write};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::stuck;
use crate::job::{Answer, Job};

/// The variable by which a worker learns which descriptors its channel has: that of its jobs and that of its answers.
pub(super) const VARIABLE: &str = "CANCELPROOF_CHANNEL";

/// A job as it is sent, on one line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Envelope {
    /// What the answer has to begin with.
    pub(super) word: String,
    /// For how long nothing may happen.
    pub(super) patience: Patience,
    /// The job.
    pub(super) job: Job,
}

/// For how long nothing may happen in a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Patience {
    /// During an execution.
    pub(crate) stuck_after: Duration,
    /// Before the first execution of a job, when work gives no signs of life.
    pub(crate) unprepared_after: Duration,
}

impl Patience {
    /// As the environment of this process says, or as is usual.
    pub(crate) fn usual() -> Self {
        Patience { stuck_after: stuck::stuck_after(), unprepared_after: stuck::unprepared_after() }
    }
}

/// A word that nobody can guess: the hash of the number of the job, by a key that the system drew.
pub(super) fn fresh_word() -> String {
    let draw = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", draw(), draw())
}

/// What stands before the bytes of an answer.
pub(super) fn head(word: &str, length: usize) -> String {
    format!("{word} {length}\n")
}

/// Where the answers of this process go, if it has a private channel.
static ANSWERS: Mutex<Option<Answers>> = Mutex::new(None);

struct Answers {
    file: File,
    /// What the answer to the job at hand has to begin with.
    word: String,
}

fn answers<T>(use_them: impl FnOnce(&mut Option<Answers>) -> T) -> T {
    use_them(&mut ANSWERS.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Takes the channel over that this process was given: its jobs, or nothing if there is none.
///
/// # Errors
///
/// Returns why the descriptors cannot be taken over.
pub(super) fn open() -> io::Result<Option<BufReader<File>>> {
    let Some((jobs, file)) = descriptors::take()? else { return Ok(None) };
    answers(|answers| *answers = Some(Answers { file, word: String::new() }));
    Ok(Some(BufReader::new(jobs)))
}

/// A job begins whose answer has to begin with `word`.
pub(super) fn begin(word: &str) {
    answers(|answers| answers.iter_mut().for_each(|answers| word.clone_into(&mut answers.word)));
}

/// Gives the answer to the job at hand; `false` if there is no channel.
///
/// # Errors
///
/// Returns the error of writing it.
pub(super) fn give(answer: &Answer) -> io::Result<bool> {
    answers(|answers| {
        let Some(Answers { file, word }) = answers else { return Ok(false) };
        let text = serde_json::to_string(answer)?;
        let mut bytes = head(word, text.len()).into_bytes();
        bytes.extend(text.as_bytes());
        file.write_all(&bytes).map(|()| true)
    })
}

#[cfg(unix)]
mod descriptors {
    use std::env;
    use std::fs::File;
    use std::io;
    use std::os::fd::{FromRawFd, RawFd};

    use super::{VARIABLE, fresh_word};

    /// The files of the channel, jobs first, under numbers of their own.
    pub(super) fn take() -> io::Result<Option<(File, File)>> {
        let Ok(text) = env::var(VARIABLE) else { return Ok(None) };
        // SAFETY: this is done first of all in a process that has started no other thread.
        unsafe { env::remove_var(VARIABLE) };
        let numbers: Option<(RawFd, RawFd)> = text
            .split_once(':')
            .and_then(|(jobs, answers)| Some((jobs.parse().ok()?, answers.parse().ok()?)));
        let usual = |number: RawFd| number > libc::STDERR_FILENO;
        let Some((jobs, answers)) = numbers.filter(|&(jobs, answers)| usual(jobs) && usual(answers)) else {
            return Err(io::Error::other(format!("{VARIABLE} names no descriptors")));
        };
        Ok(Some((moved(jobs)?, moved(answers)?)))
    }

    /// The same file under a number that programs do not use and do not pass on.
    fn moved(number: RawFd) -> io::Result<File> {
        // SAFETY: the call makes another descriptor of an open file and touches no memory.
        let other = unsafe { libc::fcntl(number, libc::F_DUPFD_CLOEXEC, lowest()) };
        if other == -1 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: whoever started this process has opened the descriptor for nothing else; it is closed once.
        unsafe { libc::close(number) };
        // SAFETY: the descriptor was made just now, and is owned by nobody else.
        Ok(unsafe { File::from_raw_fd(other) })
    }

    /// From where on a number is looked for: somewhere in the second half of those that there are.
    fn lowest() -> RawFd {
        const USUAL: u64 = 256;
        const MOST: u64 = 4_096;
        let mut limit = libc::rlimit { rlim_cur: USUAL, rlim_max: USUAL };
        // SAFETY: the call writes to the structure that it is given, and to nothing else.
        let told = unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) };
        let count = if told == 0 { limit.rlim_cur.min(MOST) } else { USUAL };
        let drawn = u64::from_str_radix(&fresh_word()[..8], 16).unwrap_or_default();
        RawFd::try_from(count / 2 + drawn % (count / 4).max(1)).unwrap_or_default()
    }
}

#[cfg(not(unix))]
mod descriptors {
    use std::fs::File;
    use std::io;

    /// Elsewhere a worker is asked over its standard streams.
    pub(super) fn take() -> io::Result<Option<(File, File)>> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_words_are_the_same() {
        let words: std::collections::BTreeSet<String> = (0..1_000).map(|_| fresh_word()).collect();
        assert_eq!(words.len(), 1_000);
        assert!(words.iter().all(|word| word.len() == 32));
    }
}
