//! The same with threads that start and join each other, with locks, with loops that wait, and with compare-exchanges that
//! fail spuriously.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use cancelproof::engine::rc11::{Options, Witness, WitnessEvent, witnesses};
use cancelproof::executor::Controlled;
use cancelproof::exploration::{Extent, FailureKind};
use cancelproof::litmus::{Instruction, Program};
use cancelproof::model::runtime::{Atomic, JoinHandle, Mutex as _, Runtime};

use crate::axioms::{Execution, Place, Shape, can_get_stuck, consistent_executions_of};
use crate::brute_force::{ALL, Mix, Random, random_program};

type Word = <Controlled as Runtime>::AtomicU64;
type Handle = <Controlled as Runtime>::JoinHandle<()>;
type Lock = <Controlled as Runtime>::Mutex<()>;

/// Locations from this one on are locks.
const LOCKS: u8 = 6;

/// What each thread read, in order, with whether it wrote as well.
type Outcome = Vec<Vec<(u64, bool)>>;

/// A program that is being run.
struct Running {
    program: Program,
    shape: Shape,
    memory: Vec<Word>,
    locks: [Lock; 2],
    /// Plain memory, filled as the threads go on.
    outcome: Arc<Mutex<Outcome>>,
}

/// Runs the program: the main thread starts the threads that nobody else starts, and joins them.
fn run(program: &Program, shape: &Shape, outcome: &Arc<Mutex<Outcome>>) {
    *lock(outcome) = vec![Vec::new(); program.threads.len()];
    let memory = (0..8).map(|_| <Word as Atomic<u64>>::new(0)).collect();
    let (program, shape, outcome) = (program.clone(), shape.clone(), Arc::clone(outcome));
    let locks = [(); 2].map(|()| Lock::new(()));
    let running = Arc::new(Running { program, shape, memory, locks, outcome });
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
    let mut guards = BTreeMap::new();
    for number in 0..=instructions.len() {
        let place = (thread, number);
        let here = |(child, at): (&usize, &Place)| (*at == place).then_some(*child);
        for child in running.shape.spawned.iter().filter_map(here) {
            handles.insert(child, start(running, child));
        }
        for child in running.shape.joined.iter().filter_map(here) {
            handles.remove(&child).expect("it was started").join();
        }
        let Some(instruction) = instructions.get(number) else { break };
        match instruction.location().filter(|location| *location >= LOCKS) {
            Some(location) if running.shape.locks.contains(&place) => {
                guards.insert(location, running.locks[usize::from(location - LOCKS)].lock());
            }
            Some(location) => drop(guards.remove(&location)),
            None => {
                if let Some(read) = perform(running, *instruction, place) {
                    lock(&running.outcome)[thread].push(read);
                }
            }
        }
    }
}

