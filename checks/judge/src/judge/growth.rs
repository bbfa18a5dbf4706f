//! Beyond the catalogue: the driver against ever more cancelers, until the effort is used up.
//!
//! Three stages, each of which claims less than the one before and reaches further: every interleaving for as many
//! threads as can be exhausted; for one thread more, every run with at most so many preemptions; for one more still,
//! samples, with the chance that they missed a bug.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::{Engine, PCT_DEPTH, Settings, Trial, body, judge, made};
use crate::engine::shuttle::{self, Strategy};
use crate::exploration::{Bound, Failure};
use crate::rules::Violation;
use crate::scenario::{MAX_THREADS, Scenario, ad_hoc};
use crate::subject::{Platform, Subject};
use crate::verdict::{Judgement, Verdict};

/// The threads of the largest programs in the catalogue, after which this begins.
const CATALOGUE_THREADS: usize = 3;

/// Without a limit of time, each exhaustive exploration gives up after this many executions.
const EXECUTIONS_BY_DEFAULT: u64 = 100_000;

/// Without a limit of time, nothing is exhausted beyond this many threads.
const THREADS_BY_DEFAULT: usize = 4;

/// Without a limit of time, no run with more preemptions is looked at.
const PREEMPTIONS_BY_DEFAULT: u32 = 1;

/// How far a request was shown correct.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Growth {
    /// The most threads of which every interleaving was explored, by both engines of this suite.
    pub proved: Option<usize>,
    /// The threads and preemptions of which every run was explored, though not every interleaving.
    pub bounded: Option<Bounded>,
    /// What was drawn from programs that are larger still.
    pub sampled: Option<Sampled>,
    /// The failure that ended it.
    pub refuted: Option<Refuted>,
    /// What the suite itself could not do.
    pub troubles: Vec<String>,
    /// Executions in all.
    pub executions: u64,
}

/// Every run with a bounded number of preemptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounded {
    /// How many threads.
    pub threads: usize,
    /// At most so many preemptions.
    pub preemptions: u32,
}

/// Samples by PCT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sampled {
    /// How many threads.
    pub threads: usize,
    /// How many samples.
    pub samples: u64,
    /// The depth of the bugs for which PCT guarantees a chance.
    pub depth: u32,
    /// The steps of the longest sample.
    pub steps: u64,
}

/// A failure beyond the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refuted {
    /// The program's text.
    pub program: String,
    /// The engine that found it.
    pub engine: Engine,
    /// The broken rule.
    pub violation: Violation,
    /// The execution.
    pub failure: Failure,
}

impl Sampled {
    /// The probability that the samples missed a bug of this depth although there is one: at most this, by the
    /// guarantee that each sample finds it with probability 1 / (n k^(d - 1)) for n threads, k steps and depth d
    /// (Burckhardt, Kothari, Musuvathi and Nagarakatte, ASPLOS 2010, theorem 3).
    ///
    /// ```
    /// use cancelproof_judge::judge::growth::Sampled;
    ///
    /// let none = Sampled { threads: 6, samples: 0, depth: 3, steps: 50 };
    /// assert_eq!(none.miss(), 1.0);
    /// let many = Sampled { samples: 100_000, ..none };
    /// assert!(many.miss() < 0.01);
    /// ```
    #[must_use]
    pub fn miss(&self) -> f64 {
        let places = (self.steps.max(1) as f64).powi(self.depth.saturating_sub(1).cast_signed());
        let chance = 1.0 / (self.threads.max(1) as f64 * places);
        (1.0 - chance).powf(self.samples as f64)
    }
}

/// Shows `subject` correct as far as it goes within `settings.time`, or within a fixed effort when there is no limit.
#[must_use]
pub fn grow(subject: &'static dyn Subject, settings: Settings) -> Growth {
    let mut grower = Grower { subject, settings, begin: Instant::now(), growth: Growth::default() };
    let exhausted = grower.exhaust();
    if grower.may_go_on() {
        grower.bound(exhausted + 1);
    }
    if grower.may_go_on() {
        grower.sample(exhausted + 2);
    }
    grower.growth
}

/// The driver against `threads - 1` cancelers.
fn scenario(threads: usize) -> Scenario {
    let program = format!("mark finish{}", " | cancel".repeat(threads - 1));
    ad_hoc(program.parse().expect("the program is well formed for every number of threads"))
}

struct Grower {
    subject: &'static dyn Subject,
    settings: Settings,
    begin: Instant,
    growth: Growth,
}

