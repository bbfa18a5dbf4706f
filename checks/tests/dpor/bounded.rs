//! A bound on preemptions with reduction: the outcomes of a search that tries every order within the bound.

use std::collections::BTreeSet;

use cancelproof::engine::dpor::{Options, Preemptions};
use cancelproof::exploration::{Bound, Exploration, Extent, FailureKind};

use crate::program::{Numbers, Outcome, Program, Step};
use crate::traces::{Host, explore_program, scaled, traces_of};

/// How many preemptions are tried, from none.
const BOUNDS: std::ops::RangeInclusive<u32> = 0..=2;

fn explored(program: &Program, preemptions: Preemptions) -> (Exploration, BTreeSet<Outcome>) {
    explore_program(Host::OurExecutor, &Options { preemptions, ..Options::default() }, program)
}

fn is_stuck(exploration: &Exploration) -> bool {
    let kind = exploration.failure.as_ref().map(|failure| &failure.kind);
    match kind {
        None => false,
        Some(FailureKind::Deadlock { .. } | FailureKind::Unbounded { cycle: true, .. }) => true,
        Some(other) => panic!("{other:?}"),
    }
}

/// What was explored of how many programs.
#[derive(Debug, Default)]
struct Seen {
    programs: u32,
    stuck: u32,
    /// Of those that are not stuck: how many lost outcomes to the bound.
    narrowed: u32,
    every_order: u64,
    reduced: u64,
    abandoned: u64,
}

/// Compares the two kinds of bounds; `is_exact` if the fewest preemptions of a trace are known for these steps.
fn compare(program: &Program, is_exact: bool, seen: &mut Seen) {
    let (unbounded, all) = explored(program, Preemptions::Unbounded);
    for bound in BOUNDS {
        let (every, expected) = explored(program, Preemptions::UpTo(bound));
        let (reduced, outcomes) = explored(program, Preemptions::Within(bound));
        seen.programs += 1;
        if is_stuck(&every) || is_stuck(&reduced) {
            assert!(is_stuck(&reduced), "{program:?}, {bound}: {reduced:?}");
            // A thread that is interrupted and never goes on has cost nothing.
            let (more, _) = explored(program, Preemptions::UpTo(bound + program.len() as u32));
            assert!(is_stuck(&more), "{program:?}, {bound}: {reduced:?}");
            seen.stuck += 1;
            continue;
        }
        assert!(outcomes.is_superset(&expected), "{program:?}, {bound}: {:?}", &expected - &outcomes);
        assert!(!is_exact || outcomes == expected, "{program:?}, {bound}: {:?}", &outcomes - &expected);
        assert!(reduced.executions <= every.executions, "{program:?}, {bound}");
        assert!(is_stuck(&unbounded) || outcomes.is_subset(&all), "{program:?}, {bound}");
        match reduced.extent {
            Extent::Exhausted => assert_eq!(outcomes, all, "{program:?}, {bound}"),
            extent => assert_eq!(extent, Extent::Bounded(Bound::Preemptions(bound)), "{program:?}"),
        }
        // No trace twice; of loops that wait it is not known which turns are the same.
        if !program.iter().flatten().any(|step| matches!(step, Step::Await(..))) {
            traces_of(program, &Options { preemptions: Preemptions::Within(bound), ..Options::default() });
        }
        seen.narrowed += u32::from(outcomes != all);
        seen.every_order += every.executions;
        seen.reduced += reduced.executions;
        seen.abandoned += reduced.abandoned;
    }
}

fn atomics() -> Vec<fn(&mut Numbers) -> Step> {
    vec![
        |numbers| Step::Load(numbers.below(2)),
        |numbers| Step::Store(numbers.below(2), 1 + numbers.below(2) as u8),
        |numbers| Step::Add(numbers.below(2), 1),
        |numbers| Step::Exchange(numbers.below(2), numbers.below(2) as u8, 1 + numbers.below(2) as u8),
    ]
}

