//! Units of work that cross to a worker process and come back as a judgement.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::fingerprint::{self, Fingerprint};
use crate::judge::growth::{self, Growth};
use crate::judge::{self, Engine, NotApplicable, Settings};
use crate::scenario::{Program, Reaches, Scenario, Scope, catalogue};
use crate::subject::Subject;
use crate::verdict::{Judgement, Verdict};

/// Finds a request by its name.
pub type Find = fn(&str) -> Option<&'static dyn Subject>;

/// What a worker is asked to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// What is judged.
    pub task: Task,
    /// By which engine.
    pub engine: Engine,
    /// From which seed.
    pub seed: u64,
    /// With how many samples, where the engine samples.
    pub samples: u64,
    /// For how long at most, in milliseconds.
    pub milliseconds: Option<u64>,
}

/// What is judged in a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Task {
    /// The engine itself: it must find the planted faults.
    Canary,
    /// A request in a scenario of the catalogue.
    Scenario {
        /// The request's name.
        request: String,
        /// The scenario's name.
        scenario: String,
    },
    /// A request in a program that is in no catalogue, such as a kept failure.
    Program {
        /// The request's name.
        request: String,
        /// The program's text.
        program: String,
    },
    /// A request among ever more threads, beyond the catalogue; the engine of the job is not asked.
    Growth {
        /// The request's name.
        request: String,
    },
    /// What a request does and is made of; the engine of the job is not asked.
    Fingerprint {
        /// The request's name.
        request: String,
    },
}

/// What a worker answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// The request was judged, or the canary was (then there are no executions to count).
    Judged(Judgement),
    /// Request, scenario and engine do not fit together.
    NotApplicable(String),
    /// How far the request was shown correct beyond the catalogue.
    Grown(Growth),
    /// What the request does and is made of.
    Fingerprinted(Fingerprint),
    /// The worker process ended before it answered.
    Crashed(String),
    /// The budget of the run was used up before the job's turn came.
    NotStarted,
}

impl Answer {
    /// The executions that it rests on.
    #[must_use]
    pub fn executions(&self) -> u64 {
        match self {
            Answer::Judged(judgement) => judgement.executions,
            Answer::Grown(growth) => growth.executions,
            Answer::NotApplicable(_) | Answer::Fingerprinted(_) | Answer::Crashed(_) | Answer::NotStarted => {
                0
            }
        }
    }
}

impl Job {
    /// Does the job in this process; `find` knows the requests by name.
    #[must_use]
    pub fn run(&self, find: Find) -> Answer {
        let settings = Settings {
            seed: self.seed,
            samples: self.samples,
            executions: None,
            time: self.milliseconds.map(Duration::from_millis),
            preemptions: None,
        };
        let judged = match &self.task {
            Task::Canary => return canary(self.engine, settings),
            Task::Fingerprint { request } => return fingerprinted(find, request),
            Task::Scenario { request, scenario } => match catalogue::named(scenario) {
                None => return tool_failure(format!("unknown scenario {scenario:?}")),
                Some(scenario) => judge_named(find, request, &scenario, self.engine, settings),
            },
            Task::Program { request, program } => match program.parse::<Program>() {
                Err(error) => return tool_failure(error.to_string()),
                Ok(program) => judge_named(find, request, &ad_hoc(program), self.engine, settings),
            },
            Task::Growth { request } => return grown(find, request, settings),
        };
        match judged {
            None => tool_failure("unknown request".to_owned()),
            Some(Ok(judgement)) => Answer::Judged(judgement),
            Some(Err(reason)) => Answer::NotApplicable(reason.to_string()),
        }
    }

    /// What the job is about, for progress and messages.
    #[must_use]
    pub fn title(&self) -> String {
        match &self.task {
            Task::Canary => format!("canary / {}", self.engine),
            Task::Scenario { request, scenario } => format!("{request} / {scenario} / {}", self.engine),
            Task::Program { request, program } => format!("{request} / {program} / {}", self.engine),
            Task::Growth { request } => format!("{request} / more threads"),
            Task::Fingerprint { request } => format!("{request} / fingerprint"),
        }
    }
}

/// The scenario that a program without a name stands for. It is judged by what the program contains: whether its
/// driver keeps the rules, and whether a callback can be expected.
#[must_use]
pub fn ad_hoc(program: Program) -> Scenario {
    let is_raw = program.steps().any(super::scenario::Step::is_raw);
    let reaches = if program.cancels() > 0 { Reaches::Cancel } else { Reaches::Answer };
    Scenario {
        name: "program".to_owned(),
        about: "a program that is in no catalogue".to_owned(),
        source: String::new(),
        scope: if is_raw { Scope::Misuse } else { Scope::Lawful },
        program,
        reaches,
        only: None,
    }
}

fn judge_named(
    find: Find,
    request: &str,
    scenario: &Scenario,
    engine: Engine,
    settings: Settings,
) -> Option<Result<Judgement, NotApplicable>> {
    Some(judge::judge(find(request)?, scenario, engine, settings))
}

fn grown(find: Find, request: &str, settings: Settings) -> Answer {
    match find(request) {
        None => tool_failure("unknown request".to_owned()),
        Some(subject) => Answer::Grown(growth::grow(subject, settings)),
    }
}

fn fingerprinted(find: Find, request: &str) -> Answer {
    match find(request) {
        None => tool_failure("unknown request".to_owned()),
        Some(subject) => Answer::Fingerprinted(fingerprint::of(subject, &fingerprint::roots())),
    }
}

fn canary(engine: Engine, settings: Settings) -> Answer {
    match judge::check_canary(engine, settings) {
        Ok(()) => Answer::Judged(Judgement::without_executions(Verdict::Proved)),
        Err(blind) => tool_failure(blind.to_string()),
    }
}

fn tool_failure(reason: String) -> Answer {
    Answer::Judged(Judgement::without_executions(Verdict::ToolFailure { reason }))
}
