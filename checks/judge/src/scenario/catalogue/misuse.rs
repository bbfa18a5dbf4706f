//! What no driver may do, and what follows if one does.

use super::{Row, misuse, refusing_completion, scoped, without_callback, without_cancel};
use crate::scenario::Scope;

/// One forbidden call at a time.
pub(super) const ROWS: &[Row] = &[
    misuse("misuse-mark-twice", "V2", "mark mark! cancel", "a marked request is marked again"),
    misuse(
        "misuse-mark-after-claim",
        "I20",
        "mark cancel mark! complete! ; callback returns",
        "a request is marked again after its callback",
    ),
    without_cancel(misuse(
        "misuse-unmark-unmarked",
        "V3",
        "unmark! complete",
        "a request that was never marked",
    )),
    without_cancel(misuse(
        "misuse-unmark-twice",
        "V3",
        "mark unmark unmark! complete",
        "one mark, two unmarks",
    )),
    without_cancel(misuse(
        "misuse-complete-while-cancelable",
        "R11, V6",
        "mark complete! finish",
        "a marked request is completed without unmarking",
    )),
    misuse(
        "misuse-complete-before-callback",
        "R12",
        "mark unmark! complete! | cancel",
        "the driver ignores a refused unmark and completes",
    ),
    misuse(
        "misuse-complete-promised",
        "R12, V8",
        "mark unmark! complete! | cancel ; callback returns",
        "the driver completes although the callback may be owed, and nobody else does",
    ),
    without_cancel(misuse(
        "misuse-complete-twice",
        "V7",
        "complete complete!",
        "one request, two completions",
    )),
    without_cancel(misuse(
        "misuse-calls-after-completion",
        "V4, V5, V7",
        "complete mark! unmark! is-canceled! complete!",
        "every driver's call on a request that has ended",
    )),
    without_callback(misuse(
        "cancel-after-completion",
        "R30",
        "complete cancel cancel",
        "cancels that come too late",
    )),
    without_callback(misuse(
        "misuse-mark-completed-and-canceled",
        "V4, R30",
        "complete cancel mark!",
        "a mark that comes after the end and after a cancel: whichever it looks at first, it is refused",
    )),
    misuse(
        "misuse-unmark-twice-cancel",
        "V3, R5",
        "mark unmark unmark! | cancel ; callback returns",
        "one mark and two unmarks, while a cancel may be under way: only one of them is granted",
    ),
    misuse(
        "misuse-is-canceled-while-marked",
        "V10",
        "mark is-canceled! cancel is-canceled! ; callback returns",
        "the driver asks about a marked and about a claimed request",
    ),
    misuse(
        "is-canceled-around-every-call",
        "R29, V10",
        "is-canceled! mark is-canceled! finish is-canceled! | cancel ; callback returns",
        "a driver asks before and after each of its calls, while somebody cancels",
    ),
    misuse(
        "complete-marked-cancel",
        "R11",
        "mark complete! | cancel",
        "completion without unmarking, against a cancel",
    ),
    misuse(
        "misuse-complete-twice-while-called-back",
        "R9, V7",
        "mark start:1 cancel | complete! complete! ; callback returns",
        "a worker completes twice while the callback runs elsewhere: once is accepted, at whatever moment",
    ),
];

/// Where a call goes through that should have been refused, and where two threads drive at once.
pub(super) const CONSEQUENCES: &[Row] = &[
    // What follows from misuse.
    refusing_completion(scoped(
        misuse(
            "complete-while-marked-then-cancel",
            "R11",
            "mark complete! cancel ; callback returns",
            "if completion of a marked request goes through, the cancel must not call back",
        ),
        Scope::Consequences,
    )),
    // Two driver threads at once.
    scoped(
        without_cancel(misuse(
            "two-completions",
            "V7",
            "complete! | complete!",
            "two threads complete at once: one is accepted",
        )),
        Scope::DriversRace,
    ),
    scoped(
        without_cancel(misuse(
            "two-drivers-mark-and-unmark",
            "R26",
            "mark! unmark! | mark! unmark!",
            "two threads mark and unmark at once: no memory is corrupted",
        )),
        Scope::DriversRace,
    ),
    scoped(
        without_cancel(misuse(
            "two-drivers-mark-and-complete",
            "R26",
            "mark! | complete!",
            "one thread marks and another completes at once: no memory is corrupted",
        )),
        Scope::DriversRace,
    ),
    scoped(
        misuse(
            "mark-complete-cancel",
            "R26",
            "mark! | complete! | cancel ; callback returns",
            "one thread marks, another completes and a third cancels at once: completed once, called back at most once",
        ),
        Scope::DriversRace,
    ),
    scoped(
        without_cancel(misuse(
            "two-unmarks",
            "R27",
            "mark start:1 unmark! | unmark!",
            "two threads unmark one mark: at most one is granted",
        )),
        Scope::DriversRace,
    ),
    scoped(
        misuse(
            "two-unmarks-cancel",
            "R27, T7",
            "mark start:1 unmark! | unmark! | cancel",
            "two threads unmark one mark while somebody cancels: at most one is granted",
        ),
        Scope::DriversRace,
    ),
];