impl Grower {
    fn may_go_on(&self) -> bool {
        self.growth.refuted.is_none() && self.growth.troubles.is_empty()
    }

    /// What is left of this share of the time; none if there is no limit.
    fn left(&self, share: f64) -> Option<Duration> {
        self.settings.time.map(|time| time.mul_f64(share).saturating_sub(self.begin.elapsed()))
    }

    fn is_spent(&self, share: f64) -> bool {
        self.left(share).is_some_and(|left| left.is_zero())
    }

    /// Every interleaving of more and more threads; the most that were exhausted, those of the catalogue included.
    fn exhaust(&mut self) -> usize {
        let most = if self.settings.time.is_some() { MAX_THREADS } else { THREADS_BY_DEFAULT };
        for threads in CATALOGUE_THREADS + 1..=most.min(MAX_THREADS - 2) {
            for engine in [Engine::Dpor, Engine::Rc11] {
                let verdict = self.judge(threads, engine, None, 0.5);
                if verdict != Some(Verdict::Proved) {
                    return threads - 1;
                }
            }
            self.growth.proved = Some(threads);
        }
        self.growth.proved.unwrap_or(CATALOGUE_THREADS)
    }

    /// Every run of this many threads, with more and more preemptions.
    fn bound(&mut self, threads: usize) {
        let most = if self.settings.time.is_some() { u32::MAX } else { PREEMPTIONS_BY_DEFAULT };
        for preemptions in 0..=most {
            match self.judge(threads, Engine::Dpor, Some(preemptions), 0.75) {
                Some(Verdict::Bounded(Bound::Preemptions(_))) => {
                    self.growth.bounded = Some(Bounded { threads, preemptions });
                }
                _ => return,
            }
        }
    }

    fn sample(&mut self, threads: usize) {
        if self.is_spent(1.0) {
            return;
        }
        let subject = self.subject;
        if !subject.runs_on(Platform::Shuttle) {
            return;
        }
        let scenario = scenario(threads);
        let order = Engine::ShuttlePct.order();
        let trial = Trial::new(&scenario, subject.contract(), &cancelproof_machine::Rule::ALL, order);
        let time = self.left(1.0);
        let samples = if time.is_some() { u64::from(u32::MAX) } else { self.settings.samples };
        let strategy = Strategy::Pct { seed: self.settings.seed, samples, depth: PCT_DEPTH };
        let options = shuttle::Options { executions: None, time };
        let run = body(&trial, move || Some(made(subject.on_shuttle())));
        let counted = shuttle::explore_counting_steps(strategy, options, run);
        let judgement = trial.conclude(&counted.exploration);
        let samples = judgement.executions;
        if self.note(&scenario, Engine::ShuttlePct, judgement) == Verdict::Sampled {
            let depth = PCT_DEPTH as u32;
            self.growth.sampled = Some(Sampled { threads, samples, depth, steps: counted.longest });
        }
    }

    /// The verdict on this many threads, unless this share of the time is used up.
    fn judge(
        &mut self,
        threads: usize,
        engine: Engine,
        preemptions: Option<u32>,
        share: f64,
    ) -> Option<Verdict> {
        if self.is_spent(share) {
            return None;
        }
        let time = self.left(share);
        let executions = time.is_none().then_some(EXECUTIONS_BY_DEFAULT);
        let scenario = scenario(threads);
        let settings = Settings { executions, time, preemptions, ..self.settings };
        match judge(self.subject, &scenario, engine, settings) {
            Ok(judgement) => Some(self.note(&scenario, engine, judgement)),
            // What the engine does not apply to is not shown by it, and nothing is claimed.
            Err(_) => None,
        }
    }

    /// Counts, and keeps what must be shown.
    fn note(&mut self, scenario: &Scenario, engine: Engine, judgement: Judgement) -> Verdict {
        self.growth.executions += judgement.executions;
        let program = scenario.program.to_string();
        match &judgement.verdict {
            Verdict::Refuted { violation, failure } => {
                let (violation, failure) = (violation.clone(), failure.clone());
                self.growth.refuted = Some(Refuted { program, engine, violation, failure });
            }
            Verdict::ToolFailure { .. } | Verdict::Vacuous { .. } => {
                self.growth.troubles.push(format!("{program} / {engine}: {}", judgement.verdict));
            }
            Verdict::Proved | Verdict::Bounded(_) | Verdict::Sampled => {}
        }
        judgement.verdict
    }
}