/// Returns what was read, and whether something was written as well.
fn perform(running: &Running, instruction: Instruction, place: Place) -> Option<(u64, bool)> {
    let is_weak = running.shape.weak.contains(&place);
    let at = |location: u8| &running.memory[usize::from(location)];
    match instruction {
        Instruction::Load { location, ordering, .. } => {
            let mut value = at(location).load(ordering);
            while running.shape.awaits.get(&place).is_some_and(|awaited| *awaited != value) {
                Controlled::yield_now();
                value = at(location).load(ordering);
            }
            Some((value, false))
        }
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

/// The outcomes that the engine explores, each execution once. `None` if an execution gets stuck.
fn explored(program: &Program, shape: &Shape) -> Option<Outcomes> {
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
    if let Some(FailureKind::Deadlock { .. } | FailureKind::Unbounded { cycle: true, .. }) =
        exploration.failure.as_ref().map(|failure| &failure.kind)
    {
        return None;
    }
    assert_eq!((exploration.failure, exploration.extent), (None, Extent::Exhausted), "{program:?} {shape:?}");
    Some(found.into_inner().expect("no visit panics"))
}

/// The same by brute force.
fn expected(program: &Program, shape: &Shape) -> Outcomes {
    let mut outcomes = Outcomes::new();
    for execution in consistent_executions_of(program, shape) {
        *outcomes.entry(outcome_of(&execution, shape)).or_default() += 1;
    }
    outcomes
}

fn outcome_of(execution: &Execution, shape: &Shape) -> Outcome {
    let threads = execution.iter().enumerate();
    let reads = |(thread, events): (usize, &Vec<WitnessEvent>)| {
        let read = events
            .iter()
            .enumerate()
            .filter(|(number, event)| event.read.is_some() && !shape.locks.contains(&(thread, *number)));
        read.map(|(_, event)| (event.value, event.written.is_some())).collect()
    };
    threads.map(reads).collect()
}

/// Returns the number of executions, none if one of them gets stuck.
#[track_caller]
fn check(program: &Program, shape: &Shape) -> u64 {
    let found = explored(program, shape);
    let waits = !shape.locks.is_empty() || !shape.awaits.is_empty() || !shape.joined.is_empty();
    let is_stuck = waits && can_get_stuck(program, shape);
    assert_eq!(found.is_none(), is_stuck, "{program:?} {shape:?}");
    let Some(found) = found else { return 0 };
    let expected = expected(program, shape);
    if shape.awaits.is_empty() {
        assert_eq!(found, expected, "{program:?} {shape:?}");
    } else {
        // Of how many turns in vain the engine tries each, the axioms say nothing.
        let enough =
            |(outcome, count): (&Outcome, &u64)| found.get(outcome).is_some_and(|found| found >= count);
        assert!(
            found.keys().eq(expected.keys()) && expected.iter().all(enough),
            "{program:?} {shape:?}: {found:?} {expected:?}"
        );
    }
    found.values().sum()
}

/// Puts one or two parts of threads under locks, and has some of the loads wait for a value.
fn with_locks_and_loops(random: &mut Random, program: &mut Program) -> Shape {
    let mut shape = Shape::default();
    for thread in 0..program.threads.len() {
        let instructions = &mut program.threads[thread];
        if shape.locks.len() == 2 || instructions.is_empty() || random.below(3) == 0 {
            continue;
        }
        let location = LOCKS + u8::from(random.below(4) == 0);
        let start = random.below(instructions.len());
        let end = start + 1 + random.below(instructions.len() - start);
        instructions.insert(end, Instruction::Store { location, value: 0, ordering: Ordering::Release });
        let (success, failure) = (Ordering::Acquire, Ordering::Relaxed);
        let register = 8 + shape.locks.len() as u8;
        let taken =
            Instruction::CompareExchange { register, location, expected: 0, new: 1, success, failure };
        instructions.insert(start, taken);
        shape.locks.insert((thread, start));
    }
    for (thread, instructions) in program.threads.iter().enumerate() {
        for (number, instruction) in instructions.iter().enumerate() {
            if matches!(instruction, Instruction::Load { .. }) && random.below(3) == 0 {
                shape.awaits.insert((thread, number), 1 + random.below(2) as u64);
            }
        }
    }
    shape
}

/// Some threads are started by others, some of these are joined early, and some compare-exchanges are weak.
fn random_shape(random: &mut Random, program: &Program) -> Shape {
    shape_beside(random, program, Shape::default())
}

/// The same, with what a shape already has.
fn shape_beside(random: &mut Random, program: &Program, mut shape: Shape) -> Shape {
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
            let is_lock = shape.locks.contains(&(thread, number));
            if matches!(instruction, Instruction::CompareExchange { .. }) && !is_lock && random.below(3) > 0 {
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

const SEQUENTIAL: Mix =
    Mix { loads: &[Ordering::SeqCst], stores: &[Ordering::SeqCst], updates: &[Ordering::SeqCst], ..ALL };

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

/// Checks `count` random programs with locks and loops; returns how many of them can get stuck.
fn check_random_that_wait(seed: u64, count: usize, mix: Mix) -> usize {
    let mut random = Random(seed);
    let mut stuck = 0;
    for _ in 0..count {
        let mut program = random_program(&mut random, mix);
        let shape = with_locks_and_loops(&mut random, &mut program);
        let shape = shape_beside(&mut random, &program, shape);
        stuck += usize::from(check(&program, &shape) == 0);
    }
    stuck
}

#[test]
fn random_programs_with_locks_and_loops_have_the_executions_of_the_axioms() {
    let stuck = check_random_that_wait(17, 40, Mix { instructions: 4, ..ALL })
        + check_random_that_wait(18, 40, Mix { instructions: 4, ..SEQUENTIAL })
        + check_random_that_wait(19, 20, Mix { threads: 2, instructions: 5, locations: 1, ..ALL });
    assert!((10..90).contains(&stuck), "{stuck} of 100 programs can get stuck");
}

/// Two locks in two orders, with the second only reached after the first.
#[test]
fn locks_are_counted_by_hand() {
    let text = "a = cas z 0 1 acq rlx; x = 1 rlx; z = 0 rel | b = cas z 0 1 acq rlx; c = x rlx; z = 0 rel";
    let mut program: Program = text.parse().expect("the program is well-formed");
    for instruction in program.threads.iter_mut().flatten() {
        if let Instruction::CompareExchange { location, .. } | Instruction::Store { location, value: 0, .. } =
            instruction
        {
            *location = LOCKS;
        }
    }
    let shape = Shape { locks: BTreeSet::from([(0, 0), (1, 0)]), ..Shape::default() };
    assert_eq!(check(&program, &shape), 2);
    // The comparison notices if either side forgets that a lock keeps the other out.
    assert!(consistent_executions_of(&program, &Shape::default()).len() > 2);
    // A reader under the lock that waits for who cannot come in.
    let stuck = Shape { awaits: BTreeMap::from([((1, 1), 1)]), ..shape };
    assert_eq!(check(&program, &stuck), 0);
}

/// The same at length, for a change of the search.
#[test]
#[ignore = "takes minutes; run by `make axioms`"]
fn many_random_programs_with_locks_and_loops_have_the_executions_of_the_axioms() {
    for seed in 400..410 {
        check_random_that_wait(seed, 50, Mix { instructions: 4, ..ALL });
        check_random_that_wait(seed, 50, Mix { instructions: 4, ..SEQUENTIAL });
    }
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
    assert_ne!(explored(&program, &forgetful), Some(expected(&program, &forgetful)));
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
