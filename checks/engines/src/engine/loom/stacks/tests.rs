use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use cancelproof_runtime::{Atomic, JoinHandle, Runtime};

use super::*;
use crate::engine::loom::{Options, explore};
use crate::exploration::Extent;
use crate::platform::Loom;

/// Two threads beside main add to one atomic.
fn adds() {
    type Word = <Loom as Runtime>::AtomicU8;
    let word = Arc::new(<Word as Atomic<u8>>::new(0));
    let handles = [(); 2].map(|()| {
        let word = Arc::clone(&word);
        Loom::spawn(move || word.fetch_add(1, Relaxed))
    });
    assert_eq!(handles.map(JoinHandle::join).iter().sum::<u8>(), 1);
}

#[test]
fn later_executions_have_the_stacks_of_earlier_ones_and_nothing_is_left() {
    let before = AGAIN.get();
    let exploration = explore(Options::default(), adds);
    assert_eq!(exploration.extent, Extent::Exhausted);
    let again = AGAIN.get() - before;
    if cfg!(all(target_os = "linux", target_env = "gnu")) {
        // Three threads in each execution but the first.
        assert!(
            again >= 3 * (exploration.executions - 1),
            "{again} in {} executions",
            exploration.executions
        );
    }
    assert_eq!((IS_KEEPING.get(), STACKS.get()), (false, [None; STACKS_MAX]));
}

#[test]
fn a_panic_on_a_stack_leaves_none_behind_and_the_next_exploration_is_whole() {
    let failed = explore(Options::default(), || {
        Loom::spawn(|| panic!("on a stack of its own")).join();
    });
    assert!(failed.failure.is_some());
    assert_eq!((IS_KEEPING.get(), STACKS.get()), (false, [None; STACKS_MAX]));
    assert_eq!(explore(Options::default(), adds).extent, Extent::Exhausted);
}

const LENGTH: usize = 0x9000;
const GUARD: usize = 0x1000;

/// A stack at an address that nobody has, so that nothing of it may be touched.
fn known(base: usize) -> Stack {
    Stack { base, length: LENGTH, guard: 0, is_free: false }
}

#[test]
fn a_stack_is_handed_out_again_only_once_it_was_given_back_as_it_was() {
    mapped(0x10_000, LENGTH, true);
    assert_eq!(take(LENGTH), None, "it is in use");
    assert!(!give_back(0x10_000, LENGTH - 1), "a part of it");
    assert!(!give_back(0x11_000, LENGTH), "another");
    assert!(give_back(0x10_000, LENGTH));
    assert!(!give_back(0x10_000, LENGTH), "twice");
    assert_eq!(take(LENGTH + 1), None, "another length");
    assert_eq!(take(LENGTH), Some(0x10_000));
    STACKS.take();
}

#[test]
fn what_is_mapped_over_a_stack_or_protected_in_another_way_is_no_stack_any_more() {
    mapped(0x10_000, LENGTH, true);
    mapped(0x18_000, 0x1000, false);
    assert_eq!(STACKS.take(), [None; STACKS_MAX]);
    mapped(0x10_000, LENGTH, true);
    protected(0x10_000, GUARD, true);
    assert!(is_guarded(0x10_000, GUARD) && !is_guarded(0x10_000, 2 * GUARD));
    assert_eq!(STACKS.get()[0], Some(Stack { guard: GUARD, ..known(0x10_000) }));
    protected(0x12_000, GUARD, false);
    assert_eq!(STACKS.take(), [None; STACKS_MAX]);
}

#[test]
fn more_stacks_than_are_known_at_once_are_nobodys() {
    for number in 1..=STACKS_MAX + 1 {
        mapped(number * 0x10_000, LENGTH, true);
    }
    assert!(!give_back((STACKS_MAX + 1) * 0x10_000, LENGTH));
    assert!(give_back(0x10_000, LENGTH));
    STACKS.take();
}
