//! Every change of the reference requests is noticed, or it is explained why it need not be.

use std::process::Command;

use cancelproof::judge::Engine;
use cancelproof::mutation::{
    Change, EXPLAINED, Explained, Family, Fate, Row, Survey, Written, alterations, run,
};
use cancelproof::scenario::catalogue;

/// Every change of every reference request, under `rc11`.
fn rows() -> Vec<Row> {
    let mutate = |family: &Family| {
        let survey = Survey::of(family, &catalogue::all(), Engine::Rc11, |_| ());
        assert!(survey.failing.is_empty(), "{}: {:?}", family.name, survey.failing[0].verdict);
        run(&survey, &alterations(&survey), |_| ())
    };
    Family::references().iter().flat_map(mutate).collect()
}

#[test]
fn every_survivor_is_explained_and_every_explanation_is_needed() {
    let rows = rows();
    for row in &rows {
        let about = format!("{}, {}", row.alteration.site, row.alteration.change);
        assert!(!matches!(row.fate, Fate::NotJudged { .. }), "{about}: {:?}", row.fate);
        assert!(!row.is_broken_demand(), "{about}: a weak compare-exchange may fail: {:?}", row.fate);
    }
    let survivors: Vec<&Row> = rows.iter().filter(|row| row.is_survivor()).collect();
    let unexplained: Vec<String> = survivors
        .iter()
        .filter(|row| Explained::of(&row.alteration).is_none())
        .map(|row| format!("{}, {}", row.alteration.site, row.alteration.change))
        .collect();
    assert_eq!(unexplained, Vec::<String>::new(), "survivors that nobody has explained");
    let explains = |explained: &Explained| {
        survivors.iter().any(|row| Explained::of(&row.alteration).is_some_and(|found| found == explained))
    };
    let idle: Vec<&Explained> = EXPLAINED.iter().filter(|explained| !explains(explained)).collect();
    assert_eq!(idle, Vec::<&Explained>::new(), "explanations of what does not survive");
}

#[test]
fn every_splitting_of_a_compare_exchange_is_refuted() {
    let rows = rows();
    let splits: Vec<&Row> = rows
        .iter()
        .filter(|row| row.alteration.change == Change::Split)
        .filter(|row| matches!(row.alteration.site.written, Written::CompareExchange { .. }))
        .collect();
    // Six in word, one in exchange.
    assert_eq!(splits.len(), 7);
    for row in splits {
        assert!(row.fate.is_kill(), "{}: {:?}", row.alteration.site, row.fate);
    }
}

#[test]
fn dpor_and_rc11_agree_on_every_change_that_is_no_ordering() {
    let fates = |engine| {
        let family = Family::named("word").expect("word is a reference request");
        let survey = Survey::of(&family, &catalogue::all(), engine, |_| ());
        let rows = run(&survey, &alterations(&survey), |_| ());
        let others = rows.into_iter().filter(|row| !matches!(row.alteration.change, Change::Order(..)));
        others.map(|row| (row.alteration, row.fate.is_kill())).collect::<Vec<_>>()
    };
    assert_eq!(fates(Engine::Dpor), fates(Engine::Rc11));
}

/// What is killed can be looked at, with the lines of the request and as it is changed, by both engines.
#[test]
fn the_counterexample_of_a_killed_change_is_drawn_on_request() {
    for (engine, arguments) in
        [("dpor", &["mutate", "--scenario", "mark-cancel"][..]), ("rc11", &["orderings"])]
    {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cancelproof"));
        command.args(arguments).args(["--request", "word", "--counterexamples"]);
        if arguments[0] == "mutate" {
            command.args(["--engine", engine]);
        }
        let output = command.output().expect("the program runs");
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let drawn = text.matches("\nwhy: ").count();
        assert!(drawn > 5 && text.contains("state.rs:"), "{drawn} are drawn:\n{text}");
        // The token of an unchanged request would run nothing that fails.
        assert!(!text.contains("replay: "), "{text}");
    }
}
