//! The tests of a suite: one for each scenario and engine, and the checks of the request as such.

use std::io;
use std::num::NonZero;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use libtest_mimic::{Failed, Trial};

use super::conformance::{Shown, keep};
use super::evidence;
use super::{FAILED, LEAKS, Options};
use crate::counterexample::{Counterexample, of_failure};
use crate::diagnosis;
use crate::exploration::Bound;
use crate::fuse::{self, Party};
use crate::job::{Answer, Job, Task};
use crate::judge::{Engine, Settings, judge};
use crate::ledger::Expected;
use crate::scenario::{Scenario, catalogue};
use crate::subject::{Platform, Subject};
use crate::trace::table::{Look, ReplayBy, render};
use crate::verdict::Verdict;
use crate::workers;

/// The variable that names a folder in which each test keeps what it has shown.
pub(super) const RESULTS_VARIABLE: &str = "CANCELPROOF_RESULTS";

/// The check that the engines see anything of the request.
const RUNTIME_IS_USED: &str = "the-runtime-is-used";

/// The check that executions leave no memory behind.
const NOTHING_IS_LEAKED: &str = "nothing-is-leaked";

/// What the tests of this process have shown.
static SHOWN: Mutex<Vec<Shown>> = Mutex::new(Vec::new());

/// Whether each engine has found what was planted for it; asked once in a process.
static CANARIES: [OnceLock<Result<(), String>>; Engine::ALL.len()] =
    [const { OnceLock::new() }; Engine::ALL.len()];

/// A suite: what is judged, and how.
pub(super) struct Suite {
    pub(super) subject: &'static dyn Subject,
    pub(super) options: Options,
    /// The contract that is kept instead of the declared one; asked at the first failure.
    mismatch: OnceLock<Option<diagnosis::Mismatch>>,
}

/// How a check came out: the word that it is known by, or that and what to show.
type Outcome = Result<&'static str, (&'static str, String)>;

impl Suite {
    pub(super) fn new(subject: &'static dyn Subject, options: Options) -> Self {
        Suite { subject, options, mismatch: OnceLock::new() }
    }

    /// All tests, those that do not apply included.
    pub(super) fn tests(&'static self) -> Vec<Trial> {
        let scenarios = self.options.scenarios_for(&self.subject.contract());
        let engines = self.options.engines_for(self.subject);
        let judged = scenarios.into_iter().flat_map(|scenario| {
            let engines = engines.clone();
            engines.into_iter().map(move |engine| self.scenario_test(scenario.clone(), engine))
        });
        let runtime = self
            .subject
            .runs_on(Platform::Controlled)
            .then(|| self.test(RUNTIME_IS_USED.to_owned(), Engine::Dpor, "", || self.check_runtime()));
        let crashes = self.crashes().into_iter().map(|(name, party)| {
            self.test(name, Engine::Dpor, "progress", || self.check_crash(party)).with_ignored_flag(true)
        });
        let leaks = diagnosis::can_see_leaks(self.subject).then(|| {
            let what = NOTHING_IS_LEAKED.to_owned();
            self.test(what, Engine::Dpor, "memory", || self.check_leaks()).with_ignored_flag(true)
        });
        runtime.into_iter().chain(judged).chain(crashes).chain(leaks).collect()
    }

    /// The checks of the highest level of conformance: a crash in each call, where crashes are modelled.
    pub(super) fn crashes(&self) -> Vec<(String, &'static Party)> {
        if !self.subject.runs_on(Platform::Controlled) || !self.subject.contract().is_of_one_word() {
            return Vec::new();
        }
        let dashed = |name: &str| name.replace(", ", "-").replace(' ', "-");
        fuse::parties_of(self.subject)
            .map(|party| (format!("crash-in-{}", dashed(party.name)), party))
            .collect()
    }

