use std::collections::BTreeSet;
use std::hint::black_box;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use cancelproof_runtime::{Atomic, JoinHandle, Runtime};

use super::*;
use crate::engine::{dpor, rc11};
use crate::executor::Controlled;
use crate::exploration::{Exploration, Extent, FailureKind};

/// The addresses that a body notes, one list for each execution.
fn addresses(body: impl Fn(&mut Vec<usize>) + Send + Sync + 'static) -> (Vec<Vec<usize>>, Exploration) {
    let seen: Arc<Mutex<Vec<Vec<usize>>>> = Arc::default();
    let kept = Arc::clone(&seen);
    let exploration = dpor::explore(&dpor::Options::default(), move || {
        let mut noted = Vec::new();
        body(&mut noted);
        outside(|| kept.lock().unwrap().push(noted.clone()));
    });
    let seen = seen.lock().unwrap().clone();
    (seen, exploration)
}

/// Two threads that meet at an atomic, so that there are several executions.
fn two_threads(work: impl Fn() + Send + Copy + 'static) {
    let count = Arc::new(<Controlled as Runtime>::AtomicU32::new(0));
    let other = Arc::clone(&count);
    let thread = Controlled::spawn(move || {
        work();
        other.fetch_add(1, Ordering::AcqRel);
        work();
    });
    count.fetch_add(2, Ordering::AcqRel);
    work();
    count.load(Ordering::Acquire);
    thread.join();
}

fn failure(exploration: &Exploration) -> String {
    match &exploration.failure {
        Some(failure) => match &failure.kind {
            FailureKind::Panic { message } => message.clone(),
            kind => format!("{kind:?}"),
        },
        None => format!("{exploration:?}"),
    }
}

#[test]
fn the_arena_is_there_where_nobody_has_installed_it() {
    assert_eq!(is_active(), cfg!(all(target_os = "linux", target_env = "gnu")));
    let (seen, _) = addresses(|noted| noted.push(Box::into_raw(Box::new(1_u64)).addr()));
    assert!(seen.iter().flatten().all(|address| region::contains(*address)), "{seen:x?}");
    let outside = Box::new(1_u64);
    assert!(!region::contains(ptr::from_ref(&*outside).addr()));
}

#[test]
fn the_same_decisions_give_the_same_addresses() {
    let (seen, exploration) = addresses(|noted| {
        let mut boxes: Vec<Box<u64>> = Vec::new();
        for number in 0..5 {
            boxes.push(Box::new(number));
            noted.push(ptr::from_ref(&**boxes.last().unwrap()).addr());
        }
        two_threads(|| drop(black_box(vec![1_u8; 100])));
        noted.push(ptr::from_ref(&*Box::new(7)).addr());
    });
    assert_eq!(exploration.extent, Extent::Exhausted);
    assert!(seen.len() > 2);
    assert!(seen.iter().all(|addresses| *addresses == seen[0]), "{seen:x?}");
}

#[test]
fn no_address_is_given_twice_in_one_execution() {
    let (seen, _) = addresses(|noted| {
        for size in [8, 8, 24, 8, 400, 24] {
            let block = black_box(vec![1_u8; size]);
            noted.push(block.as_ptr().addr());
        }
    });
    let different: BTreeSet<_> = seen[0].iter().collect();
    assert_eq!(different.len(), 6, "{seen:x?}");
}

#[test]
fn what_an_execution_leaves_is_never_touched_and_the_rest_is_where_it_was() {
    let kept: Arc<Mutex<Vec<Box<u64>>>> = Arc::default();
    let keeps = Arc::clone(&kept);
    let (seen, _) = addresses(move |noted| {
        let before = Box::new(1_u64);
        {
            let mut kept = keeps.lock().unwrap();
            if kept.is_empty() {
                kept.push(Box::new(77));
            }
        }
        let after = Box::new(2_u64);
        noted.extend([ptr::from_ref(&*before).addr(), ptr::from_ref(&*after).addr()]);
        two_threads(|| ());
    });
    assert!(seen.len() > 2);
    assert!(seen[1..].iter().all(|addresses| *addresses == seen[1]), "{seen:x?}");
    assert_eq!(*kept.lock().unwrap()[0], 77);
    kept.lock().unwrap().clear();
}

