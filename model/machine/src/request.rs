//! The trait that an implementation under test provides, and the answers its methods give.

use core::fmt;
use std::sync::Arc;

use crate::callback::Callback;
use crate::contract::Contract;
use crate::misuse::Misuse;
use crate::runtime::Runtime;

/// A request that can be canceled.
///
/// # What you supply
///
/// One type with those of the methods below that it has, generic over the [`Runtime`] (or for one runtime only): a way to
/// make one, mark, and cancel; each other has a default that says *not offered*. Methods take `&self`
/// and are called from several threads at once. Every shared access goes through `R`: an access that bypasses it
/// is invisible to the engines. Say which [`Contract`] you keep if it is not [`Contract::UMDF_1`].
///
/// # What you get
///
/// Under every interleaving that an engine explores: the callback is called exactly once when a cancel wins, never
/// after a granted unmark, never after completion; an early cancel is not lost; every refusal is truthful; what
/// was written before a mark is seen by the callback; the callback object is released exactly once. If not, the
/// shortest interleaving that breaks it.
///
/// # Who calls each method, from which thread
///
/// | method | caller |
/// |---|---|
/// | [`mark`](Self::mark), [`unmark`](Self::unmark), [`is_canceled`](Self::is_canceled) | the driver: the thread that owns the request at that moment |
/// | [`complete`](Self::complete) | the driver, or the callback, on the thread that called it back |
/// | [`cancel`](Self::cancel) | anybody, any number of threads, at any time, also from within the callback |
/// | [`settle`](Self::settle) | the suite, once, when all threads have ended |
///
/// The driver's own calls can come from different threads one after another, never from two at once; scenarios
/// that break this say so in their name and only judge memory safety and the callback rules.
///
/// # Example
///
/// A request that is obviously right because every call is one critical section, and that never holds its lock
/// while calling back:
///
/// ```
/// use cancelproof_machine::runtime::{Mutex, Runtime, Std};
/// use cancelproof_machine::{
///     Callback, Cancel, CancelableRequest, Complete, IsCanceled, Mark, Misuse, Status, Unmark,
/// };
///
/// #[derive(Clone, Copy, PartialEq)]
/// enum Phase { Pending, Cancelable, Promised, Notified, Completed }
///
/// struct Inner { phase: Phase, cancel_asked: bool, callback: Option<Callback> }
///
/// struct MyRequest<R: Runtime>(R::Mutex<Inner>);
///
/// impl<R: Runtime> MyRequest<R> {
///     fn notify(&self, callback: &Callback) {
///         self.0.lock().phase = Phase::Notified;
///         callback.invoke();
///     }
/// }
///
/// impl<R: Runtime> CancelableRequest<R> for MyRequest<R> {
///     fn new() -> Self {
///         MyRequest(R::Mutex::new(Inner { phase: Phase::Pending, cancel_asked: false, callback: None }))
///     }
///
///     fn mark(&self, callback: Callback) -> Mark {
///         let mut inner = self.0.lock();
///         match inner.phase {
///             Phase::Pending if inner.cancel_asked => inner.phase = Phase::Promised,
///             Phase::Pending => {
///                 inner.phase = Phase::Cancelable;
///                 inner.callback = Some(callback);
///                 return Mark::Marked;
///             }
///             Phase::Cancelable => return Mark::Refused(Misuse::AlreadyMarked),
///             Phase::Promised | Phase::Notified => return Mark::Refused(Misuse::CancelClaimed),
///             Phase::Completed => return Mark::Refused(Misuse::AlreadyCompleted),
///         }
///         drop(inner);
///         self.notify(&callback);
///         Mark::Marked
///     }
///
///     fn unmark(&self) -> Unmark {
///         let mut inner = self.0.lock();
///         match inner.phase {
///             Phase::Pending => Unmark::Refused(Misuse::NotMarked),
///             Phase::Cancelable => {
///                 inner.phase = Phase::Pending;
///                 let callback = inner.callback.take();
///                 drop(inner);
///                 drop(callback);
///                 Unmark::Unmarked
///             }
///             Phase::Promised | Phase::Notified => Unmark::Canceled,
///             Phase::Completed => Unmark::Refused(Misuse::AlreadyCompleted),
///         }
///     }
///
///     fn cancel(&self) -> Cancel {
///         let mut inner = self.0.lock();
///         inner.cancel_asked = true;
///         match inner.phase {
///             Phase::Completed => Cancel::NotFound,
///             Phase::Cancelable => {
///                 inner.phase = Phase::Promised;
///                 let callback = inner.callback.take().expect("a cancelable request has a callback");
///                 drop(inner);
///                 self.notify(&callback);
///                 Cancel::Claimed
///             }
///             _ => Cancel::NotClaimed,
///         }
///     }
///
///     fn complete(&self, _status: Status) -> Complete {
///         let mut inner = self.0.lock();
///         match inner.phase {
///             Phase::Pending | Phase::Notified => {
///                 inner.phase = Phase::Completed;
///                 Complete::Completed
///             }
///             Phase::Cancelable => Complete::Refused(Misuse::StillCancelable),
///             Phase::Promised => Complete::Refused(Misuse::CallbackPromised),
///             Phase::Completed => Complete::Refused(Misuse::AlreadyCompleted),
///         }
///     }
///
///     fn is_canceled(&self) -> IsCanceled {
///         let inner = self.0.lock();
///         match inner.phase {
///             Phase::Pending if inner.cancel_asked => IsCanceled::Yes,
///             Phase::Completed => IsCanceled::Refused(Misuse::AlreadyCompleted),
///             _ => IsCanceled::No,
///         }
///     }
/// }
///
/// let request = <MyRequest<Std> as CancelableRequest<Std>>::new();
/// assert_eq!(request.mark(Callback::new(|| ())), Mark::Marked);
/// assert_eq!(request.cancel(), Cancel::Claimed);
/// assert_eq!(request.unmark(), Unmark::Canceled);
/// assert_eq!(request.complete(Status::Canceled), Complete::Completed);
/// ```
pub trait CancelableRequest<R: Runtime>: Send + Sync + 'static {
    /// A pending request that nobody has canceled.
    fn new() -> Self
    where
        Self: Sized;

    /// The contract this implementation keeps.
    #[must_use]
    fn contract() -> Contract
    where
        Self: Sized,
    {
        Contract::UMDF_1
    }

    /// Makes the request cancelable: `callback` is invoked once if a cancel wins, and released either way.
    fn mark(&self, callback: Callback) -> Mark;

    /// Takes the mark back. Only [`Unmark::Unmarked`] gives the request back to the driver.
    ///
    /// By default there is no such call: a mark ends with the request.
    fn unmark(&self) -> Unmark {
        Unmark::Refused(Misuse::NotOffered)
    }

    /// Asks for the request to end early. Does not wait for it to end.
    fn cancel(&self) -> Cancel;

    /// Ends the request with `status`.
    ///
    /// By default there is no such call: the operation's end is its owner's own business.
    fn complete(&self, status: Status) -> Complete {
        let _ = status;
        Complete::Refused(Misuse::NotOffered)
    }

    /// Whether a cancel was asked for while the request was not marked.
    ///
    /// By default there is no such call.
    fn is_canceled(&self) -> IsCanceled {
        IsCanceled::Refused(Misuse::NotOffered)
    }

    /// Waits for the end and takes the result, where the request has one to hand on
    /// ([`Receiving::InsteadOfMarking`](crate::contract::Receiving::InsteadOfMarking)). It has no answer: what was received is
    /// the adapter's to judge, as those of [`shape`](crate::shape) do.
    ///
    /// By default there is no such call.
    fn receive(&self) {}

    /// Something happens that a driver has to deal with, where requests are delivered to one
    /// ([`Delivering::ToADriver`](crate::contract::Delivering::ToADriver)). Its calls and callbacks are to be told to `observer`, so that a
    /// counterexample shows them.
    ///
    /// By default nothing is done.
    fn happen(&self, happening: Happening, observer: &Arc<dyn Observer>) {
        let _ = (happening, observer);
    }

    /// Delivers what is still to be delivered. Called once, when every thread has ended, so that a request whose
    /// callbacks are made by a dispatcher can make them; the default has nothing to deliver.
    fn settle(&self) {}
}

