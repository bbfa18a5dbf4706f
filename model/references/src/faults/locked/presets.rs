//! Faults of a [`Locked`] that keeps a contract from beyond Windows.

use std::sync::Arc;

use crate::callback::Callback;
use crate::contract::Contract;
use crate::request::{Cancel, Complete, IsCanceled};
use crate::requests::Locked;
use crate::requests::locked::{Inner, Phase, Protocol, Reference};
use crate::rule::Rule;
use crate::runtime::{JoinHandle, Mutex, Runtime};

use super::super::{About, Fault};

/// The callback is made on another thread, for which the cancel waits.
#[derive(Debug)]
pub struct HandsTheCallbackOver;

impl Protocol for HandsTheCallbackOver {
    fn call_back<R: Runtime>(request: &Locked<R, Self>, callback: Arc<Callback>) {
        let shared = request.share();
        R::spawn(move || Self::call_back_here(&shared, callback)).join();
    }
}
impl Fault for HandsTheCallbackOver {
    const ABOUT: About = About {
        name: "locked-hands-the-callback-over",
        edit: "the callback runs on a thread of its own instead of the thread that asked to stop",
        breaks: Rule::CallbackThread,
        scenario: "marked-cancel-cancel",
        origin: "C++ working draft, stopcallback.cons: evaluated in the current thread, or by the first call to \
                 request_stop",
        contract: Contract::STOP_CALLBACK,
        ..About::of("locked")
    };
}

/// The callback is made in the call that led to it.
#[derive(Debug)]
pub struct CallsBackInTheCall;

impl Protocol for CallsBackInTheCall {
    fn call_back<R: Runtime>(request: &Locked<R, Self>, callback: Arc<Callback>) {
        Self::call_back_here(request, callback);
    }
}
impl Fault for CallsBackInTheCall {
    const ABOUT: About = About {
        name: "locked-calls-back-in-the-call",
        edit: "the callback runs in the cancel instead of a thread of its own",
        breaks: Rule::CallbackThread,
        scenario: "marked-cancel-cancel",
        origin: "Go package context, AfterFunc: f is called in its own goroutine",
        contract: Contract::AFTER_FUNC,
        ..About::of("locked")
    };
}

/// Is-canceled says no while the callback of the cancel runs.
#[derive(Debug)]
pub struct DoesNotTell;

impl Protocol for DoesNotTell {
    fn is_canceled<R: Runtime>(request: &Locked<R, Self>) -> IsCanceled {
        match (Reference::is_canceled(&request.share_as()), request.inner().lock().phase) {
            (IsCanceled::Yes, Phase::Promised | Phase::Notified | Phase::Returned) => IsCanceled::No,
            (answer, _) => answer,
        }
    }
}
impl Fault for DoesNotTell {
    const ABOUT: About = About {
        name: "locked-does-not-tell",
        edit: "is-canceled answers no after a claim",
        breaks: Rule::Linearizable,
        scenario: "is-canceled-tells",
        origin: "CancellationToken.IsCancellationRequested is true from the cancel on, also while callbacks run",
        contract: Contract::DOTNET_UNREGISTER,
        ..About::of("locked")
    };
}

/// A cancel that was answered "not claimed" is remembered all the same.
#[derive(Debug)]
pub struct RemembersWhatIsForgotten;

impl Protocol for RemembersWhatIsForgotten {
    fn cancel<R: Runtime>(request: &Locked<R, Self>) -> Cancel {
        request.inner().lock().cancel_asked = true;
        Reference::cancel(&request.share_as())
    }
}
impl Fault for RemembersWhatIsForgotten {
    const ABOUT: About = About {
        name: "locked-remembers-what-is-forgotten",
        edit: "a cancel of an executing operation is left for its next mark",
        breaks: Rule::ExactlyOnce,
        scenario: "cancel-executing-then-finish",
        origin: "io_uring_prep_cancel(3): an operation that was not canceled completes by itself",
        contract: Contract::ASYNC_CANCEL,
        ..About::of("locked")
    };
}

/// A completion that comes after the cancel is accepted.
#[derive(Debug)]
pub struct ResumesTheCanceled;

impl Protocol for ResumesTheCanceled {
    fn end<R: Runtime>(inner: &mut Inner<R>, contract: &Contract) -> Complete {
        match Reference::end(inner, contract) {
            Complete::Canceled => {
                inner.phase = Phase::Completed;
                Complete::Completed
            }
            answer => answer,
        }
    }
}
impl Fault for ResumesTheCanceled {
    const ABOUT: About = About {
        name: "locked-resumes-the-canceled",
        edit: "complete is accepted although a cancel has ended the request",
        breaks: Rule::Linearizable,
        scenario: "cancel-then-resume",
        origin: "kotlinx.coroutines, CancellableContinuation: resume of a canceled continuation is ignored",
        contract: Contract::INVOKE_ON_CANCELLATION,
        ..About::of("locked")
    };
}

/// The cancel raises the flag and leaves the registration to whoever comes next.
#[derive(Debug)]
pub struct OnlyAsks;

impl Protocol for OnlyAsks {
    fn cancel<R: Runtime>(request: &Locked<R, Self>) -> Cancel {
        request.inner().lock().cancel_asked = true;
        Cancel::Untold
    }
}
impl Fault for OnlyAsks {
    const ABOUT: About = About {
        name: "locked-only-asks",
        edit: "cancel sets the flag and returns without taking the registration",
        breaks: Rule::NoLostCancel,
        scenario: "marked-cancel",
        origin: "CancellationTokenSource: the Cancel that raises the flag is the one that takes the registrations",
        contract: Contract::DOTNET_UNREGISTER,
        ..About::of("locked")
    };
}

/// The cancel that asks is overtaken by its own answer: it claims when the next one comes.
#[derive(Debug)]
pub struct ClaimsAtTheNext;

impl Protocol for ClaimsAtTheNext {
    fn cancel<R: Runtime>(request: &Locked<R, Self>) -> Cancel {
        let mut inner = request.inner().lock();
        let is_first = !inner.cancel_asked;
        inner.cancel_asked = true;
        drop(inner);
        if is_first { Cancel::Untold } else { Reference::cancel(&request.share_as()) }
    }
}
impl Fault for ClaimsAtTheNext {
    const ABOUT: About = About {
        name: "locked-claims-at-the-next",
        edit: "the first cancel returns before it has come to the registration, so an unmark after it is granted",
        breaks: Rule::Linearizable,
        scenario: "unmark-after-completed-by-callback",
        origin: "CancellationTokenSource.Cancel: when the first call returns, every registration was taken",
        contract: Contract::DOTNET_UNREGISTER,
        ..About::of("locked")
    };
}
