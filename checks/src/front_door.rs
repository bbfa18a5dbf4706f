//! The front door: judge your own request with `cargo test`.
//!
//! # What you supply
//!
//! A type that implements [`CancelableRequest`](crate::model::CancelableRequest), generic over the
//! [`Runtime`](crate::model::Runtime), and a test target without a harness:
//!
//! ```toml
//! [dev-dependencies]
//! cancelproof = "0.1"
//!
//! [[test]]
//! name = "cancel"
//! harness = false
//! ```
//!
//! ```no_run
//! // tests/cancel.rs
//! # use cancelproof::model::requests::Locked as MyRequest;
//! cancelproof::suite!(MyRequest<_>);
//! ```
//!
//! # What you get
//!
//! One named test for each scenario and engine, such as `mark-finish-two-cancels::loom`, which `cargo test` and
//! cargo-nextest list, filter, ignore and shard as any other. Each runs in a process of its own, after the engine has
//! shown that it finds the faults that are planted for it. A test passes only if the request was proved, or, for
//! engines that sample, if nothing was found; a scenario that did not do what it is about fails as vacuous.
//!
//! A test that fails prints the smallest counterexample, with a token: `CANCELPROOF_REPLAY=token cargo test` runs that
//! one execution again, in the process of the test target, for a debugger to stop in.

use std::io;
use std::num::NonZero;
use std::process::ExitCode;
use std::sync::OnceLock;

use libtest_mimic::{Arguments, Failed, Trial};

use crate::counterexample::{self, Counterexample, REPLAY_VARIABLE, Replayed, Token, of_failure};
use crate::job::{Answer, Job, Task};
use crate::judge::Engine;
use crate::scenario::catalogue;
use crate::subject::Subject;
use crate::trace::table::{Look, ReplayBy, render};
use crate::verdict::Verdict;
use crate::workers;

/// The seed and the number of samples of the sampling engines.
const SEED: u64 = 1;
const SAMPLES: u64 = 2_000;

/// Makes the `main` of a test target that judges one request type; see [`front_door`](crate::front_door).
#[macro_export]
macro_rules! suite {
    ($request:ident<_>) => {
        fn main() -> ::std::process::ExitCode {
            struct Suite;

            impl $crate::subject::Generic for Suite {
                fn name(&self) -> &str {
                    ::core::stringify!($request)
                }

                fn contract(&self) -> $crate::model::Contract {
                    <$request<$crate::model::Std> as $crate::model::CancelableRequest<$crate::model::Std>>::contract()
                }

                fn make<R: $crate::model::Runtime>(&self) -> $crate::subject::Made<R> {
                    ::std::boxed::Box::new(<$request<R> as $crate::model::CancelableRequest<R>>::new())
                }
            }

            $crate::front_door::main(&Suite)
        }
    };
}

/// The request that this process judges. There is one in each test target.
static SUBJECT: OnceLock<&'static dyn Subject> = OnceLock::new();

