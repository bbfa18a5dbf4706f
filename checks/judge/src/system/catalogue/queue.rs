//! Scenarios of a queue: its dispatcher, purges, requests that wait in it, and stopping it.

use super::{Row, hanging, leaving, row};

/// One request on its queue, as a measure for the rest; with one request alone the whole catalogue of requests is run.
pub(super) const BASICS: &[Row] = &[
    row("queue-mark-cancel", "R1", "mark:0 | cancel:0", "a mark and a cancel race: one callback"),
    row("queue-mark-cancel-refusing", "R2", "mark:0 | cancel:0 ; refusing", "the same where mark may refuse"),
    row(
        "queue-mark-finish-cancel",
        "R5",
        "mark:0 finish:0 | cancel:0",
        "the driver finishes while somebody cancels",
    ),
    row(
        "queue-mark-worker-cancel",
        "T1",
        "mark:0 start:1 | finish:0 | cancel:0",
        "a worker finishes what the handler has marked",
    ),
    row(
        "queue-mark-worker-cancel-refusing",
        "T2",
        "mark:0 start:1 | finish:0 | cancel:0 ; refusing",
        "the same where mark may refuse, and the worker is then told nothing",
    ),
    row(
        "queue-remark-cancel",
        "T8",
        "mark:0 unmark:0 mark:0 finish:0 | cancel:0",
        "the cancel may come in the gap between two marks",
    ),
];

/// Purges, against everything else.
pub(super) const PURGES: &[Row] = &[
    row(
        "purge-mark",
        "R3",
        "mark:0 | purge",
        "a mark and a purge race: one callback, and the cancel bit stays clear",
    ),
    row("purge-mark-refusing", "R4, I18", "mark:0 | purge ; refusing", "the same where mark may refuse"),
    row("purge-finish", "R6", "mark:0 finish:0 | purge", "the driver finishes while its queue is purged"),
    row("purge-complete", "2.4", "complete:0 | purge", "an unmarked request is its driver's business"),
    row(
        "purge-cancel",
        "R10",
        "mark:0 | cancel:0 | purge",
        "a cancel and a purge of one mark: one of the two claims",
    ),
    row(
        "purge-cancel-finish",
        "T3",
        "mark:0 finish:0 | cancel:0 | purge",
        "driver, canceler and purger: as with two cancelers, but the cancel bit may stay clear",
    ),
    row(
        "purge-cancel-refusing",
        "T5",
        "mark:0 | cancel:0 | purge ; refusing",
        "mark is refused and no callback comes, or it is not and one does",
    ),
    row(
        "purge-remark",
        "T8",
        "mark:0 unmark:0 mark:0 finish:0 | purge",
        "the purge may come in the gap between two marks",
    ),
    row("purge-then-mark", "2.2", "purge mark:0", "a purged queue claims whatever is marked"),
    row(
        "purge-then-open-then-mark",
        "2.2",
        "purge open mark:0 finish:0",
        "a queue that was opened again does not",
    ),
    row(
        "open-mark",
        "2.2",
        "purge start:1 open | mark:0 finish:0",
        "the queue is opened again while the driver marks",
    ),
    row(
        "purge-two",
        "R3, R10",
        "mark:0 mark:1 finish:0 | purge",
        "a purge takes what is marked and leaves what was taken back",
    ),
    row(
        "purge-two-cancel",
        "R10, I1",
        "mark:0 mark:1 start:1 purge | cancel:1",
        "one of two requests is claimed by a canceler, and the purge skips it",
    ),
    row(
        "purge-while-held",
        "I1, I15",
        "mark:0 hold-power cancel:0 purge release-power",
        "a purge leaves the callbacks that are promised already",
    ),
    row(
        "purge-and-tell-unmarked",
        "T10",
        "purge-and-tell complete:0",
        "the purge waits for a request that the driver owns unmarked",
    ),
    row(
        "purge-and-tell",
        "T10",
        "mark:0 finish:0 | purge-and-tell",
        "the purge is over when the driver or the callback has completed",
    ),
    row(
        "purge-and-tell-cancel",
        "T10, I15",
        "mark:0 | cancel:0 | purge-and-tell",
        "the purge waits for the callback of a canceler",
    ),
];

