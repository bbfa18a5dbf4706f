//! Judgements that outlive their process: where loom or shuttle was interrupted, the next run goes on.
//!
//! A file has what one judgement has come to. It is replaced as a whole, so whoever is killed leaves the last one or the one
//! before it behind. It names the program that has written it by the hash of its bytes, since to any other program the
//! position would be one in another tree; what is not of this program, or cannot be read, is as good as nothing.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Answer, Find, Task, tool_failure};
use crate::exploration::Bound;
use crate::fingerprint::hexadecimal;
use crate::judge::{Engine, Keeping, Settings, Underway, judge_resuming};
use crate::scenario::catalogue;
use crate::system;
use crate::verdict::{Judgement, Verdict};

/// Where a judgement is kept while it is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The file.
    pub file: PathBuf,
    /// The program that judges, from [`program`].
    pub program: String,
    /// The executions after which the file is written again.
    pub every: u64,
}

/// How far a judgement has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// There is nothing to go on from.
    Nothing,
    /// It was interrupted.
    Underway,
    /// It has come to its end.
    Finished,
}

/// What is in the file.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    program: String,
    title: String,
    state: State,
}

#[derive(Debug, Serialize, Deserialize)]
enum State {
    Underway(Underway),
    Finished(Judgement),
}

/// The hash of the program of this process.
///
/// # Errors
///
/// Returns the error of reading it.
pub fn program() -> io::Result<String> {
    let bytes = fs::read(std::env::current_exe()?)?;
    Ok(hexadecimal(&Sha256::digest(bytes)))
}

impl Checkpoint {
    /// How far the judgement of this title has come.
    #[must_use]
    pub fn stage(&self, title: &str) -> Stage {
        match self.read(title) {
            None => Stage::Nothing,
            Some(State::Underway(_)) => Stage::Underway,
            Some(State::Finished(_)) => Stage::Finished,
        }
    }

    fn read(&self, title: &str) -> Option<State> {
        let kept: Kept = serde_json::from_slice(&fs::read(&self.file).ok()?).ok()?;
        (kept.program == self.program && kept.title == title).then_some(kept.state)
    }

    /// Replaces the file. Where that fails the last one stays, and what came after it is done again.
    fn keep(&self, title: &str, state: State) {
        let kept = Kept { program: self.program.clone(), title: title.to_owned(), state };
        let Ok(text) = serde_json::to_vec(&kept) else { return };
        let new = self.beside("new");
        if fs::write(&new, text).and_then(|()| fs::rename(&new, &self.file)).is_err() {
            let _ = fs::remove_file(&new);
        }
    }

    /// A file beside it that no other process uses: one that was killed may live for a moment longer than whoever started it.
    fn beside(&self, extension: &str) -> PathBuf {
        self.file.with_extension(format!("{}.{extension}", std::process::id()))
    }
}

/// Removes what killed processes have left in a folder of checkpoints.
pub fn tidy(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.extension().is_some_and(|extension| extension == "new" || extension == "loom") {
            // Whoever still uses it makes another.
            let _ = fs::remove_file(path);
        }
    }
}

/// Does a task of a witness from where it was interrupted, and keeps how far it has come.
pub(super) fn run(
    find: Find,
    task: &Task,
    checkpoint: &Checkpoint,
    engine: Engine,
    settings: Settings,
    title: &str,
) -> Answer {
    let from = match checkpoint.read(title) {
        Some(State::Finished(judgement)) => return Answer::Judged(judgement),
        Some(State::Underway(underway)) => Some(underway),
        None => None,
    };
    let keeping = {
        let (checkpoint, title) = (checkpoint.clone(), title.to_owned());
        Keeping {
            scratch: checkpoint.beside("loom"),
            every: checkpoint.every,
            keep: Arc::new(move |underway| checkpoint.keep(&title, State::Underway(underway.clone()))),
        }
    };
    let answer = judge(find, task, engine, settings, from, &keeping);
    if let Answer::Judged(judgement) = &answer {
        conclude(checkpoint, title, judgement);
    }
    answer
}

