//! Which contract a request keeps, whatever it declares.

use std::fmt;

use cancelproof_machine::Contract;

use super::neighbours::neighbours;
use crate::judge::{Engine, Settings, judge_as};
use crate::scenario::{Scenario, catalogue};
use crate::subject::{Platform, Subject};
use crate::verdict::Verdict;

/// Executions after which a single scenario is left: two threads of a small request need a few hundred.
const EXECUTIONS_MAX: u64 = 20_000;

/// Threads of the scenarios that tell contracts apart.
const THREADS_MAX: usize = 2;

/// A request that keeps another contract than it declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// What it declares.
    pub declared: Contract,
    /// The presets that it keeps; if there is none, what it declares with one point changed, in each way in which it keeps that.
    pub kept: Vec<Contract>,
}

/// The presets under which nothing refutes `subject` in the scenarios of up to two threads, without those that allow all that
/// another of them allows. It need not be one: a request that is wrong keeps none, and one that runs on no engine that explores
/// every order is not asked.
///
/// # Example
///
/// ```
/// use cancelproof_judge::{diagnosis, registry};
///
/// let subject = registry::subject("word-kmdf-ex").unwrap();
/// let names: Vec<&str> = diagnosis::behaves_like(subject).iter().map(|contract| contract.name).collect();
/// assert_eq!(names, ["KMDF_EX"]);
/// ```
#[must_use]
pub fn behaves_like(subject: &'static dyn Subject) -> Vec<Contract> {
    let Some((engine, scenarios)) = asked(subject) else { return Vec::new() };
    let kept: Vec<Contract> = Contract::PRESETS
        .into_iter()
        .filter(|contract| keeps(subject, contract, engine, &scenarios))
        .collect();
    strictest(&kept)
}

/// By which engine a request is asked, and in which scenarios.
fn asked(subject: &'static dyn Subject) -> Option<(Engine, Vec<Scenario>)> {
    let engine = match (subject.runs_on(Platform::Controlled), subject.runs_on(Platform::Loom)) {
        (true, _) => Engine::Dpor,
        (false, true) => Engine::Loom,
        (false, false) => return None,
    };
    let is_small = |scenario: &Scenario| scenario.program.threads.len() <= THREADS_MAX;
    Some((engine, catalogue::all().into_iter().filter(is_small).collect()))
}

/// Those that allow less than all others, or as much under another name.
fn strictest(kept: &[Contract]) -> Vec<Contract> {
    let is_looser = |contract: &Contract| {
        kept.iter().any(|other| other.is_within(contract) && !contract.is_within(other))
    };
    kept.iter().copied().filter(|contract| !is_looser(contract)).collect()
}

fn keeps(subject: &'static dyn Subject, contract: &Contract, engine: Engine, scenarios: &[Scenario]) -> bool {
    let settings = Settings { executions: Some(EXECUTIONS_MAX), ..Settings::default() };
    scenarios.iter().filter(|scenario| scenario.applies_to(contract)).all(|scenario| {
        judge_as(subject, contract, scenario, engine, settings)
            .is_ok_and(|judgement| matches!(judgement.verdict, Verdict::Proved | Verdict::Bounded(_)))
    })
}

/// Why a request that was refuted may only have declared the wrong contract; `None` if it keeps the one it declares, or
/// neither a preset nor what it declares with one point changed.
#[must_use]
pub fn explain(subject: &'static dyn Subject) -> Option<Mismatch> {
    let declared = subject.contract();
    let (engine, scenarios) = asked(subject)?;
    if keeps(subject, &declared, engine, &scenarios) {
        return None;
    }
    // The presets are those of requests, whose drivers can break the rules: a type that excludes that is none of them.
    let mut kept = if declared.excludes_misuse() { Vec::new() } else { behaves_like(subject) };
    if kept.is_empty() {
        let is_kept = |contract: &Contract| keeps(subject, contract, engine, &scenarios);
        kept = neighbours(&declared).into_iter().filter(is_kept).collect();
    }
    Mismatch::between(declared, kept)
}

/// What a request behaves like, whether or not it keeps what it declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inferred {
    /// What it declares.
    pub declared: Contract,
    /// Whether nothing refutes that in the scenarios of up to two threads.
    pub is_declared_kept: bool,
    /// The presets that it keeps, without those that allow all that another of them allows.
    pub presets: Vec<Contract>,
    /// What it declares with one point changed, in each way in which it keeps that.
    pub points: Vec<Contract>,
}

/// What `subject` behaves like: which presets it keeps, and which single points it could declare otherwise. Types that exclude misuse,
/// and drivers, are no presets', which are contracts of requests; they are asked about points alone. `None` if it runs on no engine
/// that explores every order.
///
/// # Example
///
/// ```
/// use cancelproof_judge::{diagnosis, registry};
///
/// let found = diagnosis::infer(registry::subject("word-kmdf-ex").unwrap()).unwrap();
/// assert!(found.is_declared_kept);
/// assert_eq!(found.presets[0].name, "KMDF_EX");
/// ```
#[must_use]
pub fn infer(subject: &'static dyn Subject) -> Option<Inferred> {
    let declared = subject.contract();
    let (engine, scenarios) = asked(subject)?;
    let is_kept = |contract: &Contract| keeps(subject, contract, engine, &scenarios);
    let has_presets = !declared.excludes_misuse() && !declared.delivers_to_a_driver();
    let presets = if has_presets { behaves_like(subject) } else { Vec::new() };
    // A point that no scenario speaks of says nothing about the request, and one that only allows more says nothing new.
    let is_telling = |other: &Contract| !declared.is_within(other) && differs(&declared, other, &scenarios);
    let points = neighbours(&declared).into_iter().filter(is_telling).filter(is_kept);
    Some(Inferred { declared, is_declared_kept: is_kept(&declared), presets, points: points.collect() })
}

/// Whether a scenario applies to one of the two contracts alone.
fn differs(declared: &Contract, other: &Contract, scenarios: &[Scenario]) -> bool {
    scenarios.iter().any(|scenario| scenario.applies_to(declared) != scenario.applies_to(other))
}

impl Mismatch {
    /// What is to be said of a request that declares one contract and keeps others; nothing if what it keeps is within what it
    /// declares.
    #[must_use]
    pub fn between(declared: Contract, kept: Vec<Contract>) -> Option<Self> {
        let is_kept = kept.iter().any(|contract| contract.is_within(&declared));
        (!kept.is_empty() && !is_kept).then_some(Mismatch { declared, kept })
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_neighbour =
            |kept: &Contract| self.declared.differences(kept).len() == 1 && kept.name == self.declared.name;
        if self.kept.iter().all(is_neighbour) {
            write!(
                f,
                "your request keeps every rule that two threads show if one point of {} is declared otherwise",
                self.declared
            )?;
            for kept in &self.kept {
                for (point, declared, found) in self.declared.differences(kept) {
                    write!(f, "\n  {point}: {found} instead of {declared}")?;
                }
            }
            return Ok(());
        }
        let names: Vec<&str> = self.kept.iter().map(|contract| contract.name).collect();
        write!(f, "your request behaves like {}; you declared {}", names.join(" or "), self.declared)?;
        for kept in &self.kept {
            for (point, declared, found) in self.declared.differences(kept) {
                write!(f, "\n  {point}: {} says {declared}, {} says {found}", self.declared, kept)?;
            }
        }
        Ok(())
    }
}