#[test]
fn blocks_are_as_aligned_and_as_large_as_they_are_asked_for() {
    #[repr(align(256))]
    struct Wide(#[allow(dead_code, reason = "it takes room")] [u8; 256]);

    let (seen, exploration) = addresses(|noted| {
        noted.push(ptr::from_ref(&*Box::new(Wide([1; 256]))).addr());
        let mut list = Vec::new();
        for number in 0..10_000_u32 {
            list.push(number);
        }
        assert!(list.iter().copied().eq(0..10_000));
        let zeros = vec![0_u64; 300];
        assert!(zeros.iter().all(|word| *word == 0));
        let mut text = String::from("one");
        text.push_str(&"two".repeat(40));
        text.shrink_to_fit();
        assert_eq!(text.len(), 123);
        // Larger than what lies in the arena.
        let large = vec![3_u8; 6 << 20];
        assert_eq!(large.iter().map(|byte| usize::from(*byte)).sum::<usize>(), 18 << 20);
    });
    assert_eq!(exploration.failure, None);
    assert_eq!(seen[0][0] % 256, 0);
}

#[test]
fn a_block_that_is_freed_twice_fails_the_execution_in_words() {
    for explore in explorers() {
        let exploration = explore(Box::new(|| {
            let block = black_box(Box::into_raw(Box::new([1_u64; 3])));
            two_threads(|| ());
            // SAFETY: the first is right. The second is what the arena is to tell.
            unsafe {
                drop(Box::from_raw(black_box(block)));
                drop(Box::from_raw(black_box(block)));
            }
        }));
        let said = failure(&exploration);
        assert!(said.starts_with("double free: a block of 24 bytes"), "{said}");
        assert!(said.contains("arena/tests.rs"), "{said}");
    }
}

#[test]
fn a_write_to_freed_memory_fails_the_execution_in_words() {
    for explore in explorers() {
        let exploration = explore(Box::new(|| {
            let block = black_box(Box::into_raw(Box::new([1_u64; 3])));
            // SAFETY: the first is right. The second is what the arena is to tell.
            unsafe {
                drop(Box::from_raw(black_box(block)));
                block.cast::<u64>().write_volatile(5);
            }
        }));
        let said = failure(&exploration);
        assert!(said.starts_with("write after free: a block of 24 bytes"), "{said}");
    }
}

#[test]
fn a_block_may_be_freed_by_another_thread_and_after_the_execution() {
    let kept: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
    let keeps = Arc::clone(&kept);
    let exploration = dpor::explore(&dpor::Options::default(), move || {
        let mine = vec![1_u8; 50];
        let thread = Controlled::spawn(move || drop(mine));
        thread.join();
        let lent = vec![2_u8; 60];
        std::thread::spawn(move || drop(lent)).join().unwrap();
        keeps.lock().unwrap().push(vec![3_u8; 70]);
    });
    assert_eq!(exploration.failure, None);
    assert!(kept.lock().unwrap().iter().all(|list| list.iter().all(|byte| *byte == 3)));
    std::thread::spawn(move || kept.lock().unwrap().clear()).join().unwrap();
}

/// What abandoned stacks own stays where it is for ever: a worker that has met many deadlocks explores as it did before.
#[test]
fn what_abandoned_stacks_own_changes_no_later_exploration() {
    use cancelproof_runtime::Mutex as _;

    let waits: fn() -> Body = || {
        Box::new(|| {
            let flag = Arc::new(<Controlled as Runtime>::AtomicU32::new(0));
            let other = Arc::clone(&flag);
            let thread = Controlled::spawn(move || other.store(1, Ordering::Release));
            let turns = Box::new(std::cell::Cell::new(0_u64));
            while flag.load(Ordering::Acquire) == 0 && turns.get() < 20 {
                turns.set(turns.get() + 1);
                Controlled::yield_now();
            }
            thread.join();
        })
    };
    let hangs: fn() -> Body = || {
        Box::new(|| {
            let _kept = black_box(vec![1_u8; 600]);
            let lock = <Controlled as Runtime>::Mutex::new(());
            let _guard = lock.lock();
            let _again = lock.lock();
        })
    };
    for explore in explorers() {
        let before = explore(waits());
        for _ in 0..8 {
            assert!(matches!(failure_kind(&explore(hangs())), Some(FailureKind::Deadlock { .. })));
        }
        assert!(left_in_use() > 8 * 600, "{}", left_in_use());
        assert_eq!(explore(waits()), before);
    }
}

fn failure_kind(exploration: &Exploration) -> Option<&FailureKind> {
    exploration.failure.as_ref().map(|failure| &failure.kind)
}

type Body = Box<dyn Fn() + Send + Sync>;

fn explorers() -> [fn(Body) -> Exploration; 2] {
    [
        |body| dpor::explore(&dpor::Options::default(), body),
        |body| rc11::explore(&rc11::Options::default(), body),
    ]
}
