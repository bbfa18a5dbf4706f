//! The log of a hunt: one JSON line for each thing that happened, written through to the disk before it is told.
//!
//! A hunt may be killed at any instant. A line that was cut off then had not been told, and is cut off when the hunt is
//! resumed; every other line is whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::trace::Trace;

/// The version of the layout. A reader refuses a later one.
const LAYOUT: u32 = 1;

/// Why a log cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The file cannot be read or written.
    #[error("cannot write {}: {error}; choose another place with --folder", .path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// A line is none.
    #[error("{}:{line}: {reason}; mend or move the file, it was not changed", .path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Entry {
    /// A hunt begins.
    Begun {
        /// The version of the layout.
        layout: u32,
        /// What every draw follows from.
        seed: u64,
        /// The requests, in their turn.
        requests: Vec<String>,
    },
    /// All jobs before this one are done.
    Done {
        /// The number of the next job.
        next: u64,
        /// Executions of this hunt so far.
        executions: u64,
    },
    /// A failure was found.
    Found(Box<Found>),
    /// A request took its process down, or never came back.
    Crashed {
        /// The request.
        request: String,
        /// The engine.
        engine: String,
        /// What is known of it.
        words: String,
    },
}

/// A failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The request.
    pub request: String,
    /// The broken rule.
    pub rule: String,
    /// The program in which it was found.
    pub program: String,
    /// The engine that found it.
    pub engine: String,
    /// Whether the execution that is shown has the very answers that were seen.
    pub is_exact: bool,
    /// By which it is run again.
    pub token: String,
    /// The execution.
    pub trace: Trace,
}

/// What a log says of a hunt.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// What every draw follows from, and the requests; `None` if no hunt has begun.
    pub begun: Option<(u64, Vec<String>)>,
    /// The number of the next job.
    pub next: u64,
    /// Executions so far.
    pub executions: u64,
    /// What was found.
    pub found: Vec<Found>,
    /// The crashes: request, engine, and what is known.
    pub crashed: Vec<(String, String, String)>,
}

impl State {
    fn add(&mut self, entry: Entry) {
        match entry {
            Entry::Begun { seed, requests, .. } => self.begun = Some((seed, requests)),
            Entry::Done { next, executions } => {
                (self.next, self.executions) = (next, executions);
            }
            Entry::Found(found) => self.found.push(*found),
            Entry::Crashed { request, engine, words } => self.crashed.push((request, engine, words)),
        }
    }
}

/// The log, open at its end.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    file: File,
}

impl Log {
    /// Opens the log at `path` and says what it has. Without `resume` what is there is put aside and a new one begun.
    ///
    /// # Errors
    ///
    /// Refuses a log that is damaged other than at its end, or was written by a later version.
    pub fn open(path: &Path, resume: bool) -> Result<(Self, State), LogError> {
        let unwritable = |error| LogError::Unwritable { path: path.to_owned(), error };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(unwritable)?;
        }
        if !resume {
            put_aside(path).map_err(unwritable)?;
        }
        let text = match fs::read(path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(unwritable(error)),
        };
        // What stands after the last line's end was being written when the hunt was killed.
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let state = parse(path, &text[..whole])?;
        let file = OpenOptions::new().create(true).append(true).open(path).map_err(unwritable)?;
        file.set_len(whole as u64).map_err(unwritable)?;
        Ok((Log { path: path.to_owned(), file }, state))
    }

    /// Begins a hunt.
    ///
    /// # Errors
    ///
    /// As for [`Log::write`].
    pub fn begin(&mut self, seed: u64, requests: Vec<String>) -> Result<(), LogError> {
        self.write(&Entry::Begun { layout: LAYOUT, seed, requests })
    }

    /// Writes an entry through to the disk. Once this returns it is there, whatever happens to this process.
    ///
    /// # Errors
    ///
    /// Returns why it cannot be written.
    pub fn write(&mut self, entry: &Entry) -> Result<(), LogError> {
        // Plain data with text keys always has a JSON form.
        let line = serde_json::to_string(entry).unwrap_or_default() + "\n";
        let written = self.file.write_all(line.as_bytes()).and_then(|()| self.file.sync_data());
        written.map_err(|error| LogError::Unwritable { path: self.path.clone(), error })
    }
}

fn parse(path: &Path, text: &str) -> Result<State, LogError> {
    let mut state = State::default();
    for (index, line) in text.lines().enumerate() {
        let corrupt = |reason| LogError::Corrupt { path: path.to_owned(), line: index + 1, reason };
        let entry: Entry = serde_json::from_str(line).map_err(|error| corrupt(error.to_string()))?;
        if let Entry::Begun { layout, .. } = entry
            && layout > LAYOUT
        {
            let reason = format!("it was written by a newer version (layout {layout}, known up to {LAYOUT})");
            return Err(corrupt(reason));
        }
        state.add(entry);
    }
    Ok(state)
}

/// Renames what is at `path` to the first name that is free.
fn put_aside(path: &Path) -> io::Result<()> {
    if !path.exists() {
        return Ok(());
    }
    let mut names = (1_u32..).map(|number| path.with_extension(format!("{number}.jsonl")));
    let free = names.find(|name| !name.exists()).ok_or_else(|| io::Error::other("no name is free"))?;
    fs::rename(path, free)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_was_cut_off_is_dropped_and_any_other_damage_is_refused_and_kept() {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let path = folder.path().join("hunt.jsonl");
        let (mut log, state) = Log::open(&path, true).expect("the folder is writable");
        assert!(state.begun.is_none());
        log.begin(3, vec!["word".to_owned()]).expect("the folder is writable");
        log.write(&Entry::Done { next: 17, executions: 5 }).expect("the folder is writable");
        let sound = fs::read_to_string(&path).expect("it was written");
        fs::write(&path, format!("{sound}{{\"Found\":{{\"requ")).expect("the folder is writable");
        let (mut log, state) = Log::open(&path, true).expect("the end of a killed hunt is no damage");
        assert_eq!((state.begun, state.next), (Some((3, vec!["word".to_owned()])), 17));
        log.write(&Entry::Done { next: 18, executions: 6 }).expect("the folder is writable");
        assert_eq!(Log::open(&path, true).expect("it is whole").1.next, 18);

        for (text, reason) in [
            (sound.replace("\"next\"", "\"nixt\""), ":2: "),
            (sound.replace("\"layout\":1", "\"layout\":9"), ":1: it was written by a newer version"),
        ] {
            fs::write(&path, &text).expect("the folder is writable");
            let error = Log::open(&path, true).expect_err("it is damaged").to_string();
            assert!(error.contains(reason) && error.contains("not changed"), "{error}");
            assert_eq!(fs::read_to_string(&path).expect("it is still there"), text);
        }
        // A new hunt puts the old one aside and does not look into it.
        assert!(Log::open(&path, false).expect("the folder is writable").1.begun.is_none());
        assert!(folder.path().join("hunt.1.jsonl").is_file());
    }
}
