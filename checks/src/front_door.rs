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
//! engines that sample, if nothing was found; a scenario that did not do what it is about fails as vacuous. Engines that
//! do not apply are listed as ignored, and are never passed.
//!
//! Nothing of the request runs in the process of the test target: it may print, abort, spin, or end what is around it, and costs
//! one test. What it has printed stands under the failure, cut if it is long. Once tests have waited in vain for twice as long
//! as one may be stuck (`CANCELPROOF_STUCK_AFTER_MS`), the rest fail as not judged.
//!
//! Beside them stand ten tests for each own engine, such as `every-program-2x3-from-mark::dpor`: together they run *all*
//! programs of a driver alone with up to four calls, and of a driver and a canceler with up to three calls each, misuse
//! included. One that fails names the smallest program. [`Options::programs`] chooses other sizes, or none.
//!
//! A test that fails prints the smallest counterexample, with a token: `CANCELPROOF_REPLAY=token cargo test` runs that
//! one execution again, in the process of the test target, for a debugger to stop in. If the request keeps another
//! contract than it declares, the failure says which.
//!
//! At the end stands the level of [conformance], with what is missing for the next. Where each test has a
//! process or a machine of its own, `CANCELPROOF_RESULTS=folder` keeps what each has shown, and
//! `cargo test --test cancel -- conformance folder …` puts the folders together.
//!
//! `CANCELPROOF_LEDGER=folder` has each run write a [ledger] there, of everything that its verdicts rest on:
//! `cancelproof report folder/*.json --format html` makes reports of it, `cargo test --test cancel -- audit folder/*.json`
//! finds it all again, and a judgement of the last run of the whole target that is not made any more fails the next.
//!
//! # Commands
//!
//! A first word that is a command runs that on the request of the target: `cargo test --test cancel -- hunt --time 10s`.
//! There are `hunt`, `show`, `film`, `replay`, `mutate`, `orderings`, `fuse`, `infer`, `programs`, `staircase` and `diagram`, with the
//! options that they have as commands of `cancelproof`, for which the feature `cli` is needed; and `gate`, which runs all tests, the
//! ignored ones included.
//!
//! `cargo test -- --include-ignored` also asks whether a driver may die at any point, and whether executions leave memory
//! behind, where the allocator tells.
//!
//! # Ways in
//!
//! | the request is | say |
//! |---|---|
//! | generic over the runtime | [`suite!(MyRequest<_>)`](crate::suite) |
//! | written for `use super::sync::…` | [`suite_per_runtime!`](crate::suite_per_runtime) |
//! | written for `--cfg loom`, or for std alone | [`suite!(MyRequest on Loom)`](crate::suite) |
//! | no request, but a token, a source of registrations, an operation or a future | [`suite!(MyType as Token)`](crate::model::shape) |
//! | a driver that uses requests of a framework | [`suite!(MyDriver as Driver)`](crate::model::driver) |
//!
//! `checks/examples` has a crate for each, and one for futures that are dropped. Contract, engines, sizes, budgets and
//! expected failures are [`Options`].

mod asked;
mod checks;
mod commands;
pub mod conformance;
mod evidence;
mod jobs;
mod macros;
mod options;
mod patience;
mod programs;
mod showing;

use std::fmt;
use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::sync::OnceLock;

use libtest_mimic::Arguments;

use crate::audit::Audit;
use crate::counterexample::{self, OF_CLOSURE, REPLAY_VARIABLE, Replayed, Token, TokenError};
use crate::diagnosis;
use crate::exploration::Bound;
use crate::ledger::{self, Selection};
use crate::plain;
use crate::subject::{Declared, Subject};
use crate::workers;

use asked::Asked;
use checks::{Suite, table};
use conformance::Conformance;
use evidence::{Evidence, Kept, LEDGER_VARIABLE};

pub use checks::report;
pub use options::Options;

/// The runtimes, by the names that [`suite!`](crate::suite) knows them by.
pub mod runtimes {
    pub use crate::executor::Controlled;
    pub use crate::platform::{Loom, Shuttle};
    pub use cancelproof_machine::Std;
}

/// The shapes, by the names that [`suite!`](crate::suite) knows them by: each makes a request of a type that implements the
/// trait of its name.
pub mod shapes {
    pub use cancelproof_machine::shape::AsLinked as LinkedToken;
    pub use cancelproof_machine::shape::AsOperation as Operation;
    use cancelproof_machine::shape::AsRegistration;
    pub use cancelproof_machine::shape::AsRegistrations as Registrations;
    use cancelproof_machine::shape::AsToken;
    pub use cancelproof_machine::shape::AsTokens as Tokens;
    pub use cancelproof_machine::shape::AsWaiter as Waiter;

