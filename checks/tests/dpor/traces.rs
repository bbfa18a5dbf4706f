//! One execution for each Mazurkiewicz trace, on programs whose traces are counted by brute force.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex};

use cancelproof::engine::dpor::{Options, explore, explore_on_shuttle};
use cancelproof::executor::Controlled;
use cancelproof::exploration::{Exploration, Extent, FailureKind};
use cancelproof::lens::Lens;
use cancelproof::platform::Shuttle;

use crate::brute_force::{Trace, run_all, trace_of};
use crate::program::{Numbers, Outcome, Program, Step, run};

/// Where a program runs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Host {
    OurExecutor,
    Shuttle,
}

/// What the executions of an exploration came to.
#[derive(Clone, Default)]
pub(crate) struct Outcomes {
    last: Arc<Mutex<Option<Outcome>>>,
    all: Arc<Mutex<BTreeSet<Outcome>>>,
}

impl Outcomes {
    /// Called at the end of a body.
    pub(crate) fn set(&self, outcome: Outcome) {
        *self.last.lock().expect("no panic inside") = Some(outcome);
    }

    /// Called at the end of an execution that counts.
    pub(crate) fn keep(&self) {
        if let Some(outcome) = self.last.lock().expect("no panic inside").take() {
            self.all.lock().expect("no panic inside").insert(outcome);
        }
    }

    pub(crate) fn take(&self) -> BTreeSet<Outcome> {
        core::mem::take(&mut *self.all.lock().expect("no panic inside"))
    }
}

/// Explores a program and collects what its executions came to.
pub(crate) fn explore_program(
    host: Host,
    options: &Options,
    program: &Program,
) -> (Exploration, BTreeSet<Outcome>) {
    let outcomes = Outcomes::default();
    let mut options = options.clone();
    let kept = outcomes.clone();
    options.on_execution = Some(Arc::new(move |_| {
        kept.keep();
        Ok(())
    }));
    let (program, set) = (program.clone(), outcomes.clone());
    let exploration = match host {
        Host::OurExecutor => explore(&options, move || set.set(run::<Controlled>(&program))),
        Host::Shuttle => explore_on_shuttle(&options, move || set.set(run::<Lens<Shuttle>>(&program))),
    };
    (exploration, outcomes.take())
}

/// Compares the engine on both hosts with brute force; returns the exploration, without executions if there is a
/// deadlock.
fn compare(program: &Program) -> Exploration {
    compare_with(program, &Options::default(), true);
    let plain = Options { spurious_failures: false, spurious_wakeups: false, ..Options::default() };
    let (ours, outcomes) = explore_program(Host::OurExecutor, &plain, program);
    let (shuttle, shuttle_outcomes) = explore_program(Host::Shuttle, &Options::default(), program);
    assert_eq!(ours, shuttle, "{program:?}");
    assert_eq!(outcomes, shuttle_outcomes, "{program:?}");
    compare_with(program, &plain, false)
}

/// Compares the engine on our executor with brute force.
fn compare_with(program: &Program, options: &Options, is_fickle: bool) -> Exploration {
    let expected = run_all(program, is_fickle);
    let (ours, outcomes) = explore_program(Host::OurExecutor, options, program);
    if expected.deadlocks > 0 {
        let kind = ours.failure.map(|failure| failure.kind);
        assert!(matches!(kind, Some(FailureKind::Deadlock { .. })), "{program:?}: {kind:?}");
        return Exploration { executions: 0, abandoned: 0, extent: Extent::StoppedAtFailure, failure: None };
    }
    assert_eq!(ours.failure, None, "{program:?}");
    assert_eq!(ours.extent, Extent::Exhausted, "{program:?}");
    assert_eq!(outcomes, expected.outcomes, "{program:?}");
    assert_eq!(traces_of(program, options), expected.traces, "{program:?}");
    assert_eq!(ours.executions, expected.traces.len() as u64, "{program:?}");
    assert!(ours.executions <= expected.interleavings, "{program:?}");
    ours
}

/// The traces that the engine explores, each once.
pub(crate) fn traces_of(program: &Program, options: &Options) -> HashSet<Trace> {
    let traces: Arc<Mutex<HashSet<Trace>>> = Arc::default();
    let (collected, of) = (Arc::clone(&traces), program.clone());
    let options = Options {
        on_execution: Some(Arc::new(move |execution| {
            let new = collected.lock().expect("no panic inside").insert(trace_of(&of, execution.decisions));
            assert!(new, "a trace was explored twice: {of:?}");
            Ok(())
        })),
        ..options.clone()
    };
    let program = program.clone();
    explore(&options, move || {
        run::<Controlled>(&program);
    });
    core::mem::take(&mut *traces.lock().expect("no panic inside"))
}

