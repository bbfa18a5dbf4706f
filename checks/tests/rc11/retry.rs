//! Recognised retry loops: what is left out is covered by what is left.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, SeqCst};
use std::sync::{Arc, Mutex as StdMutex};

use cancelproof::engine::rc11::{Options, explore, witnesses};
use cancelproof::executor::Controlled;
use cancelproof::exploration::{Exploration, Extent};
use cancelproof::model::runtime::{Atomic, JoinHandle, Runtime};

type Word = <Controlled as Runtime>::AtomicU32;

/// What the threads of one execution returned, and the final value of the word.
type Outcome = (Vec<u32>, u32);

/// What one thread does with the two words.
type Thread = fn(&Word, &Word) -> u32;

/// The outcomes of `threads`, each given the word, and how many executions led to them.
fn outcomes(retry_loops: bool, threads: &[Thread]) -> (BTreeSet<Outcome>, Exploration) {
    let found = Arc::new(StdMutex::new(BTreeSet::new()));
    let set = Arc::clone(&found);
    let options = Options { retry_loops, ..Options::default() };
    let exploration = explore(&options, body(threads.to_vec(), set));
    assert_eq!(exploration.failure, None);
    assert_eq!(exploration.extent, Extent::Exhausted);
    let found = found.lock().expect("nothing panics inside").clone();
    (found, exploration)
}

/// Runs the threads, and notes what came of them.
fn body(threads: Vec<Thread>, set: Arc<StdMutex<BTreeSet<Outcome>>>) -> impl Fn() + Send + Sync + 'static {
    move || {
        let words = Arc::new([0, 0].map(<Word as Atomic<u32>>::new));
        let start = |thread: &Thread| {
            let (thread, words) = (*thread, Arc::clone(&words));
            Controlled::spawn(move || thread(&words[0], &words[1]))
        };
        let handles: Vec<_> = threads.iter().map(start).collect();
        let results = handles.into_iter().map(JoinHandle::join).collect();
        let last = words[0].load(Relaxed);
        set.lock().expect("nothing panics inside").insert((results, last));
    }
}

/// Recognition keeps every outcome. Returns the executions without and with it.
#[track_caller]
fn assert_outcomes_kept(threads: &[Thread]) -> (u64, u64) {
    let (all, whole) = outcomes(false, threads);
    let (kept, part) = outcomes(true, threads);
    assert_eq!(all, kept);
    (whole.executions, part.executions)
}

/// Adds 1 by a loop that goes on with the value found.
fn add_by_value_found(word: &Word, _: &Word) -> u32 {
    let mut found = word.load(Acquire);
    loop {
        match word.compare_exchange(found, found + 1, AcqRel, Acquire) {
            Ok(before) => return before,
            Err(other) => found = other,
        }
    }
}

/// Adds 1 by a loop that loads again.
fn add_by_loading_again(word: &Word, _: &Word) -> u32 {
    loop {
        let found = word.load(Relaxed);
        if word.compare_exchange(found, found + 1, AcqRel, Relaxed).is_ok() {
            return found;
        }
    }
}

/// Sets the word from 0 to 1 and back, so that a value returns.
fn there_and_back(word: &Word, _: &Word) -> u32 {
    word.fetch_add(1, AcqRel);
    word.fetch_sub(1, AcqRel)
}

/// Doubles until the value is large, and then leaves without a write.
fn double_until_large(word: &Word, _: &Word) -> u32 {
    let mut found = word.load(Acquire);
    while found < 3 {
        match word.compare_exchange(found, found * 2 + 1, AcqRel, Acquire) {
            Ok(before) => return before,
            Err(other) => found = other,
        }
    }
    100 + found
}

/// Gives up after two failures: a failed turn leaves something behind.
fn give_up_after_two(word: &Word, _: &Word) -> u32 {
    let mut found = word.load(Acquire);
    for _ in 0..2 {
        match word.compare_exchange(found, found + 1, AcqRel, Acquire) {
            Ok(before) => return before,
            Err(other) => found = other,
        }
    }
    200 + found
}

/// No loop at all: what a failure means is not what a loaded value means.
fn try_once(word: &Word, _: &Word) -> u32 {
    let found = word.load(Acquire);
    if found > 1 {
        return 300;
    }
    word.compare_exchange(found, found + 1, AcqRel, Acquire).unwrap_or(400)
}

