//! Wrong input, as people type it: one line that says what is wrong and what to do, exit code 2, and nothing else.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::program;

/// A wrong call, what its line says is wrong, and what it says can be done.
type Wrong = (&'static [&'static str], &'static str, &'static str);

const WRONG: [Wrong; 24] = [
    (&["gat"], "unrecognized subcommand 'gat'", "some similar subcommands exist: 'gauntlet', 'gate'"),
    (&["gate", "--request", "wrod"], "unknown request \"wrod\"", "did you mean \"word\""),
    (
        &["gate", "--scenario", "mark-cancle"],
        "unknown scenario \"mark-cancle\"",
        "did you mean \"mark-cancel\"",
    ),
    (&["gate", "--engine", "lom"], "unknown engine \"lom\"", "did you mean \"loom\""),
    (
        &["gate", "--seed", "many"],
        "invalid value 'many' for '--seed <NUMBER>'",
        "see `cancelproof gate --help`",
    ),
    (&["gate", "--time", "5"], "expected the unit ms, s, m or h", "see `cancelproof gate --help`"),
    (&["gate", "--sed", "3"], "unexpected argument '--sed'", "a similar argument exists: '--seed'"),
    (
        &["gate", "--resume"],
        "required arguments were not provided: --thorough",
        "see `cancelproof gate --help`",
    ),
    (
        &["gate", "--request", "locked-invoke-on-cancellation", "--scenario", "remark-cancel"],
        "nothing is to be judged",
        "see `cancelproof list`",
    ),
    (&["show", "mark | cancle"], "unknown step \"cancle\" in thread 1", "steps are mark"),
    (&["show", " "], "the program is empty", "write steps such as \"mark finish | cancel\""),
    (&["show", "exactly-onec"], "\"exactly-onec\"", "did you mean \"exactly-once\""),
    (&["list", "dogs"], "invalid value 'dogs'", "possible values: requests, faults"),
    (&["replay", "nonsense"], "\"nonsense\" is no replay token", "copy the whole of it"),
    (&["replay"], "required arguments were not provided: <TOKEN>", "see `cancelproof replay --help`"),
    (&["film", "locked-fires-twice"], "not provided: --output <FILE>", "see `cancelproof film --help`"),
    (
        &["film", "remark-cancel", "--request", "locked-invoke-on-cancellation", "--output", "film.html"],
        "remark-cancel is not for the contract",
        "name another with --request",
    ),
    (&["report", "--format", "html"], "there is no ledger at", "run `cancelproof gate` first"),
    (&["report", "--format", "pdf"], "invalid value 'pdf'", "possible values: junit, sarif, witness"),
    (&["audit"], "there is no ledger at", "run `cancelproof gate` first"),
    (&["hunt", "--resume"], "there is no hunt to resume", "begin one without --resume"),
    (&["protocol", "--client", "finish"], "unknown client \"finish\"", "did you mean \"finishes\""),
    (
        &["programs", "--size", "9x9"],
        "expected 1 to 8 threads by 1 to 7 calls",
        "see `cancelproof programs --help`",
    ),
    (&["completions", "bsh"], "invalid value 'bsh'", "possible values: bash"),
];

fn call(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(program());
    // What the machine that runs the tests has set is none of their business.
    command.env_remove("CANCELPROOF_REPLAY").args(arguments).current_dir(folder);
    command.output().expect("the program runs")
}

/// What is wrong with how a wrong call was answered.
fn faults(output: &Output, wrong: &str, advice: &str) -> Vec<String> {
    let line = String::from_utf8_lossy(&output.stderr).into_owned();
    let mut faults = Vec::new();
    let mut demand = |holds: bool, words: &str| {
        if !holds {
            faults.push(format!("{words}: {line:?}"));
        }
    };
    demand(output.status.code() == Some(2), "the exit code is not 2");
    demand(output.stdout.is_empty(), "something was printed as a result");
    demand(line.lines().count() == 1, "it is not one line");
    demand(line.starts_with("error: ") && !line.contains("panicked"), "it does not begin as an error");
    demand(line.contains(wrong), "it does not say what is wrong");
    demand(line.contains(advice), "it does not say what to do");
    faults
}

#[test]
fn each_wrong_call_gets_one_line_that_says_what_to_do() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let mut found = Vec::new();
    for (arguments, wrong, advice) in WRONG {
        let output = call(folder.path(), arguments);
        found.extend(
            faults(&output, wrong, advice).into_iter().map(|fault| format!("{arguments:?}: {fault}")),
        );
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    let left: Vec<_> = fs::read_dir(folder.path()).expect("the folder is readable").collect();
    assert!(left.is_empty(), "a wrong call leaves nothing behind: {left:?}");
}

#[test]
fn an_answer_that_does_not_help_is_noticed() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let right = call(folder.path(), &["list", "engines"]);
    assert_eq!(faults(&right, "", "").len(), 4, "it is no error at all");
    let helpless = call(folder.path(), &["gat"]);
    assert_eq!(faults(&helpless, "unrecognized", "ask a colleague").len(), 1);
}
