//! Programs drawn at random whose threads spin without a yield, against a search of their states that shares nothing with the
//! engines: the same outcomes, and a failure where a thread can wait for ever.

use core::sync::atomic::Ordering::{AcqRel, Acquire, Release};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use cancelproof::engine::dpor;
use cancelproof::executor::Controlled;
use cancelproof::exploration::{Exploration, Extent, FailureKind};
use cancelproof::model::runtime::{Atomic, JoinHandle, Runtime};

/// Two words, and a lock behind them.
const WORDS: usize = 3;
const LOCK: usize = 2;

#[derive(Clone, Copy, Debug)]
enum Code {
    Load(usize),
    Store(usize, u32),
    Add(usize),
    /// Looks until the word has this value.
    Await(usize, u32),
    /// Looks at both words in turn until one is not zero.
    Either,
    /// Adds one to a word, in two steps, under the lock.
    Locked(Take, usize),
}

#[derive(Clone, Copy, Debug)]
enum Take {
    ByExchange,
    BySwap,
    LooksFirst,
    TriesFirst,
}

type Program = Vec<Vec<Code>>;
/// What each thread has read, and what the words hold at the end.
type Outcome = (Vec<Vec<u32>>, [u32; WORDS]);

/// The generator of Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % end
    }

    fn code(&mut self) -> Code {
        let word = self.below(2) as usize;
        match self.below(8) {
            0 => Code::Load(word),
            1 | 2 => Code::Store(word, 1 + self.below(2) as u32),
            3 => Code::Add(word),
            4 => Code::Await(word, 1 + self.below(2) as u32),
            5 => Code::Either,
            _ => {
                let takes = [Take::ByExchange, Take::BySwap, Take::LooksFirst, Take::TriesFirst];
                Code::Locked(takes[self.below(4) as usize], word)
            }
        }
    }

    fn program(&mut self) -> Program {
        let threads = 2 + self.below(2);
        (0..threads).map(|_| (0..=self.below(3)).map(|_| self.code()).collect()).collect()
    }
}

/// One thread in the search of states: its place, the step within that, and what it has read.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    next: usize,
    step: u32,
    held: u32,
    read: Vec<u32>,
}

/// The next state of a thread that goes on by one step; `None` if it waits.
fn step(code: Code, place: &Place, words: &[u32; WORDS]) -> Option<(Place, [u32; WORDS])> {
    let (mut place, mut words) = (place.clone(), *words);
    let mut ends = true;
    match code {
        Code::Load(word) => place.read.push(words[word]),
        Code::Store(word, value) => words[word] = value,
        Code::Add(word) => {
            place.read.push(words[word]);
            words[word] += 1;
        }
        Code::Await(word, value) => {
            if words[word] != value {
                return None;
            }
        }
        Code::Either => {
            let looked_at = place.step as usize;
            ends = words[looked_at] != 0;
            if ends {
                place.read.push(place.step);
            } else {
                place.step = 1 - place.step;
            }
        }
        Code::Locked(_, word) => {
            ends = place.step == 3;
            match place.step {
                0 if words[LOCK] == 1 => return None,
                0 => words[LOCK] = 1,
                1 => place.held = words[word],
                2 => words[word] = place.held + 1,
                _ => words[LOCK] = 0,
            }
            place.step += 1;
        }
    }
    if ends {
        place.next += 1;
        (place.step, place.held) = (0, 0);
    }
    Some((place, words))
}

/// All outcomes of the program, and whether its threads can come to wait for ever.
fn by_states(program: &Program) -> (BTreeSet<Outcome>, bool) {
    let start = (vec![Place::default(); program.len()], [0; WORDS]);
    let mut seen = BTreeSet::from([start.clone()]);
    let mut left = vec![start];
    let (mut outcomes, mut is_stuck) = (BTreeSet::new(), false);
    while let Some((places, words)) = left.pop() {
        let unfinished: Vec<_> =
            (0..places.len()).filter(|&thread| places[thread].next < program[thread].len()).collect();
        if unfinished.is_empty() {
            outcomes.insert((places.iter().map(|place| place.read.clone()).collect(), words));
            continue;
        }
        let mut goes_on = false;
        for thread in unfinished {
            let place = &places[thread];
            let Some((next, changed)) = step(program[thread][place.next], place, &words) else { continue };
            let looks_in_vain =
                matches!(program[thread][place.next], Code::Either) && words[0] == 0 && words[1] == 0;
            goes_on |= !looks_in_vain;
            let mut places = places.clone();
            places[thread] = next;
            if seen.insert((places.clone(), changed)) {
                left.push((places, changed));
            }
        }
        is_stuck |= !goes_on;
    }
    (outcomes, is_stuck)
}

