//! Units of work that cross to a worker process and come back as a judgement.

mod check;
mod kept;
mod small;
mod underway;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::counterexample;
use crate::exploration::Failure;
use crate::fingerprint::{self, Fingerprint};
use crate::history::Outcome;
use crate::judge::growth::{self, Growth};
use crate::judge::{self, Engine, Settings};
use crate::registry;
use crate::rules::Violation;
use crate::scenario::{Program, Scenario, catalogue};
use crate::staircase;
use crate::subject::Subject;
use crate::system;
use crate::trace::Trace;
use crate::verdict::{Judgement, Verdict};

pub use crate::scenario::ad_hoc;
pub use check::{Check, Checked, Declaration};
pub use kept::Replay;
pub use underway::{Checkpoint, Stage, program, tidy};

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
    /// For how many executions at most, where the engine is exhaustive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub executions: Option<u64>,
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
    /// A kept failure with the execution in which it was seen: that one is run again, and the program is judged by the
    /// engine of the job only if nothing fails from there on.
    Kept {
        /// The request's name.
        request: String,
        /// The program's text.
        program: String,
        /// The token of the execution.
        token: String,
    },
    /// A request among ever more threads, beyond the catalogue; the engine of the job is not asked.
    Growth {
        /// The request's name.
        request: String,
    },
    /// A request held to the protocol, step by step, in every scenario.
    Staircase {
        /// The request's name.
        request: String,
    },
    /// A request in all small programs of its contract, or a system in all of systems.
    SmallPrograms {
        /// The name of the request or system.
        request: String,
    },
    /// A system in a scenario of the catalogue of systems.
    System {
        /// The system's name.
        system: String,
        /// The scenario's name.
        scenario: String,
    },
    /// A judgement by a witness, from where an earlier process was interrupted.
    Resumable {
        /// The request or system in a scenario of its catalogue.
        task: Box<Task>,
        /// Where it is kept how far the judgement has come.
        checkpoint: Checkpoint,
    },
    /// A failure of a request in a program, found by the engine of the job: made small.
    Explain {
        /// The request's name.
        request: String,
        /// The scenario's name, if the program is that of one.
        scenario: Option<String>,
        /// The program's text.
        program: String,
        /// The broken rule.
        violation: Violation,
        /// The execution.
        failure: Failure,
        /// What was seen of it, if nobody can run it again.
        outcome: Option<Outcome>,
    },
    /// What a request does and is made of; the engine of the job is not asked.
    Fingerprint {
        /// The request's name.
        request: String,
    },
    /// A question about a request as such; the engine of the job is not asked.
    Check {
        /// The request's name.
        request: String,
        /// The question.
        check: Check,
    },
}

/// What a worker answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// The request was judged, or the canary was (then there are no executions to count).
    Judged(Judgement),
    /// A kept failure was run again.
    Replayed(Replay),
    /// Request, scenario and engine do not fit together.
    NotApplicable(String),
    /// How far the request was shown correct beyond the catalogue.
    Grown(Growth),
    /// The smallest counterexample of a failure, and whether it has the very answers that were seen.
    Explained {
        /// By which it is run again.
        token: String,
        /// The execution.
        trace: Box<Trace>,
        /// Whether the answers are those that were seen.
        is_exact: bool,
    },
    /// What the request does and is made of.
    Fingerprinted(Fingerprint),
    /// What came of a question about the request as such.
    Checked(Checked),
    /// The worker process ended before it answered.
    Crashed(String),
    /// The budget of the run was used up before the job's turn came.
    NotStarted,
}

impl Answer {
    /// The judgement on the request, if it was judged.
    #[must_use]
    pub fn judgement(&self) -> Option<&Judgement> {
        match self {
            Answer::Judged(judgement) | Answer::Replayed(Replay { judgement, .. }) => Some(judgement),
            _ => None,
        }
    }

    /// The executions that it rests on.
    #[must_use]
    pub fn executions(&self) -> u64 {
        match self {
            Answer::Judged(judgement) | Answer::Replayed(Replay { judgement, .. }) => judgement.executions,
            Answer::Grown(growth) => growth.executions,
            Answer::NotApplicable(_)
            | Answer::Explained { .. }
            | Answer::Fingerprinted(_)
            | Answer::Checked(_)
            | Answer::Crashed(_)
            | Answer::NotStarted => 0,
        }
    }
}

impl Task {
    /// The request and the scenario that are judged, if this is about one of each.
    #[must_use]
    pub fn judged(&self) -> Option<(&str, Scenario)> {
        match self {
            Task::Scenario { request, scenario } => Some((request, catalogue::named(scenario)?)),
            Task::Program { request, program } | Task::Kept { request, program, .. } => {
                Some((request, ad_hoc(program.parse().ok()?)))
            }
            _ => None,
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
            executions: self.executions,
            time: self.milliseconds.map(Duration::from_millis),
            preemptions: None,
        };
        match &self.task {
            Task::Canary => canary(self.engine, settings),
            Task::Fingerprint { request } => fingerprinted(find, request),
            Task::Explain { .. } => self.explain(find, settings),
            Task::Scenario { request, scenario } => match catalogue::named(scenario) {
                None => tool_failure(format!("unknown scenario {scenario:?}")),
                Some(scenario) => judge_named(find, request, &scenario, self.engine, settings),
            },
            Task::Program { request, program } => {
                judge_program(find, request, program, self.engine, settings)
            }
            Task::Kept { request, program, token } => {
                kept::replay(find, request, program, token, self.engine, settings)
            }
            Task::System { system, scenario } => judge_system(system, scenario, self.engine, settings),
            Task::Staircase { request } => climbed(find, request, settings),
            Task::Growth { request } => grown(find, request, settings),
            Task::SmallPrograms { request } => match (find(request), system::registry::named(request)) {
                (Some(subject), _) => Answer::Judged(small::judge(subject, self.engine, settings)),
                (None, Some(system)) => Answer::Judged(small::judge_system(&system, self.engine, settings)),
                (None, None) => tool_failure("unknown request or system".to_owned()),
            },
            Task::Check { request, check } => check::check(find, request, check),
            Task::Resumable { task, checkpoint } => {
                underway::run(find, task, checkpoint, self.engine, settings, &self.title())
            }
        }
    }