/// Publishes in the other word that a turn has failed.
fn tell_of_failures(word: &Word, other: &Word) -> u32 {
    let mut found = word.load(Acquire);
    loop {
        match word.compare_exchange(found, found + 1, AcqRel, Acquire) {
            Ok(before) => return before,
            Err(value) => found = value,
        }
        other.fetch_add(1, Relaxed);
    }
}

fn read_other(_: &Word, other: &Word) -> u32 {
    other.load(Relaxed)
}

/// Loads with more than a failure gives.
fn strong_load(word: &Word, other: &Word) -> u32 {
    let mut found = word.load(SeqCst);
    loop {
        match word.compare_exchange(found, found + 1, SeqCst, Relaxed) {
            Ok(_) => return other.load(Relaxed),
            Err(value) => found = value,
        }
    }
}

/// Overwrites whatever is there.
fn store_three(word: &Word, _: &Word) -> u32 {
    word.store(3, Ordering::Release);
    0
}

fn store_other_and_add(word: &Word, other: &Word) -> u32 {
    other.store(7, Relaxed);
    word.fetch_add(1, Ordering::Release)
}

#[test]
fn failed_turns_do_not_multiply() {
    assert_eq!(assert_outcomes_kept(&[add_by_value_found, add_by_value_found]).1, 2);
    assert_eq!(assert_outcomes_kept(&[add_by_value_found, add_by_value_found, add_by_value_found]).1, 6);
    assert_eq!(
        assert_outcomes_kept(&[add_by_loading_again, add_by_loading_again, add_by_loading_again]).1,
        6
    );
}

#[test]
fn a_value_that_returns_is_not_lost() {
    assert_outcomes_kept(&[add_by_value_found, there_and_back]);
    assert_outcomes_kept(&[add_by_value_found, there_and_back, add_by_value_found]);
    assert_outcomes_kept(&[add_by_loading_again, there_and_back, there_and_back]);
    assert_outcomes_kept(&[double_until_large, there_and_back, add_by_value_found]);
}

#[test]
fn a_loop_that_leaves_after_a_failure_is_recognised_as_well() {
    let (whole, part) = assert_outcomes_kept(&[double_until_large, double_until_large, double_until_large]);
    assert!(part < whole, "{part} of {whole}");
}

#[test]
fn a_turn_that_leaves_something_behind_is_explored() {
    assert_outcomes_kept(&[give_up_after_two, add_by_value_found, add_by_value_found]);
    assert_outcomes_kept(&[give_up_after_two, there_and_back]);
    assert_outcomes_kept(&[try_once, add_by_value_found]);
    assert_outcomes_kept(&[try_once, try_once, there_and_back]);
    assert_outcomes_kept(&[tell_of_failures, add_by_value_found, read_other]);
}

#[test]
fn a_load_that_acquires_more_than_a_failure_is_not_replaced_by_it() {
    assert_outcomes_kept(&[strong_load, store_other_and_add]);
    assert_outcomes_kept(&[strong_load, store_other_and_add, store_other_and_add]);
}

/// Every three of these threads together.
#[test]
fn outcomes_are_kept_for_every_three_of_the_threads() {
    let threads: [Thread; 7] = [
        add_by_value_found,
        add_by_loading_again,
        there_and_back,
        double_until_large,
        give_up_after_two,
        try_once,
        store_three,
    ];
    for (first, one) in threads.iter().enumerate() {
        for (second, two) in threads.iter().enumerate().skip(first) {
            for three in &threads[second..] {
                assert_outcomes_kept(&[*one, *two, *three]);
            }
        }
    }
}

/// What is explored is exactly what has no failed turn, each once.
#[test]
fn executions_without_a_failed_turn_are_explored_once_each() {
    let threads: [Thread; 3] = [add_by_value_found, add_by_loading_again, there_and_back];
    for one in threads {
        for two in threads {
            for three in threads {
                let chosen = vec![one, two, three];
                let without = StdMutex::new(0_u64);
                // Without a failed turn each of these threads performs two operations.
                let whole =
                    witnesses(&Options::default(), body(chosen.clone(), Arc::default()), &|witness| {
                        let is_without = witness.threads[1..].iter().all(|thread| thread.len() == 2);
                        *without.lock().expect("nothing panics inside") += u64::from(is_without);
                    });
                assert_eq!(whole.extent, Extent::Exhausted);
                let (_, part) = outcomes(true, &chosen);
                assert_eq!(part.executions, *without.lock().expect("nothing panics inside"));
            }
        }
    }
}
