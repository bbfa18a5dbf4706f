//! What the author of a wrong request is shown: small, on one screen, and run again from its token.

use std::process::{Command, Output};

use cancelproof::counterexample::{self, Counterexample, Decisions, Grade, REPLAY_VARIABLE, Replayed, Token};
use cancelproof::model::faults::Sight;
use cancelproof::registry::{self, FAULTS, FaultyRequest};
use cancelproof::scenario::catalogue;
use cancelproof::trace::table::{LINES, Look, render};

use crate::screen::{fits, plain};
use crate::support::program;

/// The fault whose token is replayed a hundred times, each time in a process of its own.
const REPLAYED_OFTEN: &str = "locked-fires-twice";

fn counterexample(fault: &FaultyRequest) -> Option<Counterexample> {
    let scenario = catalogue::named(fault.about.scenario).expect("every fault names a scenario");
    counterexample::find(fault.subject, &scenario, Some(fault.about.breaks))
}

/// The faults that a sequentially consistent machine shows.
fn shown() -> impl Iterator<Item = &'static FaultyRequest> {
    FAULTS.iter().filter(|fault| fault.about.needs != Sight::WeakMemory)
}

fn of(name: &str) -> Counterexample {
    counterexample(registry::fault(name).expect("it is registered")).expect("it is refuted")
}

/// The table with the numbers of lines blotted out: they move whenever somebody edits the file.
fn without_lines(table: &str) -> String {
    let mut blotted = String::new();
    for (place, part) in table.split(".rs").enumerate() {
        let Some(number) = part.strip_prefix([':', '#']).filter(|_| place > 0) else {
            blotted.push_str(if place > 0 { ".rs" } else { "" });
            blotted.push_str(part);
            continue;
        };
        let number = number.strip_prefix("58;").unwrap_or(number);
        let rest = number.trim_start_matches(|character: char| character.is_ascii_digit());
        blotted.push_str(".rs:");
        blotted.push_str(&"#".repeat(number.len() - rest.len()));
        blotted.push_str(rest);
    }
    blotted
}

fn replay_in_a_process(token: &str) -> Output {
    Command::new(program()).args(["replay", token]).output().expect("the program runs")
}

#[test]
fn every_fault_is_shown_on_one_screen_at_two_widths_and_fails_again_in_this_process() {
    for fault in shown() {
        let name = fault.about.name;
        let Some(found) = counterexample(fault) else {
            panic!("{name}: our own machine does not show it");
        };
        assert_eq!(found.token.rule, fault.about.breaks, "{name}");
        fits(name, &found);
        let token: Token = found.token.to_string().parse().expect("a printed token can be read");
        let Replayed::Fails(again) = counterexample::replay(fault.subject, &token) else {
            panic!("{name}: the token does not fail again");
        };
        assert_eq!(plain(&again, 120), plain(&found, 120), "{name}");
    }
}

#[test]
fn every_token_fails_again_in_a_fresh_process() {
    for fault in shown() {
        let Some(found) = counterexample(fault) else { continue };
        let output = replay_in_a_process(&found.token.to_string());
        let printed = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{}: {printed}", fault.about.name);
        assert_eq!(printed.trim_end(), plain(&found, 120), "{}", fault.about.name);
    }
}

#[test]
fn one_token_fails_again_a_hundred_times_out_of_a_hundred() {
    let found = of(REPLAYED_OFTEN);
    let (token, expected) = (found.token.to_string(), plain(&found, 120));
    let same = (0..100).filter(|_| {
        let output = replay_in_a_process(&token);
        String::from_utf8_lossy(&output.stdout).trim_end() == expected
    });
    assert_eq!(same.count(), 100);
}

/// What each fault is cut down to: the program and the preemptions.
#[test]
fn counterexamples_are_minimal() {
    let sizes: Vec<String> = shown()
        .filter_map(|fault| Some((fault, counterexample(fault)?)))
        .map(|(fault, found)| {
            let preemptions = found.trace.header.preemptions;
            format!("{}: {} / {preemptions}", fault.about.name, found.token.program)
        })
        .collect();
    insta::assert_snapshot!("sizes", sizes.join("\n"));
}

/// Two cancelers, one of which is the driver that has marked; no further thread, at most one preemption.
#[test]
fn the_double_fire_by_two_cancelers_is_shown_with_nothing_else() {
    let found = of("locked-fires-twice");
    assert_eq!(found.token.program.to_string(), "mark cancel | cancel ; callback returns");
    assert!(found.trace.header.preemptions <= 1);
    // From a scenario with two threads that only cancel, both of them stay, and nothing else.
    let fault = registry::fault("locked-fires-twice").expect("it is registered");
    let scenario = catalogue::named("marked-two-cancels").expect("it is in the catalogue");
    let found =
        counterexample::find(fault.subject, &scenario, Some(fault.about.breaks)).expect("it is refuted");
    assert_eq!(found.token.program.to_string(), "mark | cancel | cancel ; callback returns");
    assert!(found.trace.header.preemptions <= 1);
}