    fn test(
        &'static self,
        what: String,
        engine: Engine,
        kind: &str,
        check: impl FnOnce() -> Outcome + Send + 'static,
    ) -> Trial {
        Trial::test(format!("{what}::{engine}"), move || {
            let outcome = check();
            let (Ok(word) | Err((word, _))) = outcome;
            show(Shown { request: self.subject.name().to_owned(), what, engine, word: word.to_owned() })?;
            outcome.map(|_| ()).map_err(|(_, message)| message.into())
        })
        .with_kind(kind)
    }

    fn scenario_test(&'static self, scenario: Scenario, engine: Engine) -> Trial {
        let is_applicable = self.subject.runs_on(engine.platform())
            && engine.threads_max().is_none_or(|most| scenario.program.threads.len() <= most);
        let kind = if is_applicable { "" } else { "not applicable" };
        self.test(scenario.name.clone(), engine, kind, move || self.judge(&scenario, engine))
            .with_ignored_flag(!is_applicable)
    }

    fn judge(&self, scenario: &Scenario, engine: Engine) -> Outcome {
        let task =
            Task::Scenario { request: self.subject.name().to_owned(), scenario: scenario.name.clone() };
        if !self.subject.runs_on(engine.platform()) {
            return Err(("not applicable", format!("not applicable: the request does not run on {engine}")));
        }
        self.canary(engine).map_err(|message| ("tool failure", message))?;
        let expected = self.options.expected(&scenario.name).map_or(Expected::Passes, Expected::Breaks);
        let answer = self.ask(task, engine, expected).map_err(|error| ("tool failure", error.to_string()))?;
        self.accept(scenario, engine, answer)
    }

