//! Faults of [`Locked`](crate::requests::Locked): each overrides one call.

use core::mem;
use std::sync::Arc;

use super::{About, Fault, Sight};
use crate::callback::Callback;
use crate::machine::Misuse;
use crate::request::{Complete, IsCanceled, Mark, Unmark};
use crate::requests::Locked;
use crate::requests::locked::{Inner, Phase, Protocol, Reference};
use crate::rule::Rule;
use crate::runtime::{Mutex, Runtime};

/// A claim is not recorded, so every canceler that comes before the callback has been started calls back too.
#[derive(Debug)]
pub struct ForgetsTheClaim;

impl Protocol for ForgetsTheClaim {
    fn claim(inner: &mut Inner) -> Option<Arc<Callback>> {
        inner.callback.clone()
    }

    fn call_back<R: Runtime>(request: &Locked<R, Self>, callback: Arc<Callback>) {
        request.inner().lock().phase = Phase::Notified;
        callback.invoke();
        let stored = request.inner().lock().callback.take();
        drop(stored);
    }
}
impl Fault for ForgetsTheClaim {
    const ABOUT: About = About {
        name: "locked-fires-twice",
        edit: "cancel copies the callback and leaves the phase; the stored one is taken when the callback is over",
        breaks: Rule::ExactlyOnce,
        scenario: "marked-two-cancels",
        needs: Sight::Order,
    };
}

/// Nothing is ever claimed, so every cancel calls back.
#[derive(Debug)]
pub struct FiresOnEveryCancel;

impl Protocol for FiresOnEveryCancel {
    fn claim(inner: &mut Inner) -> Option<Arc<Callback>> {
        inner.callback.clone()
    }

    fn call_back<R: Runtime>(_request: &Locked<R, Self>, callback: Arc<Callback>) {
        callback.invoke();
    }
}
impl Fault for FiresOnEveryCancel {
    const ABOUT: About = About {
        name: "locked-fires-on-every-cancel",
        edit: "cancel copies the callback, and calling back does not leave the cancelable phase",
        breaks: Rule::ExactlyOnce,
        scenario: "marked-cancel-cancel",
        needs: Sight::Order,
    };
}

/// Mark does not look at the cancel flag.
#[derive(Debug)]
pub struct IgnoresEarlyCancel;

impl Protocol for IgnoresEarlyCancel {
    fn mark<R: Runtime>(request: &Locked<R, Self>, callback: Callback) -> Mark {
        let mut inner = request.inner().lock();
        match inner.phase {
            Phase::Pending => {}
            Phase::Cancelable => return Mark::Refused(Misuse::AlreadyMarked),
            Phase::Promised | Phase::Notified => return Mark::Refused(Misuse::CancelClaimed),
            Phase::Completed => return Mark::Refused(Misuse::AlreadyCompleted),
        }
        inner.phase = Phase::Cancelable;
        inner.callback = Some(Arc::new(callback));
        Mark::Marked
    }
}
impl Fault for IgnoresEarlyCancel {
    const ABOUT: About = About {
        name: "locked-loses-early-cancel",
        edit: "mark does not check whether a cancel was asked for before",
        breaks: Rule::NoLostCancel,
        scenario: "cancel-then-mark",
        needs: Sight::Order,
    };
}

/// The lock is held while calling back.
#[derive(Debug)]
pub struct CallsBackUnderTheLock;

impl Protocol for CallsBackUnderTheLock {
    fn call_back<R: Runtime>(request: &Locked<R, Self>, callback: Arc<Callback>) {
        let mut inner = request.inner().lock();
        inner.phase = Phase::Notified;
        callback.invoke();
    }
}
impl Fault for CallsBackUnderTheLock {
    const ABOUT: About = About {
        name: "locked-calls-back-under-the-lock",
        edit: "the guard lives until the callback has returned",
        breaks: Rule::ReentrantCallback,
        scenario: "marked-cancel-reentrant",
        needs: Sight::Order,
    };
}

/// A granted unmark loses the callback object.
#[derive(Debug)]
pub struct LeaksTheCallback;

impl Protocol for LeaksTheCallback {
    fn unmark<R: Runtime>(request: &Locked<R, Self>) -> Unmark {
        let stored = request.inner().lock().callback.clone();
        let answer = <Reference as Protocol>::withdraw(&mut request.inner().lock());
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
        needs: Sight::Order,
    };
}

/// Unmark of a claimed request waits for a wake-up that nobody sends.
#[derive(Debug)]
pub struct WaitsWithoutWaker;

impl Protocol for WaitsWithoutWaker {
    fn unmark<R: Runtime>(request: &Locked<R, Self>) -> Unmark {
        let answer = <Reference as Protocol>::withdraw(&mut request.inner().lock());
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
        needs: Sight::Order,
    };
}

/// Completion is refused once the callback has started.
#[derive(Debug)]
pub struct RefusesTheCallback;

impl Protocol for RefusesTheCallback {
    fn complete<R: Runtime>(request: &Locked<R, Self>) -> Complete {
        let mut inner = request.inner().lock();
        match inner.phase {
            Phase::Pending => inner.phase = Phase::Completed,
            Phase::Cancelable => return Complete::Refused(Misuse::StillCancelable),
            Phase::Promised | Phase::Notified => return Complete::Refused(Misuse::CallbackPromised),
            Phase::Completed => return Complete::Refused(Misuse::AlreadyCompleted),
        }
        Complete::Completed
    }
}
impl Fault for RefusesTheCallback {
    const ABOUT: About = About {
        name: "locked-refuses-the-callback",
        edit: "complete treats a started callback like a promised one",
        breaks: Rule::RequestCompleted,
        scenario: "marked-cancel",
        needs: Sight::Order,
    };
}

/// Is-canceled looks at the phase only.
#[derive(Debug)]
pub struct ForgetsToLook;

impl Protocol for ForgetsToLook {
    fn is_canceled<R: Runtime>(request: &Locked<R, Self>) -> IsCanceled {
        match request.inner().lock().phase {
            Phase::Completed => IsCanceled::Refused(Misuse::AlreadyCompleted),
            _ => IsCanceled::No,
        }
    }
}
impl Fault for ForgetsToLook {
    const ABOUT: About = About {
        name: "locked-forgets-to-look",
        edit: "is-canceled does not read the cancel flag",
        breaks: Rule::Linearizable,
        scenario: "cancel-then-is-canceled",
        needs: Sight::Order,
    };
}
