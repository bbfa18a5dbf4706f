//! The counterexample of a changed request.

use std::sync::Arc;

use cancelproof_machine::{Contract, Std};

use super::{Alteration, Altered, Asked, By, Case, Kill};
use crate::counterexample::{Counterexample, of_failure};
use crate::executor::{Controlled, intercept};
use crate::judge::{Engine, Settings};
use crate::platform::{Loom, Shuttle};
use crate::rules::Violation;
use crate::subject::{Made, Platform, Subject};

/// The counterexample of the request that `alterations` change, as it was killed in one of `cases`; `None` if nothing
/// but a missing outcome was noticed, and for a system, of which no changed one can be made. Its token names the request, but only the changed one fails: what runs it again
/// is the change.
#[must_use]
pub fn of_change(
    cases: &[Case],
    engine: Engine,
    alterations: &[Alteration],
    kill: &Kill,
) -> Option<Counterexample> {
    let (By::Rule(rule), Some(failure)) = (kill.by, &kill.failure) else { return None };
    let case = cases
        .iter()
        .find(|case| case.asked.name() == kill.request && case.asked.scenario() == kill.scenario)?;
    let Asked::Request { subject, scenario } = &case.asked else { return None };
    let changed = Changed { subject: *subject, alterations: alterations.into() };
    // Subjects live as long as the program, as those of the registry do.
    let changed: &'static Changed = Box::leak(Box::new(changed));
    let violation = Violation { rule, explanation: kill.explanation.clone() };
    let seed = Settings::default().seed;
    let mut found = of_failure(changed, scenario, engine, seed, &violation, failure);
    found.trace.header.token = None;
    Some(found)
}

/// A kind of request with changes made to it, on the only platform where that is possible.
struct Changed {
    subject: &'static dyn Subject,
    alterations: Arc<[Alteration]>,
}

impl Subject for Changed {
    fn name(&self) -> &str {
        self.subject.name()
    }

    fn contract(&self) -> Contract {
        self.subject.contract()
    }

    fn runs_on(&self, platform: Platform) -> bool {
        platform == Platform::Controlled && self.subject.runs_on(platform)
    }

    fn on_std(&self) -> Option<Made<Std>> {
        None
    }

    fn on_loom(&self) -> Option<Made<Loom>> {
        None
    }

    fn on_shuttle(&self) -> Option<Made<Shuttle>> {
        None
    }

    fn on_controlled(&self) -> Option<Made<Controlled>> {
        intercept(Altered::once(&self.alterations));
        self.subject.on_controlled()
    }
}
