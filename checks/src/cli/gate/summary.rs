//! The end of a verbose gate: what was proved, what was only sampled, and everything that was not as it should be.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use super::expectation::Expectation;
use super::plan::{About, Group, Kind, Plan};
use super::{Answers, Tolerance, agreement, exit_of_answer, growth, headline, systems, unseen};
use crate::cli::{Exit, table};
use crate::job::{Answer, Job, Replay, Task};
use crate::judge::growth::Growth;
use crate::judge::{Covered, Engine};
use crate::scenario::catalogue;
use crate::verdict::Verdict;

pub(super) fn write(
    out: &mut impl Write,
    plan: &Plan,
    answers: &Answers,
    elapsed: Duration,
) -> io::Result<()> {
    write_outdated(out, plan, answers)?;
    for group in &plan.groups {
        match &group.about {
            About::Request { name, contract } => write_request(out, plan, group, answers, name, contract)?,
            About::Faults { of } => write_faults(out, plan, group, answers, *of)?,
            About::Systems => writeln!(out, "{}", systems::sentence(group, plan, answers))?,
            About::Staircase => write_staircase(out, group, answers)?,
            About::SmallPrograms => write_small_programs(out, group, answers)?,
            About::Kept | About::Canary | About::Growth => {}
        }
    }
    unseen::write(out, plan, answers)?;
    write_troubles(out, plan, answers)?;
    agreement::differences(plan, answers).iter().try_for_each(|known| known.write(out))?;
    headline::write(out, plan, answers)?;
    let executions: u64 = answers.iter().flatten().map(Answer::executions).sum();
    writeln!(out, "{} executions in {:.1} s", table::count(executions), elapsed.as_secs_f64())
}

/// The kept failures whose own execution fails no more, and what was done instead.
pub(super) fn write_outdated(out: &mut impl Write, plan: &Plan, answers: &Answers) -> io::Result<()> {
    for (job, answer) in plan.jobs.iter().zip(answers) {
        let Some(Answer::Replayed(Replay { outdated: Some(why), found, .. })) = answer else { continue };
        let instead = match found {
            Some(_) => "searched on from there, and found a failure".to_owned(),
            None => format!("nothing fails from there on, so {} judged the program", job.engine),
        };
        writeln!(out, "kept failure: {}\n  {why}\n  {instead}\n", job.title())?;
    }
    Ok(())
}

/// What was shown for a request, in one sentence an engine, and never more.
fn write_request(
    out: &mut impl Write,
    plan: &Plan,
    group: &Group,
    answers: &Answers,
    name: &str,
    contract: &str,
) -> io::Result<()> {
    let mut by_engine: BTreeMap<Engine, Tally> = BTreeMap::new();
    for number in group.jobs() {
        let job = &plan.jobs[number];
        let tally = by_engine.entry(job.engine).or_default();
        match &answers[number] {
            Some(Answer::Judged(judgement)) => {
                tally.add(job, judgement.verdict.word(), judgement.executions);
                tally.covered.add_verdict(&judgement.verdict);
            }
            Some(Answer::NotStarted) => tally.add(job, "not started", 0),
            _ => {}
        }
    }
    let (exhaustive, sampling): (Vec<_>, Vec<_>) =
        by_engine.iter().partition(|(engine, _)| engine.is_exhaustive());
    let mut claims: Vec<(String, Vec<&str>)> = Vec::new();
    for (engine, tally) in exhaustive {
        let sentence = tally.sentence();
        match claims.iter_mut().find(|(known, _)| *known == sentence) {
            Some((_, engines)) => engines.push(engine.name()),
            None => claims.push((sentence, vec![engine.name()])),
        }
    }
    let mut claims: Vec<String> =
        claims.into_iter().map(|(sentence, engines)| format!("{} {sentence}", engines.join(", "))).collect();
    if !sampling.is_empty() {
        let executions: u64 = sampling.iter().map(|(_, tally)| tally.executions).sum();
        claims.push(format!("{} further executions sampled", table::count(executions)));
    }
    writeln!(out, "{name} ({contract}): {}", claims.join("; "))?;
    match grown(plan, answers, name) {
        Some(growth) => writeln!(out, "  beyond the catalogue: {}", growth::sentence(growth)),
        None => Ok(()),
    }
}

/// How far the request was shown correct beyond the catalogue, if it was asked.
pub(super) fn grown<'a>(plan: &Plan, answers: &'a Answers, name: &str) -> Option<&'a Growth> {
    let is_its = |job: &Job| matches!(&job.task, Task::Growth { request } if request == name);
    let number = plan.jobs.iter().position(is_its)?;
    match &answers[number] {
        Some(Answer::Grown(growth)) => Some(growth),
        _ => None,
    }
}

/// How one engine judged one request in all scenarios.
#[derive(Default)]
struct Tally {
    verdicts: BTreeMap<&'static str, usize>,
    scenarios: usize,
    threads_max: usize,
    executions: u64,
    /// What was covered where the engine did not end.
    covered: Covered,
}

