//! Everything that a suite judges of a type: the catalogue, and all small programs.

use cancelproof::judge::{Engine, Settings, judge};
use cancelproof::model::Rule;
use cancelproof::scenario::groups::{Group, Size};
use cancelproof::scenario::{Scenario, ad_hoc, catalogue};
use cancelproof::subject::Subject;
use cancelproof::verdict::Verdict;

/// The scenarios that a suite judges `subject` in by name.
pub(crate) fn named(subject: &'static dyn Subject) -> Vec<Scenario> {
    let contract = subject.contract();
    catalogue::all().into_iter().filter(|scenario| scenario.applies_to(&contract)).collect()
}

fn small(subject: &'static dyn Subject) -> impl Iterator<Item = Scenario> {
    let contract = subject.contract();
    let groups = Group::all(&Size::SMALL, &contract).into_iter();
    groups.flat_map(move |group| group.programs(&contract)).map(ad_hoc)
}

/// Every verdict of a scenario by name that is not proved, and of a small program that is no pass.
pub(crate) fn failures(subject: &'static dyn Subject, engine: Engine) -> Vec<String> {
    let verdict = |scenario: &Scenario| {
        judge(subject, scenario, engine, Settings::default()).expect("the scenario applies").verdict
    };
    let words = |scenario: &Scenario, verdict: Verdict| format!("{scenario} under {engine}: {verdict}");
    let of_catalogue = named(subject).into_iter().filter_map(|scenario| {
        let verdict = verdict(&scenario);
        (verdict != Verdict::Proved).then(|| words(&scenario, verdict))
    });
    let of_small = small(subject).filter_map(|scenario| {
        let verdict = verdict(&scenario);
        (!matches!(verdict, Verdict::Proved | Verdict::Vacuous { .. })).then(|| words(&scenario, verdict))
    });
    of_catalogue.chain(of_small).collect()
}

/// Whether the engines prove `subject` in every scenario by name, and our own in all small programs too.
#[track_caller]
pub(crate) fn assert_right(subject: &'static dyn Subject) {
    for engine in [Engine::Dpor, Engine::Rc11] {
        assert_eq!(failures(subject, engine), Vec::<String>::new());
    }
    for engine in [Engine::Loom, Engine::Shuttle] {
        for scenario in named(subject) {
            let settings = Settings { executions: engine.usual_executions(), ..Settings::default() };
            let judgement = judge(subject, &scenario, engine, settings).expect("the scenario applies");
            let passes = matches!(judgement.verdict, Verdict::Proved | Verdict::Bounded(_));
            assert!(passes, "{scenario} under {engine}: {}", judgement.verdict);
        }
    }
}

/// A broken type, the scenario that shows it, the rules that are apt, and the engines that see it.
pub(crate) type Twin = (&'static dyn Subject, &'static str, &'static [Rule], &'static [Engine]);

/// What does not refute `subject` in the scenario of that name, or does for no rule of `apt`, under each of `engines`.
pub(crate) fn unrefuted(
    subject: &'static dyn Subject,
    name: &str,
    apt: &[Rule],
    engines: &[Engine],
) -> Vec<String> {
    let scenario = catalogue::named(name).expect("it is in the catalogue");
    let judged = engines.iter().map(|&engine| {
        let judgement = judge(subject, &scenario, engine, Settings::default()).expect("the scenario applies");
        (engine, judgement.verdict)
    });
    let is_unrefuted = |verdict: &Verdict| !matches!(verdict, Verdict::Refuted { violation, .. } if apt.contains(&violation.rule));
    let words = |(engine, verdict)| format!("{} in {scenario} under {engine}: {verdict}", subject.name());
    judged.filter(|(_, verdict)| is_unrefuted(verdict)).map(words).collect()
}