#[test]
fn the_pair_of_lines_that_had_to_be_one_step_is_named() {
    for (fault, lines) in [
        ("word-loses-cancel-during-mark", ["compare_exchange (", "fetch_xor ("]),
        ("exchange-looks-before-publishing", ["load (", "swap ("]),
        ("locked-fires-twice", ["unlock of mutex 0 (", " lock of mutex 0 ("]),
    ] {
        let found = of(fault);
        let why = found.trace.why.clone().expect("there is a reason").sentences.remove(0);
        assert!(why.contains("have to be one step"), "{fault}: {why}");
        let places: Vec<_> = lines.iter().map(|line| why.find(line)).collect();
        assert_lines_hold(fault, &lines, &found.trace.why.expect("there is a reason").places);
        assert!(places[0].is_some() && places[0] < places[1], "{fault}: {why}");
    }
}

/// The files really have the named operations at the named lines.
fn assert_lines_hold(fault: &str, operations: &[&str], places: &[cancelproof::trace::Place]) {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let written: Vec<String> = places
        .iter()
        .map(|place| {
            let text = std::fs::read_to_string(format!("{root}/{}", place.file)).expect("the file is there");
            text.lines().skip(place.line as usize - 1).take(1).collect()
        })
        .collect();
    for operation in operations {
        let name = operation.trim_start().split([' ', '(']).next().unwrap_or_default();
        // A lock is released where it was taken: a drop has no line of its own.
        let name = if name == "unlock" { "lock" } else { name };
        assert!(written.iter().any(|line| line.contains(name)), "{fault}: {operation} in {written:?}");
    }
}

#[test]
fn the_missing_ordering_is_named() {
    let found = of("word-claims-relaxed");
    let why = found.trace.why.expect("there is a reason").sentences;
    assert!(why[0].starts_with("nothing orders write of cell 0"), "{why:?}");
    assert!(why[1].contains("fetch_or") && why[1].contains("would have to be Acquire"), "{why:?}");
}

#[test]
fn printed_tables_are_as_reviewed() {
    for fault in ["locked-fires-twice", "word-claims-relaxed", "exchange-grants-without-routine"] {
        let found = of(fault);
        for width in [80, 120] {
            insta::assert_snapshot!(format!("table_{fault}_{width}"), without_lines(&plain(&found, width)));
        }
    }
    let diagram = cancelproof::trace::mermaid::diagram(&of("locked-fires-twice").trace);
    insta::assert_snapshot!("mermaid", without_lines(&diagram));
}

/// The outcomes of the word request wherever threads race, reviewed: a change that adds or loses one shows here.
#[test]
fn outcomes_and_their_grades_are_as_reviewed() {
    let word = registry::subject("word").expect("it is registered");
    let contract = word.contract();
    for scenario in catalogue::all() {
        if scenario.program.threads.len() < 2 || !scenario.applies_to(&contract) {
            continue;
        }
        let graded = counterexample::outcomes(word, &scenario);
        let rows: Vec<String> = graded
            .iter()
            .map(|graded| {
                format!(
                    "{}\n    {}: {}\n    {} executions, in this order: {}",
                    graded.outcome, graded.grade, graded.why, graded.executions, graded.witness
                )
            })
            .collect();
        let text = format!("{}\n\n{}", scenario.program, rows.join("\n"));
        insta::assert_snapshot!(format!("outcomes_{}", scenario.name), text);
    }
}

#[test]
fn a_forbidden_outcome_is_graded_so() {
    let fault = registry::fault("locked-fires-twice").expect("it is registered");
    let scenario = catalogue::named(fault.about.scenario).expect("it is in the catalogue");
    let graded = counterexample::outcomes(fault.subject, &scenario);
    let forbidden: Vec<_> = graded.iter().filter(|graded| graded.grade == Grade::Forbidden).collect();
    assert!(forbidden.iter().any(|graded| graded.why.starts_with("exactly-once")), "{forbidden:#?}");
}

