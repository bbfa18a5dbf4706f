//! The litmus suite: `rc11` has the outcomes of the literature, and the others differ where it is known why.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use cancelproof::engine::rc11::Options;
use cancelproof::exploration::{Extent, FailureKind};
use cancelproof::litmus::{
    Allowed, Deviation, Outcome, Row, compare_engines, markdown, render, suite, under_rc11,
};

use crate::axioms::consistent_executions;

/// Every program under every engine. Once for all tests: two loom models in one process wait for each other.
static ROWS: LazyLock<Vec<Row>> = LazyLock::new(compare_engines);

#[test]
fn suite_is_large_and_its_names_are_unique() {
    let names: BTreeSet<&str> = suite().map(|litmus| litmus.name).collect();
    assert_eq!(names.len(), suite().count());
    assert!(names.len() >= 60, "{}", names.len());
}

/// The data agree with the verdict of the literature on the outcome it asks about.
#[test]
fn allowed_outcomes_agree_with_the_literature() {
    for litmus in suite() {
        let is_allowed = match (litmus.allowed, litmus.weak) {
            (Allowed::Race, None) => true,
            (Allowed::Outcomes(_), None) => false,
            (Allowed::Outcomes(allowed), Some(weak)) => allowed.contains(&weak),
            (Allowed::Race, Some(_)) => panic!("{}: a race has no outcome", litmus.name),
        };
        assert_eq!(is_allowed, litmus.is_weak_allowed, "{}", litmus.name);
    }
}

#[test]
fn rc11_has_exactly_the_allowed_outcomes() {
    for litmus in suite() {
        let (program, observed) = litmus.parse();
        let (outcomes, exploration) = under_rc11(&program, &observed, &Options::default());
        match litmus.allowed {
            Allowed::Outcomes(allowed) => {
                let allowed: BTreeSet<Outcome> = allowed.iter().map(|text| Outcome::from(*text)).collect();
                assert_eq!(exploration.failure, None, "{}", litmus.name);
                assert_eq!(exploration.extent, Extent::Exhausted);
                assert_eq!(outcomes.reached, allowed, "{}", litmus.name);
            }
            Allowed::Race => {
                let kind = exploration.failure.expect("the race is found").kind;
                assert!(matches!(kind, FailureKind::DataRace { .. }), "{}: {kind:?}", litmus.name);
            }
        }
    }
}

/// Every program without cells has as many executions as the axioms allow. Programs that are too large for brute
/// force are left out.
#[test]
fn rc11_has_as_many_executions_as_the_axioms() {
    let mut checked = 0;
    for litmus in suite().filter(|litmus| !litmus.program.contains('n') || litmus.program.contains("fence")) {
        let (program, observed) = litmus.parse();
        if program.threads.iter().flatten().filter(|instruction| instruction.register().is_some()).count() > 4
        {
            continue;
        }
        let (_, exploration) = under_rc11(&program, &observed, &Options::default());
        assert_eq!(exploration.executions, consistent_executions(&program).len() as u64, "{}", litmus.name);
        checked += 1;
    }
    assert!(checked > 90, "{checked}");
}

#[test]
fn other_engines_differ_where_it_is_known_why() {
    let rows = &*ROWS;
    let mut loom = Vec::new();
    for row in rows {
        assert!(row.rc11.agrees(), "{}", row.litmus.name);
        // Shuttle has no impossible outcome; loom misses one, of all programs.
        assert!(row.shuttle.impossible.is_empty(), "{}", row.litmus.name);
        let is_missed = row.litmus.name == "IRIW+updates-reading";
        let missing = row.loom.missing.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(missing, if is_missed { vec!["1 0 1 0"] } else { vec![] }, "{}", row.litmus.name);
        assert!(!row.loom.is_wrong_about_race, "{}", row.litmus.name);
        loom.extend(row.loom_deviation().map(|deviation| (row.litmus.name, deviation)));
    }
    let expected = [
        ("SB+sc", Deviation::OrderIgnored),
        ("SB+fence-sc+sc", Deviation::OrderIgnored),
        ("SB+updates-sc", Deviation::OrderIgnored),
        ("IRIW+sc", Deviation::OrderIgnored),
        ("IRIW+updates-reading", Deviation::UpdateReadsTheLast),
        ("R+sc", Deviation::OrderIgnored),
        ("2+2W+sc", Deviation::OrderIgnored),
        ("RWC+sc", Deviation::OrderIgnored),
        ("W+RWC+sc", Deviation::OrderIgnored),
        ("Z6.U+sc", Deviation::OrderIgnored),
        ("RMW+store", Deviation::UpdateTornByStore),
        ("RMW+store+read", Deviation::UpdateTornByStore),
        ("RMW+store+sc", Deviation::UpdateTornByStore),
        ("RMW+stores", Deviation::UpdateTornByStore),
    ];
    assert_eq!(loom, expected);
    let unseen: Vec<&str> = rows
        .iter()
        .filter(|row| row.shuttle_deviation() == Some(Deviation::RaceUnseen))
        .map(|row| row.litmus.name)
        .collect();
    assert_eq!(unseen, ["MP+cell+rlx", "MP+cell+rel+rlx"]);
    let table = render(rows).to_string();
    assert!(table.contains("IRIW+sc") && table.contains("who is right"));
}

/// Every kind of difference is named by a program that shows it.
#[test]
fn deviations_are_shown_by_the_programs_they_name() {
    for deviation in Deviation::ALL {
        let row = ROWS.iter().find(|row| row.litmus.name == deviation.shown_by());
        let row = row.unwrap_or_else(|| panic!("{deviation:?}: no program {}", deviation.shown_by()));
        let shown = [row.loom_deviation(), row.shuttle_deviation()];
        assert!(shown.contains(&Some(deviation)), "{deviation:?}: {shown:?}");
    }
}

#[test]
fn page_of_the_documentation_is_not_stale() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/litmus.md");
    let page = markdown(&ROWS);
    if std::env::var_os("REWRITE").is_some() {
        fs::write(&path, &page).expect("the page can be written");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let same = kept.lines().zip(page.lines()).take_while(|(kept, page)| kept == page).count();
    assert!(kept == page, "docs/litmus.md is stale from line {} on; run this test with REWRITE=1", same + 1);
}
