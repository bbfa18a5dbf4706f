//! `cancelproof film`.

use std::path::Path;
use std::process::{Command, Output};

use cancelproof::counterexample::{self, Token};
use cancelproof::registry;
use cancelproof::scenario::catalogue;

use crate::traces;

fn film(name: &str, output: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cancelproof"));
    command.arg("film").arg(name).arg("--output").arg(output).args(more);
    command.output().expect("the program runs")
}

#[test]
fn a_fault_and_its_token_make_the_same_film() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (by_name, by_token) = (folder.path().join("name.html"), folder.path().join("token.html"));
    let token = traces::double_fire().header.token.expect("it has a token");
    for (name, path) in [("locked-fires-twice", &by_name), (token.as_str(), &by_token)] {
        let output = film(name, path, &[]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("locked-fires-twice breaks exactly-once"));
    }
    let read = |path| std::fs::read_to_string(path).expect("the film was written");
    assert_eq!(read(by_name), read(by_token));
}

#[test]
fn a_film_of_what_was_searched_for_says_so() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("film.html");
    // The token of one fault, on a request whose code takes other steps and has the same bug.
    let fault = registry::fault("word-checks-then-claims").expect("it is registered");
    let scenario = catalogue::named(fault.about.scenario).expect("it is in the catalogue");
    let found = counterexample::find(fault.subject, &scenario, Some(fault.about.breaks)).expect("it fails");
    let token = Token { request: "word-loses-cancel-during-mark".to_owned(), ..found.token };
    let output = film(&token.to_string(), &path, &[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let line = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        line.starts_with("the token does not fit any more: at decision 1, thread 1 was to go on"),
        "{line}"
    );
    assert!(line.contains("a search from there found") && line.lines().count() == 1, "{line}");
}

#[test]
fn a_passing_outcome_is_filmed_on_request() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("film.html");
    let outcome = "mark=marked, unmark=canceled | [complete=completed], cancel=claimed ; 1 callback";
    let output = film("mark finish | cancel", &path, &["--request", "exchange", "--outcome", outcome]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let page = std::fs::read_to_string(&path).expect("the film was written");
    assert!(page.contains("One execution that breaks no rule.") && page.contains("callback 1 starts"));
}

#[test]
fn what_cannot_be_filmed_is_told_in_one_line() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("film.html");
    let nowhere = folder.path().join("no").join("film.html");
    for (name, path, more, expected) in [
        ("locked-fires-twise", &path, &[][..], "did you mean \"locked-fires-twice\""),
        ("locked-fires-twice", &nowhere, &[], "choose another place with --output"),
        ("cp1-00", &path, &[], "damaged or was cut short"),
        (
            "mark finish | cancel",
            &path,
            &["--outcome", "never"],
            "nothing to film: no execution of mark finish",
        ),
        ("mark finish | cancel", &path, &["--request", "wort"], "did you mean \"word\""),
    ] {
        let output = film(name, path, more);
        let line = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{name}: {line}");
        assert!(line.lines().count() == 1 && line.contains(expected), "{name}: {line}");
    }
    assert!(!path.exists());
}