/// What happens to a driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Happening {
    /// The framework delivers the next request, if there is one and the driver takes it.
    Delivered,
    /// The device is done with what was begun, or interrupts for no reason.
    DeviceDone,
    /// The queue is purged.
    Purged,
    /// The queue stops for a change of power.
    Stopped,
}

/// Who is told of a driver's calls and callbacks, on the thread on which they are made. Each is made inside the method of its name,
/// once. Marks bear numbers from 0 on; `inside` is the mark from within whose callback a call is made.
pub trait Observer: Send + Sync {
    /// The driver makes its mark of that number.
    fn mark(&self, mark: u8, call: &mut dyn FnMut() -> Mark) -> Mark;
    /// The driver takes its mark back.
    fn unmark(&self, inside: Option<u8>, call: &mut dyn FnMut() -> Unmark) -> Unmark;
    /// The driver completes the request.
    fn complete(&self, inside: Option<u8>, call: &mut dyn FnMut() -> Complete) -> Complete;
    /// The driver asks whether the request is canceled.
    fn is_canceled(&self, inside: Option<u8>, call: &mut dyn FnMut() -> IsCanceled) -> IsCanceled;
    /// The callback of a mark is made.
    fn callback(&self, mark: u8, call: &mut dyn FnMut());
    /// The callback object of a mark is given back.
    fn released(&self, mark: u8);
}

