//! Objects in statics: numbered where they are first used, and new in each execution.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};

use cancelproof::engine::{dpor, rc11};
use cancelproof::executor::Controlled;
use cancelproof::exploration::{Extent, FailureKind};
use cancelproof::model::runtime::{JoinHandle, Runtime};
use cancelproof::sync::controlled::atomic::{
    AtomicBool, AtomicI8, AtomicPtr, AtomicU16, AtomicU32, AtomicUsize,
};
use cancelproof::sync::controlled::{Arc, Mutex};

use crate::explored::{by_dpor, by_rc11};

/// Each execution finds the initial value, whichever thread comes first, and the two engines see the same outcomes as of
/// atomics that the body makes.
#[test]
fn statics_begin_anew() {
    static WORD: AtomicU32 = AtomicU32::new(5);
    static OTHER: AtomicU32 = AtomicU32::new(7);
    let in_statics = || {
        let child = Controlled::spawn(|| (OTHER.swap(1, SeqCst), WORD.load(SeqCst)));
        let mine = (WORD.swap(1, SeqCst), OTHER.load(SeqCst));
        (mine, child.join())
    };
    let in_the_body = || {
        let words = Arc::new((AtomicU32::new(5), AtomicU32::new(7)));
        let other = Arc::clone(&words);
        let child = Controlled::spawn(move || (other.1.swap(1, SeqCst), other.0.load(SeqCst)));
        let mine = (words.0.swap(1, SeqCst), words.1.load(SeqCst));
        (mine, child.join())
    };
    for (one, other) in
        [(by_dpor(in_statics), by_dpor(in_the_body)), (by_rc11(in_statics), by_rc11(in_the_body))]
    {
        assert_eq!(one.failure(), None);
        assert_eq!(one.outcomes, other.outcomes);
        assert_eq!(one.outcomes.len(), 3);
        assert_eq!(one.exploration.executions, other.exploration.executions);
    }
}

/// Many workers use one static at the same time, each in executions of its own.
#[test]
fn workers_do_not_share_a_static() {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let body = || {
        let children: Vec<_> = (0..4)
            .map(|_| Controlled::spawn(|| NEXT.fetch_add(1, Relaxed) + NEXT.fetch_add(10, Relaxed)))
            .collect();
        let sum: usize = children.into_iter().map(JoinHandle::join).sum();
        assert_eq!(NEXT.load(Relaxed), 44);
        assert!(sum < 4 * 88);
    };
    let alone = dpor::explore(&dpor::Options::default(), body);
    let together = dpor::explore(&dpor::Options { workers: 4, ..dpor::Options::default() }, body);
    assert_eq!(alone.extent, Extent::Exhausted, "{alone:?}");
    assert_eq!(alone, together);
    let weak = rc11::explore(&rc11::Options { workers: 4, ..rc11::Options::default() }, body);
    assert_eq!((weak.extent, weak.executions), (Extent::Exhausted, alone.executions));
}

/// A message passed through statics: the flag that is not released is refuted by rc11, and the right one proved.
#[test]
fn a_missing_release_between_statics_is_refuted() {
    static DATA: AtomicU16 = AtomicU16::new(0);
    static READY: AtomicBool = AtomicBool::new(false);
    let body = |order| {
        move || {
            let child = Controlled::spawn(move || {
                DATA.store(300, Relaxed);
                READY.store(true, order);
            });
            if READY.load(Acquire) {
                assert_eq!(DATA.load(Relaxed), 300);
            }
            child.join();
        }
    };
    assert_eq!(by_rc11(body(Release)).failure(), None);
    let explored = by_rc11(body(Relaxed));
    assert!(matches!(explored.failure(), Some(FailureKind::Panic { .. })));
    assert_eq!(by_dpor(body(Relaxed)).failure(), None, "values are sequentially consistent there");
}

/// What a lock in a static protects would be as the last execution left it, and is refused.
#[test]
fn a_lock_in_a_static_is_refused_in_words() {
    static COUNT: Mutex<u32> = Mutex::new(0);
    static NOTHING: Mutex<()> = Mutex::new(());
    let explored = by_dpor(|| {
        let child = Controlled::spawn(|| drop(NOTHING.lock().unwrap()));
        drop(NOTHING.lock().unwrap());
        child.join();
    });
    assert_eq!(explored.failure(), None);
    let explored = by_dpor(|| {
        let child = Controlled::spawn(|| *COUNT.lock().unwrap() += 1);
        *COUNT.lock().unwrap() += 1;
        child.join();
    });
    let Some(FailureKind::Panic { message }) = explored.failure() else { panic!("{explored:?}") };
    assert!(message.contains("is as that one left it"), "{message}");
}

/// Every width, signed and unsigned, wraps and compares as the standard one does.
#[test]
fn narrow_and_signed_values_are_those_of_their_type() {
    let explored = by_dpor(|| {
        let small = AtomicI8::new(127);
        assert_eq!(small.fetch_add(1, SeqCst), 127);
        assert_eq!(small.load(SeqCst), -128);
        assert_eq!(small.fetch_max(-5, SeqCst), -128);
        assert_eq!(small.fetch_min(3, SeqCst), -5);
        assert_eq!(small.fetch_nand(3, SeqCst), -5);
        assert_eq!(small.into_inner(), !(-5 & 3));
        let mut word = AtomicU16::new(1);
        assert_eq!(word.fetch_sub(2, SeqCst), 1);
        *word.get_mut() -= 5;
        assert_eq!(word.fetch_update(SeqCst, SeqCst, |value| value.checked_add(6)), Err(u16::MAX - 5));
        assert_eq!(format!("{word:?}"), "65530");
        let flag = AtomicBool::default();
        assert!(!flag.fetch_nand(true, SeqCst));
        assert!(flag.fetch_not(SeqCst));
        assert!(!flag.load(SeqCst));
        let mut value = 7;
        let pointer = AtomicPtr::new(&raw mut value);
        let kept = pointer.swap(std::ptr::null_mut(), SeqCst);
        assert!(pointer.load(SeqCst).is_null());
        // SAFETY: it points to the variable, which nobody else uses.
        assert_eq!(unsafe { *kept }, 7);
    });
    assert_eq!(explored.failure(), None);
}
