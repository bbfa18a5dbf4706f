//! What loom offers and this engine does not use, and the smallest programs that say why.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use cancelproof_runtime::{JoinHandle, Runtime};

use super::builder;
use crate::platform::Loom;

/// In which orders threads come to one atomic, each by its letter, with the executions that loom ran.
type Orders = (BTreeSet<String>, usize);

/// Explores threads that each add to one atomic so many times, and nothing else.
fn orders(threads: usize, steps: usize, preemptions: Option<usize>) -> Orders {
    let (orders, executions) = (Arc::new(Mutex::new(BTreeSet::new())), Arc::new(AtomicUsize::new(0)));
    let mut builder = builder();
    builder.preemption_bound = preemptions;
    let (found, counted) = (Arc::clone(&orders), Arc::clone(&executions));
    builder.check(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        let word = Arc::new(loom::sync::atomic::AtomicU8::new(0));
        let order = Arc::new(Mutex::new(String::new()));
        let handles: Vec<_> = (0..threads)
            .map(|thread| {
                let (word, order) = (Arc::clone(&word), Arc::clone(&order));
                loom::thread::spawn(move || {
                    for _ in 0..steps {
                        word.fetch_add(1, SeqCst);
                        order.lock().expect("nobody panics").push(char::from(b'a' + thread as u8));
                    }
                })
            })
            .collect();
        for handle in handles {
            handle.join().expect("nobody panics");
        }
        let order = order.lock().expect("nobody panics").clone();
        found.lock().expect("nobody panics").insert(order);
    });
    let orders = orders.lock().expect("nobody panics").clone();
    (orders, executions.load(Ordering::Relaxed))
}

/// The orders among `all` in which at most so many threads are left that had not ended.
fn with_preemptions(all: &BTreeSet<String>, most: usize) -> BTreeSet<String> {
    let preemptions = |order: &String| {
        let threads = order.as_bytes();
        let is_left = |place: &usize| {
            threads[*place] != threads[place + 1] && threads[place + 1..].contains(&threads[*place])
        };
        (0..threads.len() - 1).filter(is_left).count()
    };
    all.iter().filter(|order| preemptions(order) <= most).cloned().collect()
}

/// Two threads of one step each can come in two orders, and in both neither is left before it has ended; loom finds one. So
/// nothing could be said of an exploration with a bound.
#[test]
fn looms_bound_on_preemptions_leaves_out_runs_without_any() {
    let (all, _) = orders(2, 1, None);
    assert_eq!(with_preemptions(&all, 0).len(), 2);
    assert_eq!(orders(2, 1, Some(0)), (BTreeSet::from(["ab".to_owned()]), 1));
}

/// Nor is it a matter of the smallest bound, or of too few executions.
#[test]
fn of_the_runs_within_looms_bound_some_are_missing_for_larger_bounds_too() {
    for (threads, steps, bound) in [(2, 2, 1), (2, 3, 2), (3, 1, 1), (3, 2, 3)] {
        let (all, _) = orders(threads, steps, None);
        let (found, executions) = orders(threads, steps, Some(bound));
        let within = with_preemptions(&all, bound);
        assert!(!found.is_superset(&within), "{threads} threads, {steps} steps, bound {bound}");
        assert!(executions >= found.len());
    }
}

/// Two threads swap, and when both have their answers loom is told to explore no more, or is not. Then each may add to a second
/// atomic. How many executions loom runs.
fn answered(is_told: bool, goes_on: bool) -> usize {
    let executions = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&executions);
    builder().check(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        let words = Arc::new([0, 0].map(loom::sync::atomic::AtomicU8::new));
        let answers = Arc::new(AtomicUsize::new(0));
        let handles = [(); 2].map(|()| {
            let (words, answers) = (Arc::clone(&words), Arc::clone(&answers));
            Loom::spawn(move || {
                words[0].swap(1, SeqCst);
                if answers.fetch_add(1, Ordering::Relaxed) == 1 && is_told {
                    loom::stop_exploring();
                }
                if goes_on {
                    words[1].fetch_add(1, SeqCst);
                }
            })
        });
        handles.into_iter().for_each(JoinHandle::join);
    });
    executions.load(Ordering::Relaxed)
}

/// After the last answer the harness has no operation left: threads end, and are joined without one.
#[test]
fn to_stop_exploring_saves_only_what_follows_and_nothing_follows_the_last_answer() {
    assert_eq!(answered(true, false), answered(false, false));
    assert!(answered(true, true) < answered(false, true));
}