    pub use cancelproof_references::driver::AsDriver as Driver;

    /// A token with one registration at a time.
    pub type Token<R, T> = AsToken<R, T, false>;

    /// A source with one registration at a time.
    pub type Registration<R, T> = AsRegistration<R, T, false>;
}

/// The request that this process judges. There is one in each test target.
static SUITE: OnceLock<Suite> = OnceLock::new();

/// The argument that asks for the conformance of the results in some folders.
const CONFORMANCE: &str = "conformance";

/// The argument that asks whether what some ledgers say is found again.
const AUDIT: &str = "audit";

/// The argument that asks whether executions leave memory behind: in a process of its own, since all of its memory is counted.
const LEAKS: &str = "leaks";

/// The exit code of a test target that failed, and of one that was given what it cannot read.
const FAILED: u8 = 101;
const UNREADABLE: u8 = 2;

/// Runs the tests of `subject` that the arguments of this process ask for, or the jobs of a worker.
#[must_use]
pub fn main(subject: &'static dyn Subject, options: Options) -> ExitCode {
    let asked: &'static dyn Subject = Box::leak(Box::new(Asked {
        subject,
        contract: options.contract,
        properties: options.properties.clone(),
    }));
    let declared =
        |contract| -> &'static dyn Subject { Box::leak(Box::new(Declared { subject: asked, contract })) };
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.split_first() {
        // A worker is asked for what its request declares, so it does not ask itself.
        Some((first, _)) if first == workers::WORKER => {
            SUITE.get_or_init(|| Suite::new(asked, options));
            return work();
        }
        Some((first, _)) if first == LEAKS => return look_for_leak(asked),
        _ => {}
    }
    let subject = match options.contract.map_or_else(|| jobs::declared_contract(subject.name()), Ok) {
        Ok(contract) => declared(contract),
        Err(words) => {
            complain(format_args!("error: `contract()` of {}{words}", subject.name()));
            return ExitCode::from(FAILED);
        }
    };
    if let Err(error) = options.check(subject) {
        complain(format_args!("error: {error}"));
        return ExitCode::from(UNREADABLE);
    }
    // The macro calls this once, so the cell is empty.
    let suite = SUITE.get_or_init(|| Suite::new(subject, options));
    match arguments.split_first() {
        Some((first, folders)) if first == CONFORMANCE => return conform(suite, folders),
        Some((first, ledgers)) if first == AUDIT => return audit(ledgers),
        Some((first, rest)) if commands::is_one(first) => return commands::run(suite, first, rest),
        _ => {}
    }
    if let Ok(token) = std::env::var(REPLAY_VARIABLE) {
        return replay(subject, &token);
    }
    run_tests(suite, &Arguments::from_args())
}

/// Says what is wrong with what this target was given. What that quotes may be anybody's, so the terminal obeys none of it.
fn complain(words: fmt::Arguments<'_>) {
    eprintln!("{}", plain::whole(&words.to_string()));
}

fn run_tests(suite: &'static Suite, arguments: &Arguments) -> ExitCode {
    let evidence = match Evidence::prepare(suite.subject, arguments) {
        Ok(evidence) => evidence,
        Err(error) => {
            complain(format_args!("error: {LEDGER_VARIABLE}: {error}"));
            return ExitCode::from(UNREADABLE);
        }
    };
    let conclusion = libtest_mimic::run(arguments, suite.tests());
    let kept = evidence.map(|evidence| evidence.keep(suite.subject));
    if !arguments.list && arguments.filter.is_none() && arguments.skip.is_empty() {
        print!("{}", conformance(suite, showing::shown()));
        if suite.subject.is_of_loom_itself() {
            println!("bounded by loom: {}", Bound::ForgottenLoads);
        }
    }
    match kept {
        None => {}
        Some(Ok(Kept::At(path))) => println!("ledger: {}", path.display()),
        Some(Ok(Kept::Beside { last, rejected, disappeared })) => {
            println!(
                "{}\nthese judgements of {} have disappeared; remove it if that is meant. This run is in {}",
                disappeared.join("\n"),
                last.display(),
                rejected.display()
            );
            return ExitCode::from(FAILED);
        }
        Some(Err(error)) => {
            complain(format_args!("error: {LEDGER_VARIABLE}: {error}"));
            return ExitCode::from(UNREADABLE);
        }
    }
    conclusion.exit_code()
}

