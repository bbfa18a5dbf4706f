//! Properties of an author's own: kept by the right request, and broken by the twin that is wrong in nothing else.

use cancelproof::counterexample::{self, Replayed, Token, replay};
use cancelproof::executor::Controlled;
use cancelproof::history::{Event, History};
use cancelproof::judge::{Engine, Property, Settings, judge};
use cancelproof::model::{Contract, Rule, Std};
use cancelproof::platform::{Loom, Shuttle};
use cancelproof::registry;
use cancelproof::scenario::catalogue;
use cancelproof::subject::{Made, Platform, Subject};
use cancelproof::verdict::Verdict;

/// A reference request with a property.
struct With(&'static dyn Subject, [&'static dyn Property; 1]);

impl Subject for With {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn contract(&self) -> Contract {
        self.0.contract()
    }

    fn runs_on(&self, platform: Platform) -> bool {
        self.0.runs_on(platform)
    }

    fn properties(&self) -> &[&'static dyn Property] {
        &self.1
    }

    fn on_std(&self) -> Option<Made<Std>> {
        self.0.on_std()
    }

    fn on_loom(&self) -> Option<Made<Loom>> {
        self.0.on_loom()
    }

    fn on_shuttle(&self) -> Option<Made<Shuttle>> {
        self.0.on_shuttle()
    }

    fn on_controlled(&self) -> Option<Made<Controlled>> {
        self.0.on_controlled()
    }
}

/// No more callbacks than that.
struct AtMost(usize);

impl Property for AtMost {
    fn name(&self) -> &'static str {
        "at-most"
    }

    fn broken_by(&self, history: &History) -> Option<String> {
        let is_start = |event: &&Event| matches!(event, Event::CallbackStarted { .. });
        let starts = history.events.iter().filter(is_start).count();
        (starts > self.0).then(|| format!("{starts} callbacks were called"))
    }
}

static AT_MOST_ONE: AtMost = AtMost(1);
static NONE_AT_ALL: AtMost = AtMost(0);

fn with(property: &'static dyn Property) -> &'static dyn Subject {
    let word = registry::subject("word").expect("it is a reference request");
    Box::leak(Box::new(With(word, [property])))
}

#[test]
fn a_property_is_judged_by_every_engine_and_has_a_counterexample() {
    let scenario = catalogue::named("marked-two-cancels").expect("it is in the catalogue");
    for engine in [Engine::Dpor, Engine::Rc11, Engine::Loom, Engine::Shuttle] {
        let verdict =
            |subject| judge(subject, &scenario, engine, Settings::default()).expect("it applies").verdict;
        assert_eq!(verdict(with(&AT_MOST_ONE)), Verdict::Proved, "{engine}");
        match verdict(with(&NONE_AT_ALL)) {
            Verdict::Refuted { violation, .. } => {
                assert_eq!(violation.rule, Rule::OwnProperty);
                assert_eq!(violation.explanation, "at-most: 1 callbacks were called");
            }
            other => panic!("{engine}: {other}"),
        }
    }
}

#[test]
fn the_counterexample_of_a_property_is_small_and_its_token_runs_it_again() {
    let scenario = catalogue::named("marked-two-cancels").expect("it is in the catalogue");
    let subject = with(&NONE_AT_ALL);
    let found =
        counterexample::find(subject, &scenario, Some(Rule::OwnProperty)).expect("a cancel calls back");
    assert_eq!(found.token.rule, Rule::OwnProperty);
    assert_eq!((found.token.program.len(), found.token.program.cancels()), (2, 1), "{}", found.token.program);
    let token: Token = found.token.to_string().parse().expect("it is a token");
    assert!(matches!(replay(subject, &token), Replayed::Fails(_)));
}
