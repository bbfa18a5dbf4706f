//! Closures that are right, and their twins that are broken.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use cancelproof::Model;
use cancelproof::cell::UnsafeCell;
use cancelproof::closure::Token;
use cancelproof::counterexample::Replayed;
use cancelproof::exploration::FailureKind;
use cancelproof::judge::Engine;
use cancelproof::sync::atomic::{AtomicBool, AtomicU32};
use cancelproof::sync::{Arc, Mutex, OnceLock, mpsc};
use cancelproof::thread;

fn counter(atomic: bool) -> impl Fn() + Send + Sync + 'static {
    move || {
        let count = Arc::new(AtomicU32::new(0));
        let add = move |count: &AtomicU32| {
            if atomic {
                count.fetch_add(1, Relaxed);
            } else {
                let seen = count.load(Relaxed);
                count.store(seen + 1, Relaxed);
            }
        };
        let other = Arc::clone(&count);
        let child = thread::spawn(move || add(&other));
        add(&count);
        child.join().unwrap();
        assert_eq!(count.load(Relaxed), 2, "an increment is lost");
    }
}

#[test]
fn a_right_closure_is_proved_and_says_so() {
    let explored = Model::named("counter").check(counter(true));
    assert!(explored.is_proved());
    assert_eq!(explored.to_string(), "proved: dpor 2 executions, rc11 2 executions");
}

#[test]
fn a_bounded_run_says_that_it_is() {
    let explored = Model::named("counter").executions(1).check(counter(true));
    assert!(!explored.is_proved());
    assert!(
        explored.to_string().starts_with("bounded: dpor 1 execution (the first 1 executions)"),
        "{explored}"
    );
    let explored = Model::named("counter").preemptions(0).check(counter(false));
    assert!(explored.to_string().contains("at most 0 preemptions"), "{explored}");
}

/// The film is of the same execution: it names the closure, and quotes the line that lost the update.
#[test]
fn a_failure_is_a_film_too() {
    let failed = Model::named("lost update").explore(counter(false)).unwrap_err();
    let page = failed.film().expect("it can be run again");
    assert!(page.contains("lost update") && page.contains("id=\"to-violation\""), "{page}");
    assert!(page.contains("let seen = count.load(Relaxed);"), "{page}");
}