/// With what result a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// The I/O was done.
    Success,
    /// The I/O was given up because of a cancel (`STATUS_CANCELLED`, `ERROR_OPERATION_ABORTED`).
    Canceled,
    /// The I/O failed for another reason.
    Error,
}

/// What mark answers.
#[must_use = "a refused mark leaves the request with the caller, who must complete it"]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// The mark was accepted: if the request is or gets canceled the callback is called, once.
    Marked,
    /// The request had been canceled: it is not marked, no callback comes, the caller completes it. Only under
    /// [`MarkAfterCancel::Refuses`](crate::contract::MarkAfterCancel::Refuses).
    Canceled,
    /// The call was a misuse and had no effect but to release the callback object.
    Refused(Misuse),
    /// Untold: the real call does not say. It is taken for any answer that is allowed, so nothing rests on it; a driver that
    /// is not told goes on as if its mark was accepted.
    Untold,
}

/// What unmark answers.
#[must_use = "only a granted unmark allows the caller to complete the request"]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unmark {
    /// The mark is gone and the callback of that mark will never run; the caller owns the request again.
    Unmarked,
    /// A cancel was first: the callback has run, is running or will run; completion is left to it.
    Canceled,
    /// The call was a misuse and had no effect.
    Refused(Misuse),
    /// Untold: the real call does not say. It is taken for any answer that is allowed, so nothing rests on it; a driver that
    /// is not told goes on as if the mark might not have been taken back.
    Untold,
}

/// What cancel answers.
#[must_use = "the answer says whether this call, another one or nobody calls back"]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cancel {
    /// This call won the request and made its callback, or handed it to whoever makes it (`IoCancelIrp`: TRUE).
    Claimed,
    /// This call did not lead to a callback: the request was not marked (the cancel is remembered), or another
    /// cancel was first (`IoCancelIrp`: FALSE).
    NotClaimed,
    /// The request had already been completed (`ERROR_NOT_FOUND`).
    NotFound,
    /// Untold: the real call does not say. It is taken for any answer that is allowed, so nothing rests on it; a driver that
    /// is not told goes on as if somebody else had claimed the request.
    Untold,
}

/// What complete answers.
#[must_use = "a refused completion leaves the request incomplete"]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Complete {
    /// This call completed the request.
    Completed,
    /// A cancel came first and has ended the request: this call had no effect and is no misuse. Only under
    /// [`CompleteAfterCancel::TooLate`](crate::contract::CompleteAfterCancel::TooLate).
    Canceled,
    /// The call was a misuse and had no effect.
    Refused(Misuse),
    /// Untold: the real call does not say. It is taken for any answer that is allowed, so nothing rests on it; a driver that
    /// is not told goes on as if the request was completed.
    Untold,
}

/// What is-canceled answers.
#[must_use = "the question has no other effect than its answer"]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IsCanceled {
    /// A cancel was asked for and the request is not marked.
    Yes,
    /// No cancel was asked for, or the request is marked.
    No,
    /// The call was a misuse and had no effect.
    Refused(Misuse),
    /// Untold: the real call does not say. It is taken for any answer that is allowed, so nothing rests on it; a driver that
    /// is not told goes on as if no cancel had been asked for.
    Untold,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Status::Success => "success",
            Status::Canceled => "canceled",
            Status::Error => "error",
        })
    }
}