/// The dispatcher: order, deferral, power.
pub(super) const DISPATCHING: &[Row] = &[
    row(
        "handler-cancels-two",
        "2.2",
        "handler mark:0 mark:1 cancel:0 cancel:1 end",
        "two claims inside a handler are called back after it, first come first served",
    ),
    row(
        "two-claims",
        "I12, I14",
        "mark:0 mark:1 start:1 cancel:0 | cancel:1",
        "two cancelers and one dispatcher: whoever comes second leaves its callback to the first",
    ),
    row(
        "callback-reenters",
        "I12",
        "mark:0 mark:1 cancel:0 ; callback-reenters",
        "a callback cancels another request, whose callback comes after it",
    ),
    row(
        "two-callbacks-reenter",
        "I12",
        "mark:0 mark:1 start:1 cancel:0 | cancel:1 ; callback-reenters",
        "two callbacks cancel each other's request",
    ),
    row(
        "handler-cancels",
        "2.6, I13",
        "handler mark:0 cancel:0 end ; synchronized",
        "a claim inside a handler is called back after it",
    ),
    row(
        "handler-marks-canceled",
        "2.6",
        "cancel:0 handler mark:0 end",
        "the callback comes after the handler",
    ),
    row(
        "handler-cancel",
        "I13, R14",
        "handler mark:0 end | cancel:0 ; synchronized",
        "a callback does not overlap the handler of its scope",
    ),
    row(
        "synchronized-cancel",
        "2.6",
        "mark:0 synchronized cancel:0 end ; synchronized",
        "inside a synchronized callback the callback is left for later",
    ),
    row(
        "synchronized-mark",
        "2.6",
        "cancel:0 synchronized mark:0 end ; synchronized",
        "a canceled request is marked inside a synchronized callback",
    ),
    row(
        "synchronized-cancel-race",
        "I13, I14",
        "mark:0 synchronized cancel:0 end | cancel:0 ; synchronized",
        "two cancels, one inside a synchronized callback: one callback, and nobody waits for ever",
    ),
    row(
        "synchronized-finish",
        "R18",
        "mark:0 synchronized finish:0 end | cancel:0 ; synchronized",
        "the driver finishes inside its scope: unmark does not wait for the callback",
    ),
    row(
        "power-held",
        "2.6, I14",
        "mark:0 hold-power cancel:0 release-power",
        "callbacks are held back while the driver is told of a change of power",
    ),
    row(
        "power-held-in-handler",
        "2.6, I14",
        "handler mark:0 hold-power cancel:0 end release-power",
        "a dispatcher that comes out of its handler leaves the callback as well",
    ),
    row(
        "power-held-mark",
        "2.6, I14",
        "cancel:0 hold-power mark:0 release-power",
        "a canceled request is marked meanwhile",
    ),
    row(
        "power-cancel",
        "I14",
        "mark:0 | hold-power release-power | cancel:0",
        "a cancel may come before, during and after a change of power",
    ),
    row(
        "power-finish",
        "R7",
        "mark:0 hold-power finish:0 release-power | cancel:0",
        "the driver finishes while a promised callback may be held back",
    ),
    hanging(row(
        "handler-awaits-its-callback",
        "T13",
        "cancel:0 handler mark:0 await:0 end",
        "a handler waits for the callback that only it could make",
    )),
    row(
        "handler-awaits-another-dispatcher",
        "T13",
        "handler mark:0 start:1 await:0 end | cancel:0 handler end",
        "another thread enters the dispatcher for a reason of its own, and makes the callback",
    ),
    hanging(row(
        "handler-awaits-in-its-scope",
        "T13",
        "handler mark:0 start:1 await:0 end | cancel:0 handler end ; synchronized",
        "that does not help where callbacks exclude each other",
    )),
];

/// Requests that wait in a queue.
pub(super) const WAITING: &[Row] = &[
    row(
        "queued-cancel",
        "R19",
        "serve:0 | cancel:0 ; queued",
        "a request is delivered or canceled in the queue",
    ),
    leaving(row("queued-purge", "2.4", "serve:0 | purge ; queued", "a request is delivered or purged")),
    row(
        "queued-cancel-purge",
        "R10, R19",
        "serve:0 | cancel:0 | purge ; queued",
        "delivered, canceled, or purged: once",
    ),
    leaving(row(
        "requeue-cancel",
        "R20",
        "requeue:0 | cancel:0",
        "the request waits in the queue and is canceled there, or ends at once; requeue succeeds in both",
    )),
    row(
        "requeue-cancel-telling",
        "R20, I6",
        "requeue:0 cancel:0 | cancel:0 ; telling",
        "a driver that has seen the request is told, and completes it",
    ),
    row(
        "requeue-serve-cancel",
        "R19, R20",
        "requeue:0 serve:0 | cancel:0",
        "put back, canceled or delivered again: once",
    ),
    row(
        "requeue-serve-cancel-telling",
        "R19, R20",
        "requeue:0 serve:0 | cancel:0 ; telling",
        "the same where the driver is told",
    ),
    row(
        "requeue-purge",
        "2.4",
        "requeue:0 serve:0 | purge",
        "a purge makes a requeue finish as canceled, with the cancel bit clear",
    ),
    row(
        "forward-cancel",
        "R20",
        "forward:0 serve:1 | cancel:0",
        "a request is canceled on its way to another queue",
    ),
    row(
        "forward-cancel-telling",
        "R20",
        "forward:0 serve:1 | cancel:0 ; telling",
        "the same where the driver is told",
    ),
    row(
        "forward-purge",
        "2.4",
        "forward:0 serve:1 | purge",
        "the purge of a queue leaves what was forwarded",
    ),
    row(
        "two-queued-cancel",
        "R19",
        "serve:0 cancel:1 cancel:0 | cancel:0 ; queued",
        "a request that is claimed is skipped, and the next one is delivered",
    ),
];

/// Stopping a queue for a change of power.
pub(super) const STOPPING: &[Row] = &[
    row("stop-finishes", "R21", "mark:0 stop", "the driver unmarks and completes as its queue stops"),
    row(
        "stop-cancel",
        "R21, T9",
        "mark:0 start:1 stop | cancel:0",
        "a cancel before the stop holds the driver's notification back, and one after it finds nothing",
    ),
    leaving(row(
        "stop-requeues-cancel",
        "R20, R21",
        "mark:0 start:1 stop | cancel:0 ; stop-requeues",
        "the driver puts the request back unless it was canceled",
    )),
    leaving(row(
        "stop-after-claim",
        "R21",
        "mark:0 cancel:0 stop ; callback-returns",
        "a request that has been canceled is not presented",
    )),
    row(
        "stop-cancel-two",
        "R21",
        "mark:0 mark:1 start:1 stop | cancel:1",
        "only the other request is presented",
    ),
];
