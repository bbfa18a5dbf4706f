//! What is shown of a wrong system: small, on one screen, and run again from its token.

use std::fs;

use cancelproof::counterexample::{Counterexample, Replayed};
use cancelproof::system::counterexample::{self, Token};
use cancelproof::system::matrix::scenario_of;
use cancelproof::system::registry::{self, FAULTS, FaultySystem};
use cancelproof_model::Rule;

use crate::gate::{folder, run};
use crate::screen::{fits, plain};

fn counterexample(fault: &FaultySystem) -> Counterexample<Token> {
    counterexample::find(&fault.system, &scenario_of(fault), Some(fault.about.breaks))
        .unwrap_or_else(|| panic!("{}: our own machine does not show it", fault.about.name))
}

fn of(name: &str) -> Counterexample<Token> {
    counterexample(registry::fault(name).expect("it is registered"))
}

#[test]
fn every_fault_is_shown_on_one_screen_at_two_widths_and_fails_again_in_this_process() {
    for fault in FAULTS {
        let name = fault.about.name;
        let found = counterexample(fault);
        assert_eq!(found.token.rule, fault.about.breaks, "{name}");
        assert!(found.trace.violation.is_some(), "{name}");
        fits(name, &found);
        let token: Token = found.token.to_string().parse().expect("a printed token can be read");
        let Replayed::Fails(again) = counterexample::replay(&token) else {
            panic!("{name}: the token does not fail again");
        };
        assert_eq!(plain(&again, 120), plain(&found, 120), "{name}");
    }
}

/// One fault of each rule.
#[test]
fn a_token_fails_again_in_a_fresh_process() {
    let rules = Rule::ALL.into_iter().chain(Rule::OF_SYSTEMS);
    let one_each = rules.filter_map(|rule| FAULTS.iter().find(|fault| fault.about.breaks == rule));
    let mut count = 0;
    for fault in one_each {
        let found = counterexample(fault);
        let (code, printed) = run(folder().path(), &["replay", &found.token.to_string()]);
        assert_eq!(code, Some(1), "{}: {printed}", fault.about.name);
        assert_eq!(printed.trim_end(), plain(&found, 120), "{}", fault.about.name);
        count += 1;
    }
    assert!(count >= 15, "{count} rules");
}

/// What each fault is cut down to: the program and the preemptions.
#[test]
fn counterexamples_are_minimal() {
    let sizes: Vec<String> = FAULTS
        .iter()
        .map(|fault| {
            let found = counterexample(fault);
            let preemptions = found.trace.header.preemptions;
            format!("{}: {} / {preemptions}", fault.about.name, found.token.program)
        })
        .collect();
    insta::assert_snapshot!(sizes.join("\n"));
}

#[test]
fn the_lines_that_had_to_be_one_step_are_named() {
    let found = of("object-adds-in-two-steps");
    let why = found.trace.why.expect("there is a reason").sentences.remove(0);
    assert!(why.starts_with("load (object.rs:") && why.contains(") and swap (object.rs:"), "{why}");
    assert!(why.ends_with("have to be one step: here thread 1 comes between them"), "{why}");
}

/// Of a request that the application issues: not issued, the driver's, marked, called back, ended.
#[test]
fn the_states_are_told_in_words_and_in_their_order() {
    let found = of("application-ends-before-the-driver");
    let mut states: Vec<&str> =
        found.trace.steps.iter().filter_map(|step| step.states.first()).map(String::as_str).collect();
    states.dedup();
    assert_eq!(states, ["owned", "cancelable", "calling back"]);
}

#[test]
fn a_token_whose_code_is_right_by_now_or_whose_program_proves_nothing_is_told_so() {
    let found = of("queue-never-opens");
    let mended = Token { system: "system".to_owned(), ..found.token.clone() };
    let (code, printed) = run(folder().path(), &["replay", &mended.to_string()]);
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.contains("no execution of the program breaks"), "{printed}");
    let wrong =
        Token { program: "issue:0:0:1 ; callback-completes".parse().expect("it is one"), ..found.token };
    let (code, printed) = run(folder().path(), &["replay", &wrong.to_string()]);
    assert_eq!(code, Some(2), "{printed}");
    assert!(printed.contains("the reference breaks a rule in its program"), "{printed}");
}

#[test]
fn faults_tokens_and_scenarios_of_systems_are_filmed() {
    let folder = folder();
    let token = of("queue-never-opens").token.to_string();
    for (name, expected) in [
        ("queue-never-opens", "queue-never-opens breaks "),
        (token.as_str(), "queue-never-opens breaks "),
        ("purge-finish", "system breaks no rule in "),
    ] {
        let (code, printed) = run(folder.path(), &["film", name, "--output", "film.html"]);
        assert_eq!(code, Some(0), "{printed}");
        assert!(printed.contains(expected), "{printed}");
        let page = fs::read_to_string(folder.path().join("film.html")).expect("it was written");
        assert!(page.contains("State of the requests") && !page.contains("data-state=\""), "{name}");
    }
    let outcome = ["film", "purge-finish", "--output", "film.html", "--outcome", "no such outcome"];
    let (code, printed) = run(folder.path(), &outcome);
    assert_eq!(code, Some(2), "{printed}");
    assert!(printed.contains("no execution of purge-finish by the system has the outcome"), "{printed}");
}
