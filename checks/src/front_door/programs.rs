//! The tests of a suite that run all small programs of its contract: one for each group and own engine.
//!
//! A program takes a few milliseconds, so those of a group are done one after another by one worker process. loom and shuttle
//! are not asked: what they are witnesses of is the catalogue.

use std::io;
use std::num::NonZero;

use libtest_mimic::Trial;

use super::checks::{Outcome, Suite, Where};
use crate::job::{Answer, Job, Task};
use crate::judge::Engine;
use crate::scenario::groups::Group;
use crate::scenario::{Program, ad_hoc};
use crate::subject::Platform;
use crate::verdict::Verdict;
use crate::workers;

/// The engines that run them.
const ENGINES: [Engine; 2] = [Engine::Dpor, Engine::Rc11];

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

/// Has a worker process judge all programs; the answers in their order.
fn ask(suite: &Suite, programs: &[Program], engine: Engine) -> io::Result<Vec<Answer>> {
    let job = |program: &Program| {
        let request = suite.subject.name().to_owned();
        let task = Task::Program { request, program: program.to_string() };
        suite.job(task, engine)
    };
    let jobs: Vec<Job> = programs.iter().map(job).collect();
    let mut answers = vec![Answer::NotStarted; jobs.len()];
    workers::run(&std::env::current_exe()?, NonZero::<usize>::MIN, &jobs, |number, answer| {
        answers[number] = answer;
    })?;
    Ok(answers)
}
