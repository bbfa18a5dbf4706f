//! The points in which frameworks differ, as data.
//!
//! The machine reads a [`Contract`] wherever two published frameworks answer the same call differently. Everything
//! else is common to all of them. Sources are sections of the request cancellation specification that the suite is
//! written against (its sections 2.4 and 2.7).

use core::fmt;

/// What mark does with a request whose cancel has already been asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MarkAfterCancel {
    /// The mark is accepted and the callback is called, before or after mark returns
    /// (`IWDFIoRequest::MarkCancelable`, `WdfRequestMarkCancelable`).
    CallsBack,
    /// The mark is refused with "canceled"; no callback comes and the driver completes the request
    /// (`WdfRequestMarkCancelableEx`).
    Refuses,
}

/// What unmark does while the callback is running.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnmarkDuringCallback {
    /// It answers "canceled" at once.
    Answers,
    /// It waits until the callback has returned, unless it is called from the callback itself, and then answers
    /// "canceled".
    Waits,
}

/// What complete does with a request that is still cancelable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompleteWhileCancelable {
    /// The call is refused as a misuse; the request stays cancelable.
    Refuses,
    /// The call unmarks and completes in one step.
    Disarms,
}

/// What is-canceled does while the request is marked or its cancel has been claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IsCanceledWhileMarked {
    /// It answers no: only an unmarked request is said to be canceled (`IWDFIoRequest2::IsCanceled`).
    AnswersNo,
    /// The call is refused as a misuse (the verifier's break in `WdfRequestIsCanceled`).
    Refuses,
}

/// The rules one framework sets where frameworks differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Contract {
    /// The name under which reports speak of it.
    pub name: &'static str,
    /// Mark on a request whose cancel was already asked for.
    pub mark_after_cancel: MarkAfterCancel,
    /// Unmark while the callback runs.
    pub unmark_during_callback: UnmarkDuringCallback,
    /// Complete on a cancelable request.
    pub complete_while_cancelable: CompleteWhileCancelable,
    /// Is-canceled on a marked request.
    pub is_canceled_while_marked: IsCanceledWhileMarked,
}

impl Contract {
    /// UMDF 1: `IWDFIoRequest` with `MarkCancelable` (void) and `IWDFIoRequest2::IsCanceled`.
    pub const UMDF_1: Contract = Contract {
        name: "UMDF_1",
        mark_after_cancel: MarkAfterCancel::CallsBack,
        unmark_during_callback: UnmarkDuringCallback::Answers,
        complete_while_cancelable: CompleteWhileCancelable::Refuses,
        is_canceled_while_marked: IsCanceledWhileMarked::AnswersNo,
    };

    /// KMDF and UMDF 2 with `WdfRequestMarkCancelable` (void), verifier on.
    pub const KMDF: Contract = Contract {
        name: "KMDF",
        is_canceled_while_marked: IsCanceledWhileMarked::Refuses,
        ..Contract::UMDF_1
    };

    /// KMDF and UMDF 2 with `WdfRequestMarkCancelableEx`, verifier on.
    pub const KMDF_EX: Contract =
        Contract { name: "KMDF_EX", mark_after_cancel: MarkAfterCancel::Refuses, ..Contract::KMDF };

    /// Registrations that end with their scope: unmark waits for a running callback (the destructor of C++20's
    /// `stop_callback`, `CancellationTokenRegistration.Dispose` of .NET), and completion takes the mark with it.
    pub const SCOPED: Contract = Contract {
        name: "SCOPED",
        unmark_during_callback: UnmarkDuringCallback::Waits,
        complete_while_cancelable: CompleteWhileCancelable::Disarms,
        ..Contract::UMDF_1
    };

    /// Every preset, in the order in which lists show them.
    pub const PRESETS: [Contract; 4] =
        [Contract::UMDF_1, Contract::KMDF, Contract::KMDF_EX, Contract::SCOPED];

    /// Whether unmark waits for a running callback.
    #[must_use]
    pub fn unmark_waits(&self) -> bool {
        self.unmark_during_callback == UnmarkDuringCallback::Waits
    }

    /// Whether completion of a cancelable request unmarks it.
    #[must_use]
    pub fn completion_disarms(&self) -> bool {
        self.complete_while_cancelable == CompleteWhileCancelable::Disarms
    }
}

impl Default for Contract {
    fn default() -> Self {
        Contract::UMDF_1
    }
}

impl fmt::Display for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