type Words<R> = Arc<[<R as Runtime>::AtomicU32; WORDS]>;

fn take<R: Runtime>(words: &Words<R>, how: Take) {
    let lock = &words[LOCK];
    let tries = || lock.compare_exchange(0, 1, Acquire, Acquire).is_ok();
    match how {
        Take::ByExchange => while !tries() {},
        Take::BySwap => while lock.swap(1, Acquire) == 1 {},
        Take::LooksFirst => loop {
            while lock.load(Acquire) == 1 {}
            if tries() {
                break;
            }
        },
        Take::TriesFirst => {
            while !tries() {
                while lock.load(Acquire) == 1 {}
            }
        }
    }
}

fn run<R: Runtime>(words: &Words<R>, code: &[Code]) -> Vec<u32> {
    let mut read = Vec::new();
    for code in code {
        match *code {
            Code::Load(word) => read.push(words[word].load(Acquire)),
            Code::Store(word, value) => words[word].store(value, Release),
            Code::Add(word) => read.push(words[word].fetch_add(1, AcqRel)),
            Code::Await(word, value) => while words[word].load(Acquire) != value {},
            Code::Either => loop {
                if words[0].load(Acquire) != 0 {
                    read.push(0);
                    break;
                }
                if words[1].load(Acquire) != 0 {
                    read.push(1);
                    break;
                }
            },
            Code::Locked(how, word) => {
                take::<R>(words, how);
                let held = words[word].load(Acquire);
                words[word].store(held + 1, Release);
                words[LOCK].store(0, Release);
            }
        }
    }
    read
}

fn by_dpor(program: &Program, options: &dpor::Options) -> (BTreeSet<Outcome>, Exploration) {
    let outcomes: Arc<Mutex<BTreeSet<Outcome>>> = Arc::default();
    let (kept, program) = (Arc::clone(&outcomes), program.clone());
    let exploration = dpor::explore(options, move || {
        let words: Words<Controlled> = Arc::new(core::array::from_fn(|_| Atomic::new(0)));
        let others: Vec<_> = program[1..]
            .iter()
            .map(|code| {
                let (words, code) = (Arc::clone(&words), code.clone());
                Controlled::spawn(move || run::<Controlled>(&words, &code))
            })
            .collect();
        let mut read = vec![run::<Controlled>(&words, &program[0])];
        read.extend(others.into_iter().map(JoinHandle::join));
        let held = core::array::from_fn(|word| words[word].load(Acquire));
        kept.lock().unwrap_or_else(PoisonError::into_inner).insert((read, held));
    });
    let outcomes = outcomes.lock().unwrap_or_else(PoisonError::into_inner).clone();
    (outcomes, exploration)
}

/// Compares so many programs. Returns how many of them can get stuck, and how many were given up after too many executions.
fn compare(seed: u64, programs: u64) -> (u64, u64) {
    let mut random = Random(seed);
    let (mut stuck, mut given_up) = (0, 0);
    let options = dpor::Options { executions: Some(3_000), ..dpor::Options::default() };
    for number in 0..programs {
        let program = random.program();
        let (truth, is_stuck) = by_states(&program);
        let (reached, exploration) = by_dpor(&program, &options);
        let told = format!("program {number}: {program:?}, {exploration:?}");
        stuck += u64::from(is_stuck);
        match exploration.failure.map(|failure| failure.kind) {
            Some(FailureKind::Unbounded { cycle: true, .. } | FailureKind::Deadlock { .. }) => {
                assert!(is_stuck, "{told}");
            }
            Some(other) => panic!("{other:?}: {told}"),
            None if exploration.extent == Extent::Exhausted => {
                assert!(!is_stuck, "{told}");
                assert_eq!(reached, truth, "{told}");
            }
            None => {
                assert!(reached.is_subset(&truth), "{told}");
                given_up += 1;
            }
        }
    }
    (stuck, given_up)
}

#[test]
fn drawn_programs_that_spin_have_the_outcomes_of_their_states() {
    assert_eq!(compare(1, 100), (38, 1));
}

/// The write that lets a thread wait for ever comes after looks of another thread, and before the last write that the first would see.
#[test]
fn a_thread_that_spins_for_ever_is_found_behind_other_work() {
    let program = vec![
        vec![Code::Add(1)],
        vec![Code::Load(0), Code::Load(0), Code::Load(0), Code::Store(1, 1)],
        vec![Code::Await(1, 1)],
    ];
    assert!(by_states(&program).1);
    let failure = by_dpor(&program, &dpor::Options::default()).1.failure.expect("it is stuck").kind;
    assert!(matches!(failure, FailureKind::Unbounded { cycle: true, .. }), "{failure:?}");
}
