//! Code that keeps addresses in its atomics and compares them: an address means one allocation in an execution, and the
//! same one in each execution with the same decisions.

use core::ptr;
use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use cancelproof::arena;
use cancelproof::engine::{dpor, rc11};
use cancelproof::exploration::{Exploration, Extent, Failure, FailureKind};
use cancelproof::sync::controlled::atomic::{AtomicPtr, AtomicUsize};
use cancelproof::thread::controlled as thread;

type Explore = fn(Box<dyn Fn() + Send + Sync>) -> Exploration;

const ENGINES: [Explore; 2] = [
    |body| dpor::explore(&dpor::Options::default(), body),
    |body| rc11::explore(&rc11::Options::default(), body),
];

/// The outcomes that each engine finds, in all of its executions.
fn outcomes(program: fn() -> String) -> [BTreeSet<String>; 2] {
    ENGINES.map(|explore| {
        let outcomes: Arc<Mutex<BTreeSet<String>>> = Arc::default();
        let kept = Arc::clone(&outcomes);
        let exploration = explore(Box::new(move || {
            let outcome = program();
            arena::outside(|| kept.lock().unwrap().insert(outcome.clone()));
        }));
        assert_eq!((exploration.failure, exploration.extent), (None, Extent::Exhausted));
        outcomes.lock().unwrap().clone()
    })
}

fn set(outcomes: &[&str]) -> BTreeSet<String> {
    outcomes.iter().map(|&outcome| outcome.to_owned()).collect()
}

/// Puts a box in place of the one that is there, and frees that. Nobody looks into a box but its owner, so an address is
/// all that the threads have of each other's.
fn replace(slot: &AtomicPtr<u64>, value: u64) -> bool {
    let mine = Box::into_raw(Box::new(value));
    let seen = slot.load(Acquire);
    let (free, replaced) = match slot.compare_exchange(seen, mine, AcqRel, Acquire) {
        Ok(before) => (before, true),
        Err(_) => (mine, false),
    };
    if !free.is_null() {
        // SAFETY: whoever takes an address out of the slot, or did not put it there, is its only owner.
        drop(unsafe { Box::from_raw(free) });
    }
    replaced
}

/// With a freed address handed out again, a compare-exchange would succeed that must fail.
fn threads_replace() -> String {
    let slot = Arc::new(AtomicPtr::<u64>::new(ptr::null_mut()));
    let threads = [1, 2].map(|value| {
        let slot = Arc::clone(&slot);
        thread::spawn(move || [replace(&slot, value), replace(&slot, value + 10)])
    });
    let replaced = threads.map(|thread| thread.join().unwrap());
    let last = slot.load(Acquire);
    // SAFETY: the threads have ended, and each address in the slot has one owner.
    let last = unsafe { Box::from_raw(last) };
    let failed = replaced.iter().flatten().filter(|replaced| !**replaced).count();
    // Each thread fails only because of a success of the other between its own two steps.
    assert!(failed <= 2, "{replaced:?}");
    format!("{failed} failed, {last} is there")
}

#[test]
fn an_address_that_was_freed_is_not_the_address_of_another() {
    let [dpor, rc11] = outcomes(threads_replace);
    assert_eq!(dpor, rc11);
    assert!(dpor.contains("0 failed, 11 is there") && dpor.contains("2 failed, 11 is there"), "{dpor:?}");
}

struct Node {
    value: u64,
    next: *mut Node,
}

/// A stack whose elements are boxed, and which is emptied as a whole.
struct Stack(AtomicPtr<Node>);

impl Stack {
    fn push(&self, value: u64) {
        let node = Box::into_raw(Box::new(Node { value, next: ptr::null_mut() }));
        let mut head = self.0.load(Relaxed);
        loop {
            // SAFETY: nobody else has the node before it is on the stack.
            unsafe { (*node).next = head };
            match self.0.compare_exchange(head, node, Release, Relaxed) {
                Ok(_) => return,
                Err(other) => head = other,
            }
        }
    }

    fn take_all(&self) -> Vec<u64> {
        let mut values = Vec::new();
        let mut next = self.0.swap(ptr::null_mut(), AcqRel);
        while !next.is_null() {
            // SAFETY: whoever takes the head out has all the nodes below it.
            let node = unsafe { Box::from_raw(next) };
            values.push(node.value);
            next = node.next;
        }
        values
    }
}

fn threads_push() -> String {
    let stack = Arc::new(Stack(AtomicPtr::new(ptr::null_mut())));
    let threads = [1, 2].map(|value| {
        let stack = Arc::clone(&stack);
        thread::spawn(move || stack.push(value))
    });
    let early = stack.take_all();
    for thread in threads {
        thread.join().unwrap();
    }
    format!("{early:?} {:?}", stack.take_all())
}

#[test]
fn a_stack_of_boxes_is_proved() {
    let truth = ["[] [1, 2]", "[] [2, 1]", "[1] [2]", "[2] [1]", "[1, 2] []", "[2, 1] []"];
    assert_eq!(outcomes(threads_push), [set(&truth), set(&truth)]);
}

/// What an address is used for beside comparing: the order of two allocations, and numbers made of them.
#[test]
fn numbers_made_of_addresses_are_the_same_in_each_execution() {
    let [dpor, rc11] = outcomes(|| {
        let (one, two) = (Box::new(1_u64), Box::new(2_u64));
        let word = AtomicUsize::new(ptr::from_ref(&*one).addr());
        let is_lower = ptr::from_ref(&*one).addr() < ptr::from_ref(&*two).addr();
        let copy = Arc::new(word);
        let other = Arc::clone(&copy);
        let thread = thread::spawn(move || other.fetch_xor(0xff, AcqRel));
        let seen = copy.load(Acquire);
        let before = thread.join().unwrap();
        format!("{is_lower} {}", seen == before)
    });
    assert_eq!(dpor, rc11);
    assert_eq!(dpor, set(&["true false", "true true"]));
}

/// What an address is freed by twice fails the execution that does it, and no other; the process goes on.
#[test]
fn a_node_that_two_threads_free_is_told() {
    for explore in ENGINES {
        let exploration = explore(Box::new(|| {
            let slot = Arc::new(AtomicPtr::new(Box::into_raw(Box::new(5_u64))));
            let other = Arc::clone(&slot);
            // Either looks and then takes out; it should have taken by one swap.
            let take = |slot: &AtomicPtr<u64>| {
                let seen = slot.load(Acquire);
                slot.store(ptr::null_mut(), Release);
                if !seen.is_null() {
                    // SAFETY: wrong if the other thread has seen it as well, which is what is to be told.
                    drop(unsafe { Box::from_raw(core::hint::black_box(seen)) });
                }
            };
            let thread = thread::spawn(move || take(&other));
            take(&slot);
            thread.join().unwrap();
        }));
        let Some(Failure { kind: FailureKind::Panic { message }, .. }) = &exploration.failure else {
            panic!("{exploration:?}");
        };
        assert!(message.starts_with("double free: a block of 8 bytes"), "{message}");
        assert!(message.matches("addresses.rs").count() == 2, "both lines are named: {message}");
    }
}
