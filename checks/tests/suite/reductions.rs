//! What loom and shuttle leave out shows nothing new: the same verdicts and outcomes as without, in fewer executions.

use std::sync::atomic::Ordering;

use cancelproof::judge::{Engine, Settings, judge, judge_whole};
use cancelproof::model::requests::Word;
use cancelproof::model::runtime::Atomic;
use cancelproof::model::{
    Callback, Cancel, CancelableRequest, Complete, Contract, IsCanceled, Mark, Runtime, Status, Unmark,
};
use cancelproof::registry;
use cancelproof::scenario::{Scenario, catalogue};
use cancelproof::subject;
use cancelproof::verdict::{Judgement, Verdict};

/// Executions after which the longer ones are not compared here.
const EXECUTIONS_MAX: u64 = 6_000;

fn judged(request: &str, scenario: &Scenario, engine: Engine, is_reduced: bool) -> Judgement {
    let subject = registry::subject(request).expect("it is registered");
    let settings = Settings { executions: Some(EXECUTIONS_MAX), ..Settings::default() };
    if is_reduced {
        judge(subject, scenario, engine, settings).expect("they fit together")
    } else {
        judge_whole(subject, scenario, engine, settings)
    }
}

fn compare(request: &str, engine: Engine) {
    let contract = registry::subject(request).expect("it is registered").contract();
    let (mut compared, mut with, mut without) = (0, 0, 0);
    for scenario in catalogue::all().iter().filter(|scenario| scenario.applies_to(&contract)) {
        let reduced = judged(request, scenario, engine, true);
        if reduced.verdict != Verdict::Proved {
            continue;
        }
        let whole = judged(request, scenario, engine, false);
        if whole.verdict == Verdict::Proved {
            let name = &scenario.name;
            assert!(reduced.outcomes.keys().eq(whole.outcomes.keys()), "{request} in {name} by {engine}");
            assert_eq!(reduced.coverage, whole.coverage, "{request} in {name} by {engine}");
            assert!(reduced.executions <= whole.executions, "{request} in {name} by {engine}");
            (compared, with, without) = (compared + 1, with + reduced.executions, without + whole.executions);
        }
    }
    assert!(compared > 30, "{compared} scenarios were compared");
    assert!(with < without, "{with} of {without}");
}

#[test]
fn loom_has_the_same_outcomes_with_and_without_the_reduction() {
    compare("word", Engine::Loom);
    compare("locked", Engine::Loom);
}

#[test]
fn shuttle_has_the_same_outcomes_with_and_without_the_reduction() {
    compare("word", Engine::Shuttle);
    compare("locked", Engine::Shuttle);
}

/// Two cancelers that look before they claim both claim only if the second looks between the two steps of the first: a
/// reduction that let one twin end before the other begins would lose it.
#[test]
fn a_fault_between_the_steps_of_two_twins_is_found() {
    for fault in ["word-checks-then-claims", "locked-checks-then-claims"] {
        let planted = registry::fault(fault).expect("it is registered");
        for engine in
            [Engine::Loom, Engine::Shuttle].into_iter().filter(|engine| engine.claims(planted.about.needs))
        {
            let scenario = catalogue::named(planted.about.scenario).expect("it is in the catalogue");
            let verdict = judged(fault, &scenario, engine, true).verdict;
            let is_refuted = matches!(&verdict, Verdict::Refuted { violation, .. } if violation.rule == planted.about.breaks);
            assert!(is_refuted, "{fault} by {engine}: {verdict}");
        }
    }
}

/// A request that is right but for one thing: a cancel that begins while another is inside says that it has claimed.
struct Overlapping<R: Runtime> {
    word: Word<R>,
    inside: R::AtomicU32,
}

impl<R: Runtime> CancelableRequest<R> for Overlapping<R> {
    fn new() -> Self {
        Overlapping { word: Word::new(), inside: R::AtomicU32::new(0) }
    }

    fn contract() -> Contract {
        Contract::UMDF_1
    }

    fn mark(&self, callback: Callback) -> Mark {
        self.word.mark(callback)
    }

    fn unmark(&self) -> Unmark {
        self.word.unmark()
    }

    fn complete(&self, status: Status) -> Complete {
        self.word.complete(status)
    }

    fn cancel(&self) -> Cancel {
        let others = self.inside.fetch_add(1, Ordering::AcqRel);
        let answer = self.word.cancel();
        self.inside.fetch_sub(1, Ordering::AcqRel);
        if others > 0 { Cancel::Claimed } else { answer }
    }

    fn is_canceled(&self) -> IsCanceled {
        self.word.is_canceled()
    }
}

/// It shows only while two twins are inside: a reduction that let one of them end before the other begins would lose it, and
/// so would one that let them take turns no more.
#[test]
fn a_fault_that_two_twins_have_to_overlap_for_is_found() {
    let scenario = catalogue::named("marked-two-cancels").expect("it is in the catalogue");
    let one = catalogue::named("mark-cancel").expect("it is in the catalogue");
    for engine in [Engine::Loom, Engine::Shuttle] {
        let verdict = |scenario: &Scenario| {
            judge(subject!(Overlapping<_>), scenario, engine, Settings::default())
                .expect("they fit together")
                .verdict
        };
        assert_eq!(verdict(&one), Verdict::Proved, "{engine}");
        let verdict = verdict(&scenario);
        assert!(matches!(verdict, Verdict::Refuted { .. }), "{engine}: {verdict}");
    }
}
