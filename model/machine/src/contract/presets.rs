//! Contracts of frameworks beyond Windows, each tied to its public documentation.
//!
//! In a framework where completion is nobody's call but the program's own, the point *complete while cancelable* is the
//! adapter's to choose; where a preset chooses, it says so.
//!
//! | preset | mark | unmark | complete | source |
//! |---|---|---|---|---|
//! | [`STOP_CALLBACK`](Contract::STOP_CALLBACK) | constructor of `stop_callback` | its destructor | end of the scope | C++ working draft, [stopcallback.cons] |
//! | [`DOTNET_UNREGISTER`](Contract::DOTNET_UNREGISTER) | `CancellationToken.Register` | `Unregister` | the operation's own | .NET API reference |
//! | [`DOTNET_DISPOSE`](Contract::DOTNET_DISPOSE) | `CancellationToken.Register` | `Dispose` | the operation's own | .NET API reference |
//! | [`AFTER_FUNC`](Contract::AFTER_FUNC) | `context.AfterFunc` | `stop` | the operation's own | Go package context |
//! | [`INVOKE_ON_CANCELLATION`](Contract::INVOKE_ON_CANCELLATION) | `invokeOnCancellation` | none | `resume` | kotlinx.coroutines API |
//! | [`ASYNC_CANCEL`](Contract::ASYNC_CANCEL) | the operation becomes pollable | the operation is executed | its completion event | liburing manual |
//! | [`STOP_SOURCE`](Contract::STOP_SOURCE), [`STDEXEC`](Contract::STDEXEC) | constructor of a callback | its destructor | end of the scope | C++ working draft, P2300 |
//! | [`FOLLY_TOKEN`](Contract::FOLLY_TOKEN) | constructor of `CancellationCallback` | its destructor | end of the scope | facebook/folly |
//! | [`TOKIO_TOKEN`](Contract::TOKIO_TOKEN) | a poll of `cancelled()` | the future is dropped | the operation's own | tokio-util |
//! | [`ABORT_HANDLE`](Contract::ABORT_HANDLE) | a task waits | it is polled | it returns | tokio |
//! | [`ABORT_SIGNAL`](Contract::ABORT_SIGNAL) | `addEventListener` | `removeEventListener` | the operation's own | DOM standard |
//! | [`ASYNCIO_TASK`](Contract::ASYNCIO_TASK) | a task awaits | what it awaits is done | it returns | Python library reference |
//! | [`FUTURE_TASK`](Contract::FUTURE_TASK) | a task runs | none | its result is set | Java API |
//! | [`COMPLETABLE_FUTURE`](Contract::COMPLETABLE_FUTURE) | `whenComplete` | none | `complete` | Java API |
//! | [`JOB_CANCEL`](Contract::JOB_CANCEL) | `invokeOnCancellation` | none | `resume` | kotlinx.coroutines API |
//! | [`IO_URING`](Contract::IO_URING), [`IO_URING_DEFERRED`](Contract::IO_URING_DEFERRED) | the operation becomes pollable | the operation is executed | its completion event | the kernel's source |
//! | [`THREADPOOL_IO`](Contract::THREADPOOL_IO) | `StartThreadpoolIo` | `CancelThreadpoolIo` | the I/O completes | Win32 API |
//! | [`WORK_SYNC`](Contract::WORK_SYNC), [`TIMER_SYNC`](Contract::TIMER_SYNC) | work is queued, a timer armed | `cancel_work_sync`, `timer_delete_sync` | its owner's | the kernel's documentation |
//! | [`URB`](Contract::URB), [`KILL_URB`](Contract::KILL_URB) | `usb_submit_urb` | none | the controller's | the kernel's documentation |
//! | [`KIOCB`](Contract::KIOCB) | `kiocb_set_cancel_fn` | none | its completion | the kernel's source |
//! | [`IOCSQ`](Contract::IOCSQ) | `IoCsqInsertIrp` | `IoCsqRemoveIrp` | `IoCompleteRequest` | Windows driver documentation |

use super::{
    CallbackPanics, CallbackRuns, CancelAnswers, CancelClaims, CancelWhileUnmarked, CompleteAfterCancel,
    CompleteWhileCancelable, Contract, IsCanceledWhileMarked, UnmarkDuringCallback, UnmarkUnmarked,
    Unmarking,
};

impl Contract {
    /// C++20 `std::stop_callback`.
    ///
    /// A callback that is registered after the stop request is called by the constructor, on its thread. Otherwise the
    /// first `request_stop` calls it. The destructor waits for a callback that runs on another thread, and does not
    /// wait for one that runs on its own. A callback that throws ends the process. Completion is the end of the scope
    /// in which the `stop_callback` lies, so it takes the registration with it, and waits as the destructor does. This is the
    /// contract of one registration, whose cancels answer whether they claimed it; what `request_stop` itself answers, and what
    /// comes of further registrations, is said by [`Contract::STOP_SOURCE`].
    ///
    /// Source: C++ working draft, <http://eel.is/c++draft/stopcallback.cons>.
    pub const STOP_CALLBACK: Contract = Contract {
        name: "STOP_CALLBACK",
        is_canceled_while_marked: IsCanceledWhileMarked::Tells,
        callback_runs: CallbackRuns::InTheCall,
        callback_panics: CallbackPanics::AreForbidden,
        ..Contract::SCOPED
    };