impl Tally {
    fn add(&mut self, job: &Job, word: &'static str, executions: u64) {
        *self.verdicts.entry(word).or_default() += 1;
        self.scenarios += 1;
        self.executions += executions;
        if let Task::Scenario { scenario, .. } = &job.task {
            let threads = catalogue::named(scenario).map_or(0, |scenario| scenario.program.threads.len());
            self.threads_max = self.threads_max.max(threads);
        }
    }

    fn sentence(&self) -> String {
        let proved = self.verdicts.get("proved").copied().unwrap_or_default();
        if proved == self.scenarios {
            let most = self.threads_max;
            return format!(
                "proved {proved} of {proved} scenarios, every interleaving of up to {most} threads"
            );
        }
        let mut parts = vec![format!("proved {proved} of {} scenarios", self.scenarios)];
        let others = self.verdicts.iter().filter(|(word, _)| !["proved", "bounded"].contains(*word));
        parts.extend(others.map(|(word, number)| format!("{word} {number}")));
        parts.extend(self.covered.words());
        parts.join(", ")
    }
}

/// How many jobs of a group are proved.
fn proved(group: &Group, answers: &Answers) -> usize {
    let is_proved = |number: &usize| {
        let judgement = answers[*number].as_ref().and_then(Answer::judgement);
        judgement.is_some_and(|judgement| judgement.verdict == Verdict::Proved)
    };
    group.jobs().filter(is_proved).count()
}

/// How many requests keep every rule in all small programs, by each engine.
pub(super) fn write_small_programs(out: &mut impl Write, group: &Group, answers: &Answers) -> io::Result<()> {
    writeln!(
        out,
        "small programs: {} of {} judgements proved, each of one request or system by one of our own engines in every small program of its kind",
        proved(group, answers),
        group.jobs().count()
    )
}

/// How many requests take no step that the protocol has not.
pub(super) fn write_staircase(out: &mut impl Write, group: &Group, answers: &Answers) -> io::Result<()> {
    let proved = proved(group, answers);
    writeln!(
        out,
        "staircase: {proved} of {} requests are the protocol, in every execution by dpor of the scenarios for which it promises answers",
        group.rows()
    )
}

fn write_faults(
    out: &mut impl Write,
    plan: &Plan,
    group: &Group,
    answers: &Answers,
    of: Kind,
) -> io::Result<()> {
    let jobs: Vec<usize> = group.jobs().collect();
    let caught = jobs
        .iter()
        .filter(|&&number| exit_of_answer(plan, answers, number, Tolerance::Nothing) == Exit::Proved)
        .count();
    let (of, what) = match of {
        Kind::Requests => ("", "requests"),
        Kind::Systems => (" of systems", "systems"),
    };
    writeln!(
        out,
        "faults{of}: {} {what}; {caught} of {} judgements refute the fault for its own rule",
        group.rows(),
        jobs.len()
    )
}

fn write_troubles(out: &mut impl Write, plan: &Plan, answers: &Answers) -> io::Result<()> {
    for (number, answer) in answers.iter().enumerate() {
        let expectation = plan.expectations[number];
        // What was cut short is told by the tables and in the sentences above.
        if exit_of_answer(plan, answers, number, Tolerance::Anything) == Exit::Proved {
            continue;
        }
        let what = what(answer.as_ref());
        let expected = match expectation {
            Expectation::Passes => String::new(),
            Expectation::Breaks(rule) => format!(" (expected refuted: {rule})"),
        };
        writeln!(out, "\n{}{expected}\n  {what}", plan.jobs[number].title())?;
        // The failures of requests are made small and follow; those of systems are found again quickly.
        if let Task::System { system, scenario } = &plan.jobs[number].task {
            let name = if systems::is_of_the_system(&plan.jobs[number]) { scenario } else { system };
            writeln!(out, "  see it: cancelproof show {name}")?;
        }
    }
    Ok(())
}

/// What became of a job, in words.
pub(super) fn what(answer: Option<&Answer>) -> String {
    match answer {
        None | Some(Answer::Explained { .. } | Answer::Fingerprinted(_) | Answer::Checked(_)) => {
            "no answer".to_owned()
        }
        Some(Answer::Crashed(words)) => format!("crashed: {words}"),
        Some(Answer::NotApplicable(reason)) => reason.clone(),
        Some(Answer::NotStarted) => "not started: the budget was used up".to_owned(),
        Some(Answer::Grown(Growth { refuted: Some(refuted), .. })) => {
            format!("refuted: {}", refuted.violation)
        }
        Some(Answer::Grown(growth)) => growth.troubles.join("\n  "),
        Some(Answer::Judged(judgement) | Answer::Replayed(Replay { judgement, .. })) => {
            judgement.verdict.to_string()
        }
    }
}
