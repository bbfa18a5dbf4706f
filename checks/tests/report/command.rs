//! `cancelproof report`.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use cancelproof::ledger;

use crate::results::mixed;

fn report(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cancelproof"));
    command.arg("report").args(arguments).current_dir(folder).output().expect("the program runs")
}

#[test]
fn every_form_is_made_from_the_kept_files_alone_and_is_the_same_every_time() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let results = mixed();
    ledger::write(&folder.path().join("kept/ledger.json"), &results.ledger).expect("the folder is writable");
    let tables = results.mutants.expect("there are some");
    tables.write(&folder.path().join("kept/mutants.json")).expect("the folder is writable");
    for (format, expected) in [
        ("junit", "<testsuites name=\"cancelproof\""),
        ("sarif", "\"version\": \"2.1.0\""),
        ("github", "::error file="),
        ("markdown", "# cancelproof: 3 of"),
    ] {
        let first = report(folder.path(), &["kept", "--format", format]);
        assert_eq!(first.status.code(), Some(0), "{first:?}");
        assert!(String::from_utf8_lossy(&first.stdout).contains(expected), "{format}");
        assert_eq!(report(folder.path(), &["kept/ledger.json", "--format", format]).stdout, first.stdout);
    }
    let output = report(folder.path(), &["kept", "--format", "html", "--output", "out/gate.html"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "out/gate.html, with 1 film beside it\n");
    let page = fs::read_to_string(folder.path().join("out/gate.html")).expect("it was written");
    assert!(page.contains("href=\"gate-film-1.html\"") && page.contains("id=\"mutants\""));
    assert!(folder.path().join("out/gate-film-1.html").is_file());
}

#[test]
fn what_cannot_be_read_or_written_is_told_in_one_line() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    fs::write(folder.path().join("ledger.json"), "{\"layout\": 7}").expect("the folder is writable");
    for (arguments, expected) in [
        (&["nowhere", "--format", "junit"][..], "there is no ledger at nowhere"),
        (&[".", "--format", "junit"], "newer version"),
        (&[".", "--format", "pdf"], "invalid value 'pdf'"),
        (&["."], "--format"),
    ] {
        let output = report(folder.path(), arguments);
        let line = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{line}");
        assert!(line.lines().count() == 1 && line.contains(expected), "{line}");
    }
}
