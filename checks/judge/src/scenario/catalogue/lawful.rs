//! What drivers do that keep to the rules, alone and in every race of the specification.

use super::{Row, calling_back, lawful, refusing, waiting, without_callback, without_cancel};

/// Smallest situations first.
pub(super) const ROWS: &[Row] = &[
    // One thread: what the calls mean when nothing races.
    without_cancel(lawful(
        "mark-unmark",
        "2.4",
        "mark finish",
        "nobody cancels: the driver finishes its request",
    )),
    without_cancel(lawful(
        "complete-unmarked",
        "2.4",
        "complete",
        "a request that was never marked is completed",
    )),
    lawful("marked-cancel", "2.4", "mark cancel", "a marked request is canceled: the callback completes it"),
    lawful(
        "marked-cancel-cancel",
        "R10",
        "mark cancel cancel ; callback returns",
        "a request is canceled again after its callback",
    ),
    calling_back(lawful(
        "cancel-then-mark",
        "I7",
        "cancel mark",
        "the cancel came before the mark: marking calls back",
    )),
    refusing(without_callback(lawful(
        "cancel-then-mark-refused",
        "I7",
        "cancel mark",
        "the cancel came before the mark: marking is refused and the driver completes",
    ))),
    without_callback(lawful(
        "cancel-then-is-canceled",
        "R29",
        "cancel is-canceled complete",
        "the driver asks after a cancel and completes",
    )),
    without_callback(lawful(
        "cancel-then-is-canceled-twice",
        "R29",
        "cancel is-canceled is-canceled complete",
        "the driver asks twice after a cancel: once asked for, a cancel stays asked for",
    )),
    lawful(
        "marked-three-cancels",
        "R10",
        "mark cancel cancel cancel ; callback returns",
        "a request is canceled twice more after its callback, and nobody completes it",
    ),
    lawful(
        "marked-cancel-reentrant",
        "I12",
        "mark cancel ; callback reenters",
        "the callback calls the request it was called for",
    ),
    without_callback(lawful(
        "unmark-then-cancel",
        "I3",
        "mark unmark cancel complete",
        "the cancel comes after a granted unmark: it calls nobody back",
    )),
    calling_back(lawful(
        "cancel-mark-worker-finishes",
        "I7, R8",
        "cancel mark start:1 | finish ; callback returns",
        "a worker finishes a request whose callback was called by mark itself",
    )),
    refusing(without_callback(lawful(
        "cancel-mark-refused-cancel",
        "R2, I8",
        "cancel mark cancel",
        "a second cancel after a refused mark: the refused callback stays uncalled",
    ))),
    lawful(
        "marked-cancel-panics",
        "I6",
        "mark cancel ; callback panics",
        "the callback panics: whoever catches it completes the request",
    ),
    // Two parties.
    lawful("mark-cancel", "R1, R2", "mark | cancel", "a mark and a cancel race"),
    lawful(
        "mark-cancel-returns",
        "R1, R2",
        "mark | cancel ; callback returns",
        "a mark and a cancel race, and nobody completes",
    ),
    lawful(
        "worker-unmarks-cancel",
        "R5",
        "mark start:1 cancel | unmark",
        "a worker unmarks what is surely marked, while the handler cancels",
    ),
    lawful(
        "worker-finishes-cancel",
        "R5",
        "mark start:1 cancel | finish",
        "a worker finishes what is surely marked, while the handler cancels",
    ),
    lawful(
        "marked-cancel-finish-cancel",
        "R5, R10",
        "mark cancel finish | cancel ; callback returns",
        "a request is canceled and then finished, while somebody else cancels as well",
    ),
    lawful(
        "mark-cancel-panics",
        "I6",
        "mark finish | cancel ; callback panics",
        "the callback panics while the driver finishes",
    ),
    waiting(lawful(
        "wait-then-complete",
        "I14",
        "mark finish-alone | cancel ; callback returns",
        "unmark waits for the callback, and then the driver completes",
    )),
    lawful(
        "marked-finish-cancel",
        "R5",
        "mark finish | cancel",
        "the driver finishes while somebody cancels",
    ),
    lawful(
        "marked-two-cancels",
        "R10, T5",
        "mark | cancel | cancel",
        "a mark against two cancels, one of which may stand for a purge: one claims",
    ),
    lawful(
        "unmark-while-called-back",
        "R7, R8",
        "mark cancel start:1 | unmark ; callback returns",
        "unmark after the callback was called, and before anybody completed",
    ),
    lawful(
        "unmark-after-completed-by-callback",
        "R9",
        "mark cancel unmark!",
        "the callback completed the request: unmark is refused, and not as canceled",
    ),
    lawful(
        "remark-cancel",
        "T8",
        "mark unmark mark finish | cancel",
        "the cancel may come in the gap between two marks",
    ),
    lawful(
        "remark-and-leave-cancel",
        "T8",
        "mark unmark mark | cancel",
        "the cancel may come in the gap between two marks, the second of which is left standing",
    ),
    lawful(
        "finish-together",
        "R13",
        "mark finish-together | cancel ; callback completes-together",
        "on a refusal the later of driver and callback completes",
    ),
    lawful(
        "mark-cancel-reentrant",
        "I12",
        "mark finish | cancel ; callback reenters",
        "the callback calls the request while the driver finishes it",
    ),
    without_callback(lawful(
        "is-canceled-cancel",
        "R29",
        "is-canceled complete | cancel",
        "the driver asks while somebody cancels an unmarked request",
    )),
    without_callback(lawful("complete-cancel", "R30", "complete | cancel", "a cancel races with the end")),
    // Three parties.
    lawful(
        "mark-worker-cancel",
        "T1, T2",
        "mark start:1 | finish | cancel",
        "a worker finishes what the handler has marked, while somebody cancels",
    ),
    lawful(
        "mark-three-cancels",
        "R3, T3",
        "mark cancel | cancel | cancel ; callback returns",
        "three threads cancel what is marked: one claims, whoever comes first",
    ),
    lawful(
        "mark-finish-two-cancels",
        "R3, R4, R6, T3, T4",
        "mark finish | cancel | cancel",
        "the driver against two cancelers, one of which may stand for a purge",
    ),
];
