//! The workflow file and the recipes of the page about CI are workflows that GitHub would run: well formed, with commands
//! that a shell can read and options that the commands have.

use std::fs;
use std::path::Path;
use std::process::Command;

use saphyr::{LoadableYamlNode, Yaml};

/// A file or a block of a page, with its name.
struct Source {
    name: String,
    text: String,
}

fn sources() -> Vec<Source> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read =
        |path: &str| fs::read_to_string(top.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let page = read("checks/docs/ci.md");
    let blocks = page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let of_page = blocks.enumerate().map(|(number, text)| Source {
        name: format!("block {number} of checks/docs/ci.md"),
        text: text.to_owned(),
    });
    let file = ".github/workflows/ci.yml";
    std::iter::once(Source { name: file.to_owned(), text: read(file) }).chain(of_page).collect()
}

/// What is wrong with a workflow; nothing if it would be run.
fn faults(source: &Source) -> Vec<String> {
    let documents = match Yaml::load_from_str(&source.text) {
        Ok(documents) => documents,
        Err(error) => return vec![format!("{}: {error}", source.name)],
    };
    let [workflow] = documents.as_slice() else {
        return vec![format!("{}: expected 1 document, got {}", source.name, documents.len())];
    };
    let mut faults = Vec::new();
    let mut say = |job: &str, words: String| faults.push(format!("{}, job {job}: {words}", source.name));
    let Some(jobs) = workflow.as_mapping_get("jobs").and_then(Yaml::as_mapping) else {
        return vec![format!("{}: there are no jobs", source.name)];
    };
    for (name, job) in jobs {
        let name = name.as_str().unwrap_or("without a name");
        if job.as_mapping_get("runs-on").and_then(Yaml::as_str).is_none() {
            say(name, "it does not say where it runs".to_owned());
        }
        let steps = job.as_mapping_get("steps").and_then(Yaml::as_sequence);
        for step in steps.into_iter().flatten() {
            for words in faults_of_step(step, job) {
                say(name, words);
            }
        }
        if steps.is_none_or(Vec::is_empty) {
            say(name, "it has no steps".to_owned());
        }
    }
    faults
}

fn faults_of_step(step: &Yaml, job: &Yaml) -> Vec<String> {
    let text = |key| step.as_mapping_get(key).and_then(Yaml::as_str);
    match (text("uses"), text("run")) {
        (Some(action), None) if action.contains('@') => Vec::new(),
        (Some(action), None) => vec![format!("{action} has no version")],
        (None, Some(script)) => faults_of_script(script, job),
        _ => vec!["a step uses an action or runs a script".to_owned()],
    }
}

/// A script that a shell can read, whose variables are those of the job's matrix, and whose options are those of the command.
fn faults_of_script(script: &str, job: &Yaml) -> Vec<String> {
    let mut faults = Vec::new();
    let matrix = job.as_mapping_get("strategy").and_then(|strategy| strategy.as_mapping_get("matrix"));
    for variable in script.split("${{ matrix.").skip(1).filter_map(|rest| rest.split(" }}").next()) {
        if matrix.and_then(|matrix| matrix.as_mapping_get(variable)).is_none() {
            faults.push(format!("the matrix has no {variable}"));
        }
    }
    let plain = script.replace("${{", "").replace("}}", "");
    let shell = Command::new("bash").args(["-n", "-c", &plain]).output().expect("there is a shell");
    if !shell.status.success() {
        faults.push(String::from_utf8_lossy(&shell.stderr).into_owned());
    }
    faults.extend(plain.lines().flat_map(unknown_options));
    faults
}

/// The options of a line for our command that the command does not have.
fn unknown_options(line: &str) -> Vec<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let subcommand = words.iter().position(|word| ["gate", "report", "audit", "hunt"].contains(word));
    let Some(at) = subcommand.filter(|_| line.contains("cancelproof")) else { return Vec::new() };
    let help = Command::new(env!("CARGO_BIN_EXE_cancelproof")).args([words[at], "--help"]).output();
    let help = String::from_utf8_lossy(&help.expect("the command runs").stdout).into_owned();
    let options = words[at + 1..].iter().filter(|word| word.starts_with("--"));
    let unknown = options.filter(|option| !help.contains(**option));
    unknown.map(|option| format!("{} has no option {option}", words[at])).collect()
}

#[test]
fn every_workflow_would_be_run() {
    let sources = sources();
    assert!(sources.len() >= 2, "the file and the page have a workflow each");
    let faults: Vec<String> = sources.iter().flat_map(faults).collect();
    assert_eq!(faults, Vec::<String>::new());
}

/// Each fault of a workflow that this test is about is found.
#[test]
fn a_broken_workflow_is_found() {
    let broken = |text: &str| faults(&Source { name: "w".to_owned(), text: text.to_owned() });
    let with_step = |step: &str| format!("jobs:\n  a:\n    runs-on: x\n    steps:\n      - {step}\n");
    assert_eq!(broken(&with_step("run: cargo test")), Vec::<String>::new());
    let one = |text: String, expected: &str| {
        let faults = broken(&text);
        assert!(faults.len() == 1 && faults[0].contains(expected), "{expected}: {faults:?}");
    };
    one("jobs:\n  a: [".to_owned(), "w: ");
    one("name: w".to_owned(), "there are no jobs");
    one("jobs:\n  a:\n    runs-on: x\n".to_owned(), "it has no steps");
    one("jobs:\n  a:\n    steps:\n      - run: x\n".to_owned(), "it does not say where it runs");
    one(with_step("uses: actions/checkout"), "has no version");
    one(with_step("name: x"), "a step uses an action or runs a script");
    one(with_step("run: \"if true\""), "syntax error");
    one(with_step("run: echo ${{ matrix.engine }}"), "the matrix has no engine");
    one(
        with_step("run: target/release/cancelproof gate --no-such-option"),
        "gate has no option --no-such-option",
    );
}