fn locks() -> Vec<fn(&mut Numbers) -> Step> {
    let mut kinds = atomics();
    kinds.push(|numbers| Step::Locked(numbers.below(2)));
    kinds.push(|numbers| Step::Guarded(numbers.below(2), numbers.below(2)));
    kinds.push(|numbers| Step::Nested(numbers.below(2), numbers.below(2)));
    kinds
}

fn waits() -> Vec<fn(&mut Numbers) -> Step> {
    let mut kinds = locks();
    kinds.push(|_| Step::Wait);
    kinds.push(|_| Step::NotifyAll);
    kinds.push(|_| Step::NotifyOne);
    kinds.push(|numbers| Step::Await(numbers.below(2), 1));
    kinds
}

fn parks() -> Vec<fn(&mut Numbers) -> Step> {
    let mut kinds = atomics();
    kinds.push(|_| Step::Park);
    kinds.push(|numbers| Step::Unpark(numbers.below(2)));
    kinds
}

/// Random programs of one shape, without locks that a thread takes twice.
fn compare_random(
    first: u64,
    count: usize,
    (threads, steps): (usize, usize),
    kinds: &[fn(&mut Numbers) -> Step],
    is_exact: bool,
) -> Seen {
    let mut numbers = Numbers(first);
    let mut seen = Seen::default();
    for _ in 0..scaled(count) {
        let program = numbers.program(threads, steps, kinds);
        let takes_twice = |step: &Step| matches!(step, Step::Nested(outer, inner) if outer == inner);
        if !program.iter().flatten().any(takes_twice) {
            compare(&program, is_exact, &mut seen);
        }
    }
    println!("{threads} threads of {steps} steps: {seen:?}");
    seen
}

#[test]
fn outcomes_of_atomics_within_a_bound_are_those_of_every_order_within_it() {
    let two = compare_random(51, 60, (2, 4), &atomics(), true);
    let three = compare_random(52, 60, (3, 2), &atomics(), true);
    let four = compare_random(53, 20, (4, 2), &atomics(), true);
    for seen in [&two, &three, &four] {
        assert!(seen.narrowed * 4 > seen.programs, "{seen:?}");
        assert!(seen.reduced * 2 < seen.every_order, "{seen:?}");
    }
}

#[test]
fn outcomes_of_locks_within_a_bound_are_those_of_every_order_within_it() {
    let two = compare_random(54, 80, (2, 4), &locks(), true);
    let three = compare_random(55, 80, (3, 2), &locks(), true);
    assert!(two.stuck > 0 && three.stuck > 0, "{two:?} {three:?}");
}

#[test]
fn outcomes_of_waits_and_turns_within_a_bound_are_those_of_every_order_within_it() {
    let two = compare_random(56, 80, (2, 3), &waits(), false);
    let three = compare_random(57, 60, (3, 2), &waits(), false);
    assert!(two.stuck > 0 && three.stuck > 0, "{two:?} {three:?}");
}

#[test]
fn outcomes_of_parks_within_a_bound_are_among_those_explored() {
    compare_random(58, 80, (2, 3), &parks(), false);
    compare_random(59, 60, (3, 2), &parks(), false);
}

/// The first thread is interrupted with a lock held, so that the second one stops at that lock for nothing; in every order in
/// which the first one goes on for as long as it can, both are interrupted.
#[test]
fn an_order_is_found_that_stops_a_thread_while_it_holds_a_lock() {
    let program = vec![
        vec![Step::Store(0, 2), Step::Store(0, 1), Step::Nested(0, 1), Step::Add(0, 1)],
        vec![Step::Store(1, 2), Step::Load(0), Step::Locked(0), Step::Guarded(1, 0)],
    ];
    let (_, outcomes) = explored(&program, Preemptions::Within(1));
    assert!(outcomes.contains(&vec![vec![0, 1], vec![1, 0, 2]]), "{outcomes:?}");
}