    /// Makes sure, once in a process, that the engine finds the faults that are planted for it.
    fn canary(&self, engine: Engine) -> Result<(), String> {
        let place = Engine::ALL.iter().position(|known| *known == engine).unwrap_or_default();
        let ask = || match self.ask(Task::Canary, engine, Expected::Passes) {
            Ok(Answer::Judged(judgement)) if judgement.verdict == Verdict::Proved => Ok(()),
            Ok(Answer::Judged(judgement)) => Err(judgement.verdict.to_string()),
            Ok(Answer::NotApplicable(words) | Answer::Crashed(words)) => Err(words),
            Ok(_) => Err("the worker gave no judgement".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        CANARIES[place].get_or_init(ask).clone()
    }

    /// Has a job done in a worker process, which a request may take down with it, and takes its answer down.
    fn ask(&self, task: Task, engine: Engine, expected: Expected) -> io::Result<Answer> {
        let Options { seed, samples, time, .. } = self.options;
        let milliseconds = time.map(|time| time.as_millis() as u64);
        let job = Job { task, engine, seed, samples, milliseconds };
        let mut answer = None;
        let jobs = [job];
        workers::run(&std::env::current_exe()?, NonZero::<usize>::MIN, &jobs, |_, one| answer = Some(one))?;
        let answer = answer.ok_or_else(|| io::Error::other("the worker process gave no answer"))?;
        let [job] = jobs;
        evidence::note(&job, &answer, expected);
        Ok(answer)
    }

    fn accept(&self, scenario: &Scenario, engine: Engine, answer: Answer) -> Outcome {
        let judgement = match answer {
            Answer::Judged(judgement) => judgement,
            Answer::NotApplicable(reason) => {
                return Err(("not applicable", format!("not applicable: {reason}")));
            }
            Answer::Crashed(words) => return Err(("tool failure", words)),
            _ => {
                return Err(("tool failure", "the worker gave no judgement".to_owned()));
            }
        };
        let verdict = &judgement.verdict;
        match (verdict, self.options.expected(&scenario.name)) {
            (Verdict::Refuted { violation, .. }, Some(rule)) if violation.rule == rule => {
                Ok("expected failure")
            }
            (Verdict::Refuted { violation, failure }, _) => {
                let found = of_failure(self.subject, scenario, engine, self.options.seed, violation, failure);
                evidence::note_finding(&scenario.name, engine, &found);
                Err((verdict.word(), self.explain(&found)))
            }
            (Verdict::Proved | Verdict::Sampled, Some(rule)) if engine.is_exhaustive() => {
                let word = verdict.word();
                Err((
                    "failed",
                    format!("expected a failure of {rule}, but it was {word}: remove it from `expects`"),
                ))
            }
            (Verdict::Proved | Verdict::Sampled, _) => Ok(verdict.word()),
            // There is nothing that whoever has written for loom alone could do about it in this run.
            (Verdict::Bounded(Bound::ForgottenLoads), _) => Ok(verdict.word()),
            (Verdict::Bounded(_), _) if self.options.accepts_bounded => Ok(verdict.word()),
            (other, _) => {
                let hint = diagnosis::hint(other).map_or_else(String::new, |hint| format!("\n{hint}"));
                Err((other.word(), format!("{other}{hint}")))
            }
        }
    }

    /// A counterexample, and the contract that the request keeps instead, if that is what is wrong.
    fn explain(&self, found: &Counterexample) -> String {
        let mismatch = self.mismatch.get_or_init(|| diagnosis::explain(self.subject));
        let mismatch =
            mismatch.as_ref().map_or_else(String::new, |mismatch| format!("\ncontract: {mismatch}\n"));
        format!("{}{mismatch}", table(found))
    }

    fn check_runtime(&self) -> Outcome {
        match diagnosis::sees_no_operation(self.subject) {
            Some(true) => Err((
                "failed",
                "not one operation of the request goes through the runtime, so no engine can reorder anything in it. \
                 hint: use `R::Mutex`, `R::AtomicU8` and so on instead of the types of std::sync"
                    .to_owned(),
            )),
            _ => Ok("passed"),
        }
    }

    #[allow(clippy::unused_self, reason = "the process that is started has the same request")]
    fn check_leaks(&self) -> Outcome {
        let run = || Command::new(std::env::current_exe()?).arg(LEAKS).stderr(Stdio::inherit()).output();
        let output = run().map_err(|error| ("tool failure", error.to_string()))?;
        let words = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        match output.status.code() {
            Some(0) => Ok("passed"),
            Some(code) if code == i32::from(FAILED) => Err(("failed", words)),
            _ => Err(("tool failure", format!("{}: {words}", output.status))),
        }
    }

    fn check_crash(&self, party: &Party) -> Outcome {
        let grid = fuse::crash_at_every_point(self.subject, party);
        let violations: Vec<String> = grid.violations().collect();
        if violations.is_empty() { Ok("proved") } else { Err(("refuted", violations.join("\n"))) }
    }
}

/// Judges `subject` in a scenario of the catalogue, in this process and without the canary; for tests that expect a
/// failure, such as that of a twin that is broken on purpose.
///
/// # Errors
///
/// Returns the report of the failure: the counterexample, or why nothing was judged.
///
/// # Panics
///
/// Panics if there is no such scenario.
pub fn report(subject: &'static dyn Subject, scenario: &str, engine: Engine) -> Result<&'static str, String> {
    let scenario = catalogue::named(scenario).expect("the catalogue has a scenario of that name");
    let answer = match judge(subject, &scenario, engine, Settings::default()) {
        Ok(judgement) => Answer::Judged(judgement),
        Err(reason) => Answer::NotApplicable(reason.to_string()),
    };
    Suite::new(subject, Options::default()).accept(&scenario, engine, answer).map_err(|(_, report)| report)
}

/// A counterexample as a test prints it.
pub(super) fn table(found: &Counterexample) -> String {
    render(&found.trace, &Look { replay_by: ReplayBy::Test, ..Look::plain() })
}

/// Everything that the tests of this process have shown.
pub(super) fn shown() -> Vec<Shown> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

fn show(shown: Shown) -> Result<(), Failed> {
    if let Some(folder) = std::env::var_os(RESULTS_VARIABLE) {
        keep(Path::new(&folder), &shown)?;
    }
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner).push(shown);
    Ok(())
}