/// The last segment of a path as it is written in the source.
#[must_use]
pub const fn type_name(path: &'static str) -> &'static str {
    let bytes = path.as_bytes();
    let mut from = bytes.len();
    while from > 0 && (bytes[from - 1].is_ascii_alphanumeric() || bytes[from - 1] == b'_') {
        from -= 1;
    }
    path.split_at(from).1
}

fn work() -> ExitCode {
    match workers::work(find, io::stdin().lock(), io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn conformance(suite: &Suite, shown: Vec<conformance::Shown>) -> Conformance {
    let progress = suite.crashes().into_iter().map(|(name, _)| name).collect();
    let groups = programs::groups(suite).iter().map(ToString::to_string).collect();
    Conformance::new(suite.subject.name(), suite.subject.contract(), progress, shown).with_programs(groups)
}

fn conform(suite: &Suite, folders: &[String]) -> ExitCode {
    if folders.is_empty() {
        complain(format_args!(
            "error: {CONFORMANCE}: name the folders that {} had in the runs",
            showing::RESULTS_VARIABLE
        ));
        return ExitCode::from(UNREADABLE);
    }
    match conformance::kept(folders) {
        Ok(shown) => {
            print!("{}", conformance(suite, shown));
            ExitCode::SUCCESS
        }
        Err(error) => {
            complain(format_args!("error: {CONFORMANCE}: {error}"));
            ExitCode::from(UNREADABLE)
        }
    }
}

/// Finds again what some ledgers say of this target's request.
fn audit(ledgers: &[String]) -> ExitCode {
    if ledgers.is_empty() {
        complain(format_args!("error: {AUDIT}: name the ledgers that were written into {LEDGER_VARIABLE}"));
        return ExitCode::from(UNREADABLE);
    }
    let mut differing = 0;
    for path in ledgers {
        let audited = ledger::read(Path::new(path)).map_err(|error| error.to_string()).and_then(|recorded| {
            let recorded = recorded.ok_or_else(|| format!("there is no {path}"))?;
            let audit = Audit::new(&recorded, Selection::default());
            audit
                .find_again(workers::count_by_default(), find, |_| {})
                .map_err(|error| format!("cannot start a worker process: {error}"))
        });
        match audited {
            Ok((found, differences)) => {
                for difference in &differences {
                    println!("{difference}");
                }
                let verdict = if differences.is_empty() { "holds" } else { "does NOT hold" };
                println!("{path} {verdict}; {} judgements found again", found.results.len());
                differing += differences.len();
            }
            Err(error) => {
                complain(format_args!("error: {AUDIT}: {error}"));
                return ExitCode::from(UNREADABLE);
            }
        }
    }
    if differing == 0 { ExitCode::SUCCESS } else { ExitCode::from(FAILED) }
}

/// Says whether executions of this target's request leave memory behind.
fn look_for_leak(subject: &'static dyn Subject) -> ExitCode {
    if !diagnosis::can_see_leaks(subject) {
        complain(format_args!(
            "error: {LEAKS}: neither the arena nor the allocator of the GNU C library says how much is in use"
        ));
        return ExitCode::from(UNREADABLE);
    }
    match diagnosis::leak(subject) {
        None => {
            println!("no execution leaves memory behind");
            ExitCode::SUCCESS
        }
        Some(leak) => {
            println!("{leak}");
            ExitCode::from(FAILED)
        }
    }
}

/// Runs the one execution that a token stands for, if it is of this target's request.
fn replay(subject: &'static dyn Subject, token: &str) -> ExitCode {
    let token: Token = match token.parse() {
        Ok(token) => token,
        Err(TokenError::OtherKind(OF_CLOSURE)) => {
            println!("the replay token is of a {OF_CLOSURE}: nothing is run here");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            complain(format_args!("error: {REPLAY_VARIABLE}: {error}"));
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
            complain(format_args!("error: {REPLAY_VARIABLE}: {reason}"));
            return ExitCode::from(UNREADABLE);
        }
    }
    ExitCode::from(FAILED)
}

fn find(name: &str) -> Option<&'static dyn Subject> {
    SUITE.get().map(|suite| suite.subject).filter(|subject| subject.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_type_is_the_end_of_its_path() {
        assert_eq!(type_name("MyRequest"), "MyRequest");
        assert_eq!(type_name("my_crate :: request :: MyRequest"), "MyRequest");
    }
}
