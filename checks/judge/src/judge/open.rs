//! Judging with what the suite has never heard of: an engine of one's own, and properties of one's own.

use std::sync::Arc;

use cancelproof_machine::Rule;

use super::{NotApplicable, Settings, Trial, body, reduced};
use crate::engine::{self, Body};
use crate::history::History;
use crate::platform::Platform;
use crate::rules::Violation;
use crate::scenario::Scenario;
use crate::subject::{Property, Subject};
use crate::verdict::Judgement;

/// The first of `properties` that the execution with this history broke.
pub(crate) fn broken_property(properties: &[&'static dyn Property], history: &History) -> Option<Violation> {
    properties.iter().find_map(|property| {
        let how = property.broken_by(history)?;
        Some(Violation { rule: Rule::OwnProperty, explanation: format!("{}: {how}", property.name()) })
    })
}

/// Judges `subject` in `scenario` under an engine that need not be one of the suite's, by every rule, and by
/// `properties` before them. The violation of a property has the rule [`Rule::OwnProperty`].
///
/// The canary is not included, and an engine of one's own has none: whether it sees anything is its author's to show.
///
/// # Errors
///
/// Returns why nothing was judged when they do not fit together. That is never a pass.
pub fn judge_on(
    engine: &dyn engine::Engine,
    subject: &'static dyn Subject,
    scenario: &Scenario,
    settings: Settings,
    properties: &[&'static dyn Property],
) -> Result<Judgement, NotApplicable> {
    let (claims, contract) = (engine.claims(), subject.contract());
    if !scenario.applies_to(&contract) {
        return Err(NotApplicable::Contract(contract));
    }
    let found = scenario.program.threads.len();
    if let Some(most) = claims.threads_max.filter(|&most| found > most) {
        return Err(NotApplicable::ThreadsOf { engine: claims.name, most, found });
    }
    if !subject.runs_on(claims.platform) {
        return Err(NotApplicable::PlatformOf(claims.name));
    }
    let properties: Vec<&'static dyn Property> =
        subject.properties().iter().chain(properties).copied().collect();
    let trial = Trial::with_properties(scenario, contract, &Rule::ALL, &properties, claims.order);
    if let Ok(engine) = claims.name.parse() {
        trial.reduce(engine);
    }
    let body: Body = match claims.platform {
        Platform::Std => Arc::new(body(&trial, move || subject.on_std())),
        Platform::Loom => Arc::new(reduced(Platform::Loom, &trial, body(&trial, move || subject.on_loom()))),
        Platform::Shuttle => {
            Arc::new(reduced(Platform::Shuttle, &trial, body(&trial, move || subject.on_shuttle())))
        }
        Platform::Controlled => Arc::new(body(&trial, move || subject.on_controlled())),
    };
    let exploration = engine.explore(&settings, body);
    let exploration = super::claimed(exploration, &claims, subject);
    Ok(trial.conclude(&exploration))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Event;
    use crate::judge::{Engine, judge};
    use crate::registry;
    use crate::scenario::catalogue;
    use crate::verdict::Verdict;

    /// No execution has more than one cancel: false where two threads cancel.
    struct OneCancel;

    impl Property for OneCancel {
        fn name(&self) -> &'static str {
            "one-cancel"
        }

        fn broken_by(&self, history: &History) -> Option<String> {
            let is_cancel = |event: &&Event| {
                matches!(event, Event::Called { call: cancelproof_machine::machine::Call::Cancel, .. })
            };
            let cancels = history.events.iter().filter(is_cancel).count();
            (cancels > 1).then(|| format!("{cancels} cancels"))
        }
    }

    #[test]
    fn an_engine_behind_the_seam_judges_as_the_one_by_name() {
        let word = registry::subject("word").expect("it is a reference request");
        let scenario = catalogue::named("mark-cancel").expect("it is in the catalogue");
        let pairs: [(&dyn engine::Engine, Engine); 4] = [
            (&engine::Dpor, Engine::Dpor),
            (&engine::Rc11, Engine::Rc11),
            (&engine::Shuttle::DepthFirst, Engine::Shuttle),
            (&engine::Shuttle::Pct, Engine::ShuttlePct),
        ];
        for (open, named) in pairs {
            assert_eq!(open.claims(), *named.record());
            let opened = judge_on(open, word, &scenario, Settings::default(), &[]).expect("they fit");
            let judged = judge(word, &scenario, named, Settings::default()).expect("they fit");
            assert_eq!((opened.verdict, opened.executions), (judged.verdict, judged.executions), "{named}");
        }
    }

    #[test]
    fn a_property_of_ones_own_is_kept_or_refuted_by_its_name() {
        let word = registry::subject("word").expect("it is a reference request");
        for (scenario, is_kept) in [("mark-cancel", true), ("marked-two-cancels", false)] {
            let scenario = catalogue::named(scenario).expect("it is in the catalogue");
            let verdict = judge_on(&engine::Dpor, word, &scenario, Settings::default(), &[&OneCancel])
                .expect("they fit")
                .verdict;
            match verdict {
                Verdict::Proved => assert!(is_kept),
                Verdict::Refuted { violation, .. } => {
                    assert_eq!((violation.rule, is_kept), (Rule::OwnProperty, false));
                    assert!(violation.explanation.starts_with("one-cancel: "), "{violation}");
                }
                other => panic!("{other}"),
            }
        }
    }
}