/// How many programs to try: more, by the factor in this variable, for a long check on a quiet machine.
pub(crate) fn scaled(count: usize) -> usize {
    let factor = std::env::var("CANCELPROOF_TEST_FACTOR").ok().and_then(|factor| factor.parse().ok());
    count * factor.unwrap_or(1)
}

fn atomic_kinds() -> Vec<fn(&mut Numbers) -> Step> {
    vec![
        |numbers| Step::Load(numbers.below(2)),
        |numbers| Step::Store(numbers.below(2), 1 + numbers.below(2) as u8),
        |numbers| Step::Add(numbers.below(2), 1),
        |numbers| Step::Exchange(numbers.below(2), numbers.below(2) as u8, 1 + numbers.below(2) as u8),
    ]
}

fn fickle_kinds() -> Vec<fn(&mut Numbers) -> Step> {
    let mut kinds = atomic_kinds();
    for _ in 0..3 {
        kinds.push(|numbers| {
            Step::ExchangeWeak(numbers.below(2), numbers.below(2) as u8, 1 + numbers.below(2) as u8)
        });
    }
    kinds
}

#[test]
fn random_programs_of_weak_exchanges() {
    compare_random(20, 60, 2, 4, &fickle_kinds());
    compare_random(21, 60, 3, 2, &fickle_kinds());
    compare_random(22, 20, 4, 2, &fickle_kinds());
}

/// The same at length, with everything: for a change of the search.
#[test]
#[ignore = "takes minutes; run by `make axioms`"]
fn many_random_programs_have_the_traces_of_brute_force() {
    let mut blocking = fickle_kinds();
    blocking.push(|_| Step::Wait);
    blocking.push(|_| Step::NotifyAll);
    blocking.push(|numbers| Step::Locked(numbers.below(2)));
    blocking.push(|_| Step::Park);
    blocking.push(|numbers| Step::Unpark(numbers.below(2)));
    let mut numbers = Numbers(23);
    for _ in 0..1_000 {
        for kinds in [&atomic_kinds(), &fickle_kinds(), &blocking] {
            compare(&numbers.program(2, 3, kinds));
            compare(&numbers.program(3, 2, kinds));
        }
    }
}

/// Compares random programs of one shape; each kind of step must have mattered.
fn compare_random(seed: u64, count: usize, threads: usize, steps: usize, kinds: &[fn(&mut Numbers) -> Step]) {
    let mut numbers = Numbers(seed);
    let (mut branched, mut executions, mut abandoned) = (0, 0, 0);
    for _ in 0..scaled(count) {
        let exploration = compare(&numbers.program(threads, steps, kinds));
        branched += usize::from(exploration.executions > 1);
        executions += exploration.executions;
        abandoned += exploration.abandoned;
    }
    println!("{executions} executions, {abandoned} abandoned");
    assert!(branched * 4 > scaled(count), "only {branched} of {count} programs had more than one trace");
    assert!(abandoned * 20 <= executions, "{executions} executions, {abandoned} abandoned");
}

#[test]
fn random_programs_of_atomics() {
    compare_random(1, 60, 2, 4, &atomic_kinds());
    compare_random(2, 60, 3, 2, &atomic_kinds());
    compare_random(3, 20, 3, 3, &atomic_kinds());
    compare_random(4, 20, 4, 2, &atomic_kinds());
}

#[test]
fn random_programs_with_locks() {
    let mut kinds = atomic_kinds();
    kinds.push(|numbers| Step::Locked(numbers.below(2)));
    kinds.push(|numbers| Step::Locked(numbers.below(2)));
    kinds.push(|_| Step::Nested(0, 1));
    kinds.push(|numbers| Step::Guarded(numbers.below(2), numbers.below(2)));
    kinds.push(|numbers| Step::Guarded(numbers.below(2), numbers.below(2)));
    compare_random(5, 60, 2, 3, &kinds);
    compare_random(6, 40, 3, 2, &kinds);
}

#[test]
fn random_programs_with_locks_that_can_deadlock() {
    let kinds: Vec<fn(&mut Numbers) -> Step> =
        vec![|numbers| Step::Locked(numbers.below(2)), |_| Step::Nested(0, 1), |_| Step::Nested(1, 0)];
    let mut numbers = Numbers(7);
    let mut deadlocked = 0;
    for _ in 0..scaled(60) {
        deadlocked += usize::from(compare(&numbers.program(2, 2, &kinds)).executions == 0);
    }
    assert!((scaled(10)..scaled(50)).contains(&deadlocked), "{deadlocked} of 60 programs deadlock");
}

#[test]
fn random_programs_with_a_condition_variable() {
    let kinds: Vec<fn(&mut Numbers) -> Step> = vec![
        |_| Step::Wait,
        |_| Step::NotifyOne,
        |_| Step::NotifyOne,
        |_| Step::NotifyAll,
        |numbers| Step::Add(numbers.below(2), 1),
        |_| Step::Locked(0),
    ];
    let mut numbers = Numbers(8);
    let mut ended = 0;
    for _ in 0..scaled(60) {
        ended += usize::from(compare(&numbers.program(3, 2, &kinds)).executions > 1);
    }
    assert!(ended > 5, "{ended} programs end in all executions");
}

