//! Smaller programs: fewer threads first, then fewer steps, then a plainer setup.

use crate::system::program::{Behaviour, Program, Setup, Verb};

/// Every program that is smaller by one thing, the greatest savings first.
pub(super) fn smaller(program: &Program) -> Vec<Program> {
    let threads = (1..program.threads.len()).rev();
    let without_thread = threads.clone().map(|thread| without_thread(program, thread));
    let folded = threads.filter_map(|thread| folded(program, thread));
    let places = program.threads.iter().enumerate();
    let places: Vec<(usize, usize)> =
        places.flat_map(|(thread, steps)| (0..steps.len()).map(move |step| (thread, step))).collect();
    let without_step = places.iter().rev().map(|&(thread, step)| without_step(program, thread, step));
    let without_reference = without_references(program, &places);
    let simpler_step = places.iter().filter_map(|&(thread, step)| simpler_step(program, thread, step));
    let simpler_setup = simpler_setups(program.setup).map(|setup| Program { setup, ..program.clone() });
    let all = without_thread
        .chain(folded)
        .chain(without_step)
        .chain(without_reference)
        .chain(simpler_step)
        .chain(simpler_setup);
    all.filter(|candidate| candidate != program && is_whole(candidate)).collect()
}

/// Whether every thread has something to do, and the program can be read again from its text.
fn is_whole(program: &Program) -> bool {
    program.threads[1..].iter().all(|steps| !steps.is_empty()) && program.check().is_ok()
}

/// Without a thread, and without the steps that speak of it; later threads move up.
fn without_thread(program: &Program, thread: usize) -> Program {
    let mut rest = program.clone();
    rest.threads.remove(thread);
    for steps in &mut rest.threads {
        let speaks_of =
            |step: &crate::system::Step| is_about_threads(step.verb).then(|| usize::from(step.number(0)));
        steps.retain(|step| speaks_of(step) != Some(thread));
        for step in steps {
            if speaks_of(step).is_some_and(|other| other > thread) {
                step.numbers[0] = step.numbers[0].map(|number| number - 1);
            }
        }
    }
    rest
}

fn is_about_threads(verb: Verb) -> bool {
    matches!(verb, Verb::Start | Verb::CancelSynchronousIo | Verb::CancelSynchronousIoDenied)
}

/// A started thread's steps are done by the thread that starts it.
fn folded(program: &Program, thread: usize) -> Option<Program> {
    let is_start =
        |step: &crate::system::Step| step.verb == Verb::Start && usize::from(step.number(0)) == thread;
    let starter = program.threads.iter().position(|steps| steps.iter().any(is_start))?;
    let place = program.threads[starter].iter().position(is_start)?;
    let mut rest = program.clone();
    let steps = program.threads[thread].clone();
    rest.threads[starter].splice(place..=place, steps);
    Some(without_thread(&rest, thread))
}

fn without_step(program: &Program, thread: usize, step: usize) -> Program {
    let mut rest = program.clone();
    let steps = &mut rest.threads[thread];
    let removed = steps.remove(step);
    // What began there ends there.
    if matches!(removed.verb, Verb::Handler | Verb::Synchronized)
        && let Some(end) = steps[step..].iter().position(|step| step.verb == Verb::End)
    {
        steps.remove(step + end);
    }
    rest
}

/// Without a reference that is taken and given back: alone, neither of the two can be left out.
fn without_references(program: &Program, places: &[(usize, usize)]) -> Vec<Program> {
    let with = |wanted: &[Verb]| -> Vec<(usize, usize)> {
        let is_wanted = |place: &&(usize, usize)| wanted.contains(&program.threads[place.0][place.1].verb);
        places.iter().filter(is_wanted).copied().collect()
    };
    let (taken, given_back) = (with(&[Verb::AddRef, Verb::Query]), with(&[Verb::Release]));
    let pairs = taken.iter().flat_map(|&one| given_back.iter().map(move |&other| (one, other)));
    let without = |(one, other): ((usize, usize), (usize, usize))| {
        // The later of two steps of one thread goes first, so that the earlier keeps its place.
        let (earlier, later) = (one.min(other), one.max(other));
        without_step(&without_step(program, later.0, later.1), earlier.0, earlier.1)
    };
    pairs.map(without).collect()
}

fn simpler_step(program: &Program, thread: usize, step: usize) -> Option<Program> {
    let simpler = match program.threads[thread][step].verb {
        Verb::Finish => Verb::Unmark,
        Verb::PurgeAndTell => Verb::Purge,
        _ => return None,
    };
    let mut rest = program.clone();
    rest.threads[thread][step].verb = simpler;
    Some(rest)
}

/// With one switch less, and with a callback that does less.
fn simpler_setups(setup: Setup) -> impl Iterator<Item = Setup> {
    let plain = Setup::default();
    let behaviour = match setup.behaviour {
        Behaviour::Returns | Behaviour::Completes => setup.behaviour,
        Behaviour::Succeeds | Behaviour::Reenters => Behaviour::Completes,
    };
    let simpler = [
        Setup { behaviour, ..setup },
        Setup { delivery: plain.delivery, ..setup },
        Setup { on_stop: plain.on_stop, ..setup },
        Setup { refuses: false, ..setup },
        Setup { is_synchronized: false, ..setup },
        Setup { tells_on_queue: false, ..setup },
        Setup { is_queued: false, ..setup },
    ];
    simpler.into_iter().filter(move |other| *other != setup)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::catalogue;

    #[test]
    fn threads_go_first_and_whoever_speaks_of_them_is_renumbered() {
        let program: Program = "cancel-synchronous-io:2 | cancel:0 | block:0:0".parse().unwrap();
        let texts: Vec<String> = smaller(&program).iter().map(ToString::to_string).collect();
        assert_eq!(texts[0], " | cancel:0 ; callback-completes");
        assert_eq!(texts[1], "cancel-synchronous-io:1 | block:0:0 ; callback-completes");
        let program: Program = "issue:0:0:1 start:1 exit | finish:0".parse().unwrap();
        let texts: Vec<String> = smaller(&program).iter().map(ToString::to_string).collect();
        assert_eq!(texts[1], "issue:0:0:1 finish:0 exit ; callback-completes");
    }

    #[test]
    fn every_smaller_program_is_one_and_leads_to_an_end() {
        for scenario in catalogue::all() {
            for program in smaller(&scenario.program) {
                assert_eq!(program.to_string().parse(), Ok(program.clone()));
                let weight = |program: &Program| (program.steps().count(), program.setup.words().len());
                let is_lighter = weight(&program) < weight(&scenario.program)
                    || program.steps().count() == scenario.program.steps().count();
                assert!(is_lighter, "{program} of {}", scenario.name);
            }
        }
    }
}
