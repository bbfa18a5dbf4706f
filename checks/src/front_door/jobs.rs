//! What is asked of worker processes, and for how long.

use std::time::Instant;

use super::patience;
use crate::job::{Answer, Check, Checked, Job, Task};
use crate::judge::Engine;
use crate::model::Contract;
use crate::workers::{self, Done};

/// Has a process of its own do a job, for as long as there is patience left.
pub(super) fn ask(job: &Job) -> Result<Done, String> {
    let patience = patience::left()?;
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let explains = matches!(job.task, Task::Explain { .. } | Task::Check { check: Check::Presets, .. });
    let most = match job.task {
        _ if explains => Some(patience::for_explanations()),
        Task::Check { .. } => Some(patience::for_checks()),
        _ => None,
    };
    let begun = Instant::now();
    let done = workers::run_alone(&program, job, patience, most)
        .map_err(|error| format!("cannot start a worker process: {error}"))?;
    match most {
        // No judgement was waited for where a failure was explained in vain.
        Some(granted) if explains => patience::explained(granted, begun.elapsed()),
        _ => patience::lose(done.lost),
    }
    Ok(done)
}

/// The contract that the request of this target declares, by its name; asked in a worker process, since asking it is code of the
/// author's.
///
/// # Errors
///
/// Returns why it does not say.
pub(super) fn declared_contract(name: &str) -> Result<Contract, String> {
    let task = Task::Check { request: name.to_owned(), check: Check::Contract };
    let job = Job { task, engine: Engine::Dpor, seed: 0, samples: 1, milliseconds: None, executions: None };
    let Done { answer, printed, lost } = ask(&job)?;
    match answer {
        Answer::Checked(Checked::Declares(declared)) => {
            declared.contract().ok_or_else(|| ": it is of another version".to_owned())
        }
        Answer::Crashed(words) if !lost.is_zero() => {
            Err(format!(" has not come to an end: {words}{printed}"))
        }
        Answer::Crashed(words) => Err(format!(": {words}{printed}")),
        _ => Err(": the worker gave no answer".to_owned()),
    }
}
