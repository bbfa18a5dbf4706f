//! The last line of a gate: whether it passed, and on how much that rests.

use std::collections::BTreeMap;
use std::io::{self, Write};

use anstyle::Style;

use super::expectation::Expectation;
use super::plan::{About, Plan};
use super::{Answers, Tolerance, exit_of_answer, systems};
use crate::cli::{Exit, output};
use crate::job::{Answer, Job, Task};
use crate::judge::growth::Growth;
use crate::verdict::Verdict;

/// How many of something are as they should be, of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Share {
    good: usize,
    all: usize,
}

/// What a gate comes to, in numbers.
#[derive(Debug, Default)]
pub(super) struct Conclusion {
    /// Requests of which every scenario was proved, and nothing is wrong.
    requests: Share,
    /// Likewise the systems.
    systems: Share,
    /// Planted faults that each engine which was asked refutes for its own rule.
    faults: Share,
    refuted: usize,
    vacuous: usize,
    bounded: usize,
    not_started: usize,
    /// Judgements that the suite owes: a worker that crashed, a canary that was missed.
    failed: usize,
}

impl Conclusion {
    pub(super) fn of(plan: &Plan, answers: &Answers) -> Self {
        let mut found = Conclusion::default();
        for (is_system, is_proved) in subjects(plan, answers) {
            let share = if is_system { &mut found.systems } else { &mut found.requests };
            share.add(is_proved);
        }
        let of_faults = plan.groups.iter().filter(|group| matches!(group.about, About::Faults { .. }));
        for row in of_faults.flat_map(|group| &group.rows) {
            let mut jobs = row.jobs().peekable();
            if jobs.peek().is_some() {
                let is_refuted =
                    |number| exit_of_answer(plan, answers, number, Tolerance::Nothing) == Exit::Proved;
                found.faults.add(jobs.all(is_refuted));
            }
        }
        for (expectation, answer) in plan.expectations.iter().zip(answers) {
            found.count(*expectation, answer.as_ref());
        }
        found
    }

    fn count(&mut self, expectation: Expectation, answer: Option<&Answer>) {
        match (answer, expectation) {
            (Some(Answer::NotStarted), _) => self.not_started += 1,
            (Some(Answer::Grown(Growth { refuted: Some(_), .. })), _) => self.refuted += 1,
            (Some(Answer::Grown(growth)), _) => self.failed += usize::from(!growth.troubles.is_empty()),
            (Some(Answer::NotApplicable(_)), _) => {}
            (Some(answer), expectation) => {
                match (answer.judgement().map(|known| &known.verdict), expectation) {
                    (Some(Verdict::Refuted { violation, .. }), Expectation::Breaks(rule))
                        if violation.rule == rule => {}
                    (Some(Verdict::Refuted { .. }), _) => self.refuted += 1,
                    (Some(Verdict::Vacuous { .. }), _) => self.vacuous += 1,
                    (Some(Verdict::Bounded(_)), _) => self.bounded += 1,
                    (Some(Verdict::Proved | Verdict::Sampled), _) => {}
                    (Some(Verdict::ToolFailure { .. }) | None, _) => self.failed += 1,
                }
            }
            (None, _) => self.failed += 1,
        }
    }

    /// The line. `disappeared` judgements are in the last ledger and in no other.
    pub(super) fn line(&self, exit: Exit, disappeared: usize) -> String {
        let begin = match exit {
            Exit::Proved => "gate passed: ".to_owned(),
            exit => format!("gate failed, {}: ", exit.meaning()),
        };
        let mut parts = Vec::new();
        let is_all = |share: Share| share.good == share.all;
        match (self.requests.all, self.systems.all) {
            (1.., 1..) if is_all(self.requests) && is_all(self.systems) => {
                parts.push(format!("{} and the system proved", self.requests.of("request")));
            }
            (requests, systems) => {
                if requests > 0 {
                    parts.push(format!("{} proved", self.requests.of("request")));
                }
                if systems > 0 {
                    let word = if is_all(self.systems) { "proved" } else { "NOT proved" };
                    parts.push(format!("the system {word}"));
                }
            }
        }
        if self.faults.all > 0 {
            parts.push(format!("{} refuted", self.faults.of("fault")));
        }
        parts.push(format!("{} vacuous", self.vacuous));
        parts.push(format!("{} bounded", self.bounded));
        let others = [
            (self.refuted, "REFUTED"),
            (self.not_started, "not started"),
            (self.failed, "FAILED"),
            (disappeared, "DISAPPEARED"),
        ];
        let others = others.into_iter().filter(|(number, _)| *number > 0);
        parts.extend(others.map(|(number, word)| format!("{number} {word}")));
        begin + &parts.join(", ")
    }
}

