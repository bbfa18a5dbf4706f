//! More presets: sources with several registrations, runtimes of other languages, and kernels.
//!
//! The table in [`presets`](super::presets) has a line for each. Where a real call answers nothing, its preset says so of cancels, and
//! an adapter answers *untold* elsewhere.

use super::{
    CallbackAfterCompletion, CallbackCalls, CallbackPanics, CallbackRuns, CancelAfterEnd, CancelAnswers,
    CancelClaims, CancelReturns, CancelWhileUnmarked, CompleteWhileCancelable, Contract,
    IsCanceledWhileMarked, MarkAfterCancel, MarkAfterClaim, MarkWhileMarked, UnmarkDuringCallback,
    UnmarkUnmarked, Unmarking,
};

impl Contract {
    /// C++20 `std::stop_source` with any number of callbacks, answered as `request_stop` answers.
    ///
    /// `request_stop` says whether this call was the first, whether anything was registered or not, and also when nothing is
    /// registered any more. It raises the flag before it takes the callbacks, one after another, so until it has come to one,
    /// `stop_requested` is true and the destructor of that callback still prevents it. A callback that is registered
    /// afterwards is called by its constructor. Everything else is as in [`Contract::STOP_CALLBACK`].
    ///
    /// Source: C++ working draft, <https://eel.is/c++draft/stopsource.mem> and <https://eel.is/c++draft/stopcallback.cons>.
    pub const STOP_SOURCE: Contract = Contract {
        name: "STOP_SOURCE",
        mark_after_claim: MarkAfterClaim::CallsBack,
        cancel_answers: CancelAnswers::WhetherItAskedFirst,
        cancel_claims: CancelClaims::AfterItAsked,
        cancel_after_end: CancelAfterEnd::Asks,
        ..Contract::STOP_CALLBACK
    };

    /// `inplace_stop_source` of `std::execution` and stdexec: as [`Contract::STOP_SOURCE`].
    ///
    /// Source: P2300, <https://wg21.link/p2300>, stoptoken.inplace.
    pub const STDEXEC: Contract = Contract { name: "STDEXEC", ..Contract::STOP_SOURCE };

    /// folly's `CancellationSource` and `CancellationCallback`.
    ///
    /// `requestCancellation` says whether cancellation had been requested *before*. The rest is as in [`Contract::STOP_SOURCE`]: the
    /// constructor of a callback calls it if that is so, and its destructor waits, but not on its own thread.
    ///
    /// Source: `folly/CancellationToken.h` of facebook/folly.
    pub const FOLLY_TOKEN: Contract = Contract {
        name: "FOLLY_TOKEN",
        cancel_answers: CancelAnswers::WhetherSomebodyAskedBefore,
        ..Contract::STOP_SOURCE
    };

    /// `tokio_util::sync::CancellationToken`, with the waker that `cancelled()` leaves as its mark.
    ///
    /// Each poll leaves a waker in place of the one before it, or is ready at once: that is a mark that is refused as canceled,
    /// also after the wake. Dropping the future takes the mark back and does not wait. `cancel` returns nothing, raises the flag
    /// first and wakes afterwards, in the call; it is never undone.
    ///
    /// Source: <https://docs.rs/tokio-util/latest/tokio_util/sync/struct.CancellationToken.html>.
    pub const TOKIO_TOKEN: Contract = Contract {
        name: "TOKIO_TOKEN",
        mark_after_cancel: MarkAfterCancel::Refuses,
        mark_while_marked: MarkWhileMarked::Replaces,
        mark_after_claim: MarkAfterClaim::AnswersCanceled,
        is_canceled_while_marked: IsCanceledWhileMarked::Tells,
        cancel_answers: CancelAnswers::Nothing,
        cancel_claims: CancelClaims::AfterItAsked,
        callback_runs: CallbackRuns::InTheCall,
        ..Contract::UMDF_1
    };

    /// `tokio::task::AbortHandle`: a task that waits is marked, a poll takes the mark, and the callback drops the future.
    ///
    /// `abort` returns nothing and is remembered by a task that runs; it has no effect on one that has ended. The future is dropped by a
    /// worker, at any time. A value that is ready first wins. There is no question whether a task is being aborted.
    ///
    /// Source: <https://docs.rs/tokio/latest/tokio/task/struct.AbortHandle.html>.
    pub const ABORT_HANDLE: Contract =
        Contract { name: "ABORT_HANDLE", cancel_answers: CancelAnswers::Nothing, ..Contract::UMDF_1 };

