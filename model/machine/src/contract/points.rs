//! What each point of a contract can say.

/// What mark does with a request whose cancel has already been asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MarkAfterCancel {
    /// The mark is accepted and the callback is called, before or after mark returns
    /// (`IWDFIoRequest::MarkCancelable`, `WdfRequestMarkCancelable`).
    CallsBack,
    /// The mark is refused with "canceled"; no callback comes and the driver completes the request
    /// (`WdfRequestMarkCancelableEx`).
    Refuses,
    /// The mark is accepted and forgotten: no callback comes, and whoever marks has to ask whether the request is canceled
    /// (a listener that is added to an `AbortSignal` that has been aborted).
    Ignores,
}

/// What mark does with a request that a cancel has claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MarkAfterClaim {
    /// The call is refused as a misuse.
    Refuses,
    /// The mark is refused with "canceled", as one that comes after a cancel (a future that is polled again).
    AnswersCanceled,
    /// The mark is accepted and never called (a listener that is added while the others are called).
    Ignores,
    /// The mark is accepted, and its callback is called as well (a further registration on a source that was asked to stop).
    CallsBack,
    /// Once the callback has started the mark is accepted and stands until the next cancel: the claim is spent (work that
    /// queues itself again, a timer that is armed in its own handler, a task that swallows its cancel and waits anew).
    Rearms,
}

/// What mark does with a request that is already marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MarkWhileMarked {
    /// The call is refused as a misuse; the first mark stands.
    Refuses,
    /// The new callback takes the place of the old one, which is given back and never called (the waker that is left at
    /// each poll of a future).
    Replaces,
}

/// What unmark does with a request that is not marked, or has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnmarkUnmarked {
    /// The call is refused as a misuse.
    Refuses,
    /// It has no effect and answers as it does when a cancel was first, for a real call says no more than that it has
    /// prevented nothing (`Unregister` that is called twice, `stop` of `AfterFunc`, `cancel_work_sync` of idle work).
    AnswersCanceled,
    /// It has no effect: the real call answers as it does when a cancel was first, and an adapter that keeps count refuses it.
    MayRefuse,
}

/// What unmark does while the callback is running.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnmarkDuringCallback {
    /// It answers "canceled" at once.
    Answers,
    /// It waits until the callback has returned, unless it is called from the callback itself, and then answers
    /// "canceled".
    Waits,
    /// It waits until the callback has returned, also when it is called from the callback itself, which never ends: a driver
    /// does not do that (`cancel_work_sync`, `timer_delete_sync`).
    WaitsEvenForItself,
}

/// What complete does with a request that is still cancelable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompleteWhileCancelable {
    /// The call is refused as a misuse; the request stays cancelable.
    Refuses,
    /// The call unmarks and completes in one step.
    Disarms,
}

/// What complete does while a callback is owed or runs on another thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompleteDuringCallback {
    /// It answers at once. While the callback is owed it is refused; while it runs, completion is the callback's own
    /// business, and whoever else completes may not take away what the callback uses.
    Answers,
    /// It waits until the callback has returned, unless it is called from the callback itself, and then completes (the
    /// destructor of `std::stop_callback`, at the end of its scope).
    Waits,
}

/// What the answer of a cancel says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CancelAnswers {
    /// Whether this call led to the callback (`IoCancelIrp`).
    WhetherItClaimed,
    /// Whether nobody had asked before it (`request_stop`, `FutureTask.cancel`): the first is answered "claimed", whether
    /// it found a mark or not, and all others "not claimed".
    WhetherItAskedFirst,
    /// The other way round: whether somebody had asked before it (folly's `requestCancellation`). The first is answered
    /// "not claimed" and all others "claimed".
    WhetherSomebodyAskedBefore,
    /// Whether the request can still be canceled, or was (`CompletableFuture.cancel`, `asyncio.Task.cancel`): "claimed" for
    /// whoever asks before it has ended.
    WhetherItCanBe,
    /// How many it found (`IORING_ASYNC_CANCEL_ALL`): "claimed" stands for one or more. What is executing may be counted, or
    /// not.
    HowManyItFound,
    /// Nothing: the real call returns no value (`CancellationTokenSource.Cancel`, a Go `CancelFunc`,
    /// `AbortController.abort`). Whatever an adapter answers is not looked at; [`Cancel::Untold`] is the honest word.
    ///
    /// [`Cancel::Untold`]: crate::request::Cancel::Untold
    Nothing,
}

/// What a cancel of a request that has ended is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CancelAfterEnd {
    /// It finds nothing.
    FindsNothing,
    /// It asks all the same, since what is asked outlives the request (a `stop_source`, whose callbacks come and go).
    Asks,
}

/// When a cancel returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CancelReturns {
    /// It need not wait for anything.
    AtOnce,
    /// When no callback is owed or runs any more, unless it is called from the callback itself (`usb_kill_urb`).
    WhenCallbackReturned,
}