/// Notifications that can come before the waits: the engine must find the order in which they are lost.
#[test]
fn lost_notifications() {
    for notifications in [
        vec![Step::NotifyAll],
        vec![Step::NotifyOne, Step::NotifyOne],
        vec![Step::NotifyOne, Step::Add(0, 1), Step::NotifyAll],
    ] {
        let program =
            vec![vec![Step::Wait, Step::Add(1, 1)], vec![Step::Wait, Step::Add(1, 1)], notifications];
        assert_eq!(compare(&program).executions, 0);
    }
}

/// One notification, and two who wait for it; whoever is woken notifies the other. That one's wake-up is ordered
/// after the first one's, and still either can be the first.
#[test]
fn either_waiter_can_be_woken_first() {
    let waiter = vec![Step::AnnouncedWait(2), Step::NotifyOne];
    let notifier = vec![Step::Await(2, 2), Step::Locked(0), Step::NotifyOne];
    let program = vec![waiter.clone(), waiter, notifier];
    let plain = Options { spurious_wakeups: false, ..Options::default() };
    for host in [Host::OurExecutor, Host::Shuttle] {
        let (exploration, outcomes) = explore_program(host, &plain, &program);
        assert_eq!((exploration.failure, exploration.extent), (None, Extent::Exhausted));
        assert_eq!(
            outcomes,
            BTreeSet::from([vec![vec![1], vec![2], vec![0]], vec![vec![2], vec![1], vec![0]]])
        );
    }
}

#[test]
fn random_programs_with_park_and_unpark() {
    let kinds: Vec<fn(&mut Numbers) -> Step> = vec![
        |_| Step::Park,
        |numbers| Step::Unpark(numbers.below(3)),
        |numbers| Step::Unpark(numbers.below(3)),
        |numbers| Step::Add(numbers.below(2), 1),
        |numbers| Step::Load(numbers.below(2)),
    ];
    let mut numbers = Numbers(9);
    let mut ended = 0;
    for _ in 0..scaled(150) {
        let mut program = numbers.program(3, 3, &kinds);
        // A thread that gives itself a token at the end never hangs on the last park of another.
        program[0].retain(|step| *step != Step::Park);
        ended += usize::from(compare(&program).executions > 1);
    }
    assert!(ended > 20, "{ended} programs end in all executions");
}

/// Loops that wait, with yields: the outcomes are those of reads that block until the value is there, and a wait in
/// vain is a livelock.
#[test]
fn random_programs_with_waiting_loops() {
    let kinds: Vec<fn(&mut Numbers) -> Step> = vec![
        |numbers| Step::Await(numbers.below(2), 1 + numbers.below(2) as u8),
        |numbers| Step::Store(numbers.below(2), 1 + numbers.below(2) as u8),
        |numbers| Step::Add(numbers.below(2), 1),
        |numbers| Step::Load(numbers.below(2)),
        |numbers| Step::Exchange(numbers.below(2), numbers.below(2) as u8, 1 + numbers.below(2) as u8),
    ];
    let mut numbers = Numbers(14);
    let (mut ended, mut stuck) = (0, 0);
    for _ in 0..scaled(200) {
        let program = numbers.program(3, 2, &kinds);
        let expected = run_all(&program, false);
        for host in [Host::OurExecutor, Host::Shuttle] {
            let (exploration, outcomes) = explore_program(host, &Options::default(), &program);
            if expected.deadlocks > 0 {
                let kind = exploration.failure.map(|failure| failure.kind);
                assert!(
                    matches!(kind, Some(FailureKind::Unbounded { cycle: true, .. })),
                    "{program:?}: {kind:?}"
                );
                stuck += 1;
            } else {
                assert_eq!(exploration.failure, None, "{program:?}");
                assert_eq!(outcomes, expected.outcomes, "{program:?}");
                assert!(exploration.executions >= expected.traces.len() as u64, "{program:?}");
                ended += 1;
            }
        }
    }
    assert!(ended > 50 && stuck > 50, "{ended} ended, {stuck} are stuck");
}

/// A lock that is blocked by a task which is blocked by a task that sleeps: the execution is given up before the
/// lock is taken, and its race with the blocking one must be seen nevertheless.
#[test]
fn race_of_a_lock_that_is_never_taken() {
    let program = vec![
        vec![Step::Guarded(0, 0), Step::Nested(0, 1)],
        vec![Step::Guarded(0, 0), Step::Guarded(0, 1)],
        vec![Step::Add(0, 1), Step::Guarded(1, 1)],
    ];
    assert_eq!(compare(&program).executions, 52);
}