    /// .NET `CancellationTokenRegistration.Unregister`.
    ///
    /// It does not wait for a callback that is executing, and its result says whether it prevented the callback.
    /// A callback that is registered on a canceled token runs at once and synchronously, and what it throws comes out of
    /// the registration. Completion does not know the registration, so completing a registered operation is the
    /// adapter's to refuse. `Cancel` returns nothing. It raises the flag of the source first and takes the registrations
    /// afterwards, one after another: until it has come to one, the token says that cancellation was requested,
    /// `Unregister` is still granted, and a second `Cancel`, which only looks at the flag, returns at once. A second `Unregister` is
    /// harmless and answers false.
    ///
    /// Sources: <https://learn.microsoft.com/en-us/dotnet/api/system.threading.cancellationtokenregistration.unregister>
    /// and <https://learn.microsoft.com/en-us/dotnet/api/system.threading.cancellationtoken.register>,
    /// and `CancellationTokenSource.cs` of dotnet/runtime for the order of flag and registrations.
    pub const DOTNET_UNREGISTER: Contract = Contract {
        name: "DOTNET_UNREGISTER",
        unmark_unmarked: UnmarkUnmarked::MayRefuse,
        is_canceled_while_marked: IsCanceledWhileMarked::Tells,
        cancel_answers: CancelAnswers::Nothing,
        cancel_claims: CancelClaims::AfterItAsked,
        callback_runs: CallbackRuns::InTheCall,
        ..Contract::UMDF_1
    };

    /// .NET `CancellationTokenRegistration.Dispose`.
    ///
    /// It returns once the callback is unregistered without having been executed, or has finished, except from within
    /// the callback itself. Everything else is as in [`Contract::DOTNET_UNREGISTER`].
    ///
    /// Source: <https://learn.microsoft.com/en-us/dotnet/api/system.threading.cancellationtokenregistration.dispose>.
    pub const DOTNET_DISPOSE: Contract = Contract {
        name: "DOTNET_DISPOSE",
        unmark_during_callback: UnmarkDuringCallback::Waits,
        ..Contract::DOTNET_UNREGISTER
    };

    /// Go `context.AfterFunc`.
    ///
    /// The function runs in a goroutine of its own after the context is done, at once if it already is. `stop` does not
    /// wait for it, and its result says whether it stopped the function from being run. A panic in a goroutine ends the
    /// process. Completing without `stop` is the adapter's to refuse. A `CancelFunc` returns nothing; it sets the error of
    /// the context first and takes the children afterwards, so `stop` may still be granted when `Err` says "canceled".
    ///
    /// Source: <https://pkg.go.dev/context#AfterFunc>.
    pub const AFTER_FUNC: Contract = Contract {
        name: "AFTER_FUNC",
        callback_runs: CallbackRuns::OnItsOwnThread,
        callback_panics: CallbackPanics::AreForbidden,
        ..Contract::DOTNET_UNREGISTER
    };

    /// Kotlin `CancellableContinuation.invokeOnCancellation`.
    ///
    /// The handler is invoked synchronously on cancellation, at once if the continuation is already canceled; there is at
    /// most one, and no way to take it back. A cancel that comes first ends the continuation: a `resume` after it is
    /// ignored. A `resume` that comes first ends it as well, and the handler is not invoked. Handlers must not throw. This holds of
    /// the continuation's own `cancel`; under a job that is canceled it does not, and [`Contract::JOB_CANCEL`] says what does.
    ///
    /// Sources: <https://kotlinlang.org/api/kotlinx.coroutines/kotlinx-coroutines-core/kotlinx.coroutines/-cancellable-continuation/invoke-on-cancellation.html>
    /// and the page of the interface above it.
    pub const INVOKE_ON_CANCELLATION: Contract = Contract {
        name: "INVOKE_ON_CANCELLATION",
        is_canceled_while_marked: IsCanceledWhileMarked::Tells,
        callback_runs: CallbackRuns::InTheCall,
        unmarking: Unmarking::NotOffered,
        complete_while_cancelable: CompleteWhileCancelable::Disarms,
        complete_after_cancel: CompleteAfterCancel::TooLate,
        callback_panics: CallbackPanics::AreForbidden,
        ..Contract::UMDF_1
    };

    /// Linux `IORING_OP_ASYNC_CANCEL`.
    ///
    /// The cancel is run synchronously: if it finds the operation where it can be canceled, the operation's completion
    /// has been posted when the cancel returns. If the operation is executing the cancel answers `-EALREADY` and leaves
    /// nothing behind that can be told (where the operation is in a wait that the cancel interrupts, it ends early all the
    /// same: [`Contract::IO_URING`] allows both); if there is no such operation it answers `-ENOENT`. Either way the operation completes
    /// exactly once, with its result or as canceled. There is no question whether an operation is canceled; what the adapter
    /// answers while it is cancelable is "no". The kernel's own completion of a cancelable operation disarms it.
    ///
    /// Source: `io_uring_prep_cancel(3)`, <https://man7.org/linux/man-pages/man3/io_uring_prep_cancel.3.html>.
    pub const ASYNC_CANCEL: Contract = Contract {
        name: "ASYNC_CANCEL",
        cancel_while_unmarked: CancelWhileUnmarked::Forgets,
        callback_runs: CallbackRuns::InTheCall,
        complete_while_cancelable: CompleteWhileCancelable::Disarms,
        callback_panics: CallbackPanics::AreForbidden,
        ..Contract::UMDF_1
    };
}