    /// Makes a failure small. One in a program that nobody has written may be the program's own: then requests that are
    /// known to be right fail in it too.
    fn explain(&self, find: Find, settings: Settings) -> Answer {
        let Task::Explain { request, scenario, program, violation, failure, outcome } = &self.task else {
            return tool_failure("nothing to explain".to_owned());
        };
        let known = scenario.as_ref().and_then(|name| catalogue::named(name));
        let is_known = known.is_some();
        let scenario = known.or_else(|| Some(ad_hoc(program.parse().ok()?)));
        let (Some(subject), Some(scenario)) = (find(request), scenario) else {
            return tool_failure("unknown request or program".to_owned());
        };
        if !is_known && self.is_to_blame(&scenario, subject, settings) {
            return Answer::NotApplicable(format!(
                "every request breaks {} in {}",
                violation.rule, scenario.program
            ));
        }
        let exact = outcome
            .as_ref()
            .and_then(|outcome| counterexample::explaining(subject, &scenario, violation.rule, outcome));
        let is_exact = exact.is_some() || outcome.is_none();
        let found = exact.unwrap_or_else(|| {
            counterexample::of_failure(subject, &scenario, self.engine, self.seed, violation, failure)
        });
        Answer::Explained { token: found.token.to_string(), trace: Box::new(found.trace), is_exact }
    }

    /// Whether a program makes every other request of the same contract fail that is known to be right.
    fn is_to_blame(&self, scenario: &Scenario, subject: &'static dyn Subject, settings: Settings) -> bool {
        let fails = |control: &&'static dyn Subject| {
            let judged = judge::judge(*control, scenario, self.engine, settings);
            judged.is_ok_and(|judgement| matches!(judgement.verdict, Verdict::Refuted { .. }))
        };
        let is_control = |known: &&&'static dyn Subject| {
            known.contract() == subject.contract() && known.name() != subject.name()
        };
        let mut controls = registry::REFERENCES.iter().filter(is_control).peekable();
        controls.peek().is_some() && controls.all(fails)
    }

    /// What the job is about, for progress and messages.
    #[must_use]
    pub fn title(&self) -> String {
        self.title_of(&self.task)
    }

    fn title_of(&self, task: &Task) -> String {
        match task {
            Task::Canary => format!("canary / {}", self.engine),
            Task::Scenario { request, scenario } => format!("{request} / {scenario} / {}", self.engine),
            Task::Program { request, program } | Task::Kept { request, program, .. } => {
                format!("{request} / {program} / {}", self.engine)
            }
            Task::System { system, scenario } => format!("{system} / {scenario} / {}", self.engine),
            Task::Staircase { request } => format!("{request} / staircase"),
            Task::SmallPrograms { request } => format!("{request} / small programs / {}", self.engine),
            Task::Growth { request } => format!("{request} / more threads"),
            Task::Explain { request, program, .. } => format!("{request} / {program} / explanation"),
            Task::Fingerprint { request } => format!("{request} / fingerprint"),
            Task::Check { request, check } => format!("{request} / {check:?}"),
            Task::Resumable { task, .. } => self.title_of(task),
        }
    }
}

fn judge_named(find: Find, request: &str, scenario: &Scenario, engine: Engine, settings: Settings) -> Answer {
    match find(request).map(|subject| judge::judge(subject, scenario, engine, settings)) {
        None => tool_failure("unknown request".to_owned()),
        Some(Ok(judgement)) => Answer::Judged(judgement),
        Some(Err(reason)) => Answer::NotApplicable(reason.to_string()),
    }
}

fn judge_program(find: Find, request: &str, program: &str, engine: Engine, settings: Settings) -> Answer {
    match program.parse::<Program>() {
        Err(error) => tool_failure(error.to_string()),
        Ok(program) => judge_named(find, request, &ad_hoc(program), engine, settings),
    }
}

fn judge_system(name: &str, scenario: &str, engine: Engine, settings: Settings) -> Answer {
    let Some(system) = system::registry::named(name) else {
        return tool_failure(format!("unknown system {name:?}"));
    };
    let Some(scenario) = system::catalogue::named(scenario) else {
        return tool_failure(format!("unknown scenario {scenario:?}"));
    };
    match system::judge(&system, &scenario, engine, settings) {
        Ok(judged) => Answer::Judged(judged.judgement),
        Err(reason) => Answer::NotApplicable(reason.to_string()),
    }
}

fn climbed(find: Find, request: &str, settings: Settings) -> Answer {
    match find(request) {
        None => tool_failure("unknown request".to_owned()),
        Some(subject) => Answer::Judged(staircase::judge(subject, settings)),
    }
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
