//! The tests of a suite that run all small programs of its contract: one for each group and own engine.
//!
//! A program takes a few milliseconds, so those of a group are done one after another by one worker process. loom and shuttle
//! are not asked: what they are witnesses of is the catalogue.

use std::io;
use std::num::NonZero;

use libtest_mimic::Trial;

use super::checks::{Suite, Where};
use super::showing::Outcome;
use crate::exploration::Bound;
use crate::job::{Answer, Job, Task};
use crate::judge::Engine;
use crate::scenario::groups::Group;
use crate::scenario::{Program, ad_hoc};
use crate::subject::Platform;
use crate::verdict::Verdict;
use crate::workers;

/// The engines that run them.
const ENGINES: [Engine; 2] = [Engine::Dpor, Engine::Rc11];

/// How many programs are judged before one looks at the answers; the next time it is twice as many.
const BATCH_FIRST: usize = 4;

/// An engine that has given up this number of programs of a group, for loops that do not end, has shown what it can.
const GIVEN_UP_MAX: usize = 3;

/// The executions of each program after that.
const EXECUTIONS_AFTERWARDS: u64 = 200;

/// The tests of all groups that the options of `suite` leave.
pub(super) fn tests(suite: &'static Suite) -> Vec<Trial> {
    let engines = suite.options.engines_for(suite.subject);
    let engines = move |engine: &Engine| engines.contains(engine);
    let of_group = |group: Group| {
        ENGINES.into_iter().filter(&engines).map(move |engine| {
            suite.test(group.to_string(), engine, "programs", move || judge(suite, group, engine))
        })
    };
    groups(suite).into_iter().flat_map(of_group).collect()
}

/// The groups that the options of `suite` leave, where an own engine can run the request at all.
pub(super) fn groups(suite: &Suite) -> Vec<Group> {
    if !suite.subject.runs_on(Platform::Controlled) {
        return Vec::new();
    }
    Group::all(&suite.options.sizes(), &suite.subject.contract())
}

/// Judges every program of a group. The smallest that fails is told.
fn judge(suite: &Suite, group: Group, engine: Engine) -> Outcome {
    let programs = group.programs(&suite.subject.contract());
    let answers = ask(suite, &programs, engine).map_err(|error| ("tool failure", error.to_string()))?;
    let mut word = "proved";
    let count = programs.len();
    for (program, answer) in programs.into_iter().zip(answers) {
        match became(suite, engine, &answer) {
            Became::Passed => {}
            Became::Expected => word = "expected failure",
            Became::Bounded => word = "bounded",
            Became::Failed => {
                let title = format!("in {program}, the smallest of {count} programs that fails");
                let accepted = suite.accept(&ad_hoc(program), engine, answer, Where::Workers);
                // What is accepted here after all is no reason to pass: it was not accepted above.
                let (word, report) = accepted.err().unwrap_or(("tool failure", String::new()));
                return Err((word, format!("{title}:\n{report}")));
            }
        }
    }
    Ok(word.into())
}

enum Became {
    Passed,
    Expected,
    Bounded,
    Failed,
}

/// A program without anything to reach, such as one without an answered cancel, says nothing and is no failure.
fn became(suite: &Suite, engine: Engine, answer: &Answer) -> Became {
    let Answer::Judged(judgement) = answer else { return Became::Failed };
    match &judgement.verdict {
        Verdict::Proved | Verdict::Vacuous { .. } => Became::Passed,
        Verdict::Bounded(bound) if suite.passes(engine, bound, judgement.executions) => Became::Bounded,
        Verdict::Refuted { violation, .. } if suite.options.expects_anywhere(violation.rule) => {
            Became::Expected
        }
        _ => Became::Failed,
    }
}

/// Has worker processes judge all programs, one after another; the answers in their order.
fn ask(suite: &Suite, programs: &[Program], engine: Engine) -> io::Result<Vec<Answer>> {
    let program = std::env::current_exe()?;
    let mut answers: Vec<Answer> = Vec::new();
    let mut size = BATCH_FIRST;
    while answers.len() < programs.len() {
        let executions = budget(&answers);
        let job = |program: &Program| {
            let request = suite.subject.name().to_owned();
            let job = suite.job(Task::Program { request, program: program.to_string() }, engine);
            Job { executions: job.executions.or(executions), ..job }
        };
        let jobs: Vec<Job> = programs[answers.len()..].iter().take(size).map(job).collect();
        let mut batch = vec![Answer::NotStarted; jobs.len()];
        workers::run(&program, NonZero::<usize>::MIN, &jobs, |number, answer| batch[number] = answer)?;
        answers.append(&mut batch);
        size *= 2;
    }
    Ok(answers)
}

/// How many executions a program may have after these answers: where threads go round in loops in one of them, they do in most, and
/// a group that is bounded in some is not proved by the others.
fn budget(answers: &[Answer]) -> Option<u64> {
    let is_given_up = |answer: &&Answer| match answer {
        Answer::Judged(judgement) => matches!(judgement.verdict, Verdict::Bounded(Bound::Executions(_))),
        _ => false,
    };
    let given_up = answers.iter().filter(is_given_up).count();
    (given_up >= GIVEN_UP_MAX).then_some(EXECUTIONS_AFTERWARDS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::Judgement;

    #[test]
    fn a_group_in_which_several_programs_were_given_up_has_less_for_the_rest() {
        let given_up = Verdict::Bounded(Bound::Executions(10_000));
        let given_up = Answer::Judged(Judgement::without_executions(given_up));
        let proved = Answer::Judged(Judgement::without_executions(Verdict::Proved));
        let few = vec![given_up.clone(), proved, given_up.clone()];
        assert_eq!(budget(&few), None);
        assert_eq!(budget(&[few, vec![given_up]].concat()), Some(EXECUTIONS_AFTERWARDS));
    }
}
