//! Faults of unmarking a [`Locked`], and of waiting for its callback.

use core::mem;

use crate::contract::Contract;
use crate::request::Unmark;
use crate::requests::Locked;
use crate::requests::locked::{Inner, Phase, Protocol, Reference};
use crate::rule::Rule;
use crate::runtime::{Condvar, Mutex, MutexGuard, Runtime};

use super::super::{About, Fault};

/// Unmark checks in one critical section and withdraws in another, so it can grant what a cancel claimed in
/// between.
#[derive(Debug)]
pub struct ChecksThenWithdraws;

impl Protocol for ChecksThenWithdraws {
    fn unmark<R: Runtime>(request: &Locked<R, Self>) -> Unmark {
        if request.inner().lock().phase != Phase::Cancelable {
            return Self::withdraw(&mut request.inner().lock());
        }
        let mut inner = request.inner().lock();
        inner.phase = Phase::Pending;
        let callback = inner.callback.take();
        drop(inner);
        drop(callback);
        Unmark::Unmarked
    }
}
impl Fault for ChecksThenWithdraws {
    const ABOUT: About = About {
        name: "locked-checks-then-withdraws",
        edit: "unmark lets go of the lock between looking and withdrawing",
        breaks: Rule::TruthfulUnmark,
        scenario: "worker-finishes-cancel",
        origin: "specification R5",
        ..About::of("locked")
    };
}

/// Unmark grants a request whose callback is owed.
#[derive(Debug)]
pub struct GrantsWhatIsPromised;

impl Protocol for GrantsWhatIsPromised {
    fn withdraw<R: Runtime>(inner: &mut Inner<R>) -> Unmark {
        match inner.phase {
            Phase::Promised => Unmark::Unmarked,
            _ => Reference::withdraw(inner),
        }
    }
}
impl Fault for GrantsWhatIsPromised {
    const ABOUT: About = About {
        name: "locked-grants-what-is-promised",
        edit: "unmark answers unmarked between the claim and the callback",
        breaks: Rule::TruthfulUnmark,
        scenario: "worker-finishes-cancel",
        origin: "specification R7",
        ..About::of("locked")
    };
}

/// Unmark grants a request whose callback has begun.
#[derive(Debug)]
pub struct GrantsAfterTheCallback;

impl Protocol for GrantsAfterTheCallback {
    fn withdraw<R: Runtime>(inner: &mut Inner<R>) -> Unmark {
        match inner.phase {
            Phase::Notified => Unmark::Unmarked,
            _ => Reference::withdraw(inner),
        }
    }
}
impl Fault for GrantsAfterTheCallback {
    const ABOUT: About = About {
        name: "locked-grants-after-the-callback",
        edit: "unmark answers unmarked once the callback has begun",
        breaks: Rule::TruthfulUnmark,
        scenario: "marked-cancel-reentrant",
        origin: "specification Appendix C: disarm answers success after the callback began (I4)",
        ..About::of("locked")
    };
}

/// A granted unmark leaves the request cancelable, so a later cancel still calls back.
#[derive(Debug)]
pub struct StaysCancelable;

impl Protocol for StaysCancelable {
    fn withdraw<R: Runtime>(inner: &mut Inner<R>) -> Unmark {
        match inner.phase {
            Phase::Cancelable => Unmark::Unmarked,
            _ => Reference::withdraw(inner),
        }
    }
}
impl Fault for StaysCancelable {
    const ABOUT: About = About {
        name: "locked-stays-cancelable",
        edit: "unmark answers unmarked without leaving the cancelable phase",
        breaks: Rule::TruthfulUnmark,
        scenario: "unmark-then-cancel",
        origin: "specification I3: a successful disarm is final",
        ..About::of("locked")
    };
}

/// A granted unmark keeps the callback object.
#[derive(Debug)]
pub struct KeepsTheCallback;

impl Protocol for KeepsTheCallback {
    fn withdraw<R: Runtime>(inner: &mut Inner<R>) -> Unmark {
        match inner.phase {
            Phase::Cancelable => {
                inner.phase = Phase::Pending;
                Unmark::Unmarked
            }
            _ => Reference::withdraw(inner),
        }
    }
}
impl Fault for KeepsTheCallback {
    const ABOUT: About = About {
        name: "locked-keeps-the-callback",
        edit: "unmark leaves the callback stored",
        breaks: Rule::CallbackReleased,
        scenario: "mark-unmark",
        origin: "specification 2.2, disarm: drop the QUEUE reference, clear C",
        ..About::of("locked")
    };
}

/// A granted unmark loses the callback object.
#[derive(Debug)]
pub struct LeaksTheCallback;