/// When a cancel claims what it finds marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CancelClaims {
    /// In the step in which it asks.
    WhenItAsks,
    /// It asks first and claims later, before it returns. In between is-canceled may say so already, a further cancel
    /// returns at once, and an unmark is still granted (`CancellationTokenSource` raises its flag and then takes one
    /// registration after another).
    AfterItAsked,
}

/// What is-canceled does while the request is marked or its cancel has been claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IsCanceledWhileMarked {
    /// It answers no: only an unmarked request is said to be canceled (`IWDFIoRequest2::IsCanceled`).
    AnswersNo,
    /// The call is refused as a misuse (the verifier's break in `WdfRequestIsCanceled`).
    Refuses,
    /// It answers yes as soon as a cancel has claimed the request (`stop_token::stop_requested`,
    /// `CancellationToken.IsCancellationRequested`); where a cancel asks before it claims
    /// ([`CancelClaims::AfterItAsked`]) it may say so from then on.
    Tells,
}

/// What becomes of a cancel that finds the request unmarked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CancelWhileUnmarked {
    /// It is remembered: the next mark finds it.
    Remembers,
    /// It is answered "not claimed" and has no effect: whoever wants the request canceled asks again
    /// (`-EALREADY` of `IORING_OP_ASYNC_CANCEL`).
    Forgets,
    /// It is answered "not claimed", and may interrupt what executes all the same: whoever marks later may find it, and
    /// need not (`-EALREADY`, where what executes is in a wait that the cancel interrupts).
    MayInterrupt,
}

/// Where the callback runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallbackRuns {
    /// The contract does not say: in the call that led to it, or later on any thread.
    Anywhere,
    /// On the thread of the mark or cancel that led to it, before that call returns.
    InTheCall,
    /// On a thread of its own, for which no call waits.
    OnItsOwnThread,
}

/// What the callback may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallbackCalls {
    /// Every call of the request.
    Anything,
    /// None: a lock of the framework's is held meanwhile (the function of `kiocb_set_cancel_fn`).
    Nothing,
}

/// Whether a callback may come after a completion that was first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallbackAfterCompletion {
    /// Completion is the last that happens to a request.
    Never,
    /// A completion that takes the mark with it leaves the callback to cancels that come later: it may be called, at any time, and
    /// must not use what completion gives away (`invokeOnCancellation`, while a resumed continuation waits to be dispatched).
    MayCome,
}

/// Whether a mark can be taken back at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unmarking {
    /// Unmark takes it back.
    Offered,
    /// There is no such call: a mark ends with the request. An adapter refuses it as
    /// [`Misuse::NotOffered`](crate::machine::Misuse::NotOffered).
    NotOffered,
}

/// Who ends a request that was canceled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompleteAfterCancel {
    /// The driver or the callback: a canceled request still has to be completed.
    Needed,
    /// The cancel itself has ended it: a completion that comes later is answered "canceled", has no effect, and is
    /// no misuse.
    TooLate,
}

/// What a panic of the callback is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallbackPanics {
    /// It reaches the caller of the mark or cancel that led to the callback.
    ReachTheCaller,
    /// Callbacks must not panic; the process may end if one does.
    AreForbidden,
}

/// What becomes of a mark that still stands when the request is destroyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EndWhileCancelable {
    /// It ends without a callback.
    Forgets,
    /// The end is a cancel: it calls back before it returns (a guard that cancels when it is dropped, a future that
    /// abandons its operation).
    CallsBack,
}

/// Whether there is a call that completes the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Completing {
    /// Complete ends it.
    Offered,
    /// There is no such call: the end of the operation is its owner's own business, and the type knows nothing of it (a
    /// cancellation token). An adapter leaves [`complete`](crate::request::CancelableRequest::complete) out.
    NotOffered,
}

/// Whether a request can be asked if it was canceled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Asking {
    /// Is-canceled answers.
    Offered,
    /// There is no such call. An adapter leaves [`is_canceled`](crate::request::CancelableRequest::is_canceled) out.
    NotOffered,
}

/// Whether the request hands on a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Receiving {
    /// It has none to hand on; who wants to know of a cancel marks.
    NotOffered,
    /// Its completion brings a result that somebody else receives, and nothing is marked (a channel for one value).
    InsteadOfMarking,
}

/// To whom requests are delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delivering {
    /// The program owns the request from the start and makes the driver's calls itself.
    ToTheProgram,
    /// A framework delivers requests to the handlers of a driver, which makes its calls itself: the driver is what is judged.
    ToADriver,
}

/// What becomes of calls that break the driver's rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Misusing {
    /// They can be made, and are refused.
    IsRefused,
    /// The types exclude them: the calls take their owner by `&mut self` or by value, so no program makes them.
    IsExcluded,
}
