//! What is changed and judged: a request in a scenario, or a system in one of its own.

use cancelproof_judge::system;

use crate::execution;
use crate::judge::{Engine, Intercepting, Settings, judge_through};
use crate::scenario::Scenario;
use crate::subject::Subject;
use crate::verdict::Judgement;

/// Something that an engine judges while its operations are changed.
#[derive(Clone)]
pub enum Asked {
    /// A request.
    Request {
        /// The request.
        subject: &'static dyn Subject,
        /// What runs on it.
        scenario: Scenario,
    },
    /// A system.
    System {
        /// The system.
        system: system::System,
        /// What runs on it.
        scenario: system::Scenario,
    },
}

impl Asked {
    /// The name of the request or the system.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Asked::Request { subject, .. } => subject.name(),
            Asked::System { system, .. } => system.name,
        }
    }

    /// Whether its scenario is in a catalogue, so that its name says what it is about.
    #[must_use]
    pub fn is_named(&self) -> bool {
        match self {
            Asked::Request { scenario, .. } => !scenario.source.is_empty(),
            Asked::System { scenario, .. } => !scenario.source.is_empty(),
        }
    }

    /// The name of its scenario, or the program where the name says nothing.
    #[must_use]
    pub fn scenario(&self) -> String {
        match self {
            Asked::Request { scenario, .. } if self.is_named() => scenario.name.clone(),
            Asked::Request { scenario, .. } => scenario.program.to_string(),
            Asked::System { scenario, .. } if self.is_named() => scenario.name.to_owned(),
            Asked::System { scenario, .. } => scenario.program.to_string(),
        }
    }

    /// Judges it with an interceptor in each execution.
    ///
    /// # Errors
    ///
    /// Returns why nothing was judged.
    pub fn judge_through(&self, engine: Engine, intercepting: &Intercepting) -> Result<Judgement, String> {
        let settings = Settings::default();
        match self {
            Asked::Request { subject, scenario } => {
                judge_through(*subject, scenario, engine, settings, intercepting)
                    .map_err(|reason| reason.to_string())
            }
            Asked::System { system, scenario } => {
                system::judge_through(system, scenario, engine, settings, intercepting)
                    .map(|judged| judged.judgement)
                    .map_err(|reason| reason.to_string())
            }
        }
    }
}

/// Whether operations in this file are those of what runs a request or a system, and not its own.
pub(super) fn is_of_harness(file: &str) -> bool {
    execution::is_of_harness(file) || system::is_of_harness(file)
}
