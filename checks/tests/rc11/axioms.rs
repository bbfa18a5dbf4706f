//! Every consistent execution of a small program, straight from the axioms.
//!
//! Deliberately simple and without anything in common with the engine: every way to give each read a write, and
//! every order of the writes of each location, is written down and checked by relation algebra, as the axioms of
//! RC11 are printed in the paper (with release sequences as in C++20).

mod consistency;
mod relation;
mod stuck;

use std::collections::{BTreeMap, BTreeSet};

use cancelproof::engine::rc11::{Source, WitnessEvent};
use cancelproof::litmus::{Instruction, Program};

use consistency::Axioms;

pub(crate) use stuck::can_get_stuck;

/// An execution without its main thread: for each thread, its accesses and fences.
pub(crate) type Execution = Vec<Vec<WitnessEvent>>;

/// The place of an instruction: its thread, and its number there.
pub(crate) type Place = (usize, usize);

/// What a program has besides its threads.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shape {
    /// The threads that are started by another one than the main one, each with the place before which it is started.
    pub(crate) spawned: BTreeMap<usize, Place>,
    /// Those that are joined by it, each with the place before which that is done.
    pub(crate) joined: BTreeMap<usize, Place>,
    /// The compare-exchanges that are weak.
    pub(crate) weak: BTreeSet<Place>,
    /// The compare-exchanges that take a lock. They read what an unlock wrote, or the initial value, and nothing else; a
    /// store to the same location is the unlock.
    pub(crate) locks: BTreeSet<Place>,
    /// The loads that are repeated until they read this value. Turns in vain change nothing, so the last one stands for all.
    pub(crate) awaits: BTreeMap<Place, u64>,
    /// A planted error: spawns and joins are no part of program order.
    pub(crate) forgets_threads: bool,
}

impl Shape {
    /// Whether a step of one thread comes before one of another in program order.
    fn is_ordered(&self, one: Place, other: Place) -> bool {
        // Points of threads that come after `one`, with all that follows in the thread. Before an instruction threads are
        // started, and then others joined: three moments for each place.
        let mut after = vec![(one.0, 3 * one.1 + 3)];
        let mut next = 0;
        while let Some((thread, moment)) = after.get(next).copied().filter(|_| !self.forgets_threads) {
            next += 1;
            let started = self
                .spawned
                .iter()
                .filter(|(_, at)| at.0 == thread && 3 * at.1 >= moment)
                .map(|(child, _)| (*child, 0));
            let joined = self.joined.get(&thread).map(|at| (at.0, 3 * at.1 + 2));
            let new: Vec<_> = started.chain(joined).filter(|point| !after.contains(point)).collect();
            after.extend(new);
        }
        after.iter().any(|(thread, moment)| *thread == other.0 && *moment <= 3 * other.1 + 2)
    }
}

/// What a read is given: the write that it reads from, and whether its write fails spuriously.
type Given = (Option<Place>, bool);

/// Every consistent execution of the program.
pub(crate) fn consistent_executions(program: &Program) -> BTreeSet<Execution> {
    consistent_executions_of(program, &Shape::default())
}

/// Every consistent execution of the program with this shape.
pub(crate) fn consistent_executions_of(program: &Program, shape: &Shape) -> BTreeSet<Execution> {
    let mut found = BTreeSet::new();
    for_each_consistent(program, shape, &mut |run, coherence| {
        found.insert(describe(program, run, coherence));
    });
    found
}

fn for_each_consistent(program: &Program, shape: &Shape, visit: &mut dyn FnMut(&[Step], &Coherence)) {
    let reads: Vec<Place> = places(program).filter(|place| is_read(at(program, *place))).collect();
    let candidates: Vec<Vec<Given>> = reads.iter().map(|read| sources(program, shape, *read)).collect();
    for_each_choice(&candidates, &mut |chosen| {
        let sources: Vec<(Place, Given)> = reads.iter().copied().zip(chosen.iter().copied()).collect();
        if !fails_twice_in_a_row(shape, &sources)
            && let Some(run) = evaluate(program, &sources)
            && run.iter().all(|step| comes_out(shape, step))
        {
            for_each_coherence(&run, &mut |coherence| {
                let graph = Axioms::new(&run, coherence, &|one, other| shape.is_ordered(one, other));
                if graph.are_satisfied() {
                    visit(&run, coherence);
                }
            });
        }
    });
}

