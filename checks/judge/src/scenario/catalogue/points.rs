//! What single points of contracts beyond Windows are about. Each source is that of a preset which has the point.

use super::{Row, lawful, misuse, only, without_callback};
use crate::scenario::Demand;

/// One group for each point.
pub(super) const ROWS: &[Row] = &[
    only(
        Demand::TellsWhoAsked,
        lawful(
            "marked-and-asked-by-three",
            "stop_source::request_stop",
            "mark | cancel cancel | cancel ; callback returns",
            "three ask while a mark is made, one of them again: which of them was told that it was the first",
        ),
    ),
    only(
        Demand::TellsWhoAsked,
        without_callback(lawful(
            "asked-after-the-end",
            "stop_source::request_stop",
            "complete cancel cancel | cancel",
            "cancels of what has ended: whether they ask all the same, and which of them was the first",
        )),
    ),
    only(
        Demand::TellsWhoAsked,
        without_callback(lawful(
            "asked-around-the-end",
            "FutureTask.cancel",
            "cancel complete cancel",
            "a cancel before the end and one after it",
        )),
    ),
    only(
        Demand::MarkIgnored,
        without_callback(lawful(
            "mark-after-abort",
            "AbortSignal",
            "cancel mark cancel",
            "a listener is added to what has been aborted: it is not called, then or later",
        )),
    ),
    only(
        Demand::MarkIgnored,
        lawful(
            "mark-while-aborted",
            "AbortSignal",
            "mark | cancel | cancel ; callback returns",
            "a listener is added while two abort: whoever is sure to come after it calls it",
        ),
    ),
    only(
        Demand::MarkCallsBackAgain,
        lawful(
            "mark-again-after-claim",
            "stopcallback.cons",
            "mark cancel mark! cancel ; callback returns",
            "a further registration after the stop request: it is called, too",
        ),
    ),
    only(
        Demand::MarkCallsBackAgain,
        lawful(
            "mark-again-while-canceled",
            "stopcallback.cons",
            "mark mark! | cancel ; callback returns",
            "a further registration while somebody asks to stop",
        ),
    ),
    only(
        Demand::MarkRearms,
        lawful(
            "armed-anew-cancel",
            "queue_work",
            "mark cancel mark! cancel ; callback returns",
            "work is queued again after it has run, and runs again",
        ),
    ),
    only(
        Demand::MarkRearms,
        lawful(
            "armed-anew-while-canceled",
            "asyncio.Task.cancel",
            "mark cancel mark! | cancel ; callback returns",
            "what has been called back waits anew while somebody cancels: called once for each wait at most",
        ),
    ),
    only(
        Demand::UnmarksTwice,
        lawful(
            "unmark-twice-then-mark",
            "CancellationTokenRegistration.Unregister",
            "mark unmark unmark! mark | cancel ; callback returns",
            "a second deregistration is harmless, and so is the cancel in between to what is registered next",
        ),
    ),
    only(
        Demand::UnmarksTwice,
        without_callback(lawful(
            "unmark-before-and-after",
            "CancellationTokenRegistration.Unregister",
            "unmark! mark unmark! unmark! cancel",
            "a deregistration of nothing, one that is granted, and one too many",
        )),
    ),
    only(
        Demand::CancelWaits,
        lawful(
            "two-cancels-wait",
            "usb_kill_urb",
            "mark cancel | cancel ; callback returns",
            "two cancels: when either has returned, no callback runs",
        ),
    ),
    only(
        Demand::CancelWaits,
        lawful(
            "cancel-waits",
            "usb_kill_urb",
            "mark cancel ; callback returns",
            "when the only cancel has returned, so has the callback",
        ),
    ),
    only(
        Demand::CallbackCallsNothing,
        lawful(
            "completed-after-the-callback",
            "kiocb_set_cancel_fn",
            "mark cancel complete! ; callback returns",
            "the callback calls nothing, and its request is completed afterwards",
        ),
    ),
    only(
        Demand::NoUnmark,
        misuse(
            "misuse-unmark-never-offered",
            "kiocb_set_cancel_fn",
            "mark unmark! cancel ; callback returns",
            "a function that was set cannot be taken back, and calls nothing",
        ),
    ),
    only(
        Demand::CallsBackLate,
        lawful(
            "resumed-then-canceled",
            "CancellableContinuation.invokeOnCancellation",
            "mark complete cancel cancel ; callback returns",
            "what has been resumed is canceled while it waits to be dispatched: its handler is called, once",
        ),
    ),
    only(
        Demand::CallsBackLate,
        lawful(
            "resumed-while-canceled",
            "CancellableContinuation.invokeOnCancellation",
            "mark complete | cancel | cancel ; callback returns",
            "it is resumed while two cancel: its handler is called at most once, before or after",
        ),
    ),
];