    /// `AbortController` and the listeners of its `AbortSignal`.
    ///
    /// A listener that is added after the abort, or while the others are called, is never called: whoever adds one asks `aborted`
    /// first. `abort` returns nothing, raises the flag first and calls the listeners afterwards, in the call and once; a listener
    /// that is removed meanwhile is not called. What a listener throws is reported and reaches no caller. Removing one twice is
    /// harmless.
    ///
    /// Source: DOM standard, <https://dom.spec.whatwg.org/#interface-abortcontroller>.
    pub const ABORT_SIGNAL: Contract = Contract {
        name: "ABORT_SIGNAL",
        mark_after_cancel: MarkAfterCancel::Ignores,
        mark_after_claim: MarkAfterClaim::Ignores,
        unmark_unmarked: UnmarkUnmarked::AnswersCanceled,
        is_canceled_while_marked: IsCanceledWhileMarked::Tells,
        cancel_answers: CancelAnswers::Nothing,
        cancel_claims: CancelClaims::AfterItAsked,
        callback_runs: CallbackRuns::InTheCall,
        callback_panics: CallbackPanics::AreForbidden,
        ..Contract::UMDF_1
    };

    /// Python's `asyncio.Task`: a task that awaits is marked, and the callback is the error that is raised there.
    ///
    /// `cancel` answers true to whoever asks before the task has ended, however many do, and is remembered by a task that runs. The
    /// error is raised in a later turn of the loop. A task may swallow it and wait anew, and is canceled anew then.
    ///
    /// Source: <https://docs.python.org/3/library/asyncio-task.html#asyncio.Task.cancel>.
    pub const ASYNCIO_TASK: Contract = Contract {
        name: "ASYNCIO_TASK",
        mark_after_claim: MarkAfterClaim::Rearms,
        cancel_answers: CancelAnswers::WhetherItCanBe,
        ..Contract::UMDF_1
    };

    /// Java's `FutureTask`: a task that runs is marked, and the callback is the interruption of its runner.
    ///
    /// `cancel(true)` says whether it was this call that canceled the task; it interrupts in the call. A task that was canceled before
    /// does not run, what it returns after a cancel is dropped, and a cancel that comes after the result is false.
    ///
    /// Source: <https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/util/concurrent/FutureTask.html>.
    pub const FUTURE_TASK: Contract = Contract {
        name: "FUTURE_TASK",
        mark_after_cancel: MarkAfterCancel::Refuses,
        cancel_answers: CancelAnswers::WhetherItAskedFirst,
        ..Contract::INVOKE_ON_CANCELLATION
    };

    /// Java's `CompletableFuture`, with `whenComplete` as the mark.
    ///
    /// `cancel` is true for everybody who asks before there is a value, also when the future is canceled already, and completes it:
    /// a value that comes later is refused. An action that is added to a canceled future is called at once; which thread calls those
    /// that were added before is not said.
    ///
    /// Source: <https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/util/concurrent/CompletableFuture.html>.
    pub const COMPLETABLE_FUTURE: Contract = Contract {
        name: "COMPLETABLE_FUTURE",
        mark_after_claim: MarkAfterClaim::CallsBack,
        cancel_answers: CancelAnswers::WhetherItCanBe,
        callback_runs: CallbackRuns::Anywhere,
        ..Contract::INVOKE_ON_CANCELLATION
    };

    /// Kotlin's `Job.cancel` over a continuation with an `invokeOnCancellation` handler.
    ///
    /// The handler is also called when the continuation was resumed and the job is canceled before it is dispatched, so it must not use
    /// what the resumption gives away. Where it runs is not said, and the cancel returns nothing.
    ///
    /// Source: <https://kotlinlang.org/api/kotlinx.coroutines/kotlinx-coroutines-core/kotlinx.coroutines/-cancellable-continuation/invoke-on-cancellation.html>.
    pub const JOB_CANCEL: Contract = Contract {
        name: "JOB_CANCEL",
        cancel_answers: CancelAnswers::Nothing,
        callback_runs: CallbackRuns::Anywhere,
        callback_after_completion: CallbackAfterCompletion::MayCome,
        ..Contract::INVOKE_ON_CANCELLATION
    };

    /// Linux `IORING_OP_ASYNC_CANCEL` as the kernel does it in its default mode.
    ///
    /// An operation that executes is answered `-EALREADY` and may be interrupted all the same. The completion of a canceled operation is
    /// posted before or after that of the cancel.
    ///
    /// Source: `io_uring_prep_cancel(3)` and `io_uring/cancel.c` of the kernel.
    pub const IO_URING: Contract = Contract {
        name: "IO_URING",
        cancel_while_unmarked: CancelWhileUnmarked::MayInterrupt,
        callback_runs: CallbackRuns::Anywhere,
        ..Contract::ASYNC_CANCEL
    };

    /// The same under `IORING_SETUP_DEFER_TASKRUN`: completions come when their task asks for events, and never inside a cancel.
    ///
    /// Source: `io_uring_setup(2)`.
    pub const IO_URING_DEFERRED: Contract = Contract {
        name: "IO_URING_DEFERRED",
        callback_runs: CallbackRuns::OnItsOwnThread,
        ..Contract::IO_URING
    };