/// Whether a lock was taken, and whether a loop read what it waits for.
fn comes_out(shape: &Shape, step: &Step) -> bool {
    let is_awaited = |(_, read): (_, u64)| shape.awaits.get(&step.place).is_none_or(|value| *value == read);
    (!shape.locks.contains(&step.place) || step.written.is_some()) && step.read.is_none_or(is_awaited)
}

/// Whether two weak compare-exchanges that follow each other in a thread both fail spuriously: the interpreter performs
/// all of them at one place of its code.
fn fails_twice_in_a_row(shape: &Shape, sources: &[(Place, Given)]) -> bool {
    let weak: Vec<_> = sources.iter().filter(|(place, _)| shape.weak.contains(place)).collect();
    weak.windows(2).any(|pair| pair[0].0.0 == pair[1].0.0 && pair[0].1.1 && pair[1].1.1)
}

fn at(program: &Program, (thread, number): Place) -> Instruction {
    program.threads[thread][number]
}

fn places(program: &Program) -> impl Iterator<Item = Place> {
    let lengths: Vec<usize> = program.threads.iter().map(Vec::len).collect();
    lengths
        .into_iter()
        .enumerate()
        .flat_map(|(thread, length)| (0..length).map(move |number| (thread, number)))
}

fn is_read(instruction: Instruction) -> bool {
    instruction.register().is_some()
}

/// The writes that a read may conceivably read from; `None` is the initial value.
fn sources(program: &Program, shape: &Shape, read: Place) -> Vec<Given> {
    let may_write = |place: &Place| {
        let instruction = at(program, *place);
        *place != read
            && instruction.location() == at(program, read).location()
            && !matches!(instruction, Instruction::Load { .. })
            && (!shape.locks.contains(&read) || matches!(instruction, Instruction::Store { .. }))
    };
    let sources = core::iter::once(None).chain(places(program).filter(may_write).map(Some));
    let ways: &[bool] = if shape.weak.contains(&read) { &[false, true] } else { &[false] };
    sources.flat_map(|source| ways.iter().map(move |spurious| (source, *spurious))).collect()
}

fn for_each_choice<T: Copy>(candidates: &[Vec<T>], visit: &mut dyn FnMut(&[T])) {
    fn go<T: Copy>(candidates: &[Vec<T>], chosen: &mut Vec<T>, visit: &mut dyn FnMut(&[T])) {
        let Some(next) = candidates.get(chosen.len()) else { return visit(chosen) };
        for candidate in next {
            chosen.push(*candidate);
            go(candidates, chosen, visit);
            chosen.pop();
        }
    }
    go(candidates, &mut Vec::new(), visit);
}

/// An instruction that was executed.
#[derive(Clone, Copy, Debug)]
struct Step {
    place: Place,
    instruction: Instruction,
    read: Option<(Option<Place>, u64)>,
    written: Option<u64>,
}

/// Executes the program with these sources. `None` if they do not make sense: a value would depend on itself, a
/// source does not write, or something that is not executed is given a source (other than the first).
fn evaluate(program: &Program, sources: &[(Place, Given)]) -> Option<Vec<Step>> {
    let mut steps: Vec<Step> = Vec::new();
    let mut next = vec![0; program.threads.len()];
    let mut progress = true;
    while progress {
        progress = false;
        for (thread, next) in next.iter_mut().enumerate() {
            while *next < program.threads[thread].len() {
                let place = (thread, *next);
                if let Instruction::When { register, value } = at(program, place) {
                    let holds = steps.iter().any(|step| {
                        step.instruction.register() == Some(register)
                            && step.read.is_some_and(|read| read.1 == value)
                    });
                    *next = if holds { *next + 1 } else { usize::MAX };
                    continue;
                }
                let given = sources.iter().find(|(read, _)| *read == place);
                let step = match execute(at(program, place), place, given, &steps) {
                    Executed::Done(step) => step,
                    Executed::Waits => break,
                    Executed::MakesNoSense => return None,
                };
                steps.push(step);
                *next += 1;
                progress = true;
            }
        }
    }
    let is_executed = |place: &Place| steps.iter().any(|step| step.place == *place);
    let is_over = next.iter().zip(&program.threads).all(|(next, thread)| *next >= thread.len());
    let is_sensible = sources.iter().all(|(read, given)| is_executed(read) || *given == (None, false));
    steps.sort_by_key(|step| step.place);
    (is_over && is_sensible).then_some(steps)
}

