//! Faults of canceling and calling back a [`Locked`].

use std::sync::Arc;

use crate::callback::Callback;
use crate::request::Cancel;
use crate::requests::Locked;
use crate::requests::locked::{Inner, Phase, Protocol};
use crate::rule::Rule;
use crate::runtime::{Mutex, Runtime};

use super::super::{About, Fault};

/// A claim is recorded only when the callback starts, so every canceler that comes before calls back too.
#[derive(Debug)]
pub struct FiresTwice;

impl Protocol for FiresTwice {
    fn cancel<R: Runtime>(request: &Locked<R, Self>) -> Cancel {
        let mut inner = request.inner().lock();
        Self::remember_cancel(&mut inner);
        let callback = match inner.phase {
            Phase::Completed => return Cancel::NotFound,
            Phase::Cancelable => inner.callback.clone(),
            _ => return Cancel::NotClaimed,
        };
        drop(inner);
        let stored = {
            let mut inner = request.inner().lock();
            inner.phase = Phase::Notified;
            inner.callback.take()
        };
        drop(stored);
        if let Some(callback) = callback {
            callback.invoke();
        }
        Cancel::Claimed
    }
}
impl Fault for FiresTwice {
    const ABOUT: About = About {
        name: "locked-fires-twice",
        edit: "cancel copies the callback under the lock and takes it under another",
        breaks: Rule::ExactlyOnce,
        scenario: "marked-cancel-finish-cancel",
        origin: "specification Appendix C: C not cleared before the call, second pop possible (I1)",
        ..About::of("locked")
    };
}

/// Nothing is ever claimed, so every cancel calls back.
#[derive(Debug)]
pub struct FiresOnEveryCancel;

impl Protocol for FiresOnEveryCancel {
    fn cancel<R: Runtime>(request: &Locked<R, Self>) -> Cancel {
        let mut inner = request.inner().lock();
        Self::remember_cancel(&mut inner);
        let Some(callback) = inner.callback.clone() else { return Cancel::NotClaimed };
        inner.phase = Phase::Notified;
        drop(inner);
        callback.invoke();
        Cancel::Claimed
    }
}
impl Fault for FiresOnEveryCancel {
    const ABOUT: About = About {
        name: "locked-fires-on-every-cancel",
        edit: "cancel copies the callback and never takes it",
        breaks: Rule::ExactlyOnce,
        scenario: "marked-cancel-cancel",
        origin: "specification I1: several cancels together still yield one callback",
        ..About::of("locked")
    };
}

/// A cancel of a request that is not marked leaves no trace.
#[derive(Debug)]
pub struct ForgetsToRemember;

impl Protocol for ForgetsToRemember {
    fn remember_cancel<R: Runtime>(_inner: &mut Inner<R>) {}
}
impl Fault for ForgetsToRemember {
    const ABOUT: About = About {
        name: "locked-forgets-to-remember",
        edit: "cancel does not set the cancel flag",
        breaks: Rule::NoLostCancel,
        scenario: "cancel-then-mark",
        origin: "specification I8: the bit is sticky",
        ..About::of("locked")
    };
}

/// Cancel checks in one critical section and claims in another, so it can claim a request that was unmarked
/// in between.
#[derive(Debug)]
pub struct ChecksThenClaims;

impl Protocol for ChecksThenClaims {
    fn cancel<R: Runtime>(request: &Locked<R, Self>) -> Cancel {
        let phase = {
            let mut inner = request.inner().lock();
            Self::remember_cancel(&mut inner);
            inner.phase
        };
        match phase {
            Phase::Completed => return Cancel::NotFound,
            Phase::Cancelable => {}
            _ => return Cancel::NotClaimed,
        }
        let callback = Self::claim(&mut request.inner().lock());
        if let Some(callback) = callback {
            Self::call_back(request, callback);
        }
        Cancel::Claimed
    }
}
impl Fault for ChecksThenClaims {
    const ABOUT: About = About {
        name: "locked-checks-then-claims",
        edit: "cancel lets go of the lock between looking and claiming",
        breaks: Rule::NoLostCancel,
        scenario: "worker-finishes-cancel",
        origin: "specification R5",
        ..About::of("locked")
    };
}

/// The canceler that wins drops the callback instead of calling it.
#[derive(Debug)]
pub struct ClaimsAndForgets;

impl Protocol for ClaimsAndForgets {
    fn claim<R: Runtime>(inner: &mut Inner<R>) -> Option<Arc<Callback>> {
        inner.phase = Phase::Promised;
        inner.callback = None;
        None
    }
}
impl Fault for ClaimsAndForgets {
    const ABOUT: About = About {
        name: "locked-claims-and-forgets",
        edit: "the claim drops the callback",
        breaks: Rule::NoLostCancel,
        scenario: "marked-cancel",
        origin: "specification Appendix C: pending callback dropped when the queue is purged or disposed \
                 (I1, I15)",
        ..About::of("locked")
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
        origin: "specification I12; facebookexperimental/libunifex pull request 670: stop callbacks under \
                 a lock",
        ..About::of("locked")
    };
}

/// A cancel that called back answers that it did not.
#[derive(Debug)]
pub struct DeniesTheClaim;

impl Protocol for DeniesTheClaim {
    fn cancel<R: Runtime>(request: &Locked<R, Self>) -> Cancel {
        let mut inner = request.inner().lock();
        Self::remember_cancel(&mut inner);
        match inner.phase {
            Phase::Completed => return Cancel::NotFound,
            Phase::Cancelable => {}
            _ => return Cancel::NotClaimed,
        }
        let callback = Self::claim(&mut inner);
        drop(inner);
        if let Some(callback) = callback {
            Self::call_back(request, callback);
        }
        Cancel::NotClaimed
    }
}
impl Fault for DeniesTheClaim {
    const ABOUT: About = About {
        name: "locked-denies-the-claim",
        edit: "cancel always answers not claimed",
        breaks: Rule::Linearizable,
        scenario: "marked-cancel",
        origin: "specification 2.2: IoCancelIrp answers TRUE when it called the routine",
        ..About::of("locked")
    };
}
