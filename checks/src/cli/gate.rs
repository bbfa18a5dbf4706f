//! `cancelproof gate`: every request, in every scenario, by every engine.

mod agreement;
mod causes;
mod conclusion;
mod evidence;
mod expectation;
mod findings;
mod growth;
mod headline;
mod overview;
mod plan;
mod resume;
mod schedule;
mod selection;
mod small;
mod summary;
mod systems;
mod unseen;

use std::io::{self, Write};
use std::time::Instant;

use super::arguments::{Gate, MessageFormat};
use super::events::{self, Event};
use super::kept::{self, Kept};
use super::{Exit, UsageError, output, progress};
use crate::counterexample::Counterexample;
use crate::job::{Answer, Job, Replay, Task};
use crate::judge::Engine;
use crate::verdict::Verdict;
use evidence::Evidence;
use expectation::Expectation;
use plan::{Group, Plan};
use resume::Resumption;

/// Answers by the number of their job.
type Answers = Vec<Option<Answer>>;

/// A failure that nobody expected, of a request or a system, with the name of its scenario and the engine that found it.
type NamedFinding = (String, Engine, Counterexample<String>);

pub(super) fn run(arguments: &Gate) -> Result<Exit, UsageError> {
    let begin = Instant::now();
    let kept = kept::read(&arguments.kept)?;
    let mut plan = Plan::new(arguments, &kept)?;
    // A gate that passes because it has judged nothing would be believed.
    if plan.jobs.iter().all(|job| matches!(job.task, Task::Canary)) {
        return Err(UsageError::NothingToJudge);
    }
    let mut evidence = Evidence::prepare(arguments)?;
    if arguments.changed {
        match narrow(arguments, &mut evidence, &kept)? {
            Narrowed::Nothing => return Ok(Exit::Proved),
            Narrowed::To(narrowed) => plan = Plan::new(&narrowed, &kept)?,
            Narrowed::NotAtAll => {}
        }
    }
    if is_json(arguments) {
        events::start("gate", Some(plan.jobs.len()))?;
    }
    // Before the rest, so that a budget ends when it should and not when the evidence is complete.
    evidence.identify(&plan, arguments)?;
    let resumption = Resumption::prepare(arguments, evidence.path())?;
    if let Some(resumption) = resumption.as_ref().filter(|_| !is_json(arguments)) {
        resumption.write(&mut output::plain(), &plan)?;
    }
    // What cannot be told any more must not keep what was found from being kept.
    let (answers, mut told) = work_through(&plan, arguments, resumption.as_ref(), begin)?;
    if !is_json(arguments) {
        let write = if arguments.verbose { summary::write } else { overview::write };
        told = told.and_then(|()| write(&mut output::plain(), &plan, &answers, begin.elapsed()));
    }
    let explained = findings::explain(&plan, &answers, arguments)?;
    let have_been_kept = findings::keep(&explained, arguments);
    let of_systems = systems::failures::find(&plan, &answers);
    told = told.and_then(|()| findings::tell_all(&plan, &answers, &explained, &of_systems, arguments));
    let found = [findings::named(explained), of_systems].concat();
    let disappeared = evidence.keep(&plan, &answers, &found, arguments)?;
    have_been_kept?;
    let exit = match exit(&plan, &answers, Tolerance::of(arguments)) {
        exit if exit == Exit::Refuted || disappeared.is_empty() => exit,
        _ => Exit::ToolFailure,
    };
    let tell_end = || tell_end(&plan, &answers, &disappeared, exit, arguments);
    match told.and_then(|()| tell_end()) {
        // That not everything could be told does not outweigh what was found.
        Err(error) if exit != Exit::Proved => {
            output::say(format_args!("error: {}", UsageError::from(error)));
            Ok(exit)
        }
        told => Ok(told.map(|()| exit)?),
    }
}

