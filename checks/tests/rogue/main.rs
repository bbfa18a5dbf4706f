//! Requests that take their process down, or never come back: each is reported as what it is, the schedule that brings
//! it about is known, and the verdicts on other requests are what they are without it.
//!
//! The requests are of this test's own, so this program is its own worker and has no harness but its own.

mod hostile;
mod leaks;
mod ledger;
mod matrix;
mod requests;
mod whims;

use std::io;
use std::num::NonZero;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use cancelproof::counterexample::{self, Decisions, Token};
use cancelproof::job::{Answer, Job, Task};
use cancelproof::judge::Engine;
use cancelproof::verdict::Verdict;
use cancelproof::workers;
use libtest_mimic::{Arguments, Failed, Trial};

use requests::find;

/// The variable by which this program becomes the suite of one of its requests.
const SUITE_OF: &str = "CANCELPROOF_TEST_SUITE_OF";

/// What a test waits for an execution that never ends, and what it grants in memory.
const STUCK_AFTER_MS: &str = "2000";
const MEMORY_MAX_MIB: &str = "128";

fn main() -> ExitCode {
    // A suite is asked first: its workers are those of the front door.
    if let Ok(name) = std::env::var(SUITE_OF) {
        let subject = find(&name).expect("it is one of these");
        return if name == "hostile" { matrix::suite(subject) } else { ledger::suite(subject) };
    }
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some(workers::WORKER) => match workers::work(find, io::stdin().lock(), io::stdout().lock()) {
            Ok(()) => return ExitCode::SUCCESS,
            Err(_) => return ExitCode::FAILURE,
        },
        Some("replay") => {
            let token: Token = arguments[2].parse().expect("the token was printed");
            let _ = counterexample::replay(find(&token.request).expect("it is one of these"), &token);
            return ExitCode::SUCCESS;
        }
        _ => {}
    }
    // SAFETY: this is the only thread so far.
    unsafe {
        std::env::set_var("CANCELPROOF_STUCK_AFTER_MS", STUCK_AFTER_MS);
        std::env::set_var("CANCELPROOF_UNPREPARED_AFTER_MS", STUCK_AFTER_MS);
        std::env::set_var("CANCELPROOF_MEMORY_MAX_MIB", MEMORY_MAX_MIB);
    }
    let tests = vec![
        Trial::test("each_is_reported_as_what_it_is_and_the_others_are_judged_as_ever", report),
        Trial::test("the_token_of_a_crash_brings_it_about_again", replay),
        Trial::test("a_run_of_tests_writes_a_ledger_that_is_audited_and_missed_in", ledger::whole),
        Trial::test(
            "a_run_of_a_part_writes_a_ledger_of_its_own_and_reports_put_them_together",
            ledger::parts,
        ),
        Trial::test("memory_that_one_execution_of_many_leaves_behind_is_missed_and_no_other", leaks::look),
        Trial::test("every_whim_is_reported_as_what_it_is_or_passed", matrix::matrix),
        #[cfg(target_os = "linux")]
        Trial::test("a_target_that_is_killed_takes_its_workers_with_it", matrix::ends_with_target),
        Trial::test("what_a_request_prints_stands_under_its_failure", matrix::printed),
        Trial::test("a_failure_that_cannot_be_made_small_is_told_as_it_was_found", made_small),
        Trial::test("a_suite_that_never_learns_the_contract_says_so_and_ends", ask_for_contract),
    ];
    libtest_mimic::run(&Arguments::from_args(), tests).exit_code()
}

fn job(request: &str, engine: Engine) -> Job {
    let task = Task::Scenario { request: request.to_owned(), scenario: "mark-cancel".to_owned() };
    Job { task, engine, seed: 1, samples: 50, milliseconds: None, executions: None }
}

/// What became of each of these jobs.
fn answers(jobs: &[Job]) -> Result<Vec<Answer>, Failed> {
    let mut answers = vec![Answer::NotStarted; jobs.len()];
    let two = NonZero::new(2).expect("two is not zero");
    workers::run(&std::env::current_exe()?, two, jobs, |number, answer| answers[number] = answer)?;
    Ok(answers)
}

