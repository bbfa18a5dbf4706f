//! The tests of a suite: one for each scenario and engine, and the checks of the request as such.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use libtest_mimic::Trial;

use super::conformance::Shown;
use super::jobs::ask;
use super::showing::{Outcome, Passed, show};
use super::{Options, evidence, programs};
use crate::counterexample::{Counterexample, Token, as_found, of_failure};
use crate::diagnosis;
use crate::exploration::Bound;
use crate::exploration::Failure;
use crate::fuse::{self, Party};
use crate::history;
use crate::job::{Answer, Check, Checked, Declaration, Job, Task};
use crate::judge::{Engine, Settings, judge};
use crate::ledger::Expected;
use crate::model::{Contract, Misuse};
use crate::rules::Violation;
use crate::scenario::{Program, Scenario, ad_hoc, catalogue};
use crate::subject::{Platform, Subject};
use crate::trace::table::{Look, ReplayBy, render};
use crate::verdict::Verdict;
use crate::workers::Done;

/// The check that the engines see anything of the request.
const RUNTIME_IS_USED: &str = "the-runtime-is-used";

/// The check that executions leave no memory behind.
const NOTHING_IS_LEAKED: &str = "nothing-is-leaked";

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

/// Where a failure is made small, and everything else of the request's is run for it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Where {
    /// In worker processes, which the request may take down.
    Workers,
    /// In this process, of which no worker can be made.
    Here,
}

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
        let own = self.options.own_programs_parsed().into_iter().flat_map(|program| {
            let engines = self.options.engines_for(self.subject);
            engines.into_iter().map(move |engine| self.program_test(program.clone(), engine))
        });
        let runtime = self
            .subject
            .runs_on(Platform::Controlled)
            .then(|| self.test(RUNTIME_IS_USED.to_owned(), Engine::Dpor, "", || self.check(Check::Runtime)));
        let crashes = self.crashes().into_iter().map(|(name, party)| {
            let check = Check::Crash(party.name.to_owned());
            self.test(name, Engine::Dpor, "progress", || self.check(check)).with_ignored_flag(true)
        });
        let leaks = diagnosis::can_see_leaks(self.subject).then(|| {
            let what = NOTHING_IS_LEAKED.to_owned();
            self.test(what, Engine::Dpor, "memory", || self.check(Check::Leaks)).with_ignored_flag(true)
        });
        runtime
            .into_iter()
            .chain(judged)
            .chain(own)
            .chain(programs::tests(self))
            .chain(crashes)
            .chain(leaks)
            .collect()
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

    pub(super) fn test(
        &'static self,
        what: String,
        engine: Engine,
        kind: &str,
        check: impl FnOnce() -> Outcome + Send + 'static,
    ) -> Trial {
        Trial::test(format!("{what}::{engine}"), move || {
            let outcome = check();
            let (word, bound) = match &outcome {
                Ok(passed) => (passed.word, passed.bound.clone()),
                Err((word, _)) => (*word, None),
            };
            let request = self.subject.name().to_owned();
            show(Shown { request, what, engine, word: word.to_owned(), bound })?;
            outcome.map(|_| ()).map_err(|(_, message)| message.into())
        })
        .with_kind(kind)
    }

    fn scenario_test(&'static self, scenario: Scenario, engine: Engine) -> Trial {
        let name = scenario.name.clone();
        let is_applicable = self.applies(&scenario.program, engine);
        let kind = if is_applicable { "" } else { "not applicable" };
        let judge = move || {
            let request = self.subject.name().to_owned();
            let task = Task::Scenario { request, scenario: scenario.name.clone() };
            self.judge(&scenario, engine, task)
        };
        self.test(name, engine, kind, judge).with_ignored_flag(!is_applicable)
    }

    /// The test of a program of the author's own.
    fn program_test(&'static self, program: Program, engine: Engine) -> Trial {
        let is_applicable = self.applies(&program, engine);
        let (name, text) = (program.to_string(), program.to_string());
        let scenario = Scenario { name: name.clone(), ..ad_hoc(program) };
        let kind = if is_applicable { "" } else { "not applicable" };
        let judge = move || {
            let task = Task::Program { request: self.subject.name().to_owned(), program: text };
            self.judge(&scenario, engine, task)
        };
        self.test(name, engine, kind, judge).with_ignored_flag(!is_applicable)
    }

    fn applies(&self, program: &Program, engine: Engine) -> bool {
        self.subject.runs_on(engine.platform())
            && engine.threads_max().is_none_or(|most| program.threads.len() <= most)
    }

    fn judge(&self, scenario: &Scenario, engine: Engine, task: Task) -> Outcome {
        if !self.subject.runs_on(engine.platform()) {
            return Err(("not applicable", format!("not applicable: the request does not run on {engine}")));
        }
        self.canary(engine).map_err(|message| ("tool failure", message))?;
        let expected = self.options.expected(&scenario.name).map_or(Expected::Passes, Expected::Breaks);
        let done = self.ask_and_note(task, engine, expected).map_err(|words| ("tool failure", words))?;
        let shown = |(word, words)| (word, format!("{words}{}", done.printed));
        self.accept(scenario, engine, done.answer.clone(), Where::Workers).map_err(shown)
    }

    /// Whether a witness has only its usual budget: the author has named no time, and an engine of ours, which goes to the
    /// end, is asked as well.
    fn is_usual(&self, engine: Engine) -> bool {
        let has_own = || self.options.engines_for(self.subject).into_iter().any(Engine::is_own);
        let has_platform = self.subject.runs_on(Platform::Controlled);
        engine.is_witness() && self.options.time.is_none() && has_platform && has_own()
    }

    /// Makes sure, once in a process, that the engine finds the faults that are planted for it.
    fn canary(&self, engine: Engine) -> Result<(), String> {
        let place = Engine::ALL.iter().position(|known| *known == engine).unwrap_or_default();
        let ask = || match self.ask_and_note(Task::Canary, engine, Expected::Passes)?.answer {
            Answer::Judged(judgement) if judgement.verdict == Verdict::Proved => Ok(()),
            Answer::Judged(judgement) => Err(judgement.verdict.to_string()),
            Answer::NotApplicable(words) | Answer::Crashed(words) => Err(words),
            _ => Err("the worker gave no judgement".to_owned()),
        };
        CANARIES[place].get_or_init(ask).clone()
    }

    /// Has a job done in a worker process, which a request may take down with it.
    fn ask(&self, task: Task, engine: Engine) -> Result<Done, String> {
        ask(&self.job(task, engine))
    }

    /// Likewise, and takes its answer down.
    fn ask_and_note(&self, task: Task, engine: Engine, expected: Expected) -> Result<Done, String> {
        let job = self.job(task, engine);
        let done = ask(&job)?;
        evidence::note(&job, &done.answer, expected);
        Ok(done)
    }

    pub(super) fn job(&self, task: Task, engine: Engine) -> Job {
        let Options { seed, samples, time, .. } = self.options;
        let milliseconds = time.map(|time| time.as_millis() as u64);
        let executions = if self.is_usual(engine) { engine.usual_executions() } else { None };
        Job { task, engine, seed, samples, milliseconds, executions }
    }

    pub(super) fn accept(
        &self,
        scenario: &Scenario,
        engine: Engine,
        answer: Answer,
        place: Where,
    ) -> Outcome {
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
                Ok("expected failure".into())
            }
            (Verdict::Refuted { violation, failure }, _) => {
                let (found, why_not_small) = match place {
                    Where::Workers => self.made_small(scenario, engine, violation, failure),
                    Where::Here => {
                        let seed = self.options.seed;
                        let found = of_failure(self.subject, scenario, engine, seed, violation, failure);
                        (found, String::new())
                    }
                };
                evidence::note_finding(&scenario.name, engine, &found);
                Err((verdict.word(), format!("{}{why_not_small}{}", table(&found), self.mismatch(place))))
            }
            (Verdict::Proved | Verdict::Sampled, Some(rule)) if engine.is_exhaustive() => {
                let word = verdict.word();
                Err((
                    "failed",
                    format!("expected a failure of {rule}, but it was {word}: remove it from `expects`"),
                ))
            }
            (Verdict::Proved | Verdict::Sampled, _) => Ok(Passed::with(verdict)),
            // There is nothing that whoever has written for loom alone could do about it in this run.
            (Verdict::Bounded(Bound::ForgottenLoads), _) => Ok(Passed::with(verdict)),
            (Verdict::Bounded(_), None) if self.is_usual(engine) => Ok(Passed::with(verdict)),
            (Verdict::Bounded(bound), expected)
                if (expected.is_none() || !engine.is_own() || self.options.accepts_bounded)
                    && self.passes(engine, bound, judgement.executions) =>
            {
                Ok(Passed::with(verdict))
            }
            (other, _) => {
                let hint = diagnosis::hint(other).map_or_else(String::new, |hint| format!("\n{hint}"));
                Err((other.word(), format!("{other}{hint}{}", not_offered(other, &judgement.outcomes))))
            }
        }
    }

    /// Whether what was cut short passes: where the author has said so, and where a loop waits whose turns nobody could follow to
    /// their end. The request may be right all the same, and there is nothing that its author could do about it in this run.
    pub(super) fn passes(&self, engine: Engine, bound: &Bound, executions: u64) -> bool {
        let is_of_a_loop = match bound {
            Bound::Turns(_) | Bound::Yields | Bound::Endless(_) => true,
            // Our own engines are given no number of executions: they give up by themselves where they have cut a loop.
            Bound::Executions(_) => engine.is_own(),
            _ => false,
        };
        self.options.accepts_bounded || (is_of_a_loop && executions > 0)
    }

    /// A failure made small, or as it was found with the reason why it was not: the request may take the process down that
    /// looks for a smaller one.
    fn made_small(
        &self,
        scenario: &Scenario,
        engine: Engine,
        violation: &Violation,
        failure: &Failure,
    ) -> (Counterexample, String) {
        let task = Task::Explain {
            request: self.subject.name().to_owned(),
            scenario: catalogue::named(&scenario.name).map(|scenario| scenario.name),
            program: scenario.program.to_string(),
            violation: violation.clone(),
            failure: failure.clone(),
            outcome: None,
        };
        let why_not = match self.ask(task, engine).map(|done| done.answer) {
            Ok(Answer::Explained { token, trace, .. }) => match token.parse::<Token>() {
                Ok(token) => return (Counterexample { trace: *trace, token }, String::new()),
                Err(error) => error.to_string(),
            },
            Ok(Answer::Crashed(words) | Answer::NotApplicable(words)) | Err(words) => words,
            Ok(_) => "the worker gave no explanation".to_owned(),
        };
        let found = as_found(self.subject, scenario, engine, self.options.seed, violation, failure);
        (found, format!("\nit could not be made smaller: {why_not}\n"))
    }

    /// The contract that the request keeps instead, if that is what is wrong.
    fn mismatch(&self, place: Where) -> String {
        let ask = || match place {
            Where::Here => diagnosis::explain(self.subject),
            Where::Workers => self.ask_for_presets(),
        };
        let mismatch = self.mismatch.get_or_init(ask);
        mismatch.as_ref().map_or_else(String::new, |mismatch| format!("\ncontract: {mismatch}\n"))
    }

    fn ask_for_presets(&self) -> Option<diagnosis::Mismatch> {
        let task = Task::Check { request: self.subject.name().to_owned(), check: Check::Presets };
        let Ok(Done { answer: Answer::Checked(Checked::Keeps(declarations)), .. }) =
            self.ask(task, Engine::Dpor)
        else {
            // Nothing is known then, and the failure itself is told in any case.
            return None;
        };
        let kept: Vec<Contract> = declarations.iter().filter_map(Declaration::contract).collect();
        (!kept.is_empty()).then(|| diagnosis::Mismatch { declared: self.subject.contract(), kept })
    }

    /// Asks a question about the request as such.
    fn check(&self, check: Check) -> Outcome {
        let (good, bad) = match check {
            Check::Crash(_) => ("proved", "refuted"),
            _ => ("passed", "failed"),
        };
        let task = Task::Check { request: self.subject.name().to_owned(), check };
        let Done { answer, printed, .. } =
            self.ask(task, Engine::Dpor).map_err(|words| ("tool failure", words))?;
        match answer {
            Answer::Checked(Checked::Failed(words)) => Err((bad, format!("{words}{printed}"))),
            Answer::Checked(_) => Ok(good.into()),
            Answer::Crashed(words) => Err(("tool failure", format!("{words}{printed}"))),
            _ => Err(("tool failure", "the worker gave no answer".to_owned())),
        }
    }
}

/// What a request should declare that has not all of the calls of a scenario which came to nothing.
fn not_offered(verdict: &Verdict, outcomes: &BTreeMap<history::Outcome, u64>) -> &'static str {
    let words = Misuse::NotOffered.to_string();
    let lacks_a_call = outcomes.keys().any(|outcome| outcome.to_string().contains(&words));
    if matches!(verdict, Verdict::Vacuous { .. }) && lacks_a_call {
        "\nhint: the request does not offer a call of this scenario. A contract that says so, by `unmarking`, `completing` or \
         `asking`, keeps it out of scenarios that need the call"
    } else {
        ""
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
    let suite = Suite::new(subject, Options::default());
    let accepted = suite.accept(&scenario, engine, answer, Where::Here);
    accepted.map(|passed| passed.word).map_err(|(_, report)| report)
}

/// A counterexample as a test prints it.
pub(super) fn table(found: &Counterexample) -> String {
    render(&found.trace, &Look { replay_by: ReplayBy::Test, ..Look::plain() })
}
