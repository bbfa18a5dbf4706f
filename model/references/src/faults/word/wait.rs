//! Faults of waiting for the callback of a [`Word`].

use core::sync::atomic::Ordering::Relaxed;

use crate::callback::{Callback, Target};
use crate::contract::Contract;
use crate::requests::turnstile::call_and_finish;
use crate::requests::word::Protocol;
use crate::requests::word::Word;
use crate::requests::word::state::{Transitions, Word as StateWord};
use crate::rule::Rule;
use crate::runtime::{Atomic, Runtime};

use super::super::{About, Fault, Sight};

/// Unmark sees that the callback has returned, and not what the callback did.
#[derive(Debug)]
pub struct SeesTheReturnRelaxed;

impl Transitions for SeesTheReturnRelaxed {
    fn has_returned(state: &impl Atomic<u8>) -> bool {
        state.load(Relaxed) & StateWord::RETURNED != 0
    }
}
impl Protocol for SeesTheReturnRelaxed {}
impl Fault for SeesTheReturnRelaxed {
    const ABOUT: About = About {
        name: "word-sees-the-return-relaxed",
        edit: "looking whether the callback has returned is relaxed instead of acquire",
        breaks: Rule::NeverAfterCompletion,
        scenario: "wait-then-complete",
        origin: "microsoft/STL pull request 1196, review of the destructor of stop_callback: the wait must \
                 acquire",
        contract: Contract::SCOPED,
        needs: Sight::HappensBefore,
        ..About::of("word")
    };
}

/// The callback's return is noted, and not what the callback did.
#[derive(Debug)]
pub struct NotesTheReturnRelaxed;

impl Transitions for NotesTheReturnRelaxed {
    fn note_return(state: &impl Atomic<u8>) {
        state.fetch_or(StateWord::RETURNED, Relaxed);
    }
}
impl Protocol for NotesTheReturnRelaxed {}
impl Fault for NotesTheReturnRelaxed {
    const ABOUT: About = About {
        name: "word-notes-the-return-relaxed",
        edit: "noting that the callback has returned is relaxed instead of release",
        breaks: Rule::NeverAfterCompletion,
        scenario: "wait-then-complete",
        origin: "microsoft/STL pull request 1196, review of request_stop: the store must release",
        contract: Contract::SCOPED,
        needs: Sight::HappensBefore,
        ..About::of("word")
    };
}

/// Those who wait are woken before the return is noted, so a thread that looks in between goes to sleep and is never
/// woken.
#[derive(Debug)]
pub struct LosesTheWakeUp;

impl Transitions for LosesTheWakeUp {}
impl Protocol for LosesTheWakeUp {
    fn announce_return<R: Runtime>(request: &Word<R, Self>) {
        if let Some(turnstile) = request.turnstile() {
            turnstile.wake();
            Self::note_return(request.state());
        }
    }
}
impl Fault for LosesTheWakeUp {
    const ABOUT: About = About {
        name: "word-loses-the-wake-up",
        edit: "those who wait are woken before the return is noted, and not under one lock",
        breaks: Rule::NoDeadlock,
        scenario: "wait-then-complete",
        origin: "tokio-rs/tokio pull request 2134: notify_one without holding the mutex",
        contract: Contract::SCOPED,
        ..About::of("word")
    };
}

/// Unmark does not wait for the callback.
#[derive(Debug)]
pub struct ForgetsToWait;

impl Transitions for ForgetsToWait {}
impl Protocol for ForgetsToWait {
    fn wait_for_return<R: Runtime>(_request: &Word<R, Self>) {}
}
impl Fault for ForgetsToWait {
    const ABOUT: About = About {
        name: "word-forgets-to-wait",
        edit: "unmark of a claimed request answers at once",
        breaks: Rule::TruthfulUnmark,
        scenario: "worker-unmarks-cancel",
        origin: "dotnet/coreclr pull request 20145: Dispose returns although the callback is still to run",
        contract: Contract::SCOPED,
        ..About::of("word")
    };
}

/// Unmark waits for the callback also when the callback itself unmarks.
#[derive(Debug)]
pub struct WaitsForItself;

impl Transitions for WaitsForItself {}
impl Protocol for WaitsForItself {
    fn wait_for_return<R: Runtime>(request: &Word<R, Self>) {
        let Some(turnstile) = request.turnstile() else { return };
        turnstile.wait(|| Self::has_returned(request.state()));
    }
}
impl Fault for WaitsForItself {
    const ABOUT: About = About {
        name: "word-waits-for-itself",
        edit: "the waiting unmark does not ask on which thread the callback runs",
        breaks: Rule::ReentrantCallback,
        scenario: "marked-cancel-reentrant",
        origin: "dotnet/corefx issue 7198: disposing the registration inside its own callback",
        contract: Contract::SCOPED,
        ..About::of("word")
    };
}

/// A callback that the marker made itself is never said to have returned.
#[derive(Debug)]
pub struct ForgetsTheEarlyReturn;

impl Transitions for ForgetsTheEarlyReturn {}
impl Protocol for ForgetsTheEarlyReturn {
    fn call_back_unmarked<R: Runtime>(request: &Word<R, Self>, callback: Callback) {
        Self::announce_call(request);
        callback.invoke();
    }
}
impl Fault for ForgetsTheEarlyReturn {
    const ABOUT: About = About {
        name: "word-forgets-the-early-return",
        edit: "calling back from mark does not announce the return",
        breaks: Rule::NoDeadlock,
        scenario: "cancel-mark-worker-finishes",
        origin: "pika-org/pika pull request 113: a stop_callback run by its constructor is not marked as \
                 executed, and its removal waits in vain",
        contract: Contract::SCOPED,
        ..About::of("word")
    };
}

/// A callback that panics is never said to have returned.
#[derive(Debug)]
pub struct ForgetsTheReturnOnPanic;

impl Transitions for ForgetsTheReturnOnPanic {}
impl Protocol for ForgetsTheReturnOnPanic {
    fn call_back<R: Runtime>(request: &Word<R, Self>) {
        Self::announce_call(request);
        let target = request.read_slot();
        call_and_finish::<R>(|| target.iter().for_each(Target::invoke), || drop(request.empty_slot()));
        Self::announce_return(request);
    }
}
impl Fault for ForgetsTheReturnOnPanic {
    const ABOUT: About = About {
        name: "word-forgets-the-return-on-panic",
        edit: "a panic of the callback leaves calling back before the return is announced",
        breaks: Rule::NoDeadlock,
        scenario: "mark-cancel-panics",
        origin: "specification I14: a waiting party waits for the callback and nothing else",
        contract: Contract::SCOPED,
        ..About::of("word")
    };
}
