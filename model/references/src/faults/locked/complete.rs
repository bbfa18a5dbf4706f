//! Faults of completing a [`Locked`] and of asking it.

use crate::contract::Contract;
use crate::machine::Misuse;
use crate::request::{Cancel, Complete, IsCanceled};
use crate::requests::Locked;
use crate::requests::locked::{Inner, Phase, Protocol, Reference};
use crate::rule::Rule;
use crate::runtime::{Mutex, MutexGuard, Runtime};

use super::super::{About, Fault, Sight};

/// Complete checks in one critical section and ends in another, so two completions can both be accepted.
#[derive(Debug)]
pub struct ChecksThenEnds;

impl Protocol for ChecksThenEnds {
    fn complete<R: Runtime>(request: &Locked<R, Self>) -> Complete {
        let phase = request.inner().lock().phase;
        if !matches!(phase, Phase::Pending | Phase::Notified) {
            return Self::end(&mut request.inner().lock(), request.contract());
        }
        request.inner().lock().phase = Phase::Completed;
        Complete::Completed
    }
}
impl Fault for ChecksThenEnds {
    const ABOUT: About = About {
        name: "locked-checks-then-ends",
        edit: "complete lets go of the lock between looking and ending",
        breaks: Rule::SingleCompletion,
        scenario: "two-completions",
        origin: "specification V7",
        ..About::of("locked")
    };
}

/// A completion is not written down, so the next one is accepted as well.
#[derive(Debug)]
pub struct EndsWithoutNoting;

impl Protocol for EndsWithoutNoting {
    fn end<R: Runtime>(inner: &mut Inner<R>, contract: &Contract) -> Complete {
        match inner.phase {
            Phase::Pending | Phase::Notified => Complete::Completed,
            _ => Reference::end(inner, contract),
        }
    }
}
impl Fault for EndsWithoutNoting {
    const ABOUT: About = About {
        name: "locked-ends-without-noting",
        edit: "complete answers completed without leaving its phase",
        breaks: Rule::SingleCompletion,
        scenario: "misuse-complete-twice",
        origin: "specification V7 and rule DoubleCompletion",
        ..About::of("locked")
    };
}

/// A request whose callback is owed can be completed, and then the callback completes it again.
#[derive(Debug)]
pub struct CompletesWhatIsPromised;

impl Protocol for CompletesWhatIsPromised {
    fn lock_to_complete<R: Runtime>(request: &Locked<R, Self>) -> MutexGuard<'_, R, Inner<R>> {
        request.inner().lock()
    }

    fn end<R: Runtime>(inner: &mut Inner<R>, contract: &Contract) -> Complete {
        match inner.phase {
            Phase::Promised => {
                inner.phase = Phase::Completed;
                Complete::Completed
            }
            _ => Reference::end(inner, contract),
        }
    }
}
impl Fault for CompletesWhatIsPromised {
    const ABOUT: About = About {
        name: "locked-completes-what-is-promised",
        edit: "complete does not wait, and is accepted between the claim and the callback",
        breaks: Rule::SingleCompletion,
        scenario: "complete-marked-cancel",
        origin: "specification R12",
        contract: Contract::SCOPED,
        ..About::of("locked")
    };
}

/// Completion is refused once the callback has started.
#[derive(Debug)]
pub struct RefusesTheCallback;

impl Protocol for RefusesTheCallback {
    fn end<R: Runtime>(inner: &mut Inner<R>, contract: &Contract) -> Complete {
        match inner.phase {
            Phase::Notified => Complete::Refused(Misuse::CallbackPromised),
            _ => Reference::end(inner, contract),
        }
    }
}
impl Fault for RefusesTheCallback {
    const ABOUT: About = About {
        name: "locked-refuses-the-callback",
        edit: "complete treats a started callback like a promised one",
        breaks: Rule::RequestCompleted,
        scenario: "marked-cancel",
        origin: "specification 2.4, complete in N",
        ..About::of("locked")
    };
}

/// A request that was canceled while nobody had marked it cannot be completed.
#[derive(Debug)]
pub struct RefusesTheCanceled;

