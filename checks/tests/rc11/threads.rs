//! The same with threads that start and join each other, and with compare-exchanges that fail spuriously.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use cancelproof::engine::rc11::{Options, Witness, witnesses};
use cancelproof::executor::Controlled;
use cancelproof::exploration::Extent;
use cancelproof::litmus::{Instruction, Program};
use cancelproof::model::runtime::{Atomic, JoinHandle, Runtime};

use crate::axioms::{Execution, Place, Shape, consistent_executions_of};
use crate::brute_force::{ALL, Mix, Random, random_program};

type Word = <Controlled as Runtime>::AtomicU64;
type Handle = <Controlled as Runtime>::JoinHandle<()>;

/// What each thread read, in order, with whether it wrote as well.
type Outcome = Vec<Vec<(u64, bool)>>;

/// A program that is being run.
struct Running {
    program: Program,
    shape: Shape,
    memory: Vec<Word>,
    /// Plain memory, filled as the threads go on.
    outcome: Arc<Mutex<Outcome>>,
}

/// Runs the program: the main thread starts the threads that nobody else starts, and joins them.
fn run(program: &Program, shape: &Shape, outcome: &Arc<Mutex<Outcome>>) {
    *lock(outcome) = vec![Vec::new(); program.threads.len()];
    let memory = (0..8).map(|_| <Word as Atomic<u64>>::new(0)).collect();
    let (program, shape, outcome) = (program.clone(), shape.clone(), Arc::clone(outcome));
    let running = Arc::new(Running { program, shape, memory, outcome });
    let own = (0..running.program.threads.len()).filter(|thread| !running.shape.spawned.contains_key(thread));
    let handles: Vec<Handle> = own.map(|thread| start(&running, thread)).collect();
    handles.into_iter().for_each(JoinHandle::join);
}

fn start(running: &Arc<Running>, thread: usize) -> Handle {
    let running = Arc::clone(running);
    Controlled::spawn(move || run_thread(&running, thread))
}

fn lock(outcome: &Mutex<Outcome>) -> std::sync::MutexGuard<'_, Outcome> {
    outcome.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run_thread(running: &Arc<Running>, thread: usize) {
    let instructions = &running.program.threads[thread];
    let mut handles: BTreeMap<usize, Handle> = BTreeMap::new();
    for number in 0..=instructions.len() {
        let place = (thread, number);
        let here = |(child, at): (&usize, &Place)| (*at == place).then_some(*child);
        for child in running.shape.spawned.iter().filter_map(here) {
            handles.insert(child, start(running, child));
        }
        for child in running.shape.joined.iter().filter_map(here) {
            handles.remove(&child).expect("it was started").join();
        }
        if let Some(instruction) = instructions.get(number)
            && let Some(read) = perform(running, *instruction, running.shape.weak.contains(&place))
        {
            lock(&running.outcome)[thread].push(read);
        }
    }
}

/// Returns what was read, and whether something was written as well.
fn perform(running: &Running, instruction: Instruction, is_weak: bool) -> Option<(u64, bool)> {
    let at = |location: u8| &running.memory[usize::from(location)];
    match instruction {
        Instruction::Load { location, ordering, .. } => Some((at(location).load(ordering), false)),
        Instruction::Store { location, value, ordering } => {
            at(location).store(value, ordering);
            None
        }
        Instruction::Add { location, value, ordering, .. } => {
            Some((at(location).fetch_add(value, ordering), true))
        }
        Instruction::Swap { location, value, ordering, .. } => {
            Some((at(location).swap(value, ordering), true))
        }
        Instruction::CompareExchange { location, expected, new, success, failure, .. } => {
            let result = if is_weak {
                at(location).compare_exchange_weak(expected, new, success, failure)
            } else {
                at(location).compare_exchange(expected, new, success, failure)
            };
            let (Ok(value) | Err(value)) = result;
            Some((value, result.is_ok()))
        }
        Instruction::Fence { ordering } => {
            Controlled::fence(ordering);
            None
        }
        Instruction::CellRead | Instruction::CellWrite | Instruction::When { .. } => None,
    }
}

/// How often each outcome comes up.
type Outcomes = BTreeMap<Outcome, u64>;

/// The outcomes that the engine explores, each execution once.
fn explored(program: &Program, shape: &Shape) -> Outcomes {
    let (outcome, found) = (Arc::<Mutex<Outcome>>::default(), Mutex::new(Outcomes::new()));
    let distinct: Mutex<BTreeSet<Witness>> = Mutex::default();
    let body = {
        let (program, shape, outcome) = (program.clone(), shape.clone(), Arc::clone(&outcome));
        move || run(&program, &shape, &outcome)
    };
    let exploration = witnesses(&Options::default(), body, &|witness| {
        *found.lock().expect("no visit panics").entry(lock(&outcome).clone()).or_default() += 1;
        let is_new = distinct.lock().expect("no visit panics").insert(witness);
        assert!(is_new, "an execution is explored twice: {program:?} {shape:?}");
    });
    assert_eq!((exploration.failure, exploration.extent), (None, Extent::Exhausted), "{program:?} {shape:?}");
    found.into_inner().expect("no visit panics")
}

/// The same by brute force.
fn expected(program: &Program, shape: &Shape) -> Outcomes {
    let mut outcomes = Outcomes::new();
    for execution in consistent_executions_of(program, shape) {
        *outcomes.entry(outcome_of(&execution)).or_default() += 1;
    }
    outcomes
}

