//! Whether a program has an execution in which some thread waits for ever, straight from the axioms.
//!
//! Every way in which threads may be stuck is written down: each has ended, or has come to a loop, a lock or a join and goes
//! no further. What is before these places has to be a consistent execution, and what was written last must not let
//! anybody go on.

use cancelproof::litmus::Program;

use super::{Coherence, Shape, Step, for_each_choice, for_each_consistent};

/// How far a thread comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Came {
    /// Nobody has started it.
    Nowhere,
    /// To the instruction of this number, a loop or a lock that lets nobody through.
    To(usize),
    /// To the joins before this one.
    ToJoin(usize),
    ToTheEnd,
}

/// Whether some execution of the program gets stuck.
pub(crate) fn can_get_stuck(program: &Program, shape: &Shape) -> bool {
    let ways: Vec<Vec<Came>> =
        (0..program.threads.len()).map(|thread| ways(program, shape, thread)).collect();
    let mut stuck = false;
    for_each_choice(&ways, &mut |came| {
        let is_stuck = came.iter().any(|came| matches!(came, Came::To(_) | Came::ToJoin(_)));
        if !stuck && is_stuck && is_possible(program, shape, came) {
            for_each_consistent(&until(program, came), shape, &mut |run, coherence| {
                stuck |= nobody_goes_on(shape, program, came, run, coherence);
            });
        }
    });
    stuck
}

fn ways(program: &Program, shape: &Shape, thread: usize) -> Vec<Came> {
    let mut ways = vec![Came::ToTheEnd];
    if shape.spawned.contains_key(&thread) {
        ways.push(Came::Nowhere);
    }
    for number in 0..=program.threads[thread].len() {
        let here = (thread, number);
        if shape.joined.values().any(|place| *place == here) {
            ways.push(Came::ToJoin(number));
        }
        if shape.locks.contains(&here) || shape.awaits.contains_key(&here) {
            ways.push(Came::To(number));
        }
    }
    ways
}

/// Whether threads are started and joined as far as they say that they came.
fn is_possible(program: &Program, shape: &Shape, came: &[Came]) -> bool {
    (0..came.len()).all(|thread| {
        let is_started = shape.spawned.get(&thread).is_none_or(|(parent, place)| match came[*parent] {
            Came::Nowhere => false,
            Came::To(number) | Came::ToJoin(number) => *place <= number,
            Came::ToTheEnd => true,
        });
        let all_ended = |is_before: &dyn Fn(usize) -> bool| {
            let mut joined = shape.joined.iter().filter(|(_, at)| at.0 == thread && is_before(at.1));
            joined.all(|(child, _)| came[*child] == Came::ToTheEnd)
        };
        is_started != (came[thread] == Came::Nowhere)
            && match came[thread] {
                Came::Nowhere => true,
                Came::To(number) => all_ended(&|at| at <= number),
                Came::ToJoin(number) => all_ended(&|at| at < number) && !all_ended(&|at| at == number),
                Came::ToTheEnd => all_ended(&|at| at <= program.threads[thread].len()),
            }
    })
}

/// The program up to where the threads came.
fn until(program: &Program, came: &[Came]) -> Program {
    let threads = program.threads.iter().zip(came).map(|(instructions, came)| match came {
        Came::Nowhere => Vec::new(),
        Came::To(number) | Came::ToJoin(number) => instructions[..*number].to_vec(),
        Came::ToTheEnd => instructions.clone(),
    });
    Program { threads: threads.collect() }
}

/// Whether what was written last keeps every thread where it is.
fn nobody_goes_on(
    shape: &Shape,
    program: &Program,
    came: &[Came],
    run: &[Step],
    coherence: &Coherence,
) -> bool {
    let last = |location: Option<u8>| {
        let writes = coherence.iter().find(|(other, _)| Some(*other) == location).map(|(_, writes)| writes);
        let last = writes.and_then(|writes| writes.last());
        let write = last.and_then(|place| run.iter().find(|step| step.place == *place));
        write.and_then(|step| step.written).unwrap_or(0)
    };
    came.iter().enumerate().all(|(thread, came)| {
        let Came::To(number) = *came else { return true };
        let now = last(program.threads[thread][number].location());
        match shape.awaits.get(&(thread, number)) {
            Some(awaited) => now != *awaited,
            None => now != 0,
        }
    })
}
