//! A smaller program that breaks the same rule: fewer threads first, then fewer steps, then a simpler callback.
//!
//! Only what the request does wrong may be shown, so a program counts only if a correct request passes it: a driver
//! that forgets to complete proves nothing.

use cancelproof_machine::Rule;

use super::case::Case;
use super::stage::Stage;
use crate::engine::dpor::Preemptions;
use crate::scenario::{Behaviour, Program, Step};

/// The smallest program that can be reached by leaving things out, one at a time, and still breaks `rule`.
pub(super) fn shrink(case: &Case, rule: Rule) -> Case {
    let is_right = |case: &Case| case.control().search(None, Preemptions::Unbounded).is_none();
    let has_control = is_right(case);
    let program = smallest(&*case.program, smaller, |program| {
        let candidate = case.in_program(program.clone());
        candidate.search(Some(rule), Preemptions::Unbounded).is_some()
            && (!has_control || is_right(&candidate))
    });
    case.in_program(program)
}

/// The smallest program that can be reached by steps of `smaller`, for which `fails` holds.
pub(crate) fn smallest<P: Clone>(
    program: &P,
    smaller: impl Fn(&P) -> Vec<P>,
    fails: impl Fn(&P) -> bool,
) -> P {
    let mut smallest = program.clone();
    while let Some(program) = smaller(&smallest).into_iter().find(&fails) {
        smallest = program;
    }
    smallest
}

/// Every program that is smaller by one thing, the greatest savings first.
pub(super) fn smaller(program: &Program) -> Vec<Program> {
    let threads = (1..program.threads.len()).rev();
    let without_thread = threads.clone().map(|thread| without_thread(program, thread));
    let folded = threads.filter_map(|thread| folded(program, thread));
    let places = program
        .threads
        .iter()
        .enumerate()
        .flat_map(|(thread, steps)| (0..steps.len()).map(move |step| (thread, step)));
    let without_step = places.clone().rev().map(|(thread, step)| without_step(program, thread, step));
    let simpler_step = places.filter_map(|(thread, step)| simpler_step(program, thread, step));
    let simpler_callback = simpler_callback(program);
    let valid = |candidate: &Program| candidate != program && is_valid(candidate);
    without_thread
        .chain(folded)
        .chain(without_step)
        .chain(simpler_step)
        .chain(simpler_callback)
        .filter(valid)
        .collect()
}

/// A program is valid if its text is: `start` steps name later threads, each once.
fn is_valid(program: &Program) -> bool {
    program.threads[1..].iter().all(|steps| !steps.is_empty())
        && program.to_string().parse::<Program>().is_ok_and(|parsed| parsed == *program)
}

/// Without a thread, and without the step that starts it; later threads move up.
fn without_thread(program: &Program, thread: usize) -> Program {
    let mut rest = program.clone();
    rest.threads.remove(thread);
    for steps in &mut rest.threads {
        steps.retain(|step| *step != Step::Start(thread as u8));
        for step in steps {
            if let Step::Start(target) = step
                && usize::from(*target) > thread
            {
                *target -= 1;
            }
        }
    }
    rest
}

/// A started thread's steps are done by the thread that starts it.
fn folded(program: &Program, thread: usize) -> Option<Program> {
    let start = Step::Start(thread as u8);
    let starter = program.threads.iter().position(|steps| steps.contains(&start))?;
    let place = program.threads[starter].iter().position(|step| *step == start)?;
    let mut folded = program.clone();
    let steps = folded.threads[thread].clone();
    folded.threads[starter].splice(place..=place, steps);
    Some(without_thread(&folded, thread))
}

fn without_step(program: &Program, thread: usize, step: usize) -> Program {
    let mut rest = program.clone();
    match rest.threads[thread].remove(step) {
        Step::Start(target) => without_thread(&rest, usize::from(target)),
        _ if rest.threads[thread].is_empty() && thread > 0 => without_thread(&rest, thread),
        _ => rest,
    }
}

/// A step that does less.
fn simpler_step(program: &Program, thread: usize, step: usize) -> Option<Program> {
    let simpler = match program.threads[thread][step] {
        Step::Finish | Step::FinishAlone => Step::Unmark,
        Step::FinishTogether => Step::Finish,
        _ => return None,
    };
    let mut rest = program.clone();
    rest.threads[thread][step] = simpler;
    Some(rest)
}

/// The callback that does less: first what completes in the plain way, then what does nothing.
fn simpler_callback(program: &Program) -> Vec<Program> {
    let simpler: &[Behaviour] = match program.callback {
        Behaviour::Returns => &[],
        Behaviour::Completes => &[Behaviour::Returns],
        Behaviour::Reenters
        | Behaviour::CompletesTogether
        | Behaviour::Panics
        | Behaviour::WaitsForUnmark => &[Behaviour::Returns, Behaviour::Completes],
    };
    simpler.iter().map(|&callback| Program { callback, ..program.clone() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counterexample::find;
    use crate::registry;
    use crate::scenario::catalogue;

    fn texts(program: &str) -> Vec<String> {
        smaller(&program.parse().unwrap()).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn threads_go_first_and_a_started_thread_is_folded_into_its_starter() {
        let texts = texts("mark start:1 | finish | cancel ; callback returns");
        assert_eq!(
            texts[..3],
            [
                "mark start:1 | finish ; callback returns",
                "mark | cancel ; callback returns",
                "mark finish | cancel ; callback returns",
            ]
        );
    }

    /// No program that is smaller by one thing shows the same.
    #[test]
    fn what_is_shrunk_is_locally_minimal() {
        for fault in registry::FAULTS {
            let scenario = catalogue::named(fault.about.scenario).unwrap();
            let rule = fault.about.breaks;
            let Some(found) = find(fault.subject, &scenario, Some(rule)) else { continue };
            let case = super::super::case(fault.subject, found.token.program, scenario.scope).unwrap();
            assert_eq!(*shrink(&case, rule).program, *case.program, "{}", fault.about.name);
        }
    }

    #[test]
    fn every_smaller_program_is_a_program_and_differs() {
        let program: Program = "mark start:2 unmark | cancel cancel | finish-together".parse().unwrap();
        for smaller in smaller(&program) {
            assert_ne!(smaller, program);
            assert_eq!(smaller.to_string().parse(), Ok(smaller));
        }
    }
}