#[test]
fn a_failure_is_a_table_with_the_lines_of_the_author_and_a_token_that_is_replayed() {
    let failed = Model::named("lost update").explore(counter(false)).unwrap_err();
    let found = failed.counterexample.as_ref().unwrap();
    assert_eq!(found.trace.header.preemptions, 1);
    let text = failed.to_string();
    for part in [
        "no-panic is broken",
        "an increment is lost",
        "shape/closures.rs",
        "main",
        "thread 1",
        "CANCELPROOF_REPLAY=cp3-",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let token: Token = found.token.to_string().parse().unwrap();
    assert_eq!(token, found.token);
    let model = Model::named("lost update");
    let again = model.replay(&token, counter(false));
    assert!(matches!(again, Replayed::Fails(_)), "{again:?}");
    let again = model.replay(&token, counter(true));
    assert!(!matches!(again, Replayed::Fails(_)), "{again:?}");
}

/// The failure comes while the interrupted thread is between two steps, the second of which it never comes to.
#[test]
fn the_step_that_an_interrupted_thread_never_came_to_is_named() {
    let token = || {
        let token = Arc::new((AtomicU32::new(0), AtomicU32::new(0)));
        let other = Arc::clone(&token);
        let canceler = thread::spawn(move || {
            other.0.store(1, Release);
            other.1.store(7, Release);
        });
        if token.0.load(Acquire) == 1 {
            assert_eq!(token.1.load(Acquire), 7, "it is canceled and has no reason");
        }
        canceler.join().unwrap();
    };
    let failed = Model::named("reason").engines([Engine::Dpor]).explore(token).unwrap_err();
    let why = failed.counterexample.unwrap().trace.why.clone().unwrap().sentences.join("; ");
    assert!(why.contains("store (closures.rs:") && why.contains(" and store (closures.rs:"), "{why}");
    assert!(why.contains("of thread 1 have to be one step: here main comes between them"), "{why}");
}

#[test]
fn what_only_a_weak_memory_shows_is_shown_by_rc11() {
    let message = |order| {
        move || {
            let pair = Arc::new((AtomicU32::new(0), AtomicBool::new(false)));
            let other = Arc::clone(&pair);
            let child = thread::spawn(move || {
                other.0.store(7, Relaxed);
                other.1.store(true, order);
            });
            if pair.1.load(Acquire) {
                assert_eq!(pair.0.load(Relaxed), 7);
            }
            child.join().unwrap();
        }
    };
    assert!(Model::named("message").explore(message(Release)).unwrap().is_proved());
    let failed = Model::named("message").explore(message(Relaxed)).unwrap_err();
    assert_eq!(failed.engine, Engine::Rc11);
    assert!(failed.to_string().contains("only a weak memory shows this"), "{failed}");
}

struct Shared(UnsafeCell<u32>);

// SAFETY: none is given, on purpose: it is the race that the engines are to find.
unsafe impl Sync for Shared {}

#[test]
fn races_and_deadlocks_are_failures() {
    let race = || {
        let shared = Arc::new(Shared(UnsafeCell::new(0)));
        let other = Arc::clone(&shared);
        let child = thread::spawn(move || other.0.with_mut(|_| ()));
        shared.0.with(|_| ());
        child.join().unwrap();
    };
    let failed = Model::named("race").explore(race).unwrap_err();
    assert!(matches!(failed.kind, FailureKind::DataRace { .. }), "{failed}");
    assert!(failed.to_string().contains("no-data-race is broken"), "{failed}");
    let deadlock = || {
        let locks = Arc::new((Mutex::new(()), Mutex::new(())));
        let other = Arc::clone(&locks);
        let child = thread::spawn(move || {
            let _first = other.1.lock().unwrap();
            let _second = other.0.lock().unwrap();
        });
        let first = locks.0.lock().unwrap();
        let second = locks.1.lock().unwrap();
        drop((first, second));
        child.join().unwrap();
    };
    let failed = Model::named("deadlock").explore(deadlock).unwrap_err();
    assert!(matches!(failed.kind, FailureKind::Deadlock { .. }), "{failed}");
    assert!(failed.to_string().contains("no-deadlock is broken"), "{failed}");
}

/// What a static holds, what is made once, and what a channel carries, under the attribute.
#[cancelproof::test(engines(dpor, rc11), seconds = 60)]
fn the_attribute_runs_the_body_in_every_execution() {
    static CONFIGURATION: OnceLock<u32> = OnceLock::new();
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for number in [1, 2] {
            let sender = sender.clone();
            scope.spawn(move || sender.send(*CONFIGURATION.get_or_init(|| number)).unwrap());
        }
    });
    drop(sender);
    let got: Vec<u32> = receiver.iter().collect();
    assert_eq!(got.len(), 2);
    assert_eq!(got[0], got[1], "it was set once");
}

#[cancelproof::test]
#[should_panic(expected = "no-panic is broken")]
fn the_attribute_fails_where_an_execution_does() {
    let ready = Arc::new(AtomicBool::new(false));
    let other = Arc::clone(&ready);
    let child = thread::spawn(move || other.store(true, Relaxed));
    assert!(!ready.load(Relaxed), "the other was first");
    child.join().unwrap();
}

/// `park` may not be mistaken for the end of a wait: without a look at the flag the twin is refuted.
#[test]
fn parked_threads_are_woken() {
    let body = |unparks: bool| {
        move || {
            let main = thread::current();
            let child = thread::Builder::new()
                .name("waker".to_owned())
                .spawn(move || {
                    assert_eq!(thread::current().name(), Some("waker"));
                    if unparks {
                        main.unpark();
                    }
                })
                .unwrap();
            thread::park();
            child.join().unwrap();
        }
    };
    assert!(Model::named("unpark").explore(body(true)).unwrap().is_proved());
    let failed = Model::named("unpark").explore(body(false)).unwrap_err();
    assert!(matches!(failed.kind, FailureKind::Deadlock { .. }), "{failed}");
}