/// What came of executing one instruction.
enum Executed {
    Done(Step),
    /// Its source was not executed yet.
    Waits,
    /// Its source does not write, or it fails spuriously where it fails anyway.
    MakesNoSense,
}

/// Executes one instruction; `given` is its source, if it reads.
fn execute(
    instruction: Instruction,
    place: Place,
    given: Option<&(Place, Given)>,
    steps: &[Step],
) -> Executed {
    let source = given.and_then(|(_, (source, _))| *source);
    let is_spurious = given.is_some_and(|(_, (_, spurious))| *spurious);
    let value = match source {
        None => 0,
        Some(write) => match steps.iter().find(|step| step.place == write) {
            None => return Executed::Waits,
            Some(Step { written: None, .. }) => return Executed::MakesNoSense,
            Some(Step { written: Some(value), .. }) => *value,
        },
    };
    let written = match instruction {
        Instruction::Store { value, .. } | Instruction::Swap { value, .. } => Some(value),
        Instruction::Add { value: added, .. } => Some(value + added),
        Instruction::CompareExchange { expected, .. } if is_spurious && value != expected => {
            return Executed::MakesNoSense;
        }
        Instruction::CompareExchange { expected, new, .. } => {
            (value == expected && !is_spurious).then_some(new)
        }
        _ => None,
    };
    Executed::Done(Step { place, instruction, read: given.map(|_| (source, value)), written })
}

/// For each location, its writes in coherence order.
type Coherence = Vec<(u8, Vec<Place>)>;

fn for_each_coherence(run: &[Step], visit: &mut dyn FnMut(&Coherence)) {
    let mut locations: Vec<u8> = run.iter().filter_map(|step| step.instruction.location()).collect();
    locations.sort_unstable();
    locations.dedup();
    let orders: Vec<Vec<usize>> =
        locations.iter().map(|location| (0..factorial(writes_of(run, *location).len())).collect()).collect();
    for_each_choice(&orders, &mut |chosen| {
        let order =
            |(location, number): (&u8, &usize)| (*location, permutation(writes_of(run, *location), *number));
        visit(&locations.iter().zip(chosen).map(order).collect());
    });
}

fn writes_of(run: &[Step], location: u8) -> Vec<Place> {
    run.iter()
        .filter(|step| step.written.is_some() && step.instruction.location() == Some(location))
        .map(|step| step.place)
        .collect()
}

fn factorial(number: usize) -> usize {
    (1..=number).product()
}

fn permutation(mut items: Vec<Place>, mut number: usize) -> Vec<Place> {
    let mut permuted = Vec::new();
    while !items.is_empty() {
        permuted.push(items.remove(number % items.len()));
        number /= items.len() + 1;
    }
    permuted
}

fn describe(program: &Program, run: &[Step], coherence: &Coherence) -> Execution {
    let number_of = |(thread, number): Place| {
        let earlier = &program.threads[thread][..number];
        earlier.iter().filter(|instruction| !matches!(instruction, Instruction::When { .. })).count()
    };
    let mut execution = vec![Vec::new(); program.threads.len()];
    for step in run {
        let written = step.written.map(|_| {
            let order = coherence.iter().find(|(location, _)| Some(*location) == step.instruction.location());
            order.map_or(0, |(_, writes)| {
                writes.iter().position(|write| *write == step.place).unwrap_or(0) + 1
            })
        });
        let read = step.read.map(|(source, _)| match source {
            None => Source::Initial,
            Some(write) => Source::Write { thread: write.0 + 1, number: number_of(write) },
        });
        execution[step.place.0].push(WitnessEvent {
            object: step.instruction.location().map(u16::from),
            read,
            written,
            value: step.read.map_or(step.written.unwrap_or(0), |(_, value)| value),
        });
    }
    execution
}
