//! The reduced searches against the whole ones, over random programs of a main thread and two others.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use std::sync::{Arc, Mutex};

use cancelproof_runtime::{Atomic, JoinHandle, Runtime};

use super::*;
use crate::engine::{loom, shuttle};
use crate::exploration::{Exploration, Extent};
use crate::platform::{Loom, Shuttle};

/// An operation on one of two atomics.
#[derive(Clone, Copy, Debug)]
enum Operation {
    Load(usize),
    Swap(usize, u8),
    Add(usize),
    CompareExchange(usize, u8, u8),
}

/// What main and two others do.
type Threads = [Vec<Operation>; 3];

/// What each thread has read.
type Reads = [Vec<u8>; 3];

/// Numbers that follow from a seed.
struct Draws(u64);

impl Draws {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn operation(&mut self) -> Operation {
        let word = self.below(2);
        match self.below(4) {
            0 => Operation::Load(word),
            1 => Operation::Swap(word, self.below(3) as u8 + 1),
            2 => Operation::Add(word),
            _ => Operation::CompareExchange(word, self.below(3) as u8, self.below(3) as u8 + 4),
        }
    }

    fn operations(&mut self, most: usize) -> Vec<Operation> {
        (0..=self.below(most)).map(|_| self.operation()).collect()
    }
}

fn perform<R: Runtime>(words: &[R::AtomicU8; 2], operations: &[Operation]) -> Vec<u8> {
    let one = |operation: &Operation| match *operation {
        Operation::Load(word) => words[word].load(Acquire),
        Operation::Swap(word, value) => words[word].swap(value, Relaxed),
        Operation::Add(word) => words[word].fetch_add(1, AcqRel),
        Operation::CompareExchange(word, expected, new) => {
            words[word].compare_exchange(expected, new, AcqRel, Relaxed).unwrap_or_else(|found| found)
        }
    };
    operations.iter().map(one).collect()
}

fn run<R: Runtime>(threads: &Threads) -> Reads {
    let words = Arc::new([R::AtomicU8::new(0), R::AtomicU8::new(0)]);
    let handles: Vec<_> = [1, 2]
        .into_iter()
        .map(|thread| {
            let (words, operations) = (Arc::clone(&words), threads[thread].clone());
            spawning(thread);
            R::spawn(move || {
                begins(thread);
                perform::<R>(&words, &operations)
            })
        })
        .collect();
    let of_main = perform::<R>(&words, &threads[0]);
    only_joins_are_left();
    let of_others: Vec<Vec<u8>> = handles.into_iter().map(JoinHandle::join).collect();
    all_have_ended();
    let [first, second] = of_others.try_into().expect("two threads were spawned");
    [of_main, first, second]
}

/// What every thread can read, and in how many executions that was found out.
fn reads(told: Told, threads: &Threads, is_reduced: bool) -> (BTreeSet<Reads>, u64) {
    let reads = Arc::new(Mutex::new(BTreeSet::new()));
    let twins = Twins::new(vec![None, None, Some(1)]);
    let (threads, kept) = (threads.clone(), Arc::clone(&reads));
    let body = move |run: fn(&Threads) -> Reads| {
        if is_reduced {
            begin(told, &twins);
        }
        let found = run(&threads);
        kept.lock().expect("nobody panics").insert(found);
    };
    let Exploration { extent, executions, .. } = if told == Told::Loom {
        loom::explore(loom::Options::default(), move || body(run::<Loom>))
    } else {
        let options = shuttle::Options::default();
        shuttle::explore(shuttle::Strategy::DepthFirst, options, move || body(run::<Shuttle>))
    };
    assert_eq!(extent, Extent::Exhausted);
    let reads = reads.lock().expect("nobody panics").clone();
    (reads, executions)
}

/// With what the two others have read in each other's place.
fn mirrored(reads: BTreeSet<Reads>) -> BTreeSet<Reads> {
    let swapped: Vec<Reads> = reads.iter().cloned().map(|[main, one, other]| [main, other, one]).collect();
    reads.into_iter().chain(swapped).collect()
}

