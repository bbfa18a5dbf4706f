//! What several tests need.

use std::path::Path;

use cancelproof::job::{Answer, Job, Task};
use cancelproof::judge::Engine;
use cancelproof::verdict::Judgement;
use cancelproof::workers;

/// The program under test.
pub(crate) fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_cancelproof"))
}

/// The job of judging a named request in a named scenario.
pub(crate) fn job(request: &str, scenario: &str, engine: Engine) -> Job {
    let task = Task::Scenario { request: request.to_owned(), scenario: scenario.to_owned() };
    Job { task, engine, seed: 1, samples: 500, milliseconds: None, executions: None }
}

/// Does all jobs in worker processes.
pub(crate) fn judge_all(jobs: &[Job]) -> Vec<Judgement> {
    let mut answers = vec![None; jobs.len()];
    workers::run(program(), workers::count_by_default(), jobs, |number, answer| {
        answers[number] = Some(answer);
    })
    .expect("the program can be started again as a worker");
    answers
        .into_iter()
        .zip(jobs)
        .map(|(answer, job)| match answer {
            Some(Answer::Judged(judgement)) => judgement,
            other => panic!("{}: expected a judgement, got {other:?}", job.title()),
        })
        .collect()
}
