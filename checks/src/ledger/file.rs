//! The ledger as a file: refused whole if anything about it is not as it should be, and replaced whole or not at all.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{LAYOUT, Ledger};

/// Why a ledger cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file cannot be read.
    #[error("cannot read {}: {error}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// There is no such file.
    #[error("there is no ledger at {}; run `cancelproof gate` first, which writes it, or name one", .path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// It was written by a later version.
    #[error(
        "{} was written by a newer version of this program (layout {found}, known up to {LAYOUT}); it was not changed",
        .path.display()
    )]
    Future {
        /// The file.
        path: PathBuf,
        /// The layout that it says it has.
        found: u32,
    },
    /// It is no ledger.
    #[error("{}:{}: it is no ledger: {error}; mend or remove it, it was not changed", .path.display(), .error.line())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: serde_json::Error,
    },
    /// It cannot be written.
    #[error("cannot write {}: {error}; choose another place with --ledger, or in a test target with CANCELPROOF_LEDGER", .path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
}

/// Reads a ledger; `None` if there is no such file.
///
/// # Errors
///
/// Refuses a file that cannot be read, is no ledger, or was written by a later version.
pub fn read(path: &Path) -> Result<Option<Ledger>, FileError> {
    #[derive(Deserialize)]
    struct Layout {
        layout: u32,
    }
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(FileError::Unreadable { path: path.to_owned(), error }),
    };
    let corrupt = |error| FileError::Corrupt { path: path.to_owned(), error };
    let Layout { layout: found } = serde_json::from_str(&text).map_err(corrupt)?;
    if found > LAYOUT {
        return Err(FileError::Future { path: path.to_owned(), found });
    }
    serde_json::from_str(&text).map(Some).map_err(corrupt)
}

/// Writes a ledger beside its place and then puts it there, so that whatever happens there is a whole one.
///
/// # Errors
///
/// Returns why it cannot be written; what was there before is then still there.
pub fn write(path: &Path, ledger: &Ledger) -> Result<(), FileError> {
    let unwritable = |error| FileError::Unwritable { path: path.to_owned(), error };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    fs::create_dir_all(folder.unwrap_or(Path::new("."))).map_err(unwritable)?;
    clear_left_behind(path);
    let beside = beside(path, std::process::id());
    let written = write_new(&beside, ledger).and_then(|()| fs::rename(&beside, path));
    written.map_err(|error| {
        // What is left of a file that could not be written is of no use.
        let _ = fs::remove_file(&beside);
        unwritable(error)
    })
}

/// Where the process of that number writes what will be at `path`.
fn beside(path: &Path, process: u32) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{process}.new"));
    PathBuf::from(beside)
}

/// Removes what processes that were killed while they wrote have left beside `path`.
fn clear_left_behind(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let names = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let begins = path.file_name().unwrap_or_default().to_string_lossy().into_owned() + ".";
    for name in names {
        let process =
            name.to_str().and_then(|name| name.strip_prefix(&begins)?.strip_suffix(".new")?.parse().ok());
        if let Some(process) = process.filter(|&process| !is_alive(process)) {
            // Somebody else may do the same, and has done it then.
            let _ = fs::remove_file(beside(path, process));
        }
    }
}

/// Whether there is a process of that number; where that is not known there may be.
fn is_alive(process: u32) -> bool {
    #[cfg(unix)]
    {
        let Ok(process) = libc::pid_t::try_from(process) else { return false };
        // SAFETY: signal 0 is none: the call only finds out whether there is somebody who could get one.
        let found = unsafe { libc::kill(process, 0) };
        found == 0 || io::Error::last_os_error().raw_os_error() != Some(libc::ESRCH)
    }
    #[cfg(not(unix))]
    {
        let _ = process;
        true
    }
}

fn write_new(path: &Path, ledger: &Ledger) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(ledger.to_json().as_bytes())?;
    file.sync_all()
}

impl Ledger {
    /// The text of the file. A record takes one line, so that two ledgers can be compared line by line.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Plain data with text keys always has a JSON form.
        let value = serde_json::to_value(self).unwrap_or_default();
        // Writing to a text never fails.
        let mut text = String::from("{");
        let mut is_first = true;
        for (key, value) in value.as_object().into_iter().flatten() {
            text.push_str(if is_first { "\n" } else { ",\n" });
            is_first = false;
            match value.as_array().filter(|list| !list.is_empty()) {
                Some(list) => {
                    let lines: Vec<String> = list.iter().map(ToString::to_string).collect();
                    let _ = write!(text, "\"{key}\": [\n{}\n]", lines.join(",\n"));
                }
                None => {
                    let _ = write!(text, "\"{key}\": {value}");
                }
            }
        }
        text.push_str("\n}\n");
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Selection;

    #[test]
    fn what_was_written_is_read_and_what_is_damaged_or_newer_is_refused_and_kept() {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let path = folder.path().join("deep/ledger.json");
        assert!(read(&path).expect("a missing file is no error").is_none());
        let ledger = Ledger::new(Selection::default());
        write(&path, &ledger).expect("the folder is writable");
        assert_eq!(read(&path).expect("it was just written"), Some(ledger.clone()));
        for (text, reason) in [
            (ledger.to_json().replace("\"layout\": 2", "\"layout\": 99"), "newer version"),
            (ledger.to_json()[..20].to_owned(), "it is no ledger"),
            (ledger.to_json().replace("findings", "finding"), "unknown field `finding`"),
        ] {
            fs::write(&path, &text).expect("the folder is writable");
            let error = read(&path).expect_err("it is damaged").to_string();
            assert!(error.contains(reason) && error.contains("not changed"), "{error}");
            assert_eq!(fs::read_to_string(&path).expect("it is still there"), text);
        }
    }

    /// The records of engines say since layout 2 what the engine does not look at.
    #[test]
    fn a_ledger_of_the_first_layout_is_still_read() {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let path = folder.path().join("ledger.json");
        let ledger = Ledger::new(Selection::default());
        fs::write(&path, ledger.to_json().replace("\"layout\": 2", "\"layout\": 1")).expect("it is writable");
        let engine = r#"{"name":"dpor","version":"1","memory_model":"SC","is_exhaustive":true,"planted":[],"canary":"seen"}"#;
        assert_eq!(read(&path).expect("it is read").map(|read| read.layout), Some(1));
        let engine: crate::ledger::EngineRecord =
            serde_json::from_str(engine).expect("an old record is read");
        assert!(engine.not_looked_at.is_empty());
    }

    #[test]
    #[cfg(unix)]
    fn what_a_killed_process_has_left_is_cleared_and_nothing_else() {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let path = folder.path().join("ledger.json");
        let mut ended = std::process::Command::new("true").spawn().expect("there is such a program");
        let of_ended = beside(&path, ended.id());
        ended.wait().expect("it ends");
        let of_living = beside(&path, std::process::id());
        let of_others = folder.path().join("other.json.1.new");
        for left in [&of_ended, &of_living, &of_others] {
            fs::write(left, "{").expect("the folder is writable");
        }
        clear_left_behind(&path);
        assert_eq!((of_ended.exists(), of_living.exists(), of_others.exists()), (false, true, true));
        write(&path, &Ledger::new(Selection::default())).expect("the folder is writable");
        assert!(path.exists() && !of_living.exists());
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named_with_the_option_that_changes_it() {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let file = folder.path().join("file");
        fs::write(&file, "").expect("the folder is writable");
        let error = write(&file.join("ledger.json"), &Ledger::new(Selection::default()));
        assert!(
            error
                .expect_err("a file is no folder")
                .to_string()
                .contains("choose another place with --ledger")
        );
    }
}
