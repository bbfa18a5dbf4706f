//! What a test has shown under one engine.

use std::fmt;
use std::time::Duration;

/// How a test came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Every execution, as far as the engine holds some for the same.
    Proved,
    /// What is said was explored, and nothing beyond it.
    Bounded(String),
    /// An execution failed; the line that says what went wrong.
    Refuted(String),
    /// The test says that an execution fails, and one did.
    Fails,
    /// It did not end in its time; nothing is claimed.
    Unfinished,
    /// It passed, and no model of loom's is in it.
    NoModel,
}

/// A verdict with what it cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) verdict: Verdict,
    /// The executions of all models in the test, if it says how many.
    pub(crate) executions: Option<u64>,
    /// From the start of the process to its end.
    pub(crate) time: Duration,
}

/// What a process has printed, and how it ended.
pub(crate) struct Said {
    pub(crate) text: String,
    /// None, if it was stopped.
    pub(crate) passed: Option<bool>,
    pub(crate) time: Duration,
}

impl Said {
    fn is_to_panic(&self) -> bool {
        self.text.contains("- should panic ...")
    }
}

impl Verdict {
    pub(crate) fn is_refuted(&self) -> bool {
        matches!(self, Verdict::Refuted(_))
    }

    /// Whether nothing is left to explore.
    pub(crate) fn is_whole(&self) -> bool {
        matches!(self, Verdict::Proved | Verdict::Fails | Verdict::NoModel)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Proved => f.write_str("proved"),
            Verdict::Bounded(bound) => write!(f, "bounded ({bound})"),
            Verdict::Refuted(what) => write!(f, "refuted: {what}"),
            Verdict::Fails => f.write_str("fails, as the test says"),
            Verdict::Unfinished => f.write_str("not ended"),
            Verdict::NoModel => f.write_str("passed, without a model"),
        }
    }
}

impl Outcome {
    /// Of a test beside the facade, by one engine.
    pub(crate) fn of_facade(said: &Said) -> Outcome {
        let models: Vec<Model> = said.text.lines().filter_map(Model::read).collect();
        let executions = (!models.is_empty()).then(|| models.iter().map(|model| model.executions).sum());
        let bound = models.iter().find_map(|model| model.bound.clone());
        let verdict = match said.passed {
            None => Verdict::Unfinished,
            Some(false) if said.text.contains("no execution came to its end") => Verdict::Unfinished,
            Some(false) => Verdict::Refuted(complaint(&said.text)),
            Some(true) if said.is_to_panic() => Verdict::Fails,
            Some(true) if models.is_empty() => Verdict::NoModel,
            Some(true) => bound.map_or(Verdict::Proved, Verdict::Bounded),
        };
        Outcome { verdict, executions, time: said.time }
    }

    /// Of a test beside loom. Its own log says how many executions a model had, and how many there were until it was stopped.
    pub(crate) fn of_loom(said: &Said) -> Outcome {
        let number = |line: &str, from: &str| {
            let rest = line.split_once(from)?.1;
            rest.split(|letter: char| !letter.is_ascii_digit()).next()?.parse::<u64>().ok()
        };
        let (mut whole, mut begun, mut is_told) = (0, 0, false);
        for line in said.text.lines() {
            if let Some(count) = number(line, "Completed in ") {
                (whole, begun, is_told) = (whole + count, 0, true);
            } else if let Some(count) = number(line, "= Iteration ") {
                (begun, is_told) = (count, true);
            }
        }
        let verdict = match said.passed {
            None => Verdict::Unfinished,
            Some(false) => Verdict::Refuted(complaint(&said.text)),
            Some(true) if said.is_to_panic() => Verdict::Fails,
            Some(true) => Verdict::Proved,
        };
        Outcome { verdict, executions: is_told.then_some(whole + begun), time: said.time }
    }
}

/// What the facade says of one model.
struct Model {
    executions: u64,
    bound: Option<String>,
}

impl Model {
    /// Of a line such as `name: bounded: dpor 12 executions (at most 2 preemptions)`.
    fn read(line: &str) -> Option<Model> {
        let from = line.find(": proved: ").or_else(|| line.find(": bounded: "))?;
        let (_, rest) = line[from + 2..].split_once(": ")?;
        let mut words = rest.split(' ');
        let _engine = words.next()?;
        let executions = words.next()?.parse().ok()?;
        let bound = rest.split_once(" (").and_then(|(_, bound)| bound.strip_suffix(')')).map(str::to_owned);
        Some(Model { executions, bound })
    }
}

/// The line that says what went wrong.
fn complaint(said: &str) -> String {
    let line = said.lines().map(str::trim).find(|line| line.contains(" is broken"));
    let panic = || said.lines().skip_while(|line| !line.contains("panicked at")).nth(1);
    let last = || said.lines().rfind(|line| !line.trim().is_empty());
    line.or_else(panic).or_else(last).unwrap_or("nothing was said").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str, passed: Option<bool>) -> Said {
        Said { text: text.to_owned(), passed, time: Duration::ZERO }
    }

    #[test]
    fn models_of_a_test_add_up_and_one_bound_bounds_it() {
        let text =
            "a:1: proved: dpor 3 executions\na:2: bounded: dpor 12 executions (at most 2 preemptions)\n";
        let outcome = Outcome::of_facade(&said(text, Some(true)));
        assert_eq!(outcome.executions, Some(15));
        assert_eq!(outcome.verdict, Verdict::Bounded("at most 2 preemptions".to_owned()));
        assert_eq!(Outcome::of_facade(&said("ok", Some(true))).verdict, Verdict::NoModel);
        assert_eq!(Outcome::of_facade(&said("", None)).verdict, Verdict::Unfinished);
    }

    #[test]
    fn a_failure_is_told_by_its_rule_or_by_its_panic() {
        let of = |text| Outcome::of_facade(&said(text, Some(false))).verdict.to_string();
        assert_eq!(
            of("thread panicked at x:1:2:\n  lifetime is broken: it is gone\n"),
            "refuted: lifetime is broken: it is gone"
        );
        assert_eq!(of("thread 'a' panicked at x:1:2:\nleft != right\nnote: run\n"), "refuted: left != right");
    }

    #[test]
    fn loom_tells_its_executions_in_its_log() {
        let text = "INFO Completed in 7 iterations\nINFO  ====== Iteration 2000 ======\n";
        let outcome = Outcome::of_loom(&said(text, None));
        assert_eq!((outcome.executions, outcome.verdict), (Some(2_007), Verdict::Unfinished));
        assert_eq!(Outcome::of_loom(&said("", Some(true))).executions, None);
    }
}