fn report() -> Result<(), Failed> {
    let rogues = [
        ("aborts", "the request aborted its process"),
        ("overflows", "the request overflowed its stack"),
        ("spins", "never ends: the request spins"),
        ("waits", "waits for ever outside of what the engine sees, as on a lock of the standard library"),
        ("exhausts", "the request leaks or exhausts memory"),
        (
            "is-never-made",
            "execution 1 never ends: the request spins outside of what the engine sees, in the making",
        ),
        (
            "never-says-what-it-keeps",
            "the preparation never ends: the request spins outside of what the engine sees",
        ),
    ];
    let mut jobs = vec![job("behaves", Engine::Dpor)];
    for (request, _) in rogues {
        jobs.extend([job(request, Engine::Dpor), job("behaves", Engine::Dpor)]);
    }
    jobs.extend([job("aborts", Engine::Shuttle), job("behaves", Engine::Shuttle)]);
    let answers = answers(&jobs)?;
    for (job, answer) in jobs.iter().zip(&answers) {
        let Task::Scenario { request, .. } = &job.task else { continue };
        match answer {
            Answer::Judged(judgement) if request == "behaves" => {
                assert_eq!(judgement.verdict, Verdict::Proved);
                let first = answers.first();
                if job.engine == Engine::Dpor {
                    assert_eq!(Some(answer), first, "{}", job.title());
                } else {
                    assert_eq!(judgement.executions, 55);
                }
            }
            Answer::Crashed(words) => {
                let (_, expected) = rogues.iter().find(|(name, _)| name == request).expect("it is a rogue");
                assert!(words.contains(expected), "{request}: {words}");
                // What never began has nothing that could be run again.
                let has_begun = request != "never-says-what-it-keeps";
                let has_token = words.contains("; replay: cancelproof replay cp1-");
                assert_eq!(has_token, has_begun, "{request}: {words}");
            }
            other => return Err(format!("{}: {other:?}", job.title()).into()),
        }
    }
    Ok(())
}

/// A request that breaks a rule in one execution and aborts in others: whoever looks for the smallest meets those too.
fn made_small() -> Result<(), Failed> {
    let asked = Command::new(std::env::current_exe()?)
        .env(SUITE_OF, "fires-twice-and-aborts")
        .arg("marked-two-cancels::dpor")
        .output()?;
    let words = String::from_utf8_lossy(&asked.stdout).into_owned();
    assert_eq!(asked.status.code(), Some(101), "{words}");
    let expected = [
        "exactly-once",
        "it could not be made smaller: ",
        "the request aborted its process",
        "CANCELPROOF_REPLAY=cp1-",
    ];
    assert!(expected.iter().all(|expected| words.contains(expected)), "{words}");
    Ok(())
}

fn ask_for_contract() -> Result<(), Failed> {
    let asked = Command::new(std::env::current_exe()?).env(SUITE_OF, "never-says-what-it-keeps").output()?;
    let words = String::from_utf8_lossy(&asked.stderr).into_owned();
    assert_eq!(asked.status.code(), Some(101), "{words}");
    let expected = "error: `contract()` of never-says-what-it-keeps has not come to an end";
    assert!(words.lines().count() == 1 && words.starts_with(expected), "{words}");
    Ok(())
}

/// The token at the end of what is said of a crash.
fn token(words: &str) -> Token {
    let (_, token) = words.rsplit_once(' ').expect("there are several words");
    token.parse().expect("the last is a token")
}

fn replay() -> Result<(), Failed> {
    let jobs = [job("aborts", Engine::Dpor), job("spins", Engine::Dpor)];
    for (job, answer) in jobs.iter().zip(answers(&jobs)?) {
        let Answer::Crashed(words) = answer else {
            return Err(format!("{}: {answer:?}", job.title()).into());
        };
        let token = token(&words);
        assert!(matches!(token.decisions, Decisions::Numbered { execution: 1.., .. }), "{token:?}");
        let mut again = Command::new(std::env::current_exe()?)
            .args(["replay", &token.to_string()])
            .stderr(Stdio::null())
            .spawn()?;
        if token.request == "spins" {
            std::thread::sleep(Duration::from_millis(600));
            assert!(again.try_wait()?.is_none(), "it must never end");
            again.kill()?;
            again.wait()?;
        } else {
            let status = again.wait()?;
            assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(6), "{status}");
        }
    }
    Ok(())
}
