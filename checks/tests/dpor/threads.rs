//! The same with threads that start each other, and join each other early or never.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cancelproof::engine::dpor::{Options, explore};
use cancelproof::executor::Controlled;
use cancelproof::exploration::{Exploration, Extent, FailureKind};
use cancelproof::model::runtime::{JoinHandle, Runtime};
use cancelproof::operation::TaskId;

use crate::brute_force::{run_all_of, trace_of_threads};
use crate::program::{Numbers, Outcome, Place, Program, Shape, Shared, Step};
use crate::traces::scaled;

type Handle = <Controlled as Runtime>::JoinHandle<()>;

/// What the threads of one execution tell, in memory that the engine does not see.
#[derive(Debug, Default)]
struct Told {
    read: Outcome,
    /// The thread that each task of the engine is.
    threads: BTreeMap<u8, usize>,
}

/// A program that is being run.
struct Running {
    program: Program,
    shape: Shape,
    shared: Shared<Controlled>,
    told: Arc<Mutex<Told>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The main task starts the threads that nobody else starts, and joins them.
fn run(program: &Program, shape: &Shape, told: &Arc<Mutex<Told>>) {
    let count = program.len();
    *lock(told) = Told { read: vec![Vec::new(); count], threads: BTreeMap::new() };
    let running = Arc::new(Running {
        program: program.clone(),
        shape: shape.clone(),
        shared: Shared::of(count),
        told: Arc::clone(told),
    });
    let own = (0..count).filter(|thread| !shape.spawned.contains_key(thread));
    let handles: Vec<Handle> = own.map(|thread| start(&running, thread)).collect();
    handles.into_iter().for_each(JoinHandle::join);
}

fn start(running: &Arc<Running>, thread: usize) -> Handle {
    let running = Arc::clone(running);
    Controlled::spawn(move || run_thread(&running, thread))
}

fn run_thread(running: &Arc<Running>, thread: usize) {
    lock(&running.told).threads.insert(Controlled::current_number() as u8, thread);
    let steps = &running.program[thread];
    let mut handles: BTreeMap<usize, Handle> = BTreeMap::new();
    for number in 0..=steps.len() {
        let here = |(child, at): (&usize, &Place)| (*at == (thread, number)).then_some(*child);
        for child in running.shape.spawned.iter().filter_map(here) {
            handles.insert(child, start(running, child));
        }
        for child in running.shape.joined.iter().filter_map(here) {
            handles.remove(&child).expect("it was started").join();
        }
        let Some(step) = steps.get(number) else { break };
        let mut read = Vec::new();
        running.shared.run_step(*step, &mut read);
        lock(&running.told).read[thread].append(&mut read);
    }
}

/// Compares the engine with brute force: outcomes, verdict, and, where no loop waits, the traces, each explored once.
/// Returns how many executions there are, none if there is a deadlock.
#[track_caller]
fn compare(program: &Program, shape: &Shape) -> u64 {
    let expected = run_all_of(program, shape, true);
    let told = Arc::<Mutex<Told>>::default();
    let seen: Arc<Mutex<(std::collections::BTreeSet<Outcome>, HashSet<_>)>> = Arc::default();
    let waits = program.iter().flatten().any(|step| matches!(step, Step::Await(..)));
    let on_execution = {
        let (program, shape, told, seen) =
            (program.clone(), shape.clone(), Arc::clone(&told), Arc::clone(&seen));
        move |execution: &cancelproof::engine::dpor::Execution<'_>| {
            let (told, mut seen) = (lock(&told), lock(&seen));
            seen.0.insert(told.read.clone());
            if !waits {
                let thread_of = |task: TaskId| told.threads[&task.0];
                let trace = trace_of_threads(&program, &shape, execution.decisions, &thread_of);
                assert!(seen.1.insert(trace), "a trace was explored twice: {program:?} {shape:?}");
            }
            Ok(())
        }
    };
    let options = Options { on_execution: Some(Arc::new(on_execution)), ..Options::default() };
    let (of, with) = (program.clone(), shape.clone());
    let Exploration { executions, extent, failure, .. } = explore(&options, move || run(&of, &with, &told));
    if expected.deadlocks > 0 {
        let kind = failure.map(|failure| failure.kind);
        let is_stuck = match kind {
            Some(FailureKind::Deadlock { .. }) => true,
            Some(FailureKind::Unbounded { cycle, .. }) => waits && cycle,
            _ => false,
        };
        assert!(is_stuck, "{program:?} {shape:?}: {kind:?}");
        return 0;
    }
    assert_eq!((failure, extent), (None, Extent::Exhausted), "{program:?} {shape:?}");
    let seen = lock(&seen);
    assert_eq!(seen.0, expected.outcomes, "{program:?} {shape:?}");
    if waits {
        assert!(executions >= expected.traces.len() as u64, "{program:?} {shape:?}");
    } else {
        assert_eq!(seen.1, expected.traces, "{program:?} {shape:?}");
        assert_eq!(executions, expected.traces.len() as u64, "{program:?} {shape:?}");
    }
    executions
}