fn tell_end(
    plan: &Plan,
    answers: &Answers,
    disappeared: &[String],
    exit: Exit,
    arguments: &Gate,
) -> io::Result<()> {
    if is_json(arguments) {
        disappeared.iter().try_for_each(|judgement| events::tell(&Event::Disappeared { judgement }))?;
        return events::finish(exit);
    }
    if !disappeared.is_empty() {
        evidence::write_disappeared(&mut output::plain(), disappeared)?;
    }
    conclusion::write(plan, answers, exit, disappeared.len())
}

fn is_json(arguments: &Gate) -> bool {
    arguments.message_format == MessageFormat::Json
}

/// What is left of a gate when only what has changed is judged.
enum Narrowed {
    NotAtAll,
    To(Gate),
    Nothing,
}

/// Restricts the gate to the requests that behave otherwise than in the last ledger, and says which.
fn narrow(arguments: &Gate, evidence: &mut Evidence, kept: &[Kept]) -> Result<Narrowed, UsageError> {
    let changed = evidence.changed(arguments, kept)?;
    if is_json(arguments) {
        let (requests, reason) = match &changed {
            Ok(names) => (names.as_slice(), None),
            Err(reason) => (&[][..], Some(reason.as_str())),
        };
        events::tell(&Event::Narrowed { requests, reason })?;
    } else {
        let words = match &changed {
            Err(reason) => format!("everything is judged: {reason}\n"),
            Ok(names) if names.is_empty() => {
                "no request behaves otherwise than in the last ledger: nothing is judged".to_owned()
            }
            Ok(names) => format!("changed, and judged: {}\n", names.join(", ")),
        };
        writeln!(output::plain(), "{words}")?;
    }
    Ok(match changed {
        Err(_) => Narrowed::NotAtAll,
        Ok(names) if names.is_empty() => Narrowed::Nothing,
        Ok(names) => Narrowed::To(Gate { request: names, ..arguments.clone() }),
    })
}

/// Does all jobs. A verbose gate prints each group's table as soon as the group and all before it are done. Says also what
/// became of the printing.
fn work_through(
    plan: &Plan,
    arguments: &Gate,
    resumption: Option<&Resumption>,
    begin: Instant,
) -> Result<(Answers, io::Result<()>), UsageError> {
    let bar = progress::bar(plan.jobs.len() as u64);
    let mut answers: Answers = vec![None; plan.jobs.len()];
    let mut untold = schedule::order(plan, arguments).into_iter().peekable();
    let mut unprinted = plan.groups.iter();
    let mut next = unprinted.next();
    let mut printed = Ok(());
    schedule::run(plan, arguments, resumption, begin, |number, answer| {
        bar.inc(1);
        bar.set_message(plan.jobs[number].title());
        answers[number] = Some(answer);
        if is_json(arguments) {
            // In the order in which they were begun, so that two runs tell the same.
            while let Some(number) = untold.next_if(|&number| answers[number].is_some()) {
                if printed.is_ok() {
                    printed = tell(plan, &answers, number);
                }
            }
            return;
        }
        while let Some(group) = next.filter(|group| arguments.verbose && group.is_done(&answers)) {
            if printed.is_ok() {
                printed = bar.suspend(|| print(group, plan, &answers));
            }
            next = unprinted.next();
        }
    })?;
    bar.finish_and_clear();
    Ok((answers, printed))
}

fn tell(plan: &Plan, answers: &Answers, number: usize) -> io::Result<()> {
    events::answer(&plan.jobs[number], answers[number].as_ref(), plan.expectations[number].into())
}

fn print(group: &Group, plan: &Plan, answers: &Answers) -> io::Result<()> {
    let mut out = output::plain();
    writeln!(out, "{}\n{}\n", group.title, group.table(plan, answers))?;
    out.flush()
}

/// What may be cut short without failing the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tolerance {
    /// What the gate itself gave a budget of executions: loom and shuttle, where they do not end.
    OwnBudgets,
    /// Nothing.
    Nothing,
    /// What is beyond the promise of a gate with a budget: that this suite's own engines prove the catalogue.
    Witnesses,
    /// Whatever the caller's limits cut.
    Anything,
}