/// Runs the tests of `subject` that the arguments of this process ask for, or the jobs of a worker.
#[must_use]
pub fn main(subject: &'static dyn Subject) -> ExitCode {
    // The macro calls this once, so the cell is empty.
    let _ = SUBJECT.set(subject);
    if std::env::args().nth(1).as_deref() == Some(workers::WORKER) {
        return match workers::work(find, io::stdin().lock(), io::stdout().lock()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
    if let Ok(token) = std::env::var(REPLAY_VARIABLE) {
        return replay(subject, &token);
    }
    libtest_mimic::run(&Arguments::from_args(), tests(subject)).exit_code()
}

/// The exit code of a test target that failed, and of one that was given a token that it cannot read.
const FAILED: u8 = 101;
const UNREADABLE: u8 = 2;

/// Runs the one execution that a token stands for, if it is of this target's request.
fn replay(subject: &'static dyn Subject, token: &str) -> ExitCode {
    let token: Token = match token.parse() {
        Ok(token) => token,
        Err(error) => {
            eprintln!("error: {REPLAY_VARIABLE}: {error}");
            return ExitCode::from(UNREADABLE);
        }
    };
    if token.request != subject.name() {
        println!("the replay token is of the request {:?}: nothing is run here", token.request);
        return ExitCode::SUCCESS;
    }
    match counterexample::replay(subject, &token) {
        Replayed::Fails(found) => println!("{}", table(&found)),
        Replayed::Changed { place, again: Some(found) } => {
            println!(
                "the token does not fit any more: {place}\nsearched on from there:\n\n{}",
                table(&found)
            );
        }
        Replayed::Changed { place, again: None } => {
            println!("the token does not fit any more: {place}\nnothing fails from there on");
            return ExitCode::SUCCESS;
        }
        Replayed::Passes => {
            println!("no execution of the program breaks {} any more", token.rule);
            return ExitCode::SUCCESS;
        }
        Replayed::Impossible { reason } => {
            eprintln!("error: {REPLAY_VARIABLE}: {reason}");
            return ExitCode::from(UNREADABLE);
        }
    }
    ExitCode::from(FAILED)
}

fn table(found: &Counterexample) -> String {
    render(&found.trace, &Look { replay_by: ReplayBy::Test, ..Look::plain() })
}

fn find(name: &str) -> Option<&'static dyn Subject> {
    SUBJECT.get().copied().filter(|subject| subject.name() == name)
}

/// One test for each scenario and repeatable engine that fit the subject.
fn tests(subject: &'static dyn Subject) -> Vec<Trial> {
    let contract = subject.contract();
    let scenarios = catalogue::all().into_iter().filter(|scenario| scenario.applies_to(&contract));
    scenarios
        .flat_map(|scenario| {
            let engines = Engine::ALL.into_iter().filter(|engine| engine.is_repeatable());
            engines.map(move |engine| test(subject, &scenario.name, engine))
        })
        .collect()
}

fn test(subject: &'static dyn Subject, scenario: &str, engine: Engine) -> Trial {
    let name = format!("{scenario}::{engine}");
    let (request, scenario) = (subject.name().to_owned(), scenario.to_owned());
    let is_applicable = subject.runs_on(engine.platform());
    Trial::test(name, move || judge(subject, &request, &scenario, engine))
        .with_ignored_flag(!is_applicable)
        .with_kind(if is_applicable { "" } else { "not applicable" })
}

fn judge(subject: &'static dyn Subject, request: &str, scenario: &str, engine: Engine) -> Result<(), Failed> {
    let task = Task::Scenario { request: request.to_owned(), scenario: scenario.to_owned() };
    let job = |task| Job { task, engine, seed: SEED, samples: SAMPLES, milliseconds: None };
    let jobs = [job(Task::Canary), job(task)];
    let program = std::env::current_exe()?;
    let mut result = Ok(());
    workers::run(&program, NonZero::<usize>::MIN, &jobs, |_, answer| {
        if result.is_ok() {
            result = accept(subject, scenario, engine, &answer);
        }
    })?;
    result
}

fn accept(
    subject: &'static dyn Subject,
    scenario: &str,
    engine: Engine,
    answer: &Answer,
) -> Result<(), Failed> {
    match answer {
        Answer::Judged(judgement) => match &judgement.verdict {
            Verdict::Proved | Verdict::Sampled => Ok(()),
            Verdict::Refuted { violation, failure } => match catalogue::named(scenario) {
                Some(scenario) => {
                    let found = of_failure(subject, &scenario, engine, SEED, violation, failure);
                    Err(table(&found).into())
                }
                None => Err(violation.to_string().into()),
            },
            other => Err(other.to_string().into()),
        },
        Answer::NotApplicable(reason) => Err(format!("not applicable: {reason}").into()),
        Answer::Crashed(words) => Err(words.as_str().into()),
        Answer::Grown(_) | Answer::Fingerprinted(_) | Answer::NotStarted => {
            Err("the worker gave no judgement".into())
        }
    }
}
