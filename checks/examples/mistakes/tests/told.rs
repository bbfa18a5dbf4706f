//! What the suite says of each mistake.

use std::process::{Command, Output};

/// Runs one test of a suite, which has to fail, and returns what it prints.
fn failing(program: &str, test: &str) -> String {
    let output = run(program, &["--exact", test]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(101), "{text}");
    text
}

fn run(program: &str, arguments: &[&str]) -> Output {
    // Two seconds instead of thirty: an execution of these takes milliseconds.
    let mut command = Command::new(program);
    command.args(arguments).env("CANCELPROOF_STUCK_AFTER_MS", "2000");
    command.output().expect("the suite can be run")
}

#[test]
fn a_dropped_callback_is_named_with_the_call_that_drops_it() {
    let text = failing(env!("CARGO_BIN_EXE_drops-the-callback"), "mark-cancel::dpor");
    assert!(text.contains("no-lost-cancel is broken"), "{text}");
    // The report breaks its lines where the terminal ends.
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("the request dropped its callback object in mark of thread 0"), "{text}");
}

#[test]
fn a_call_that_blocks_the_engine_is_named_with_its_place() {
    let text = failing(env!("CARGO_BIN_EXE_blocks"), "marked-finish-cancel::dpor");
    assert!(text.contains("waits for ever outside of what the engine sees"), "{text}");
    assert!(text.contains("after the operation at") && text.contains("locked.rs:"), "{text}");
    assert!(text.contains("blocks the engine's own thread"), "{text}");
}

#[test]
fn what_is_shared_past_the_runtime_is_named_with_the_place_where_it_shows() {
    let text = failing(env!("CARGO_BIN_EXE_shares-a-static"), "marked-two-cancels::dpor");
    assert!(text.contains("the request is not deterministic: thread 1 comes to another operation"), "{text}");
    assert!(text.contains("locked.rs:"), "{text}");
    assert!(text.contains("hint: something that the runtime does not own decides"), "{text}");
}

#[test]
fn a_request_past_the_runtime_altogether_does_not_pass_as_proved() {
    let text = failing(env!("CARGO_BIN_EXE_uses-std"), "the-runtime-is-used::dpor");
    assert!(text.contains("not one operation of the request goes through the runtime"), "{text}");
}

#[test]
fn another_contract_is_named() {
    let text = failing(env!("CARGO_BIN_EXE_declares-another-contract"), "cancel-then-mark::dpor");
    assert!(text.contains("your request behaves like KMDF_EX; you declared KMDF"), "{text}");
    assert!(text.contains("mark after cancel: KMDF says CallsBack, KMDF_EX says Refuses"), "{text}");
}
