//! What failed in a target, by its cause: the smallest counterexample in full, and of the others no more than it takes to find
//! them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::showing::{Cause, Trouble};
use crate::counterexample::REPLAY_VARIABLE;

/// Names of tests that are told of one cause.
const NAMES_MAX: usize = 3;

/// Causes without a counterexample that are told; the rest is counted.
const CAUSES_MAX: usize = 6;

/// Lines that are told of a cause without a counterexample, where there are several.
const LINES_MAX: usize = 4;

/// A test that failed.
pub(super) struct Failing {
    pub(super) test: String,
    pub(super) trouble: Trouble,
}

/// A test that failed with a counterexample.
struct Shown<'a> {
    test: &'a str,
    words: &'a str,
    cause: &'a Cause,
}

/// Everything that failed, for a reader. The same failures make the same text, in whatever order they came.
pub(super) fn told(failing: &[Failing]) -> String {
    if let [only] = failing {
        return format!("---- {} ----\n{}\n", only.test, only.trouble.words);
    }
    let mut text = String::new();
    let mut refuted: BTreeMap<&str, Vec<Shown<'_>>> = BTreeMap::new();
    let mut others: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for Failing { test, trouble } in failing {
        let words = trouble.words.as_str();
        match &trouble.cause {
            Some(cause) => refuted.entry(&cause.rule).or_default().push(Shown { test, words, cause }),
            None => others.entry(words).or_default().push(test),
        }
    }
    write_refuted(&mut text, refuted);
    write_others(&mut text, others);
    text
}

