//! The game, played by a script.

use std::io::Write;
use std::process::{Command, Stdio};

fn play(script: &str) -> String {
    let mut game = Command::new(env!("CARGO_BIN_EXE_break-it"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the game can be started");
    game.stdin.take().expect("it reads").write_all(script.as_bytes()).expect("it reads");
    let output = game.wait_with_output().expect("it ends");
    assert!(output.status.success());
    String::from_utf8(output.stdout).expect("it writes text")
}

#[test]
fn whoever_switches_in_the_gap_breaks_it_and_sees_the_shorter_way() {
    // Thread 0 marks and comes to the gap inside its cancel; thread 1 cancels from beginning to end; thread 0 goes on.
    let text = play("0\n0\n0\n0\n1\nr\n0\nr\n");
    assert!(text.contains("You broke it in"), "{text}");
    assert!(text.contains("exactly-once: the callback of mark 1 was called 2 times"), "{text}");
    assert!(text.contains("The suite's own way:") && text.contains("1 preemption"), "{text}");
}

#[test]
fn whoever_never_switches_breaks_nothing_and_may_begin_again() {
    let text = play("0\nr\n1\nr\nq\n");
    assert!(text.contains("every rule was kept. Once more"), "{text}");
    assert!(text.contains("Not broken this time."), "{text}");
}

#[test]
fn a_step_can_be_taken_back_and_nonsense_is_explained() {
    let text = play("7\n0\nu\nq\n");
    assert!(text.contains("\"7\" is no thread that can go now"), "{text}");
    assert_eq!(text.matches("0) lock").count(), 3, "{text}");
}