    /// An I/O of the Windows thread pool: `StartThreadpoolIo` marks, `CancelThreadpoolIo` takes back, `CancelIoEx` cancels.
    ///
    /// The callback runs on a thread of the pool. A cancel that comes before the I/O finds nothing and leaves nothing behind.
    ///
    /// Source: <https://learn.microsoft.com/en-us/windows/win32/api/threadpoolapiset/nf-threadpoolapiset-startthreadpoolio>.
    pub const THREADPOOL_IO: Contract = Contract {
        name: "THREADPOOL_IO",
        cancel_while_unmarked: CancelWhileUnmarked::Forgets,
        callback_runs: CallbackRuns::OnItsOwnThread,
        complete_while_cancelable: CompleteWhileCancelable::Disarms,
        callback_panics: CallbackPanics::AreForbidden,
        ..Contract::UMDF_1
    };

    /// Linux `cancel_work_sync`: queueing work marks it, a worker that picks it up is what cancels it here, and its function is the
    /// callback.
    ///
    /// `cancel_work_sync` takes back what is queued and waits for what runs; on the work's own thread that never ends. Of idle work it
    /// says no more than that it has prevented nothing. Work may be queued again by its own function.
    ///
    /// Source: <https://docs.kernel.org/core-api/workqueue.html>.
    pub const WORK_SYNC: Contract = Contract {
        name: "WORK_SYNC",
        mark_after_claim: MarkAfterClaim::Rearms,
        unmark_unmarked: UnmarkUnmarked::AnswersCanceled,
        unmark_during_callback: UnmarkDuringCallback::WaitsEvenForItself,
        cancel_while_unmarked: CancelWhileUnmarked::Forgets,
        callback_runs: CallbackRuns::OnItsOwnThread,
        callback_panics: CallbackPanics::AreForbidden,
        ..Contract::UMDF_1
    };

    /// Linux `timer_delete_sync` and `hrtimer_cancel`: as [`Contract::WORK_SYNC`], and a timer that is armed is armed anew.
    ///
    /// Source: <https://docs.kernel.org/driver-api/basics.html>, `timer_delete_sync`.
    pub const TIMER_SYNC: Contract =
        Contract { name: "TIMER_SYNC", mark_while_marked: MarkWhileMarked::Replaces, ..Contract::WORK_SYNC };

    /// Linux `usb_unlink_urb`: submitting an URB marks it, and its completion handler is the callback.
    ///
    /// The handler may run inside the unlink or later. An URB that is not submitted is answered so, and nothing is left behind. The
    /// controller's own completion takes the mark with it.
    ///
    /// Source: <https://docs.kernel.org/driver-api/usb/URB.html>.
    pub const URB: Contract = Contract {
        name: "URB",
        cancel_while_unmarked: CancelWhileUnmarked::Forgets,
        unmarking: Unmarking::NotOffered,
        complete_while_cancelable: CompleteWhileCancelable::Disarms,
        callback_panics: CallbackPanics::AreForbidden,
        ..Contract::UMDF_1
    };

    /// Linux `usb_kill_urb`: as [`Contract::URB`], and the call returns when the handler has.
    ///
    /// Source: <https://docs.kernel.org/driver-api/usb/URB.html>.
    pub const KILL_URB: Contract =
        Contract { name: "KILL_URB", cancel_returns: CancelReturns::WhenCallbackReturned, ..Contract::URB };

    /// Linux `kiocb_set_cancel_fn`: the callback runs under the lock of its context, so it calls nothing of it.
    ///
    /// Source: `fs/aio.c` of the kernel.
    pub const KIOCB: Contract = Contract {
        name: "KIOCB",
        callback_runs: CallbackRuns::InTheCall,
        callback_calls: CallbackCalls::Nothing,
        ..Contract::URB
    };

    /// The cancel-safe queue of WDM: `IoCsqInsertIrp` marks, `IoCsqRemoveIrp` takes back, and `CsqCompleteCanceledIrp` is the callback.
    ///
    /// A packet that is canceled already is completed by the insertion. `IoCancelIrp` raises the packet's flag first and takes the
    /// routine afterwards: in between a removal is still granted. A removal of what is not in the queue answers null, as one that
    /// has lost to a cancel does. The callback runs in the cancel.
    ///
    /// Source: <https://learn.microsoft.com/en-us/windows-hardware/drivers/kernel/cancel-safe-irp-queues>.
    pub const IOCSQ: Contract = Contract {
        name: "IOCSQ",
        unmark_unmarked: UnmarkUnmarked::AnswersCanceled,
        is_canceled_while_marked: IsCanceledWhileMarked::Tells,
        cancel_claims: CancelClaims::AfterItAsked,
        callback_runs: CallbackRuns::InTheCall,
        callback_panics: CallbackPanics::AreForbidden,
        ..Contract::UMDF_1
    };
}
