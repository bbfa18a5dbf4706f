//! From jobs and answers to a ledger.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use cancelproof_machine::Rule;

use super::{
    Bounds, EngineRecord, Finding, GrowthRecord, LAYOUT, Ledger, Record, RequestRecord, Selection, Size,
    VerdictRecord,
};
use crate::counterexample::Counterexample;
use crate::coverage::{self, Coverage, Named};
use crate::fingerprint::Fingerprint;
use crate::job::{Answer, Job, Replay, Task};
use crate::judge::growth::Growth;
use crate::judge::{self, Engine};
use crate::registry;
use crate::rules;
use crate::scenario::Scenario;
use crate::subject::Subject;
use crate::system;
use crate::verdict::{Judgement, Verdict};

/// What a judgement had to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// No rule is broken.
    Passes,
    /// This rule is broken.
    Breaks(Rule),
}

impl Ledger {
    /// An empty ledger of a run that was restricted to `selection`.
    #[must_use]
    pub fn new(selection: Selection) -> Self {
        Ledger {
            layout: LAYOUT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            suite: None,
            selection,
            engines: Vec::new(),
            requests: Vec::new(),
            edges: Vec::new(),
            results: Vec::new(),
            growth: Vec::new(),
            mutants: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// Adds what came of a job; a canary's answer is added to its engine.
    pub fn add(&mut self, job: &Job, answer: Option<&Answer>, expected: Expected) {
        if job.task == Task::Canary {
            let record = engine(job.engine, canary(answer));
            self.engines.push(record);
            return;
        }
        if let (Task::Growth { request }, Some(Answer::Grown(growth))) = (&job.task, answer) {
            self.growth.push(grown(request, growth));
            return;
        }
        if let Task::System { system, scenario } = &job.task {
            if let Some(scenario) = system::catalogue::named(scenario) {
                let ran = Ran::of_system(system, &scenario);
                self.results.push(record(job, ran, answer, expected, Vec::new()));
            }
            return;
        }
        let Some((request, scenario)) = job.task.judged() else { return };
        let judgement = answer.and_then(Answer::judgement);
        let edges = judgement.map(|judgement| self.places(&judgement.coverage)).unwrap_or_default();
        let ran = Ran::of_request(job, request, &scenario);
        self.results.push(record(job, ran, answer, expected, edges));
    }

    /// Adds a request with its fingerprint, or with the reason why it has none. What its judgements have seen is taken
    /// from the results that the ledger has by now.
    pub fn add_request(&mut self, subject: &dyn Subject, fingerprint: Result<Fingerprint, String>) {
        let name = subject.name();
        let (fingerprint, trouble) = match fingerprint {
            Ok(fingerprint) => (Some(fingerprint), None),
            Err(trouble) => (None, Some(trouble)),
        };
        self.requests.push(RequestRecord {
            name: name.to_owned(),
            contract: subject.contract().to_string(),
            breaks: registry::fault(name).map(|fault| fault.about.breaks.to_string()),
            fingerprint,
            trouble,
            machine: size(&coverage::possible(&subject.contract())),
            seen: self.seen(name),
        });
    }

    /// Takes over what the last ledger has of requests that this one does not judge, since they have not changed.
    pub fn carry_over(&mut self, last: &Ledger) {
        // Kept failures are judged whatever has changed, and stand for no judgement in the catalogue.
        let in_catalogue = self.results.iter().filter(|result| result.scenario.is_some());
        let judged: BTreeSet<String> = in_catalogue.map(|result| result.request.clone()).collect();
        let titles: BTreeSet<String> = self.results.iter().map(Record::title).collect();
        let is_left_out = |name: &String| !judged.contains(name);
        let is_carried = |result: &&Record| is_left_out(&result.request) && !titles.contains(&result.title());
        for result in last.results.iter().filter(is_carried) {
            let edges = self.places(&last.coverage(result));
            self.results.push(Record { edges, ..result.clone() });
        }
        let is_new = |new: &&RequestRecord| self.requests.iter().all(|known| known.name != new.name);
        let requests: Vec<RequestRecord> = last.requests.iter().filter(is_new).cloned().collect();
        self.requests.extend(requests);
        self.count_seen();
        self.growth.extend(last.growth.iter().filter(|growth| is_left_out(&growth.request)).cloned());
        let is_new = |engine: &&EngineRecord| self.engines.iter().all(|known| known.name != engine.name);
        let engines: Vec<EngineRecord> = last.engines.iter().filter(is_new).cloned().collect();
        self.engines.extend(engines);
    }

    /// Adds what another ledger has and this one has not, as when each of several machines has judged a part.
    pub fn absorb(&mut self, other: &Ledger) {
        let titles: BTreeSet<String> = self.results.iter().map(Record::title).collect();
        for result in other.results.iter().filter(|result| !titles.contains(&result.title())) {
            let edges = self.places(&other.coverage(result));
            self.results.push(Record { edges, ..result.clone() });
        }
        let engines =
            other.engines.iter().filter(|new| self.engines.iter().all(|known| known.name != new.name));
        let engines: Vec<EngineRecord> = engines.cloned().collect();
        self.engines.extend(engines);
        let is_new = |new: &&GrowthRecord| self.growth.iter().all(|known| known.request != new.request);
        let growth: Vec<GrowthRecord> = other.growth.iter().filter(is_new).cloned().collect();
        self.growth.extend(growth);
        let is_new = |new: &&Finding| self.findings.iter().all(|known| known.token != new.token);
        let findings: Vec<Finding> = other.findings.iter().filter(is_new).cloned().collect();
        self.findings.extend(findings);
        let is_new = |new: &&RequestRecord| self.requests.iter().all(|known| known.name != new.name);
        let requests: Vec<RequestRecord> = other.requests.iter().filter(is_new).cloned().collect();
        self.requests.extend(requests);
        self.count_seen();
    }

    /// Counts anew how much of its machine each request has gone along.
    fn count_seen(&mut self) {
        let seen: Vec<Size> = self.requests.iter().map(|request| self.seen(&request.name)).collect();
        for (request, seen) in self.requests.iter_mut().zip(seen) {
            request.seen = seen;
        }
    }

    /// How much of its machine the judgements of a request have gone along.
    fn seen(&self, request: &str) -> Size {
        let mut seen = Coverage::default();
        for result in self.results.iter().filter(|result| result.request == request) {
            seen.add(&self.coverage(result));
        }
        size(&seen)
    }

    /// Adds a failure that nobody expected.
    pub fn add_finding<T: fmt::Display>(
        &mut self,
        scenario: &str,
        engine: Engine,
        found: &Counterexample<T>,
    ) {
        self.findings.push(Finding {
            scenario: scenario.to_owned(),
            engine: engine.name().to_owned(),
            token: found.token.to_string(),
            trace: found.trace.clone(),
        });
    }

    /// The edges that the executions of a result have gone along.
    #[must_use]
    pub fn coverage(&self, result: &Record) -> Coverage {
        result.edges.iter().filter_map(|&place| self.edges.get(place).cloned()).collect()
    }

    fn places(&mut self, coverage: &Coverage) -> Vec<usize> {
        coverage.edges().map(|edge| self.place(edge)).collect()
    }

    fn place(&mut self, edge: &Named) -> usize {
        self.edges.iter().position(|known| known == edge).unwrap_or_else(|| {
            self.edges.push(edge.clone());
            self.edges.len() - 1
        })
    }
}

fn size(coverage: &Coverage) -> Size {
    Size { states: coverage.states().len(), edges: coverage.len() }
}

/// What ran in a job.
struct Ran {
    request: String,
    scenario: Option<String>,
    program: String,
    threads: usize,
    /// The rules that are evaluated in it.
    rules: Vec<Rule>,
}

impl Ran {
    fn of_request(job: &Job, request: &str, scenario: &Scenario) -> Self {
        Ran {
            request: request.to_owned(),
            scenario: matches!(job.task, Task::Scenario { .. }).then(|| scenario.name.clone()),
            program: scenario.program.to_string(),
            threads: scenario.program.threads.len(),
            rules: rules::evaluated(scenario.scope),
        }
    }

    fn of_system(system: &str, scenario: &system::Scenario) -> Self {
        Ran {
            request: system.to_owned(),
            scenario: Some(scenario.name.to_owned()),
            program: scenario.program.to_string(),
            threads: scenario.program.threads.len(),
            rules: system::rules::ORDER.to_vec(),
        }
    }
}

fn record(job: &Job, ran: Ran, answer: Option<&Answer>, expected: Expected, edges: Vec<usize>) -> Record {
    let judgement = answer.and_then(Answer::judgement);
    let outcomes = judgement.map(|judgement| {
        judgement.outcomes.iter().map(|(outcome, executions)| (outcome.to_string(), *executions)).collect()
    });
    let Ran { request, scenario, program, threads, rules } = ran;
    let rules = rules.into_iter().map(|rule| rule.name().to_owned());
    Record {
        request,
        scenario,
        program,
        threads,
        engine: job.engine.name().to_owned(),
        replayed: match &job.task {
            Task::Kept { token, .. } => Some(token.clone()),
            _ => None,
        },
        expected: match expected {
            Expected::Passes => None,
            Expected::Breaks(rule) => Some(rule.name().to_owned()),
        },
        bounds: Bounds {
            seed: job.seed,
            samples: job.samples,
            milliseconds: job.milliseconds,
            executions: job.executions,
        },
        verdict: verdict(answer),
        executions: judgement.map_or(0, |judgement| judgement.executions),
        abandoned: judgement.map_or(0, |judgement| judgement.abandoned),
        outcomes: outcomes.unwrap_or_default(),
        edges,
        rules: if judgement.is_some() { rules.collect() } else { Vec::new() },
    }
}

fn grown(request: &str, growth: &Growth) -> GrowthRecord {
    let Growth { proved, bounded, sampled, refuted, troubles, executions } = growth;
    let refuted = refuted.as_ref().map(|refuted| format!("{}: {}", refuted.program, refuted.violation));
    GrowthRecord {
        request: request.to_owned(),
        proved: *proved,
        bounded: *bounded,
        sampled: *sampled,
        troubles: refuted.into_iter().chain(troubles.iter().cloned()).collect(),
        executions: *executions,
    }
}

fn verdict(answer: Option<&Answer>) -> VerdictRecord {
    let say = |word: &str, detail: Option<String>| VerdictRecord {
        word: word.to_owned(),
        detail,
        bound: None,
        rule: None,
        execution: None,
    };
    match answer {
        Some(Answer::Replayed(Replay { judgement, outdated: Some(why), .. })) => {
            let plain = verdict(Some(&Answer::Judged(judgement.clone())));
            let words = [Some(why.clone()), plain.detail];
            VerdictRecord {
                detail: Some(words.into_iter().flatten().collect::<Vec<_>>().join("; ")),
                ..plain
            }
        }
        Some(
            Answer::Judged(Judgement { verdict, .. })
            | Answer::Replayed(Replay { judgement: Judgement { verdict, .. }, .. }),
        ) => {
            let plain = say(verdict.word(), None);
            match verdict {
                Verdict::Proved | Verdict::Sampled => plain,
                Verdict::Bounded(bound) => {
                    VerdictRecord { detail: Some(bound.to_string()), bound: Some(bound.clone()), ..plain }
                }
                Verdict::Refuted { violation, failure } => VerdictRecord {
                    detail: Some(violation.explanation.clone()),
                    rule: Some(violation.rule.name().to_owned()),
                    execution: Some(failure.execution),
                    ..plain
                },
                Verdict::Vacuous { missing } => VerdictRecord { detail: Some(missing.clone()), ..plain },
                Verdict::ToolFailure { reason } => VerdictRecord { detail: Some(reason.clone()), ..plain },
            }
        }
        Some(Answer::NotApplicable(reason)) => say("not applicable", Some(reason.clone())),
        Some(Answer::Crashed(words)) => say("crashed", Some(words.clone())),
        _ => say("not started", None),
    }
}

fn canary(answer: Option<&Answer>) -> String {
    match answer {
        Some(Answer::Judged(judgement)) if judgement.verdict == Verdict::Proved => "seen".to_owned(),
        Some(Answer::Judged(judgement)) => judgement.verdict.to_string(),
        Some(Answer::Crashed(words)) => words.clone(),
        _ => "not asked".to_owned(),
    }
}

fn engine(engine: Engine, canary: String) -> EngineRecord {
    EngineRecord {
        name: engine.name().to_owned(),
        version: engine.version().to_owned(),
        memory_model: engine.memory_model().to_owned(),
        is_exhaustive: engine.is_exhaustive(),
        not_looked_at: engine.record().limits.iter().map(|limit| limit.sentence.to_owned()).collect(),
        planted: judge::planted(engine).map(|fault| fault.about.name.to_owned()).collect(),
        canary,
    }
}

/// The names that results have, each once.
pub(super) fn by_title(ledger: &Ledger) -> BTreeMap<String, &Record> {
    ledger.results.iter().map(|result| (result.title(), result)).collect()
}
