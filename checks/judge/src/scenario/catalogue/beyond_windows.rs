//! What only the contracts beyond Windows have. The sources are the pages that the presets name.

use super::{Row, lawful, misuse, only, without_callback};
use crate::scenario::Demand;

/// One group for each point in which a contract differs.
pub(super) const ROWS: &[Row] = &[
    only(
        Demand::UnmarkAnswers,
        lawful(
            "unmark-while-the-callback-waits",
            "2.7, CancellationTokenRegistration.Unregister",
            "mark start:1 cancel | unmark ; callback waits-for-unmark",
            "the callback waits for the driver that unmarks, so unmark must not wait for the callback",
        ),
    ),
    only(
        Demand::CompleteDisarms,
        without_callback(lawful(
            "complete-disarms",
            "stopcallback.cons",
            "mark complete cancel ; callback returns",
            "completion takes the mark with it: the cancel comes too late",
        )),
    ),
    only(
        Demand::CompleteWaits,
        lawful(
            "completed-while-canceled",
            "stopcallback.cons",
            "mark complete | cancel ; callback returns",
            "a marked request is completed by right while somebody cancels: its mark ends with it, or its callback before it",
        ),
    ),
    only(
        Demand::CompleteDisarms,
        lawful(
            "completed-while-canceled-completes",
            "io_uring_prep_cancel(3)",
            "mark complete | cancel",
            "a marked request is completed by right while somebody cancels whose callback completes as well: once in all",
        ),
    ),
    only(
        Demand::Tells,
        lawful(
            "marked-is-canceled-finish-two-cancels",
            "CancellationTokenSource",
            "mark is-canceled finish | cancel | cancel ; callback returns",
            "the driver asks and then takes its mark back, while two cancel: what it was told, and whether it is called back",
        ),
    ),
    only(
        Demand::Tells,
        lawful(
            "is-canceled-tells",
            "stoptoken.mem",
            "mark is-canceled cancel is-canceled ; callback returns",
            "the driver asks a marked request, before and after the cancel",
        ),
    ),
    only(
        Demand::Tells,
        lawful(
            "marked-is-canceled-cancel",
            "stoptoken.mem",
            "mark is-canceled | cancel ; callback returns",
            "the driver asks a marked request while somebody cancels",
        ),
    ),
    only(
        Demand::CancelForgets,
        lawful(
            "cancel-executing-cancel-polling",
            "io_uring_prep_cancel(3)",
            "cancel mark cancel ; callback returns",
            "a cancel that finds the operation executing leaves nothing behind; one that finds it polling claims it",
        ),
    ),
    only(
        Demand::CancelForgets,
        without_callback(lawful(
            "cancel-executing-then-finish",
            "io_uring_prep_cancel(3)",
            "cancel mark finish ; callback returns",
            "an operation that was canceled while it was executing completes with its result",
        )),
    ),
    only(
        Demand::CancelCompletes,
        without_callback(lawful(
            "cancel-then-resume",
            "CancellableContinuation",
            "cancel complete",
            "a continuation that was canceled is resumed: too late, and no misuse",
        )),
    ),
    only(
        Demand::CancelCompletes,
        lawful(
            "marked-resume-cancel",
            "CancellableContinuation",
            "mark complete | cancel ; callback returns",
            "a resume races with a cancel: the continuation ends once, and the handler is called if the cancel won",
        ),
    ),
    only(
        Demand::MarkReplaces,
        lawful(
            "mark-again-finish-cancel",
            "Future::poll",
            "mark mark! finish | cancel",
            "a waker is left again, and taken back, while somebody wakes: the latest is woken, and no other after it",
        ),
    ),
    only(
        Demand::MarkReplaces,
        lawful(
            "mark-again-two-cancels",
            "Future::poll",
            "mark mark! | cancel | cancel ; callback returns",
            "a waker is left again while two wake: one of them is woken, once",
        ),
    ),
    only(
        Demand::NoUnmark,
        misuse(
            "misuse-unmark-not-offered",
            "CancellableContinuation",
            "mark unmark! cancel",
            "a handler cannot be taken back",
        ),
    ),
];