/// Two of three threads are started by another one, and most of these are joined by it, anywhere.
fn random_shape(numbers: &mut Numbers, program: &Program) -> Shape {
    let mut shape = Shape::default();
    for child in 1..program.len() {
        if numbers.below(3) == 0 {
            continue;
        }
        let parent = numbers.below(child);
        let steps = program[parent].len();
        let start = numbers.below(steps + 1);
        shape.spawned.insert(child, (parent, start));
        if numbers.below(3) > 0 {
            shape.joined.insert(child, (parent, start + numbers.below(steps + 1 - start)));
        }
    }
    shape
}

/// Steps on atomics, under locks, with loops that wait if there are to be any, and with exchanges that fail spuriously.
fn kinds(waits: bool) -> Vec<fn(&mut Numbers) -> Step> {
    let mut kinds: Vec<fn(&mut Numbers) -> Step> = vec![
        |numbers| Step::Load(numbers.below(2)),
        |numbers| Step::Store(numbers.below(2), 1 + numbers.below(2) as u8),
        |numbers| Step::Store(numbers.below(2), 1 + numbers.below(2) as u8),
        |numbers| Step::Add(numbers.below(2), 1),
        |numbers| Step::ExchangeWeak(numbers.below(2), numbers.below(2) as u8, 1 + numbers.below(2) as u8),
        |numbers| Step::Locked(numbers.below(2)),
        |numbers| Step::Nested(numbers.below(2), numbers.below(2)),
        |numbers| Step::Guarded(numbers.below(2), numbers.below(2)),
    ];
    if waits {
        kinds.push(|numbers| Step::Await(numbers.below(2), 1));
        kinds.push(|numbers| Step::Await(numbers.below(2), 1));
    }
    kinds
}

/// Compares random programs; returns how many there were of more than one execution, and of none that ends.
fn compare_random(seed: u64, count: usize, threads: usize, steps: usize, waits: bool) -> (usize, usize) {
    let mut numbers = Numbers(seed);
    let (mut branched, mut stuck) = (0, 0);
    for _ in 0..count {
        let program = numbers.program(threads, steps, &kinds(waits));
        let shape = random_shape(&mut numbers, &program);
        let executions = compare(&program, &shape);
        branched += usize::from(executions > 1);
        stuck += usize::from(executions == 0);
    }
    (branched, stuck)
}

#[test]
fn random_programs_with_threads_of_their_own() {
    for (seed, threads, steps) in [(31, 2, 4), (32, 3, 2), (33, 4, 2)] {
        let (branched, stuck) = compare_random(seed, scaled(60), threads, steps, false);
        assert!(branched > scaled(15) && stuck > 0, "{branched} with several executions, {stuck} are stuck");
    }
}

#[test]
fn random_programs_with_threads_of_their_own_that_wait() {
    for (seed, threads, steps) in [(34, 2, 4), (35, 3, 2), (36, 3, 3)] {
        let (branched, stuck) = compare_random(seed, scaled(40), threads, steps, true);
        assert!(
            branched > scaled(3) && stuck > scaled(5),
            "{branched} with several executions, {stuck} are stuck"
        );
    }
}

/// The same at length, for a change of the search.
#[test]
#[ignore = "takes minutes; run by `make axioms`"]
fn many_random_programs_with_threads_of_their_own() {
    for seed in 300..310 {
        compare_random(seed, 150, 2, 4, false);
        compare_random(seed, 150, 3, 2, false);
        compare_random(seed, 50, 4, 2, false);
        compare_random(seed, 75, 2, 4, true);
        compare_random(seed, 75, 3, 2, true);
    }
}

/// A thread that is joined in the middle orders what comes after it; one that nobody joins orders nothing.
#[test]
fn early_joins_are_counted_by_hand() {
    let program = vec![vec![Step::Store(0, 1), Step::Load(1)], vec![Step::Store(1, 1)]];
    let spawned = BTreeMap::from([(1, (0, 0))]);
    let joined = |place| Shape { spawned: spawned.clone(), joined: BTreeMap::from([(1, (0, place))]) };
    assert_eq!([0, 1, 2].map(|place| compare(&program, &joined(place))), [1, 1, 2]);
    assert_eq!(compare(&program, &Shape { spawned, ..Shape::default() }), 2);
}