/// Compares random programs in which the others do the same, and returns all executions with and without the reduction.
fn compare(told: Told, programs: u64) -> (u64, u64) {
    let (mut reduced, mut whole) = (0, 0);
    for seed in 0..programs {
        let mut draws = Draws(seed);
        let (of_main, of_others) = (draws.operations(2), draws.operations(3));
        let threads = [of_main, of_others.clone(), of_others];
        let (some, fewer) = reads(told, &threads, true);
        let (all, more) = reads(told, &threads, false);
        assert_eq!(mirrored(some), all, "{threads:?}");
        (reduced, whole) = (reduced + fewer, whole + more);
    }
    (reduced, whole)
}

#[test]
fn loom_finds_everything_with_twins_in_one_order() {
    let (reduced, whole) = compare(Told::Loom, 50);
    assert!(reduced * 10 < whole * 9, "{reduced} of {whole}");
}

#[test]
fn shuttle_finds_everything_with_twins_in_one_order_and_joins_at_once() {
    let (reduced, whole) = compare(Told::Shuttle, 150);
    assert!(reduced * 2 < whole, "{reduced} of {whole}");
}

/// What would go wrong if threads were called twins that are none: the comparison above would not pass. (shuttle only asks who
/// begins first, which shows in no read.)
#[test]
fn twins_that_are_none_are_missed() {
    let threads =
        [vec![Operation::Load(0)], vec![Operation::Swap(0, 1)], vec![Operation::CompareExchange(0, 0, 5)]];
    let (some, _) = reads(Told::Loom, &threads, true);
    let (all, _) = reads(Told::Loom, &threads, false);
    assert_ne!(mirrored(some), mirrored(all));
}

/// What every thread can read, and main once it has waited for the others, with joins of loom's own or of the platform's.
fn reads_with_joins(threads: &Threads, are_looms_own: bool) -> (BTreeSet<Reads>, u64) {
    let reads = Arc::new(Mutex::new(BTreeSet::new()));
    let (threads, kept) = (threads.clone(), Arc::clone(&reads));
    let body = move || {
        let words = Arc::new([(); 2].map(|()| <Loom as Runtime>::AtomicU8::new(0)));
        let acting = |thread: usize| {
            let (words, operations) = (Arc::clone(&words), threads[thread].clone());
            move || perform::<Loom>(&words, &operations)
        };
        let looms_own = |thread: usize| ::loom::thread::spawn(acting(thread));
        let (of_others, mut of_main): (Vec<Vec<u8>>, Vec<u8>) = if are_looms_own {
            let handles = [1, 2].map(looms_own);
            let of_main = acting(0)();
            (handles.into_iter().map(|handle| handle.join().expect("nobody panics")).collect(), of_main)
        } else {
            let handles = [1, 2].map(|thread| Loom::spawn(acting(thread)));
            let of_main = acting(0)();
            (handles.into_iter().map(JoinHandle::join).collect(), of_main)
        };
        // What the others have done comes before this.
        of_main.extend(perform::<Loom>(&words, &[Operation::Load(0), Operation::Load(1)]));
        let [first, second] = of_others.try_into().expect("two threads were spawned");
        kept.lock().expect("nobody panics").insert([of_main, first, second]);
    };
    let Exploration { extent, executions, .. } = loom::explore(loom::Options::default(), body);
    assert_eq!(extent, Extent::Exhausted);
    let reads = reads.lock().expect("nobody panics").clone();
    (reads, executions)
}

#[test]
fn loom_finds_everything_with_joins_that_are_no_operation() {
    let (mut ours, mut theirs) = (0, 0);
    for seed in 0..40 {
        let mut draws = Draws(seed);
        let threads = [draws.operations(2), draws.operations(2), draws.operations(2)];
        let (some, fewer) = reads_with_joins(&threads, false);
        let (all, more) = reads_with_joins(&threads, true);
        assert_eq!(some, all, "{threads:?}");
        (ours, theirs) = (ours + fewer, theirs + more);
    }
    assert!(ours * 10 < theirs * 9, "{ours} of {theirs}");
}

#[test]
fn twins_exchange_their_names_with_each_other_only() {
    let twins = Twins::new(vec![None, None, Some(1), None, Some(2)]);
    let names = twins.names();
    assert_eq!(names.len(), 6);
    assert_eq!(names[0], [0, 1, 2, 3, 4]);
    assert!(names.contains(&vec![0, 4, 1, 3, 2]));
    assert!(names.iter().all(|way| way[0] == 0 && way[3] == 3));
    assert_eq!(Twins::new(vec![None, None]).names(), [[0, 1]]);
}