impl Share {
    fn add(&mut self, is_good: bool) {
        self.all += 1;
        self.good += usize::from(is_good);
    }

    /// Such as `3 requests`, or `2 of 3 requests`.
    fn of(self, what: &str) -> String {
        let Share { good, all } = self;
        let plural = if all == 1 { "" } else { "s" };
        if good == all { format!("{all} {what}{plural}") } else { format!("{good} of {all} {what}{plural}") }
    }
}

/// For each request and system that should be right whether it is a system, and whether it was proved: in each scenario by
/// some engine that ends only when it has seen everything, and by none anything else than proved, sampled or bounded.
fn subjects(plan: &Plan, answers: &Answers) -> Vec<(bool, bool)> {
    let mut scenarios: BTreeMap<(bool, &str), BTreeMap<&str, bool>> = BTreeMap::new();
    let mut wrong: Vec<(bool, &str)> = Vec::new();
    for (number, job) in plan.jobs.iter().enumerate() {
        let Some((is_system, name, scenario)) = subject(job) else { continue };
        let is_of_a_fault = plan.expectations[number] != Expectation::Passes;
        if is_of_a_fault && !systems::is_of_the_system(job) {
            continue;
        }
        let known = scenarios.entry((is_system, name)).or_default();
        let verdict = answers[number].as_ref().and_then(Answer::judgement).map(|known| &known.verdict);
        let is_right = exit_of_answer(plan, answers, number, Tolerance::Anything) == Exit::Proved;
        let is_proved = is_right && matches!(verdict, Some(Verdict::Proved | Verdict::Refuted { .. }));
        *known.entry(scenario).or_default() |= is_proved;
        if !is_right {
            wrong.push((is_system, name));
        }
    }
    let is_proved = |subject: &(bool, &str), scenarios: &BTreeMap<&str, bool>| {
        !wrong.contains(subject) && scenarios.values().all(|is_proved| *is_proved)
    };
    scenarios.iter().map(|(subject, scenarios)| (subject.0, is_proved(subject, scenarios))).collect()
}

/// Whether a job is of a system, with the names of the request or system and of the scenario.
fn subject(job: &Job) -> Option<(bool, &str, &str)> {
    match &job.task {
        Task::Scenario { request, scenario } => Some((false, request, scenario)),
        Task::System { system, scenario } => Some((true, system, scenario)),
        _ => None,
    }
}

/// Writes the line, in bold where the terminal can.
pub(super) fn write(plan: &Plan, answers: &Answers, exit: Exit, disappeared: usize) -> io::Result<()> {
    let bold = Style::new().bold();
    let line = Conclusion::of(plan, answers).line(exit, disappeared);
    writeln!(output::coloured(), "\n{bold}{line}{bold:#}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_what_was_proved_and_what_was_not() {
        let mut found = Conclusion {
            requests: Share { good: 20, all: 20 },
            systems: Share { good: 1, all: 1 },
            faults: Share { good: 189, all: 189 },
            bounded: 3,
            ..Conclusion::default()
        };
        assert_eq!(
            found.line(Exit::Proved, 0),
            "gate passed: 20 requests and the system proved, 189 faults refuted, 0 vacuous, 3 bounded"
        );
        found.requests.good = 19;
        found.refuted = 2;
        assert_eq!(
            found.line(Exit::Refuted, 0),
            "gate failed, a request was refuted: 19 of 20 requests proved, the system proved, 189 faults refuted, 0 vacuous, \
             3 bounded, 2 REFUTED"
        );
        let one = Conclusion { requests: Share { good: 1, all: 1 }, ..Conclusion::default() };
        assert_eq!(
            one.line(Exit::ToolFailure, 4),
            "gate failed, tool failure: 1 request proved, 0 vacuous, 0 bounded, 4 DISAPPEARED"
        );
    }
}