fn outcome_of(execution: &Execution) -> Outcome {
    let reads = execution.iter().map(|thread| thread.iter().filter(|event| event.read.is_some()));
    reads.map(|thread| thread.map(|event| (event.value, event.written.is_some())).collect()).collect()
}

/// Returns the number of executions.
#[track_caller]
fn check(program: &Program, shape: &Shape) -> u64 {
    let (found, expected) = (explored(program, shape), expected(program, shape));
    assert_eq!(found, expected, "{program:?} {shape:?}");
    found.values().sum()
}

/// Some threads are started by others, some of these are joined early, and some compare-exchanges are weak.
fn random_shape(random: &mut Random, program: &Program) -> Shape {
    let mut shape = Shape::default();
    for child in 1..program.threads.len() {
        if random.below(3) == 0 {
            continue;
        }
        let parent = random.below(child);
        let start = random.below(program.threads[parent].len() + 1);
        shape.spawned.insert(child, (parent, start));
        if random.below(3) > 0 {
            let end = start + random.below(program.threads[parent].len() + 1 - start);
            shape.joined.insert(child, (parent, end));
        }
    }
    for (thread, instructions) in program.threads.iter().enumerate() {
        for (number, instruction) in instructions.iter().enumerate() {
            if matches!(instruction, Instruction::CompareExchange { .. }) && random.below(3) > 0 {
                shape.weak.insert((thread, number));
            }
        }
    }
    shape
}

/// Checks `count` random programs against the axioms; returns how many executions they have together.
fn check_random(seed: u64, count: usize, mix: Mix) -> u64 {
    let mut random = Random(seed);
    let mut executions = 0;
    for _ in 0..count {
        let program = random_program(&mut random, mix);
        let shape = random_shape(&mut random, &program);
        executions += check(&program, &shape);
    }
    executions
}

const SEQUENTIAL: Mix = {
    use std::sync::atomic::Ordering::SeqCst;
    Mix { loads: &[SeqCst], stores: &[SeqCst], updates: &[SeqCst], ..ALL }
};

#[test]
fn random_programs_with_threads_of_their_own_have_the_executions_of_the_axioms() {
    check_random(11, 60, Mix { instructions: 6, ..ALL });
    check_random(12, 60, Mix { instructions: 6, ..SEQUENTIAL });
    check_random(13, 30, Mix { threads: 4, instructions: 6, ..SEQUENTIAL });
    check_random(14, 30, Mix { fence_share: 4, instructions: 6, ..ALL });
}

#[test]
fn random_programs_with_spurious_failures_have_the_executions_of_the_axioms() {
    check_random(15, 60, Mix { update_share: 9, fence_share: 0, instructions: 4, ..ALL });
    check_random(16, 60, Mix { update_share: 9, fence_share: 0, locations: 1, instructions: 4, ..ALL });
}

/// The same at length, for a change of the search.
#[test]
#[ignore = "takes minutes; run by `make axioms`"]
fn many_random_programs_with_threads_of_their_own_have_the_executions_of_the_axioms() {
    for seed in 200..210 {
        check_random(seed, 150, Mix { instructions: 6, ..ALL });
        check_random(seed, 150, Mix { instructions: 6, ..SEQUENTIAL });
        check_random(seed, 100, Mix { threads: 4, instructions: 6, ..SEQUENTIAL });
        check_random(seed, 100, Mix { fence_share: 4, instructions: 6, ..ALL });
        check_random(seed, 100, Mix { update_share: 9, fence_share: 0, instructions: 4, ..ALL });
    }
}

/// Store buffering across a spawn and a join, to any depth.
fn store_buffering(shape: Shape) -> (Program, Shape) {
    let text = "x = 1 sc | a = y sc | y = 1 sc; b = x sc";
    (text.parse().expect("the program is well-formed"), shape)
}

#[test]
fn store_buffering_is_seen_through_spawns_and_joins() {
    let spawned = Shape { spawned: BTreeMap::from([(1, (0, 1))]), ..Shape::default() };
    let (program, shape) = store_buffering(spawned);
    assert_eq!(check(&program, &shape), 3);
    let joined = Shape {
        spawned: BTreeMap::from([(0, (1, 0))]),
        joined: BTreeMap::from([(0, (1, 0))]),
        ..Shape::default()
    };
    assert_eq!(check(&program, &joined), 3);
    // Without the edges of threads there are four: the comparison notices if either side forgets them.
    assert_eq!(check(&program, &Shape::default()), 4);
    let forgetful = Shape { forgets_threads: true, ..shape };
    assert_ne!(explored(&program, &forgetful), expected(&program, &forgetful));
}

/// A thread that starts the one that starts the one that reads.
#[test]
fn store_buffering_is_seen_through_several_threads() {
    let text = "x = 1 sc | c = z rlx | a = y sc | y = 1 sc; b = x sc";
    let program: Program = text.parse().expect("the program is well-formed");
    let spawned = BTreeMap::from([(1, (0, 1)), (2, (1, 1))]);
    assert_eq!(check(&program, &Shape { spawned, ..Shape::default() }), 3);
    let (spawned, joined) =
        (BTreeMap::from([(0, (1, 0)), (1, (2, 0))]), BTreeMap::from([(0, (1, 1)), (1, (2, 0))]));
    assert_eq!(check(&program, &Shape { spawned, joined, ..Shape::default() }), 3);
}
