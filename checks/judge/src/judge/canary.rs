//! The canary: before an engine is believed, it must find bugs that were planted for it.
//!
//! A harness that sees nothing passes everything. So the same engine, with the same settings, must first refute a
//! planted double callback, a planted lost cancel and a planted late callback, each for the right rule. Engines that
//! claim to see every order must also find those that only one order shows; engines that claim to see happens-before
//! must also find one that only misorders.

use cancelproof_machine::Rule;
use cancelproof_references::faults::Sight;

use super::{Engine, Intercepting, NotApplicable, Settings, judge, judge_through};
use crate::registry::{self, FaultyRequest};
use crate::scenario::{Scenario, catalogue};
use crate::subject::Subject;
use crate::verdict::{Judgement, Verdict};

/// Planted bugs that one thread shows.
const IN_ANY_ORDER: [&str; 3] =
    ["locked-fires-on-every-cancel", "locked-loses-early-cancel", "word-fires-after-completion"];

/// Planted bugs that only some orders show.
const IN_SOME_ORDER: [&str; 3] =
    ["locked-fires-twice", "exchange-looks-before-publishing", "locked-checks-then-withdraws"];

/// A planted bug that no order shows, only the lack of happens-before.
const IN_NO_ORDER: [&str; 1] = ["word-claims-relaxed"];

/// Samples with which a sampling engine must find what only some orders show.
const SAMPLES_MIN: u64 = 1_000;

/// How a canary was missed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Blind {
    /// The planted bug was not found.
    #[error("canary: {engine} does not see the planted fault {fault}; it answered {verdict}")]
    Missed {
        /// The engine.
        engine: Engine,
        /// The planted fault.
        fault: &'static str,
        /// What it answered instead.
        verdict: String,
    },
    /// The planted bug was found for another reason.
    #[error("canary: {engine} blames the planted fault {fault} on {found}, expected {expected}")]
    Misjudged {
        /// The engine.
        engine: Engine,
        /// The planted fault.
        fault: &'static str,
        /// The rule it named.
        found: Rule,
        /// The rule the fault breaks.
        expected: Rule,
    },
}

/// Makes sure that `engine` sees what it must be able to see before its verdicts are believed.
///
/// # Errors
///
/// Returns the first planted fault that it missed.
pub fn check(engine: Engine, settings: Settings) -> Result<(), Blind> {
    check_with(engine, settings, |subject, scenario, settings| judge(subject, scenario, engine, settings))
}

/// Like [`check`], with an interceptor in each execution. One that changes nothing must pass, and one that hides from
/// the engine what it must see must not.
///
/// # Errors
///
/// As for [`check`].
pub fn check_through(engine: Engine, settings: Settings, intercepting: &Intercepting) -> Result<(), Blind> {
    check_with(engine, settings, |subject, scenario, settings| {
        judge_through(subject, scenario, engine, settings, intercepting)
    })
}

/// How a planted fault is judged.
type Judged = Result<Judgement, NotApplicable>;

fn check_with(
    engine: Engine,
    settings: Settings,
    judge: impl Fn(&'static dyn Subject, &Scenario, Settings) -> Judged,
) -> Result<(), Blind> {
    let settings =
        Settings { samples: settings.samples.max(SAMPLES_MIN), executions: None, time: None, ..settings };
    planted(engine)
        .try_for_each(|fault| check_one(fault, engine, |scenario| judge(fault.subject, scenario, settings)))
}

/// The planted faults that an engine has to find before it is believed.
pub fn planted(engine: Engine) -> impl Iterator<Item = &'static FaultyRequest> {
    let some_order: &[&str] = if engine == Engine::Threads { &[] } else { &IN_SOME_ORDER };
    let no_order: &[&str] = if engine.sees_happens_before() { &IN_NO_ORDER } else { &[] };
    // The names above are tested to be registered.
    IN_ANY_ORDER.iter().chain(some_order).chain(no_order).filter_map(|name| registry::fault(name))
}

fn check_one(
    fault: &'static FaultyRequest,
    engine: Engine,
    judge: impl Fn(&Scenario) -> Judged,
) -> Result<(), Blind> {
    let about = &fault.about;
    debug_assert!(about.needs == Sight::Order || engine.sees_happens_before());
    let missed = |verdict: String| Blind::Missed { engine, fault: about.name, verdict };
    let scenario =
        catalogue::named(about.scenario).ok_or_else(|| missed(format!("no scenario {}", about.scenario)))?;
    let judgement = judge(&scenario).map_err(|reason| missed(reason.to_string()))?;
    match judgement.verdict {
        Verdict::Refuted { violation, .. } if violation.rule == about.breaks => Ok(()),
        Verdict::Refuted { violation, .. } => {
            let (found, expected) = (violation.rule, about.breaks);
            Err(Blind::Misjudged { engine, fault: about.name, found, expected })
        }
        other => Err(missed(other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_planted_fault_is_registered() {
        for name in IN_ANY_ORDER.iter().chain(&IN_SOME_ORDER).chain(&IN_NO_ORDER) {
            assert!(registry::fault(name).is_some(), "{name}");
        }
    }
}