/// What only a weak memory shows is shown by the engine that has one, and again from its token.
#[test]
fn faults_that_only_a_weak_memory_shows_are_shown_on_one_screen_and_fail_again() {
    for fault in FAULTS.iter().filter(|fault| fault.about.needs == Sight::WeakMemory) {
        let name = fault.about.name;
        let scenario = catalogue::named(fault.about.scenario).expect("every fault names a scenario");
        let found = counterexample::find_weak(fault.subject, &scenario, Some(fault.about.breaks))
            .unwrap_or_else(|| panic!("{name}: rc11 does not show it"));
        let table = plain(&found, 80);
        assert!(table.lines().count() <= LINES && found.trace.violation.is_some(), "{name}:\n{table}");
        assert!(table.contains("(old)") && table.contains("does not see"), "{name}:\n{table}");
        let edge = &found.trace.why.as_ref().expect("there is a reason").sentences;
        let is_named = edge.last().is_some_and(|last| last.ends_with("no execution of this program fails"));
        assert!(is_named, "{name}: the missing edge is not named: {edge:#?}");
        let output = replay_in_a_process(&found.token.to_string());
        assert_eq!(output.status.code(), Some(1), "{name}");
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim_end(), plain(&found, 120), "{name}");
    }
}

#[test]
fn a_token_that_does_not_fit_any_more_says_where_and_is_searched_on_from_there() {
    // The token of one fault, on a request whose code takes other steps and has the same bug.
    let found = of("word-checks-then-claims");
    let other = registry::fault("word-loses-cancel-during-mark").expect("it is registered");
    let token = Token { request: other.about.name.to_owned(), ..found.token.clone() };
    let Replayed::Changed { place, again } = counterexample::replay(other.subject, &token) else {
        panic!("the token fits");
    };
    assert!(
        place.starts_with("at decision 1, thread 1 was to go on, and thread 1 stands before another"),
        "{place}"
    );
    assert!(place.contains("fetch_or"), "{place}");
    let again = again.expect("the other request has the bug as well");
    assert_eq!(again.token.rule, other.about.breaks);
    // On a request that is right, there is nothing to be found.
    let right = registry::subject("word").expect("it is registered");
    let Replayed::Changed { again: None, .. } = counterexample::replay(right, &token) else {
        panic!("the correct request fails");
    };
}

#[test]
fn a_failure_that_only_its_engine_shows_is_named_by_its_number() {
    let fault = registry::fault("word-claims-relaxed").expect("it is registered");
    let scenario = catalogue::named(fault.about.scenario).expect("it is in the catalogue");
    let engine = cancelproof::judge::Engine::Loom;
    let settings = cancelproof::judge::Settings::default();
    let judgement =
        cancelproof::judge::judge(fault.subject, &scenario, engine, settings).expect("it applies");
    let cancelproof::verdict::Verdict::Refuted { violation, failure } = judgement.verdict else {
        panic!("loom sees it");
    };
    let token = Token {
        request: fault.about.name.to_owned(),
        program: scenario.program.clone(),
        scope: scenario.scope,
        rule: violation.rule,
        decisions: Decisions::Numbered { engine, execution: failure.execution, seed: 1 },
    };
    let token: Token = token.to_string().parse().expect("a printed token can be read");
    let Replayed::Fails(again) = counterexample::replay(fault.subject, &token) else {
        panic!("loom does not fail again");
    };
    assert_eq!(again.token, token);
}

#[test]
fn bad_tokens_get_one_line_and_exit_code_2() {
    let good = of("word-claims-relaxed").token;
    let unknown = Token { request: "nobody".to_owned(), ..good.clone() }.to_string();
    let text = good.to_string();
    for (token, expected) in [
        ("nonsense", "is no replay token"),
        ("cp9-00", "newer version"),
        (&text[..text.len() - 2], "damaged or was cut short"),
        (unknown.as_str(), "does not know"),
    ] {
        let output = replay_in_a_process(token);
        let line = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{token}: {line}");
        assert!(line.lines().count() == 1 && line.contains(expected), "{token}: {line}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn the_token_may_stand_in_the_environment() {
    let token = of("word-claims-relaxed").token.to_string();
    let output =
        Command::new(program()).arg("replay").env(REPLAY_VARIABLE, token).output().expect("the program runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("publication is broken"));
}

#[test]
fn colour_is_only_for_terminals_and_never_against_the_reader_s_will() {
    let found = of("word-claims-relaxed");
    let coloured = render(&found.trace, &Look { has_colour: true, ..Look::plain() });
    assert!(coloured.contains("\u{1b}["));
    let output = replay_in_a_process(&found.token.to_string());
    assert!(!String::from_utf8_lossy(&output.stdout).contains('\u{1b}'));
}

/// From the start of the process to the printed table, the search included.
#[test]
fn a_counterexample_is_printed_within_a_second() {
    for fault in shown() {
        let begin = std::time::Instant::now();
        let output =
            Command::new(program()).args(["show", fault.about.name]).output().expect("the program runs");
        let elapsed = begin.elapsed();
        assert_eq!(output.status.code(), Some(0), "{}", fault.about.name);
        assert!(elapsed.as_secs_f64() < 1.0, "{}: {elapsed:?}", fault.about.name);
    }
}