fn judge(
    find: Find,
    task: &Task,
    engine: Engine,
    settings: Settings,
    from: Option<Underway>,
    keeping: &Keeping,
) -> Answer {
    let judged = match task {
        Task::Scenario { request, scenario } => {
            let (Some(subject), Some(scenario)) = (find(request), catalogue::named(scenario)) else {
                return tool_failure(format!("unknown request {request:?} or scenario {scenario:?}"));
            };
            judge_resuming(subject, &scenario, engine, settings, from, keeping)
                .map_err(|reason| reason.to_string())
        }
        Task::System { system, scenario } => {
            let (Some(system), Some(scenario)) =
                (system::registry::named(system), system::catalogue::named(scenario))
            else {
                return tool_failure(format!("unknown system {system:?} or scenario {scenario:?}"));
            };
            system::judge_resuming(&system, &scenario, engine, settings, from, keeping)
                .map(|judged| judged.judgement)
                .map_err(|reason| reason.to_string())
        }
        _ => return tool_failure("only judgements of scenarios can be resumed".to_owned()),
    };
    match judged {
        Ok(judgement) => Answer::Judged(judgement),
        Err(reason) => Answer::NotApplicable(reason),
    }
}

/// Keeps a judgement that took long enough to have been kept on the way. What was refuted or went wrong is not worth keeping,
/// and what ran out of time goes on the next time.
fn conclude(checkpoint: &Checkpoint, title: &str, judgement: &Judgement) {
    if !checkpoint.file.exists() {
        return;
    }
    match &judgement.verdict {
        Verdict::Bounded(Bound::Milliseconds(_) | Bound::Executions(_)) => {}
        Verdict::Proved | Verdict::Bounded(_) => checkpoint.keep(title, State::Finished(judgement.clone())),
        _ => {
            // If it cannot be removed the next run begins in the middle, and comes to the same failure.
            let _ = fs::remove_file(&checkpoint.file);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Job;
    use crate::registry;

    #[test]
    fn what_another_program_has_kept_is_nothing_and_a_damaged_file_is_nothing() {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let mine = Checkpoint { file: folder.path().join("one.json"), program: "mine".to_owned(), every: 10 };
        assert_eq!(mine.stage("a"), Stage::Nothing);
        mine.keep("a", State::Underway(Underway::default()));
        let other = Checkpoint { program: "other".to_owned(), ..mine.clone() };
        assert_eq!(
            [mine.stage("a"), mine.stage("b"), other.stage("a")],
            [Stage::Underway, Stage::Nothing, Stage::Nothing]
        );
        let text = fs::read_to_string(&mine.file).expect("it was written");
        fs::write(&mine.file, &text[..text.len() / 2]).expect("it is writable");
        assert_eq!(mine.stage("a"), Stage::Nothing);
    }

    #[test]
    fn a_job_in_parts_gives_the_answer_of_the_job_and_a_finished_one_is_not_done_again() {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let task = || Task::Scenario {
            request: "locked".to_owned(),
            scenario: "mark-finish-two-cancels".to_owned(),
        };
        for engine in [Engine::Loom, Engine::Shuttle] {
            let job =
                |task, executions| Job { task, engine, seed: 1, samples: 1, milliseconds: None, executions };
            let whole = job(task(), None).run(registry::subject);
            let checkpoint = Checkpoint {
                file: folder.path().join(format!("{engine}.json")),
                program: "mine".to_owned(),
                every: 60,
            };
            let resumable = Task::Resumable { task: Box::new(task()), checkpoint: checkpoint.clone() };
            let part = job(resumable, Some(1));
            let mut parts = 0;
            let parted = loop {
                let answer = part.run(registry::subject);
                parts += 1;
                if checkpoint.stage(&part.title()) == Stage::Finished {
                    break answer;
                }
            };
            assert!(parts > 2, "{parts} parts by {engine}");
            assert_eq!(parted, whole, "by {engine}");
            assert_eq!(part.run(registry::subject), whole, "by {engine}");
        }
        tidy(folder.path());
        assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 2);
    }
}