impl Protocol for LeaksTheCallback {
    fn unmark<R: Runtime>(request: &Locked<R, Self>) -> Unmark {
        let stored = request.inner().lock().callback.clone();
        let answer = Self::withdraw(&mut request.inner().lock());
        if answer == Unmark::Unmarked {
            mem::forget(stored);
        }
        answer
    }
}
impl Fault for LeaksTheCallback {
    const ABOUT: About = About {
        name: "locked-leaks-the-callback",
        edit: "unmark forgets one reference to the callback object",
        breaks: Rule::CallbackReleased,
        scenario: "mark-unmark",
        origin: "specification I11: references balance",
        ..About::of("locked")
    };
}

/// Unmark of a claimed request waits for a wake-up that nobody sends.
#[derive(Debug)]
pub struct WaitsWithoutWaker;

impl Protocol for WaitsWithoutWaker {
    fn unmark<R: Runtime>(request: &Locked<R, Self>) -> Unmark {
        let answer = Self::withdraw(&mut request.inner().lock());
        if answer == Unmark::Canceled {
            R::park();
        }
        answer
    }
}
impl Fault for WaitsWithoutWaker {
    const ABOUT: About = About {
        name: "locked-waits-without-waker",
        edit: "unmark of a claimed request parks, and calling back does not unpark",
        breaks: Rule::NoDeadlock,
        scenario: "marked-finish-cancel",
        origin: "specification T13: a hang unless another thread happens to come by",
        ..About::of("locked")
    };
}

/// Unmark of a completed request is answered like one whose cancel was first.
#[derive(Debug)]
pub struct ForgivesTheDead;

impl Protocol for ForgivesTheDead {
    fn withdraw<R: Runtime>(inner: &mut Inner<R>) -> Unmark {
        match inner.phase {
            Phase::Completed => Unmark::Canceled,
            _ => Reference::withdraw(inner),
        }
    }
}
impl Fault for ForgivesTheDead {
    const ABOUT: About = About {
        name: "locked-forgives-the-dead",
        edit: "unmark of a completed request answers canceled",
        breaks: Rule::MisuseRefused,
        scenario: "unmark-after-completed-by-callback",
        origin: "specification R9 and A4",
        ..About::of("locked")
    };
}

/// Waiting unmarks are woken before the return is noted, and nobody wakes those that look in between.
#[derive(Debug)]
pub struct NotifiesBeforeNoting;

impl Protocol for NotifiesBeforeNoting {
    fn announce_return<R: Runtime>(request: &Locked<R, Self>) {
        let Some(returned) = request.returned() else { return };
        returned.notify_all();
        let mut inner = request.inner().lock();
        inner.runner = None;
        if inner.phase == Phase::Notified {
            inner.phase = Phase::Returned;
        }
    }
}
impl Fault for NotifiesBeforeNoting {
    const ABOUT: About = About {
        name: "locked-notifies-before-noting",
        edit: "the return is notified first and written down afterwards",
        breaks: Rule::NoDeadlock,
        scenario: "wait-then-complete",
        origin: "tokio-rs/tokio pull request 2134: the notification is lost and the waiter waits for ever",
        contract: Contract::SCOPED,
        ..About::of("locked")
    };
}

/// Only one of the unmarks that wait is woken.
#[derive(Debug)]
pub struct WakesOne;

impl Protocol for WakesOne {
    fn announce_return<R: Runtime>(request: &Locked<R, Self>) {
        let Some(returned) = request.returned() else { return };
        let mut inner = request.inner().lock();
        inner.runner = None;
        if inner.phase == Phase::Notified {
            inner.phase = Phase::Returned;
        }
        drop(inner);
        returned.notify_one();
    }
}
impl Fault for WakesOne {
    const ABOUT: About = About {
        name: "locked-wakes-one",
        edit: "the return is notified to one waiter instead of all",
        breaks: Rule::NoDeadlock,
        scenario: "two-unmarks-cancel",
        origin: "specification R27: the loser of two unmarks must be answered as well",
        contract: Contract::SCOPED,
        ..About::of("locked")
    };
}

/// Unmark does not wait for the callback.
#[derive(Debug)]
pub struct ForgetsToWait;

impl Protocol for ForgetsToWait {
    fn lock_for_unmark<R: Runtime>(request: &Locked<R, Self>) -> MutexGuard<'_, R, Inner<R>> {
        request.inner().lock()
    }
}
impl Fault for ForgetsToWait {
    const ABOUT: About = About {
        name: "locked-forgets-to-wait",
        edit: "unmark of a claimed request answers at once",
        breaks: Rule::TruthfulUnmark,
        scenario: "worker-unmarks-cancel",
        origin: "dotnet/coreclr pull request 20145: Dispose returns although the callback is still to run",
        contract: Contract::SCOPED,
        ..About::of("locked")
    };
}
