//! A channel whose last end frees it, in the shape of a published crate: two ways in which it was freed under its other end
//! (faern/oneshot issues 73 and 87), and what loom sees of the second.

use cancelproof::engine::{dpor, loom, rc11};
use cancelproof::executor::Controlled;
use cancelproof::exploration::{Exploration, Extent, FailureKind};
use cancelproof::platform::Loom;
use cancelproof_model::runtime::{Atomic, JoinHandle, Runtime, UnsafeCell};
use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};

use super::Raw;

const RECEIVING: u8 = 0;
const UNPARKING: u8 = 1;
const DISCONNECTED: u8 = 2;
const EMPTY: u8 = 3;
const MESSAGE: u8 = 4;

/// How the receiver goes.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    /// It waits until the sender has told of its message.
    Right,
    /// It takes its own mark for one of the sender's (issue 87).
    TakesItsOwnMark,
    /// It drops its waker after it has told that it goes (issue 73).
    DropsItsWakerLate,
}

struct Channel<R: Runtime> {
    state: R::AtomicU8,
    waker: R::UnsafeCell<u32>,
    /// Written when the channel ends and read at each use, if an engine is to see an end that it does not see by itself.
    is_there: Option<R::UnsafeCell<bool>>,
}

type Ends<R> = Raw<Channel<R>>;

fn channel<R: Runtime>(tells: bool) -> Ends<R> {
    Raw::boxed(Channel {
        state: Atomic::new(RECEIVING),
        waker: UnsafeCell::new(7),
        is_there: tells.then(|| UnsafeCell::new(true)),
    })
}

fn used<R: Runtime>(channel: Ends<R>) -> &'static Channel<R> {
    let channel = channel.get();
    if let Some(is_there) = &channel.is_there {
        // SAFETY: it is written where the channel ends, and that nobody uses it then is what is asked.
        is_there.with(|is_there| assert!(unsafe { *is_there }, "it is no more"));
    }
    channel
}

/// The channel ends. Its memory stays, so that an engine that does not notice harms nobody.
fn end<R: Runtime>(channel: Ends<R>) {
    if let Some(is_there) = &channel.get().is_there {
        // SAFETY: as above.
        is_there.with_mut(|is_there| unsafe { *is_there = false });
    }
    // SAFETY: whoever ends it is the last to use it, or that is what the engines are to say.
    unsafe { std::ptr::drop_in_place(channel.0) };
}

fn send<R: Runtime>(channel: Ends<R>) {
    match used(channel).state.fetch_add(1, AcqRel) {
        RECEIVING => {
            // SAFETY: the receiver does not touch its waker in this state.
            used(channel).waker.with(|waker| assert_eq!(unsafe { *waker }, 7));
            used(channel).state.swap(MESSAGE, AcqRel);
        }
        DISCONNECTED => end(channel),
        _ => {}
    }
}

fn drop_waker<R: Runtime>(channel: Ends<R>) {
    // SAFETY: the sender does not touch it where the receiver may.
    used(channel).waker.with_mut(|waker| unsafe { *waker = 0 });
}

fn receiver_goes<R: Runtime>(channel: Ends<R>, way: Way) {
    if way != Way::DropsItsWakerLate
        && used(channel).state.load(Relaxed) == RECEIVING
        && used(channel).state.compare_exchange(RECEIVING, EMPTY, Acquire, Relaxed).is_ok()
    {
        drop_waker(channel);
    }
    match used(channel).state.swap(DISCONNECTED, AcqRel) {
        RECEIVING => drop_waker(channel),
        UNPARKING => {
            loop {
                let state = used(channel).state.load(Relaxed);
                if state == MESSAGE || way == Way::TakesItsOwnMark && state == DISCONNECTED {
                    break;
                }
                R::yield_now();
            }
            R::fence(Acquire);
            end(channel);
        }
        MESSAGE => end(channel),
        _ => {}
    }
}

fn body<R: Runtime>(way: Way, tells: bool) -> impl Fn() + Send + Sync + 'static {
    move || {
        let channel = channel::<R>(tells);
        let sender = R::spawn(move || {
            let channel = channel;
            send(channel);
        });
        receiver_goes(channel, way);
        sender.join();
    }
}

fn own(way: Way) -> [Exploration; 2] {
    [
        dpor::explore(&dpor::Options::default(), body::<Controlled>(way, false)),
        rc11::explore(&rc11::Options::default(), body::<Controlled>(way, false)),
    ]
}

#[test]
fn a_channel_is_freed_by_whoever_is_left() {
    for exploration in own(Way::Right) {
        assert_eq!((&exploration.failure, &exploration.extent), (&None, &Extent::Exhausted));
        assert!(exploration.executions > 3, "{exploration:?}");
    }
}

#[test]
fn a_channel_that_is_freed_under_its_other_end_is_refuted_with_both_lines() {
    for way in [Way::TakesItsOwnMark, Way::DropsItsWakerLate] {
        for exploration in own(way) {
            let failure = exploration.failure.expect("it is wrong");
            assert!(failure.kind.is_of_lifetime() && exploration.executions <= 50, "{failure:?}");
            let FailureKind::Panic { message } = failure.kind else { unreachable!("see above") };
            assert_eq!(message.matches("lifetime/oneshot.rs").count(), 2, "{message}");
        }
    }
}

/// loom comes to the executions of issue 87: where the end is written to a cell it fails. It misses the end itself.
#[test]
fn loom_misses_the_end_and_no_execution() {
    let on_loom = |way, tells| loom::explore(loom::Options::default(), body::<Loom>(way, tells));
    let missed = on_loom(Way::TakesItsOwnMark, false);
    assert_eq!(missed.failure, None);
    let told = on_loom(Way::TakesItsOwnMark, true);
    assert!(told.failure.is_some(), "{told:?}");
    let right = on_loom(Way::Right, true);
    assert_eq!(right.failure, None);
}

/// The smallest program of which the same is true.
#[test]
fn loom_misses_the_end_of_one_atomic() {
    fn smallest<R: Runtime>() {
        let word = Raw::boxed(<R::AtomicU8 as Atomic<u8>>::new(0));
        let other = R::spawn(move || {
            let word = word;
            word.get().load(Acquire)
        });
        // SAFETY: wrong, since the other thread may still be about to look.
        unsafe { std::ptr::drop_in_place(word.0) };
        other.join();
    }
    let on_loom = loom::explore(loom::Options::default(), smallest::<Loom>);
    assert_eq!((on_loom.failure, on_loom.extent), (None, Extent::Exhausted));
    let by_dpor = dpor::explore(&dpor::Options::default(), smallest::<Controlled>);
    let by_rc11 = rc11::explore(&rc11::Options::default(), smallest::<Controlled>);
    for exploration in [by_dpor, by_rc11] {
        assert!(exploration.failure.is_some_and(|failure| failure.kind.is_of_lifetime()));
    }
}