/// The rule that most tests break comes first, and of its counterexamples the smallest.
fn write_refuted(text: &mut String, by_rule: BTreeMap<&str, Vec<Shown<'_>>>) {
    let mut rules: Vec<(&str, Vec<Shown<'_>>)> = by_rule.into_iter().collect();
    for (_, shown) in &mut rules {
        shown.sort_by_key(|shown| (shown.cause.steps, shown.test));
    }
    rules.sort_by_key(|(_, shown)| std::cmp::Reverse(shown.len()));
    let Some(((_, first), others)) = rules.split_first() else { return };
    let number = rules.iter().map(|(_, shown)| shown.len()).sum();
    let reasons = count(rules.len(), "reason");
    let verb = if number == 1 { "fails" } else { "fail" };
    // Writing to a text never fails.
    let _ =
        writeln!(text, "{} {verb} for {reasons}; the smallest, in {}:", count(number, "test"), first[0].test);
    let _ = writeln!(text, "{}", first[0].words.trim_end());
    if first.len() > 1 {
        let _ =
            writeln!(text, "the same rule is broken in {}", names(first[1..].iter().map(|shown| shown.test)));
    }
    for (rule, shown) in others {
        let cause = shown[0].cause;
        let _ = writeln!(
            text,
            "{rule} is broken too, in {}; the smallest program: {}\n  {REPLAY_VARIABLE}='{}' cargo test",
            names(shown.iter().map(|shown| shown.test)),
            cause.program,
            cause.token
        );
    }
}

/// What has no counterexample: told once for all tests of which the same is said.
fn write_others(text: &mut String, by_words: BTreeMap<&str, Vec<&str>>) {
    let mut causes: Vec<(&str, Vec<&str>)> = by_words.into_iter().collect();
    for (_, tests) in &mut causes {
        tests.sort_unstable();
    }
    causes.sort_by(|one, other| other.1.len().cmp(&one.1.len()).then_with(|| one.1.cmp(&other.1)));
    for (words, tests) in causes.iter().take(CAUSES_MAX) {
        if !text.is_empty() {
            text.push('\n');
        }
        let _ = writeln!(text, "{}:", names(tests.iter().copied()));
        let lines: Vec<&str> = words.trim_end().lines().collect();
        let most = if causes.len() == 1 { lines.len() } else { LINES_MAX };
        lines.iter().take(most).for_each(|line| {
            let _ = writeln!(text, "  {line}");
        });
        if lines.len() > most {
            let _ = writeln!(
                text,
                "  and {} in a run of this test alone",
                count(lines.len() - most, "more line")
            );
        }
    }
    let untold: usize = causes.iter().skip(CAUSES_MAX).map(|(_, tests)| tests.len()).sum();
    if untold > 0 {
        let _ =
            writeln!(text, "\n{} for other reasons: run one alone to see why", count(untold, "more test"));
    }
}

/// The first of some names, and how many more there are.
fn names<'a>(all: impl ExactSizeIterator<Item = &'a str>) -> String {
    let number = all.len();
    let shown: Vec<&str> = all.take(NAMES_MAX).collect();
    let more = number - shown.len();
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refuted(test: &str, rule: &str, steps: usize) -> Failing {
        let words = format!("{rule} is broken\n{}", "a step\n".repeat(steps));
        let cause = Cause {
            rule: rule.to_owned(),
            program: "mark | cancel".to_owned(),
            steps,
            token: format!("cp3-{test}"),
        };
        Failing { test: test.to_owned(), trouble: Trouble { word: "refuted", words, cause: Some(cause) } }
    }

    fn other(test: &str, words: &str) -> Failing {
        Failing { test: test.to_owned(), trouble: ("vacuous", words.to_owned()).into() }
    }

    #[test]
    fn one_bug_in_many_tests_is_told_once_by_its_smallest_counterexample() {
        let mut all: Vec<Failing> = (0..19)
            .map(|number| refuted(&format!("scenario-{number:02}::dpor"), "exactly-once", 36 - number))
            .collect();
        let text = told(&all);
        assert!(
            text.starts_with("19 tests fail for 1 reason; the smallest, in scenario-18::dpor:\n"),
            "{text}"
        );
        assert_eq!(text.matches("exactly-once is broken").count(), 1, "{text}");
        assert!(
            text.contains("in scenario-17::dpor, scenario-16::dpor, scenario-15::dpor and 15 more"),
            "{text}"
        );
        assert!(text.lines().count() <= 60, "{text}");
        all.reverse();
        assert_eq!(told(&all), text, "the order in which tests end changes nothing");
    }

    #[test]
    fn another_rule_is_told_by_its_token_and_what_has_no_counterexample_by_its_words() {
        let all = [
            refuted("a::dpor", "exactly-once", 9),
            refuted("b::dpor", "exactly-once", 7),
            refuted("c::dpor", "publication", 3),
            other("d::dpor", "vacuous: no callback\nhint: say so"),
            other("e::rc11", "vacuous: no callback\nhint: say so"),
        ];
        assert_eq!(
            told(&all),
            "3 tests fail for 2 reasons; the smallest, in b::dpor:\nexactly-once is broken\n\
             a step\na step\na step\na step\na step\na step\na step\n\
             the same rule is broken in a::dpor\n\
             publication is broken too, in c::dpor; the smallest program: mark | cancel\n  \
             CANCELPROOF_REPLAY='cp3-c::dpor' cargo test\n\n\
             d::dpor, e::rc11:\n  vacuous: no callback\n  hint: say so\n"
        );
    }

    #[test]
    fn however_much_is_wrong_it_fits_a_screen_and_says_what_was_left_out() {
        let all: Vec<Failing> = (0..40)
            .map(|number| other(&format!("test-{number:02}"), &format!("{number}\n").repeat(30)))
            .collect();
        let text = told(&all);
        assert!(text.lines().count() <= 60, "{text}");
        assert!(text.contains("and 26 more lines in a run of this test alone"), "{text}");
        assert!(text.ends_with("34 more tests for other reasons: run one alone to see why\n"), "{text}");
    }

    #[test]
    fn a_test_that_fails_alone_is_told_whole() {
        let text = told(&[refuted("a::dpor", "exactly-once", 2)]);
        assert_eq!(text, "---- a::dpor ----\nexactly-once is broken\na step\na step\n\n");
    }
}
