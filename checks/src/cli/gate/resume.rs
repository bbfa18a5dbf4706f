//! Proofs by loom and shuttle that take more than one night: a thorough gate keeps how far each has come, and the next goes on.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::expectation::Expectation;
use super::plan::Plan;
use crate::cli::UsageError;
use crate::cli::arguments::Gate;
use crate::job::{self, Checkpoint, Job, Stage, Task};
use crate::judge::Engine;
use crate::plain;

/// The folder of what is under way, beside the ledger.
const FOLDER: &str = "witness";

/// The executions after which it is written down how far a judgement has come: about a second's.
const LOOM_EVERY: u64 = 5_000;
const SHUTTLE_EVERY: u64 = 50_000;

/// What a thorough gate keeps of judgements that are under way.
pub(super) struct Resumption {
    folder: PathBuf,
    program: String,
}

impl Resumption {
    /// Prepares the folder, for a gate that is thorough. Unless it resumes, what was kept there is gone afterwards.
    pub(super) fn prepare(arguments: &Gate, ledger: &Path) -> Result<Option<Self>, UsageError> {
        if !arguments.thorough {
            return Ok(None);
        }
        let folder = ledger.with_file_name(FOLDER);
        let unwritable = |error| UsageError::Unwritable { path: folder.clone(), option: "--ledger", error };
        if !arguments.resume && folder.exists() {
            fs::remove_dir_all(&folder).map_err(unwritable)?;
        }
        fs::create_dir_all(&folder).map_err(unwritable)?;
        job::tidy(&folder);
        let program = job::program().map_err(UsageError::NoWorker)?;
        Ok(Some(Resumption { folder, program }))
    }

    /// The job of this number as it is done. What a witness should prove goes on from where it was interrupted.
    pub(super) fn job(&self, plan: &Plan, number: usize) -> Job {
        let job = &plan.jobs[number];
        let is_long = plan.expectations[number] == Expectation::Passes && job.executions.is_none();
        match self.checkpoint(job).filter(|_| is_long) {
            None => job.clone(),
            Some(checkpoint) => {
                let task = Task::Resumable { task: Box::new(job.task.clone()), checkpoint };
                Job { task, ..job.clone() }
            }
        }
    }

    fn checkpoint(&self, job: &Job) -> Option<Checkpoint> {
        let every = match job.engine {
            Engine::Loom => LOOM_EVERY,
            Engine::Shuttle => SHUTTLE_EVERY,
            _ => return None,
        };
        let (name, scenario) = match &job.task {
            Task::Scenario { request, scenario } => (request, scenario),
            Task::System { system, scenario } => (system, scenario),
            _ => return None,
        };
        let name = plain::file_name(&format!("{name}.{scenario}.{}", job.engine)) + ".json";
        Some(Checkpoint { file: self.folder.join(name), program: self.program.clone(), every })
    }

    /// Says how many judgements go on, and how many have come to their end before, if there are any.
    pub(super) fn write(&self, out: &mut impl Write, plan: &Plan) -> io::Result<()> {
        let stages: Vec<Stage> =
            plan.jobs.iter().filter_map(|job| Some(self.checkpoint(job)?.stage(&job.title()))).collect();
        let of = |wanted: Stage| stages.iter().filter(|stage| **stage == wanted).count();
        match (of(Stage::Underway), of(Stage::Finished)) {
            (0, 0) => Ok(()),
            (underway, finished) => writeln!(
                out,
                "resumed: {underway} judgements of loom and shuttle go on where they were interrupted, and {finished} came to \
                 their end before, in this same program\n"
            ),
        }
    }
}
