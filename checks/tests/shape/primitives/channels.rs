//! Channels.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Mutex};

use cancelproof::engine::loom;
use cancelproof::exploration::FailureKind;
use cancelproof::sync::controlled::atomic::AtomicUsize;
use cancelproof::sync::controlled::mpsc::{self, RecvError, TryRecvError, TrySendError};
use cancelproof::thread::controlled as thread;

use super::{Numbers, compare, emulated, outcomes, refuted};
use crate::explored::{by_dpor, by_rc11};

#[derive(Clone, Copy, Debug)]
enum Step {
    Send,
    TrySend,
    Add,
}

#[derive(Clone, Copy, Debug)]
enum Take {
    Receive,
    Try,
    Load,
}

#[derive(Clone, Debug)]
struct Program {
    senders: Vec<Vec<Step>>,
    receiver: Vec<Take>,
    room: Option<usize>,
}

impl Program {
    fn random(seed: u64) -> Self {
        let mut numbers = Numbers(seed);
        let senders = if seed.is_multiple_of(2) { 1 } else { 2 };
        let step = |numbers: &mut Numbers| match numbers.below(5) {
            0 => Step::Add,
            1 => Step::TrySend,
            _ => Step::Send,
        };
        let take = |numbers: &mut Numbers| match numbers.below(4) {
            0 => Take::Load,
            1 => Take::Try,
            _ => Take::Receive,
        };
        let most = if senders == 1 { 2 } else { 1 };
        Program {
            senders: (0..senders)
                .map(|_| (0..=numbers.below(most)).map(|_| step(&mut numbers)).collect())
                .collect(),
            receiver: (0..=numbers.below(2)).map(|_| take(&mut numbers)).collect(),
            room: [None, Some(1), Some(2)][numbers.below(3)],
        }
    }
}

/// What a thread has seen: of a value the value, of anything else a number above all values.
type Seen = Vec<usize>;

const WORKED: usize = 100;
const FAILED: usize = 101;
const FULL: usize = 102;

fn run<S: Clone + Send + 'static, R>(
    program: &Program,
    (sender, receiver): (S, R),
    send: fn(&S, usize, bool) -> usize,
    receive: fn(&R, bool) -> usize,
) -> Vec<Seen> {
    let word = Arc::new(AtomicUsize::new(200));
    let spawn = |(number, steps): (usize, &Vec<Step>)| {
        let (sender, word, steps) = (sender.clone(), Arc::clone(&word), steps.clone());
        thread::spawn(move || {
            let perform = |(place, step): (usize, &Step)| match step {
                Step::Send => send(&sender, 10 * number + place, false),
                Step::TrySend => send(&sender, 10 * number + place, true),
                Step::Add => word.fetch_add(1, SeqCst),
            };
            steps.iter().enumerate().map(perform).collect::<Seen>()
        })
    };
    let threads: Vec<_> = program.senders.iter().enumerate().map(spawn).collect();
    drop(sender);
    let take = |take: &Take| match take {
        Take::Receive => receive(&receiver, false),
        Take::Try => receive(&receiver, true),
        Take::Load => word.load(SeqCst),
    };
    let mut seen = vec![program.receiver.iter().map(take).collect::<Seen>()];
    drop(receiver);
    seen.extend(threads.into_iter().map(|thread| thread.join().unwrap()));
    seen
}

fn received(value: Result<usize, RecvError>) -> usize {
    value.unwrap_or(FAILED)
}

fn tried(value: Result<usize, TryRecvError>) -> usize {
    value.unwrap_or_else(|error| if error == TryRecvError::Empty { FULL } else { FAILED })
}

fn of_the_engines(program: &Program) -> Vec<Seen> {
    let receive = |receiver: &mpsc::Receiver<usize>, tries: bool| {
        if tries { tried(receiver.try_recv()) } else { received(receiver.recv()) }
    };
    let Some(room) = program.room else {
        let send =
            |sender: &mpsc::Sender<usize>, value, _: bool| sender.send(value).map_or(FAILED, |()| WORKED);
        return run(program, mpsc::channel(), send, receive);
    };
    let send = |sender: &mpsc::SyncSender<usize>, value, tries: bool| {
        if !tries {
            return sender.send(value).map_or(FAILED, |()| WORKED);
        }
        let refused = |error| if matches!(error, TrySendError::Full(_)) { FULL } else { FAILED };
        sender.try_send(value).map_or_else(refused, |()| WORKED)
    };
    run(program, mpsc::sync_channel(room), send, receive)
}

