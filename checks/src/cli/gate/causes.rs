//! What went wrong in a gate, by its cause: nineteen scenarios that fail for one reason are told as one.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::plan::Plan;
use super::{Answers, Tolerance, exit_of_answer, summary};
use crate::cli::Exit;
use crate::job::{Answer, Task};
use crate::judge::growth::Growth;
use crate::trace::Trace;
use crate::verdict::Verdict;

/// Titles that are told of one cause.
const TITLES_MAX: usize = 3;

/// Causes that are told; the rest is counted.
const CAUSES_MAX: usize = 12;

/// A failure with its counterexample, as far as its cause is told by it.
pub(super) struct Failing<'a> {
    /// The request or the system.
    pub(super) of: &'a str,
    /// The scenario or program in which it was found.
    pub(super) scenario: &'a str,
    /// The counterexample.
    pub(super) trace: &'a Trace,
    /// By which it is run again.
    pub(super) token: String,
}

impl Failing<'_> {
    fn rule(&self) -> &str {
        self.trace.header.broken.as_ref().map_or("no rule", |broken| broken.rule.as_str())
    }
}

/// The failures of one cause, the smallest first.
type Cause<'a, 'b> = Vec<&'b Failing<'a>>;

/// The failures by request and rule. The causes that show in most scenarios come first.
fn by_cause<'a, 'b>(all: &'b [Failing<'a>]) -> Vec<Cause<'a, 'b>> {
    let mut causes: BTreeMap<(&str, &str), Cause<'a, 'b>> = BTreeMap::new();
    for failing in all {
        causes.entry((failing.of, failing.rule())).or_default().push(failing);
    }
    let mut causes: Vec<Cause<'a, 'b>> = causes.into_values().collect();
    for cause in &mut causes {
        cause.sort_by_key(|failing| failing.trace.steps.len());
    }
    causes.sort_by_key(|cause| std::cmp::Reverse(cause.len()));
    causes
}

/// Tells the failures: for each request the smallest counterexample of its commonest cause in full, of every other cause the
/// token. `draw` makes the text of a counterexample.
pub(super) fn write(
    out: &mut impl Write,
    all: &[Failing<'_>],
    draw: impl Fn(&Trace) -> String,
) -> io::Result<()> {
    let causes = by_cause(all);
    let mut told: Vec<&str> = Vec::new();
    for cause in &causes {
        let Some(&smallest) = cause.first() else { continue };
        let (of, rule) = (smallest.of, smallest.rule());
        if told.contains(&of) {
            continue;
        }
        told.push(of);
        let reasons = causes.iter().filter(|cause| cause.iter().any(|failing| failing.of == of)).count();
        if reasons == 1 && cause.len() == 1 {
            writeln!(out, "\n{of} breaks {rule} in {}", smallest.scenario)?;
        } else {
            let scenarios: usize = causes.iter().flatten().filter(|failing| failing.of == of).count();
            let reasons = count(reasons, "reason");
            writeln!(out, "\n{of}: {} fail for {reasons}; the smallest:", count(scenarios, "scenario"))?;
        }
        writeln!(out, "{}", draw(smallest.trace))?;
        for other in causes.iter().filter(|other| other[0].of == of && other[0].rule() != rule) {
            let smallest = other[0];
            writeln!(
                out,
                "{of} also breaks {} in {}: cancelproof replay {}",
                smallest.rule(),
                titles(other.iter().map(|failing| failing.scenario)),
                smallest.token
            )?;
        }
    }
    Ok(())
}

/// Tells what went wrong and has no counterexample, by request and words.
pub(super) fn write_others(out: &mut impl Write, plan: &Plan, answers: &Answers) -> io::Result<()> {
    let mut causes: Vec<((String, String), Vec<String>)> = Vec::new();
    for number in 0..plan.jobs.len() {
        let is_wrong = exit_of_answer(plan, answers, number, Tolerance::Anything) != Exit::Proved;
        // A refutation has a counterexample.
        if !is_wrong || is_refuted(answers[number].as_ref()) {
            continue;
        }
        let job = &plan.jobs[number];
        let cause = (about(&job.task), summary::what(answers[number].as_ref()));
        match causes.iter_mut().find(|(known, _)| *known == cause) {
            Some((_, titles)) => titles.push(job.title()),
            None => causes.push((cause, vec![job.title()])),
        }
    }
    for ((about, what), of_cause) in causes.iter().take(CAUSES_MAX) {
        match of_cause.as_slice() {
            [title] => writeln!(out, "\n{title}\n  {what}")?,
            several => writeln!(out, "\n{about}: {}\n  {what}", titles(several.iter().map(String::as_str)))?,
        }
    }
    if causes.len() > CAUSES_MAX {
        writeln!(out, "\n{} further causes: add -v", causes.len() - CAUSES_MAX)?;
    }
    Ok(())
}

fn is_refuted(answer: Option<&Answer>) -> bool {
    match answer {
        Some(Answer::Grown(Growth { refuted, .. })) => refuted.is_some(),
        answer => {
            let verdict = answer.and_then(Answer::judgement).map(|known| &known.verdict);
            matches!(verdict, Some(Verdict::Refuted { .. }))
        }
    }
}

/// What a task is about, without its scenario.
fn about(task: &Task) -> String {
    match task {
        Task::Scenario { request, .. }
        | Task::Program { request, .. }
        | Task::Kept { request, .. }
        | Task::Growth { request }
        | Task::Staircase { request }
        | Task::SmallPrograms { request }
        | Task::Explain { request, .. }
        | Task::Fingerprint { request }
        | Task::Check { request, .. } => request.clone(),
        Task::System { system, .. } => system.clone(),
        Task::Resumable { task, .. } => about(task),
        Task::Canary => "canary".to_owned(),
    }
}

/// The first of some titles, and how many more there are.
fn titles<'a>(all: impl ExactSizeIterator<Item = &'a str>) -> String {
    let number = all.len();
    let shown: Vec<&str> = all.take(TITLES_MAX).collect();
    let more = number - shown.len();
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
