//! Scenarios of sent requests and of objects, and what static rules and verifiers are there to catch.

use super::{Row, leaving, misuse, row};

/// Sent requests, their timers, and reuse.
pub(super) const SENT: &[Row] = &[
    row("sent-ends", "2.4", "send end-below", "a request is sent and ends"),
    row(
        "sent-cancel",
        "R22, R24",
        "send end-below | cancel-sent",
        "a cancel before, during and after: the completion runs once",
    ),
    row(
        "sent-cancel-alone",
        "R24",
        "send | cancel-sent",
        "the driver below ends nothing by itself: a cancel before, during and after the send ends it",
    ),
    row(
        "send-down-cancel",
        "2.4",
        "send-down:0 end-down:0 | cancel:0",
        "a request is sent on: a cancel before, during and after ends it once",
    ),
    row("sent-timer", "R23", "send end-below | timer", "what the timer cancels ends with an error"),
    row(
        "sent-cancel-timer",
        "R23, T12",
        "send end-below | cancel-sent | timer",
        "driver, timer and completion: one of the three runs it",
    ),
    row(
        "sent-reuse-late-cancel",
        "I8, R25",
        "send end-below reuse send end-below | cancel-sent",
        "a cancel of the first life never touches the second",
    ),
    row(
        "sent-reuse-after-cancel",
        "I8",
        "cancel-sent send reuse cancel-sent send end-below",
        "reuse resets the sticky bit, and a cancel of the life before finds nothing",
    ),
];

/// Objects and their references.
pub(super) const OBJECTS: &[Row] = &[
    row(
        "object-released-after-mark",
        "I10, 2.5",
        "mark:0 release | cancel:0",
        "the driver releases the callback object right after marking",
    ),
    row(
        "object-finish",
        "I10, I11",
        "mark:0 finish:0 release | cancel:0",
        "the object is released on every path",
    ),
    row(
        "object-shared",
        "2.5",
        "add-ref mark:0 start:1 release | release cancel:0",
        "two owners and the framework",
    ),
    row(
        "object-counted",
        "2.5",
        "mark:0 start:1 add-ref release release | cancel:0",
        "a driver takes and gives back references while the framework gives its own back",
    ),
    row(
        "object-query",
        "2.5",
        "query:0 query:1 query:2 release release mark:0 release cancel:0",
        "each interface that is handed out has a reference; what it has not is refused without",
    ),
    row(
        "object-refused",
        "2.5, R2",
        "mark:0 release | cancel:0 ; refusing",
        "a refused mark gives its reference back",
    ),
];

/// Misuse: what static rules and verifiers are there to catch.
pub(super) const MISUSES: &[Row] = &[
    misuse(row("misuse-requeue-marked", "V11", "mark:0 requeue:0! finish:0", "a marked request is put back")),
    misuse(row(
        "misuse-forward-marked",
        "V11",
        "mark:0 forward:0! finish:0",
        "a marked request is forwarded",
    )),
    misuse(leaving(row(
        "misuse-requeue-claimed",
        "V11, I20",
        "mark:0 cancel:0 requeue:0! forward:0! mark:0! ; callback-returns",
        "after its callback a request can only be completed",
    ))),
    misuse(leaving(row(
        "misuse-while-queued",
        "V1, V5",
        "mark:0! unmark:0! complete:0! is-canceled:0! requeue:0! ; queued",
        "every driver's call on a request that waits in the queue",
    ))),
    misuse(row(
        "misuse-after-completion",
        "V4, V7, V13",
        "complete:0 mark:0! unmark:0! requeue:0! is-canceled:0! complete:0!",
        "every driver's call on a request that has ended",
    )),
    misuse(row(
        "misuse-stop-completes",
        "EvtIoStopCancel",
        "mark:0 stop ; stop-misuses",
        "a marked request is completed as the queue stops, without unmarking",
    )),
    misuse(row("misuse-send-twice", "V16", "send send! end-below", "a request that is sent is sent again")),
    misuse(row(
        "misuse-send-down-marked",
        "ReqMarkCancelableSend",
        "mark:0 send-down:0! finish:0 | cancel:0",
        "a marked request is sent to the driver below",
    )),
    misuse(row(
        "misuse-after-send-down",
        "0xC9/0x229",
        "send-down:0 mark:0! complete:0! send-down:0! end-down:0",
        "a request that the driver below has is marked, completed and sent again",
    )),
    misuse(row(
        "misuse-reuse-while-sent",
        "V15",
        "send reuse! end-below",
        "a request that is sent is used again",
    )),
    misuse(row(
        "misuse-requeue-marked-cancel",
        "V11, R20",
        "mark:0 requeue:0! finish:0 | cancel:0",
        "a marked request is put back while somebody cancels",
    )),
];
