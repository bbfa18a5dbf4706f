//! Real bugs by the command line. What the matrix says is tested in the crate that has it.

use std::process::Command;

#[test]
fn a_choice_of_engines_is_refused_in_one_line() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cancelproof"));
    let output = command.args(["gauntlet", "--of", "real", "--engine", "dpor"]).output().expect("it runs");
    let line = String::from_utf8(output.stderr).expect("it is text");
    assert_eq!(output.status.code(), Some(2), "{line}");
    assert!(
        line.starts_with("error: real bugs are run by all engines") && line.lines().count() == 1,
        "{line}"
    );
}

#[test]
fn the_command_prints_the_page_of_the_documentation() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cancelproof"));
    let output = command.args(["gauntlet", "--of", "real", "--markdown"]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(0));
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/real-bugs.md");
    let kept = std::fs::read(page).expect("the page is there");
    assert!(output.stdout == kept, "`gauntlet --of real --markdown` does not print docs/real-bugs.md");
}

#[test]
fn the_ten_that_are_told_have_films() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let mut command = Command::new(env!("CARGO_BIN_EXE_cancelproof"));
    let output =
        command.args(["gauntlet", "--of", "real", "--films"]).arg(folder.path()).output().expect("it runs");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    let films: Vec<_> = std::fs::read_dir(folder.path()).expect("it is there").collect();
    assert_eq!(films.len(), 10);
    let film =
        std::fs::read_to_string(folder.path().join("waker_freed_while_taken.html")).expect("it is there");
    assert!(film.contains("id=\"to-violation\"") && film.contains("class=\"source\""));
}
