//! The commands that a test target understands: a first word that is one is no filter of tests.

use std::process::ExitCode;

use libtest_mimic::Arguments;

use super::checks::Suite;
use super::run_tests;

/// The word that runs all tests, those that are ignored by default included.
const GATE: &str = "gate";

/// The commands that take a request by `--request`, which here is the target's own.
const OF_REQUESTS: [&str; 9] =
    ["hunt", "show", "film", "mutate", "orderings", "fuse", "infer", "programs", "staircase"];

/// The command whose first argument is a request.
const DIAGRAM: &str = "diagram";

/// The command that takes a token.
const REPLAY: &str = "replay";

/// Whether the word is a command.
pub(super) fn is_one(word: &str) -> bool {
    [GATE, REPLAY, DIAGRAM].contains(&word) || OF_REQUESTS.contains(&word)
}

/// Runs a command on the request of this target.
pub(super) fn run(suite: &'static Suite, word: &str, rest: &[String]) -> ExitCode {
    if word == GATE {
        let arguments =
            [GATE, "--include-ignored"].map(str::to_owned).into_iter().chain(rest.iter().cloned());
        return run_tests(suite, &Arguments::from_iter(arguments));
    }
    forward(suite, with_request(word, rest, suite.subject.name()))
}

/// The arguments of a command, with the target's own request unless one is named.
fn with_request(word: &str, rest: &[String], request: &str) -> Vec<String> {
    let is_named = rest.iter().any(|argument| argument == "--request" || argument.starts_with("--request="));
    let is_first = rest.first().is_some_and(|argument| !argument.starts_with('-'));
    let named = match word {
        DIAGRAM => (!is_first).then(|| request.to_owned()),
        _ => (OF_REQUESTS.contains(&word) && !is_named).then(|| format!("--request={request}")),
    };
    std::iter::once(word.to_owned()).chain(named).chain(rest.iter().cloned()).collect()
}

#[cfg(feature = "cli")]
fn forward(suite: &'static Suite, arguments: Vec<String>) -> ExitCode {
    crate::registry::set_own(suite.subject);
    crate::cli::run_with(arguments)
}

#[cfg(not(feature = "cli"))]
fn forward(_suite: &'static Suite, arguments: Vec<String>) -> ExitCode {
    super::complain(format_args!(
        "error: {} needs the feature \"cli\": in Cargo.toml say cancelproof = {{ …, features = [\"cli\"] }}",
        arguments.first().map_or("this", String::as_str)
    ));
    ExitCode::from(super::UNREADABLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_of_the_target_is_asked_unless_another_is_named() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            with_request("hunt", &words(&["--time", "1s"]), "Mine"),
            ["hunt", "--request=Mine", "--time", "1s"]
        );
        assert_eq!(
            with_request("show", &words(&["--request", "word"]), "Mine"),
            ["show", "--request", "word"]
        );
        assert_eq!(
            with_request("diagram", &words(&["--form", "dot"]), "Mine"),
            ["diagram", "Mine", "--form", "dot"]
        );
        assert_eq!(with_request("diagram", &words(&["word"]), "Mine"), ["diagram", "word"]);
        assert_eq!(with_request("replay", &words(&["cp1-x"]), "Mine"), ["replay", "cp1-x"]);
        assert!(is_one("mutate") && is_one("gate") && !is_one("mark-cancel") && !is_one("--list"));
    }
}