impl Protocol for RefusesTheCanceled {
    fn end<R: Runtime>(inner: &mut Inner<R>, contract: &Contract) -> Complete {
        match inner.phase {
            Phase::Pending if inner.cancel_asked => Complete::Refused(Misuse::CallbackPromised),
            _ => Reference::end(inner, contract),
        }
    }
}
impl Fault for RefusesTheCanceled {
    const ABOUT: About = About {
        name: "locked-refuses-the-canceled",
        edit: "complete of an unmarked request is refused once a cancel was asked for",
        breaks: Rule::RequestCompleted,
        scenario: "cancel-then-is-canceled",
        origin: "specification I16: any status, including success with K = 1",
        ..About::of("locked")
    };
}

/// Completion asks the request a question while it holds the lock.
#[derive(Debug)]
pub struct LocksTwice;

impl Protocol for LocksTwice {
    fn complete<R: Runtime>(request: &Locked<R, Self>) -> Complete {
        let mut inner = request.inner().lock();
        let is_canceled = Self::is_canceled(request);
        if is_canceled == IsCanceled::Refused(Misuse::AlreadyCompleted) {
            return Complete::Refused(Misuse::AlreadyCompleted);
        }
        Self::end(&mut inner, request.contract())
    }
}
impl Fault for LocksTwice {
    const ABOUT: About = About {
        name: "locked-locks-twice",
        edit: "complete calls is-canceled under the lock that is-canceled takes",
        breaks: Rule::NoDeadlock,
        scenario: "complete-unmarked",
        origin: "specification R16: self-deadlock with a lock that is not recursive",
        ..About::of("locked")
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
        origin: "specification 2.4, IsCanceled in O",
        ..About::of("locked")
    };
}

/// Completion that takes the mark with it does not wait for a callback that runs.
#[derive(Debug)]
pub struct CompletesUnderTheCallback;

impl Protocol for CompletesUnderTheCallback {
    fn lock_to_complete<R: Runtime>(request: &Locked<R, Self>) -> MutexGuard<'_, R, Inner<R>> {
        request.inner().lock()
    }
}
impl Fault for CompletesUnderTheCallback {
    const ABOUT: About = About {
        name: "locked-completes-under-the-callback",
        edit: "complete is accepted while the callback runs on another thread",
        breaks: Rule::NeverAfterCompletion,
        scenario: "completed-while-canceled-completes",
        origin: "an earlier version of this very request; io_uring_prep_cancel(3): an operation completes once",
        contract: Contract::ASYNC_CANCEL,
        needs: Sight::HappensBefore,
        ..About::of("locked")
    };
}

/// Completion says that the request has ended before it takes the callback, and a cancel calls what is still there.
#[derive(Debug)]
pub struct EndsBeforeItDisarms;

impl Protocol for EndsBeforeItDisarms {
    fn complete<R: Runtime>(request: &Locked<R, Self>) -> Complete {
        let mut inner = Self::lock_to_complete(request);
        let callback = inner.callback.take();
        let answer = Self::end(&mut inner, request.contract());
        inner.callback = callback;
        drop(inner);
        let callback = request.inner().lock().callback.take();
        drop(callback);
        answer
    }

    fn cancel<R: Runtime>(request: &Locked<R, Self>) -> Cancel {
        let mut inner = request.inner().lock();
        let late = if inner.phase == Phase::Completed { inner.callback.take() } else { None };
        drop(inner);
        match late {
            None => Reference::cancel(&request.share_as()),
            Some(callback) => {
                Self::call_back(request, callback);
                Cancel::Claimed
            }
        }
    }
}
impl Fault for EndsBeforeItDisarms {
    const ABOUT: About = About {
        name: "locked-ends-before-it-disarms",
        edit: "complete lets go of the lock between ending the request and taking the callback",
        breaks: Rule::NeverAfterCompletion,
        scenario: "completed-while-canceled",
        origin: "bitcoin-core/libmultiprocess 342: the cancel function outlives the call whose frame it refers to",
        contract: Contract::STOP_CALLBACK,
        needs: Sight::HappensBefore,
        ..About::of("locked")
    };
}