fn under_a_lock(program: &Program) -> Vec<Seen> {
    let send = |sender: &emulated::Sender, value, tries: bool| match tries {
        false if sender.send(value) => WORKED,
        false => FAILED,
        true => sender.try_send(value).map_or(FAILED, |room| if room { WORKED } else { FULL }),
    };
    let receive = |receiver: &emulated::Receiver, tries: bool| {
        if tries {
            receiver.try_recv().unwrap_or_else(|comes| if comes { FULL } else { FAILED })
        } else {
            receiver.recv().unwrap_or(FAILED)
        }
    };
    run(program, emulated::channel(program.room.unwrap_or(usize::MAX)), send, receive)
}

#[test]
fn random_programs_have_the_same_outcomes() {
    let (mut mine, mut theirs) = (0, 0);
    for seed in 0..16 {
        let program = Program::random(seed);
        let (one, other) = (program.clone(), program);
        let (executions, emulated) = compare(move || of_the_engines(&one), move || under_a_lock(&other));
        mine += executions;
        theirs += emulated;
    }
    assert!(mine * 4 < theirs, "{mine} executions and {theirs} of the emulation");
}

/// A number of senders, and a receiver that takes all: it can tell in which order they sent, and nothing else.
#[test]
fn one_execution_for_each_order_of_sending() {
    let program = |senders: usize| Program {
        senders: vec![vec![Step::Send]; senders],
        receiver: vec![Take::Receive; senders],
        room: None,
    };
    for (senders, orders) in [(1, 1), (2, 2), (3, 6)] {
        let program = program(senders);
        let sent = move || {
            let mut seen = of_the_engines(&program);
            seen.swap_remove(0)
        };
        for explored in [by_dpor(sent.clone()), by_rc11(sent)] {
            assert_eq!(outcomes(&explored).0.len(), orders);
        }
    }
}

/// loom's channel, where it has one, shows the same.
#[test]
fn looms_channel_has_the_same_outcomes() {
    let body = |senders: usize| {
        move || {
            let (sender, receiver) = mpsc::channel();
            let spawn = |number| {
                let sender = sender.clone();
                thread::spawn(move || sender.send(number).is_ok())
            };
            let threads: Vec<_> = (0..senders).map(spawn).collect();
            let got = (0..senders).map(|_| receiver.recv().unwrap()).collect::<Vec<_>>();
            for thread in threads {
                assert!(thread.join().unwrap());
            }
            got
        }
    };
    for senders in [1, 2] {
        let kept = Arc::new(Mutex::new(BTreeSet::new()));
        let outcomes_of_loom = Arc::clone(&kept);
        let explored = loom::explore(loom::Options::default(), move || {
            let (sender, receiver) = cancelproof::sync::loom::mpsc::channel();
            let spawn = |number| {
                let sender = sender.clone();
                cancelproof::thread::loom::spawn(move || sender.send(number).is_ok())
            };
            let threads: Vec<_> = (0..senders).map(spawn).collect();
            let got = (0..senders).map(|_| receiver.recv().unwrap()).collect::<Vec<_>>();
            for thread in threads {
                assert!(thread.join().unwrap());
            }
            kept.lock().unwrap().insert(got);
        });
        assert!(explored.failure.is_none(), "{explored:?}");
        let mine = by_dpor(body(senders));
        let (found, executions) = outcomes(&mine);
        assert_eq!(found, &*outcomes_of_loom.lock().unwrap());
        assert!(executions <= explored.executions, "{executions} and {} of loom", explored.executions);
    }
}

/// No thread sends, and one still could.
#[test]
fn who_receives_what_nobody_sends_waits_for_ever() {
    let body = |keeps: bool| {
        move || {
            let (sender, receiver) = mpsc::channel::<u8>();
            let sender = keeps.then_some(sender);
            let child = thread::spawn(move || receiver.recv().is_err());
            assert!(child.join().unwrap());
            drop(sender);
        }
    };
    refuted(body(true), |failure| matches!(failure, FailureKind::Deadlock { .. }));
    assert_eq!(by_dpor(body(false)).failure(), None);
    assert_eq!(by_rc11(body(false)).failure(), None);
}

/// A value that is handed over is received or comes back, and the sender knows which.
#[test]
fn what_is_handed_over_is_received_or_comes_back() {
    let body = || {
        let (sender, receiver) = mpsc::sync_channel(0);
        let word = Arc::new(AtomicUsize::new(0));
        let other = Arc::clone(&word);
        let child = thread::spawn(move || {
            let sent = sender.send(5);
            assert!(sent.is_err() || other.load(SeqCst) == 1, "it goes on before the receiver came");
            sent.is_ok()
        });
        word.store(1, SeqCst);
        let got = receiver.try_recv().ok();
        drop(receiver);
        (got, child.join().unwrap())
    };
    for explored in [by_dpor(body), by_rc11(body)] {
        assert_eq!(outcomes(&explored).0, &[(None, false), (Some(5), true)].into());
    }
}
