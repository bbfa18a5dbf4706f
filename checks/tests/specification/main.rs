//! The coverage of the specification and the rule pages: complete, true to what they name, and not stale.

mod agents;
mod claims;
mod house;
mod links;
mod packages;
mod workflow;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use cancelproof::specification::{
    Proof, Row, Section, coverage_page, fault, pages, rules_page, sections, situations,
};

fn rows() -> Vec<(String, Row)> {
    let with_title = |section: Section| {
        let title = section.title;
        section.rows.into_iter().map(move |row| (title.clone(), row))
    };
    sections().unwrap().into_iter().flat_map(with_title).collect()
}

/// Where the source of a test is.
fn source(file: &str) -> PathBuf {
    let checks = Path::new(env!("CARGO_MANIFEST_DIR"));
    match file.strip_prefix("model/") {
        Some(file) => checks.join("../model/tests").join(file),
        None => checks.join("tests").join(file),
    }
}

#[test]
fn every_row_is_exercised_or_says_why_not() {
    let open: Vec<String> = rows()
        .into_iter()
        .filter(|(_, row)| !row.is_answered())
        .map(|(title, row)| format!("{title}: {}", row.item))
        .collect();
    assert_eq!(open, Vec::<String>::new());
}

#[test]
fn everything_that_is_named_exists() {
    let known: BTreeSet<String> = situations().into_iter().map(|(name, _)| name).collect();
    let rules: BTreeSet<String> = pages().unwrap().into_iter().map(|page| page.name).collect();
    let mut missing = Vec::new();
    for (title, row) in rows() {
        for proof in row.proofs {
            let exists = match &proof {
                Proof::Scenario(name) => known.contains(name),
                Proof::Fault(name) => fault(name).is_some(),
                Proof::Rule(name) => rules.contains(name),
                Proof::Test { file, name } => fs::read_to_string(source(file))
                    .is_ok_and(|text| text.contains(&format!("#[test]\nfn {name}("))),
            };
            if !exists {
                missing.push(format!("{title}, {}: {proof:?}", row.item));
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}

/// The specification numbers its races, invariants, checks, disagreements and open points; none is left out.
#[test]
fn every_number_has_its_row() {
    let items: Vec<String> = rows().into_iter().map(|(_, row)| row.item).collect();
    for (letter, last) in [("R", 32), ("T", 14), ("I", 20), ("V", 20), ("A", 11), ("B", 6)] {
        for number in 1..=last {
            let item = format!("{letter}{number}");
            assert_eq!(items.iter().filter(|known| **known == item).count(), 1, "{item}");
        }
    }
}

/// How many rows each table of the specification has, counted there; where it tells a thing in prose (2.2, and a few
/// paragraphs beside its tables), one for each step or paragraph.
#[test]
fn every_table_has_all_its_rows() {
    let counted: Vec<(String, usize)> =
        sections().unwrap().into_iter().map(|section| (section.title, section.rows.len())).collect();
    let expected = [
        ("2.1 Data of the algorithm", 3),
        ("2.2 Algorithms", 11),
        ("2.3 States", 8),
        ("2.4 deliver", 4),
        ("2.4 MarkCancelable", 11),
        ("2.4 MarkCancelableEx", 7),
        ("2.4 UnmarkCancelable", 9),
        ("2.4 cancel", 8),
        ("2.4 purge", 4),
        ("2.4 file-handle cleanup", 1),
        ("2.4 callback runs", 2),
        ("2.4 complete", 8),
        ("2.4 IsCanceled", 5),
        ("2.4 requeue, forward, stop-acknowledge with requeue", 4),
        ("2.4 send to an I/O target", 3),
        ("2.4 CancelSentRequest", 1),
        ("2.5 Reference ledger", 10),
        ("2.6 When the callback of an already canceled request runs", 6),
        ("2.7 What differs", 12),
        ("3 Invariants", 20),
        ("4 Two parties", 32),
        ("4 Three parties and more", 14),
        ("4 Handshakes that are sound", 4),
        ("5.1 What each call selects and answers", 6),
        ("5.2 What is guaranteed", 8),
        ("5.3 End-to-end outcomes", 7),
        ("6.1 Static rules, KMDF", 37),
        ("6.2 Static rules, WDM and Storport", 25),
        ("6.3 Checks of the framework at run time", 24),
        ("6.4 Checks of the system", 10),
        ("6.5 Rules and checks beside those of the lists", 4),
        ("A Where documentation and source disagree", 11),
        ("B Open points", 6),
        ("C Seeded faults", 12),
    ];
    let expected: Vec<(String, usize)> =
        expected.into_iter().map(|(title, rows)| (title.to_owned(), rows)).collect();
    assert_eq!(counted, expected);
}

/// A claim whose source is not named cannot be checked.
#[test]
fn every_table_says_where_it_is_from() {
    let without: Vec<String> = sections()
        .unwrap()
        .into_iter()
        .filter(|section| section.source.is_empty())
        .map(|section| section.title)
        .collect();
    assert_eq!(without, Vec::<String>::new());
}

/// Every rule that the tables give a page has one, every page belongs to a rule, and a page without a scenario and a
/// fault argues why.
#[test]
fn every_rule_has_a_page_with_a_scenario_and_a_fault_or_an_argument() {
    let referred: BTreeSet<String> = rows()
        .into_iter()
        .flat_map(|(_, row)| row.proofs)
        .filter_map(|proof| match proof {
            Proof::Rule(name) => Some(name),
            _ => None,
        })
        .collect();
    let pages = pages().unwrap();
    let named: BTreeSet<String> = pages.iter().map(|page| page.name.clone()).collect();
    assert_eq!(referred, named);
    let known: BTreeSet<String> = situations().into_iter().map(|(name, _)| name).collect();
    let mut without = Vec::new();
    for page in &pages {
        match &page.shown {
            Some(shown) => {
                assert!(known.contains(&shown.scenario), "{}: no scenario {}", page.name, shown.scenario);
                assert!(fault(&shown.fault).is_some(), "{}: no fault {}", page.name, shown.fault);
            }
            None => without.push((page.name.as_str(), !page.remark.is_empty())),
        }
    }
    let argued = [
        "IoReuseIrp",
        "InvalidReqAccessLocal",
        "EvtIoStopCompleteOrStopAck",
        "StorPortCompleteRequest",
        "NdisDoubleComplete",
        "C28144",
        "0xCE",
    ];
    assert_eq!(without, argued.map(|name| (name, true)));
}

/// Each fault is refuted in the scenario of its page, under the rule that it is documented to break.
#[test]
fn the_pages_are_not_stale_and_each_rule_is_seen_to_fail() {
    let rules = rules_page().unwrap();
    assert!(!rules.contains("- counterexample: none"), "{rules}");
    for page in pages().unwrap() {
        let Some(shown) = page.shown else { continue };
        let broken = fault(&shown.fault).unwrap().breaks;
        let text = rules.split(&format!("\n## {}\n", page.name)).nth(1).unwrap();
        let text = text.split("\n## ").next().unwrap();
        assert!(
            text.contains(&format!("(*{broken}*, execution")),
            "{}: not under {broken}: {text}",
            page.name
        );
    }
    hold("docs/rules.md", &rules);
    hold("docs/coverage.md", &coverage_page().unwrap());
}

fn hold(file: &str, page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("REWRITE").is_some() {
        fs::write(&path, page).expect("the page can be written");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let same = kept.lines().zip(page.lines()).take_while(|(old, new)| old == new).count();
    assert!(kept == page, "{file} is stale from line {} on; run this test with REWRITE=1", same + 1);
}
