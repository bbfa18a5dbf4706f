//! The file of kept failures: one a line, judged before anything else.
//!
//! ```text
//! # what was broken: request ; engine ; program
//! exactly-once: my-request ; shuttle ; mark | cancel | cancel ; callback completes
//! ```
//!
//! A line may end with ` ; replay ` and the token of one failing execution.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use cancelproof_machine::Rule;

use super::UsageError;
use crate::counterexample::Token;
use crate::judge::Engine;
use crate::registry;
use crate::scenario::Program;

/// A failure that was found before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) rule: Rule,
    pub(super) request: String,
    pub(super) engine: Engine,
    pub(super) program: Program,
    /// The token of the failing execution, if it was kept.
    pub(super) token: Option<Token>,
}

impl Kept {
    /// Whether both are the same failure, whichever of its executions was kept.
    fn is_same(&self, other: &Kept) -> bool {
        let key = |kept: &Kept| (kept.rule, kept.request.clone(), kept.engine, kept.program.clone());
        key(self) == key(other)
    }
}

/// What stands before the token in a line.
const REPLAY: &str = " ; replay ";

/// Reads the file. That there is none is no error: nothing was kept.
pub(super) fn read(path: &Path) -> Result<Vec<Kept>, UsageError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(UsageError::Unreadable { path: path.to_owned(), error }),
    };
    text.lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line.trim()))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(line, text)| {
            parse(text).map_err(|reason| UsageError::CorruptKept { path: path.to_owned(), line, reason })
        })
        .collect()
}

/// Adds a failure, unless it is there already.
pub(super) fn add(path: &Path, kept: &Kept) -> Result<(), UsageError> {
    let unwritable = |error| UsageError::Unwritable { path: path.to_owned(), option: "--kept", error };
    if read(path)?.iter().any(|known| known.is_same(kept)) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(unwritable)?;
    }
    let mut file = OpenOptions::new().create(true).append(true).open(path).map_err(unwritable)?;
    // A line that a kill has cut off in an editor or another program is left alone, and not gone on with.
    let before = if is_at_the_start_of_a_line(path).map_err(unwritable)? { "" } else { "\n" };
    // One write, so that lines of processes that write at the same time do not run into each other.
    let line = format!("{before}{}\n", line_of(kept));
    // It is told only when it is on the disk.
    file.write_all(line.as_bytes()).and_then(|()| file.sync_data()).map_err(unwritable)
}

fn is_at_the_start_of_a_line(path: &Path) -> io::Result<bool> {
    Ok(fs::read(path)?.last().is_none_or(|&last| last == b'\n'))
}

fn line_of(kept: &Kept) -> String {
    let token = kept.token.as_ref().map_or_else(String::new, |token| format!("{REPLAY}{token}"));
    format!("{}: {} ; {} ; {}{token}", kept.rule, kept.request, kept.engine, kept.program)
}

fn parse(line: &str) -> Result<Kept, String> {
    let (line, token) = match line.rsplit_once(REPLAY) {
        Some((line, token)) => (line, Some(token.parse::<Token>().map_err(|error| error.to_string())?)),
        None => (line, None),
    };
    let (rule, rest) = line.split_once(": ").ok_or("expected `rule: request ; engine ; program`")?;
    let mut parts = rest.splitn(3, " ; ");
    let (Some(request), Some(engine), Some(program)) = (parts.next(), parts.next(), parts.next()) else {
        return Err("expected `rule: request ; engine ; program`".to_owned());
    };
    let rule = Rule::named(rule).ok_or_else(|| format!("unknown rule {rule:?}"))?;
    registry::subject(request).ok_or_else(|| format!("unknown request {request:?}"))?;
    if let Some(other) = token.as_ref().map(|token| &token.request).filter(|&of| of != request) {
        return Err(format!("the token is of the request {other:?}, the failure of {request:?}"));
    }
    Ok(Kept {
        rule,
        request: request.to_owned(),
        engine: engine.parse().map_err(|error: crate::judge::UnknownEngine| error.to_string())?,
        program: program.parse().map_err(|error: crate::scenario::ProgramError| error.to_string())?,
        token,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counterexample::Decisions;

    fn token_of_word() -> Token {
        Token {
            request: "word".to_owned(),
            program: "mark | cancel".parse().unwrap(),
            scope: crate::scenario::Scope::Lawful,
            rule: Rule::ExactlyOnce,
            decisions: Decisions::Numbered { engine: Engine::Loom, execution: 7, seed: 1 },
        }
    }

    #[test]
    fn what_was_kept_is_read_again_and_kept_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/kept.txt");
        let kept = Kept {
            rule: Rule::ExactlyOnce,
            request: "word".to_owned(),
            engine: Engine::Shuttle,
            program: "mark | cancel".parse().unwrap(),
            token: Some(token_of_word()),
        };
        assert_eq!(read(&path).unwrap(), Vec::new());
        add(&path, &kept).unwrap();
        add(&path, &kept).unwrap();
        assert_eq!(read(&path).unwrap(), vec![kept]);
    }

    #[test]
    fn what_is_added_by_many_at_once_is_whole_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kept.txt");
        fs::write(&path, "# somebody's own, without an end").unwrap();
        let programs =
            ["mark | cancel", "mark finish | cancel", "cancel mark | cancel", "mark unmark | cancel"];
        std::thread::scope(|scope| {
            for program in programs {
                let path = &path;
                let kept = Kept {
                    rule: Rule::ExactlyOnce,
                    request: "word".to_owned(),
                    engine: Engine::Shuttle,
                    program: program.parse().unwrap(),
                    token: None,
                };
                scope.spawn(move || add(path, &kept).unwrap());
            }
        });
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("# somebody's own, without an end\n"), "{text}");
        assert_eq!(read(&path).unwrap().len(), programs.len(), "{text}");
    }

    #[test]
    fn a_corrupt_line_is_named_and_the_file_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kept.txt");
        for (line, reason) in [
            ("nonsense", "expected `rule: request ; engine ; program`"),
            ("exactly-twice: word ; shuttle ; mark", "unknown rule \"exactly-twice\""),
            ("exactly-once: nobody ; shuttle ; mark", "unknown request \"nobody\""),
            ("exactly-once: word ; steam ; mark", "unknown engine \"steam\""),
            ("exactly-once: word ; shuttle ; mork", "unknown step \"mork\""),
            (
                &format!("exactly-once: locked ; dpor ; mark | cancel ; replay {}", token_of_word()),
                "the token is of the request \"word\", the failure of \"locked\"",
            ),
        ] {
            let text = format!("# kept\n{line}\n");
            fs::write(&path, &text).unwrap();
            let error = read(&path).unwrap_err().to_string();
            assert!(error.contains("kept.txt:2: ") && error.contains(reason), "{error}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }
}