impl Tolerance {
    fn of(arguments: &Gate) -> Self {
        match (arguments.allow_bounded, arguments.budget) {
            (true, _) => Tolerance::Anything,
            (false, Some(_)) => Tolerance::Witnesses,
            (false, None) => Tolerance::OwnBudgets,
        }
    }

    fn covers(self, job: &Job) -> bool {
        match self {
            Tolerance::OwnBudgets => job.executions.is_some(),
            Tolerance::Nothing => false,
            Tolerance::Witnesses => job.executions.is_some() || !job.engine.is_own(),
            Tolerance::Anything => true,
        }
    }
}

/// The worst of all answers, by what the caller has to know first.
fn exit(plan: &Plan, answers: &Answers, tolerance: Tolerance) -> Exit {
    let order = [Exit::Refuted, Exit::ToolFailure, Exit::Vacuous, Exit::OutOfBudget];
    let exits: Vec<Exit> =
        (0..plan.jobs.len()).map(|number| exit_of_answer(plan, answers, number, tolerance)).collect();
    let worst = order.into_iter().find(|exit| exits.contains(exit)).unwrap_or(Exit::Proved);
    match worst {
        Exit::Refuted => Exit::Refuted,
        _ if agreement::differences(plan, answers).iter().any(agreement::Difference::is_failure) => {
            Exit::ToolFailure
        }
        worst => worst,
    }
}

fn exit_of_answer(plan: &Plan, answers: &Answers, number: usize, tolerance: Tolerance) -> Exit {
    let tolerated = tolerance.covers(&plan.jobs[number]);
    match (&answers[number], plan.expectations[number]) {
        (
            None
            | Some(
                Answer::Crashed(_) | Answer::Explained { .. } | Answer::Fingerprinted(_) | Answer::Checked(_),
            ),
            _,
        ) => Exit::ToolFailure,
        (Some(Answer::NotApplicable(_)), _) => Exit::Proved,
        (Some(Answer::NotStarted), _) if tolerated => Exit::Proved,
        (Some(Answer::NotStarted), _) => Exit::OutOfBudget,
        (Some(Answer::Grown(growth)), _) if growth.refuted.is_some() => Exit::Refuted,
        (Some(Answer::Grown(growth)), _) if !growth.troubles.is_empty() => Exit::ToolFailure,
        (Some(Answer::Grown(_)), _) => Exit::Proved,
        (
            Some(Answer::Judged(judgement) | Answer::Replayed(Replay { judgement, .. })),
            Expectation::Passes,
        ) => exit_of(&judgement.verdict, tolerated),
        // A kept failure is expected to be mended.
        (Some(Answer::Replayed(_)), Expectation::Breaks(_)) => Exit::ToolFailure,
        (Some(Answer::Judged(judgement)), Expectation::Breaks(rule)) => match &judgement.verdict {
            Verdict::Refuted { violation, .. } if violation.rule == rule => Exit::Proved,
            Verdict::Bounded(_) => exit_of(&judgement.verdict, tolerated),
            // It is a scenario of its own that has to hang; whatever else it does is the system's doing.
            verdict if systems::is_of_the_system(&plan.jobs[number]) => exit_of(verdict, tolerated),
            _ => Exit::ToolFailure,
        },
    }
}

/// What a verdict means for the exit code of a request that should pass.
pub(super) fn exit_of(verdict: &Verdict, allow_bounded: bool) -> Exit {
    match verdict {
        Verdict::Proved | Verdict::Sampled => Exit::Proved,
        Verdict::Bounded(_) if allow_bounded => Exit::Proved,
        Verdict::Bounded(_) => Exit::OutOfBudget,
        Verdict::Refuted { .. } => Exit::Refuted,
        Verdict::Vacuous { .. } => Exit::Vacuous,
        Verdict::ToolFailure { .. } => Exit::ToolFailure,
    }
}
