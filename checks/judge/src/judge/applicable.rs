//! Which requests, scenarios and engines fit together.

use cancelproof_machine::Contract;

use super::Engine;
use crate::scenario::Scenario;
use crate::subject::Subject;

/// Why a request was not judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotApplicable {
    /// The request does not run on the platform of the engine.
    #[error("the request does not run on the platform of {0}")]
    Platform(Engine),
    /// The scenario makes no sense under the contract of the request.
    #[error("the scenario does not apply to the contract {0}")]
    Contract(Contract),
    /// The engine cannot run that many threads.
    #[error("the engine {engine} runs at most {most} threads, the scenario has {found}")]
    Threads {
        /// The engine.
        engine: Engine,
        /// Its limit.
        most: usize,
        /// What the scenario has.
        found: usize,
    },
    /// The request does not run on the platform of an engine that is not one of the suite's.
    #[error("the request does not run on the platform of {0}")]
    PlatformOf(&'static str),
    /// An engine that is not one of the suite's cannot run that many threads.
    #[error("the engine {engine} runs at most {most} threads, the scenario has {found}")]
    ThreadsOf {
        /// The engine's name.
        engine: &'static str,
        /// Its limit.
        most: usize,
        /// What the scenario has.
        found: usize,
    },
    /// Nobody can stand between a request and the executor of the engine.
    #[error("{0} does not run on the executor of this suite, so its operations cannot be intercepted")]
    Interception(Engine),
}

/// Whether the three fit together.
pub(super) fn check(
    subject: &dyn Subject,
    contract: Contract,
    scenario: &Scenario,
    engine: Engine,
) -> Result<(), NotApplicable> {
    if !scenario.applies_to(&contract) {
        return Err(NotApplicable::Contract(contract));
    }
    let found = scenario.program.threads.len();
    if let Some(most) = engine.threads_max().filter(|&most| found > most) {
        return Err(NotApplicable::Threads { engine, most, found });
    }
    if !subject.runs_on(engine.platform()) {
        return Err(NotApplicable::Platform(engine));
    }
    Ok(())
}
