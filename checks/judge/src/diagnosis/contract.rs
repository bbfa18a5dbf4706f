//! Which contract a request keeps, whatever it declares.

use std::fmt;

use cancelproof_machine::Contract;

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
    /// The presets that it keeps.
    pub kept: Vec<Contract>,
}

/// The presets under which nothing refutes `subject` in the scenarios of up to two threads. It need not be one: a request
/// that is wrong keeps none, and one that runs on no engine that explores every order is not asked.
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
    let engine = match (subject.runs_on(Platform::Controlled), subject.runs_on(Platform::Loom)) {
        (true, _) => Engine::Dpor,
        (false, true) => Engine::Loom,
        (false, false) => return Vec::new(),
    };
    let scenarios: Vec<Scenario> = catalogue::all()
        .into_iter()
        .filter(|scenario| scenario.program.threads.len() <= THREADS_MAX)
        .collect();
    Contract::PRESETS.into_iter().filter(|contract| keeps(subject, contract, engine, &scenarios)).collect()
}

fn keeps(subject: &'static dyn Subject, contract: &Contract, engine: Engine, scenarios: &[Scenario]) -> bool {
    let settings = Settings { executions: Some(EXECUTIONS_MAX), ..Settings::default() };
    scenarios.iter().filter(|scenario| scenario.applies_to(contract)).all(|scenario| {
        judge_as(subject, contract, scenario, engine, settings)
            .is_ok_and(|judgement| matches!(judgement.verdict, Verdict::Proved | Verdict::Bounded(_)))
    })
}

/// Why a request that was refuted may only have declared the wrong contract; `None` if it keeps the one it declares, or
/// no preset, or has none of their kind.
#[must_use]
pub fn explain(subject: &'static dyn Subject) -> Option<Mismatch> {
    let declared = subject.contract();
    // The presets are those of requests, whose drivers can break the rules: a type that excludes that is none of them.
    if declared.excludes_misuse() {
        return None;
    }
    let kept = behaves_like(subject);
    (!kept.is_empty() && !kept.contains(&declared)).then_some(Mismatch { declared, kept })
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
