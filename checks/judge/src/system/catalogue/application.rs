//! Scenarios of the application's side: what canceling calls select, and what ends when handles and threads do.

use super::{Row, leaving, row};

/// What the canceling calls of an application select.
pub(super) const APPLICATION: &[Row] = &[
    row(
        "cancel-io-selects-its-thread",
        "5.1",
        "issue:0:0:1 start:1 cancel-io:0 collect:0 | issue:1:0:2 finish:1",
        "CancelIo takes the I/O of the calling thread and leaves that of another on the same file",
    ),
    row(
        "cancel-io-by-two-threads",
        "5.1",
        "issue:0:0:1 start:1 cancel-io:2 cancel-io:0 | cancel-io:0 finish:0",
        "CancelIo leaves what another thread has issued, also if that one cancels it itself, sooner or later",
    ),
    row(
        "cancel-io-selects-its-file",
        "5.1",
        "issue:0:0:1 issue:1:2:2 cancel-io:0 finish:1",
        "CancelIo leaves the I/O on another file",
    ),
    row(
        "cancel-io-selects-nothing",
        "5.1",
        "cancel-io:0 complete:0",
        "CancelIo with nothing pending succeeds",
    ),
    row(
        "cancel-io-ex-selects-one",
        "5.1",
        "issue:0:0:1 issue:1:0:2 cancel-io-ex:0:1 finish:1",
        "CancelIoEx with an OVERLAPPED takes what was issued with it",
    ),
    row(
        "cancel-io-ex-selects-what-shares",
        "5.1",
        "issue:0:0:1 issue:1:0:1 cancel-io-ex:0:1",
        "and all of it",
    ),
    row(
        "cancel-io-ex-through-a-duplicate",
        "5.1",
        "issue:0:0:1 cancel-io-ex:1:1 cancel-io-ex:2 collect:0 cancel-io-ex:0",
        "selection is by file and not by handle",
    ),
    row(
        "cancel-io-ex-elsewhere",
        "5.1",
        "issue:0:0:1 cancel-io-ex:2 cancel-io-ex:0:2 finish:0",
        "nothing matches: not found, and the I/O is left alone",
    ),
    row(
        "cancel-io-ex-finish",
        "R30, 5.3",
        "issue:0:0:1 start:1 cancel-io-ex:0 collect:0 | finish:0",
        "requested or not found, canceled or not: the I/O ends once",
    ),
    row(
        "cancel-io-ex-unmarked",
        "5.3, I17",
        "issue:0:0:1 start:1 cancel-io-ex:0 collect:0 | complete:0 ; driver-keeps",
        "the driver never marks: the I/O ends normally, whatever the call says",
    ),
    row(
        "cancel-io-ex-undelivered",
        "5.3, R19",
        "issue:0:0:1 start:1 cancel-io-ex:0 collect:0 | serve:0 ; driver-waits",
        "what was not delivered is canceled by the framework",
    ),
    row(
        "cancel-io-ex-succeeds",
        "I16, 5.2",
        "issue:0:0:1 cancel-io-ex:0 collect:0 ; callback-succeeds",
        "a canceled request may end with success",
    ),
    row(
        "cancel-io-ex-collect",
        "5.2, I19",
        "issue:0:0:1 start:1 cancel-io-ex:0 | collect:0",
        "whoever waits for canceled I/O learns of its end when its driver has completed it, and not before",
    ),
    row(
        "cancel-io-ex-does-not-wait",
        "5.2",
        "issue:0:0:1 cancel-io-ex:0 complete:0 ; driver-keeps",
        "a canceling call does not wait for the end of what it cancels",
    ),
    leaving(row(
        "cancel-io-ex-slips-in",
        "5.1",
        "issue:0:0:1 start:1 issue:1:0:2 | cancel-io-ex:0",
        "new I/O may slip in behind CancelIoEx",
    )),
    row(
        "cancel-twice",
        "R30, I1",
        "issue:0:0:1 start:1 cancel-io-ex:0 collect:0 | cancel-io-ex:0:1",
        "two canceling calls: one claims, and both may be told that they have requested it",
    ),
    row(
        "cancel-synchronous-io",
        "5.1",
        "cancel-synchronous-io:1 cancel:0 | block:0:0",
        "the blocking I/O of a thread is canceled, or not found before it is there",
    ),
    row(
        "cancel-synchronous-io-leaves-overlapped",
        "5.1",
        "issue:0:0:1 cancel-synchronous-io:0 finish:0",
        "overlapped I/O of that thread is not selected",
    ),
    row(
        "cancel-synchronous-io-denied",
        "5.1",
        "cancel-synchronous-io-denied:1 cancel:0 | block:0:0",
        "without the right to end the thread nothing is canceled",
    ),
    row(
        "cancel-io-ex-takes-blocking",
        "5.1",
        "cancel-io-ex:0 cancel:0 | block:0:0",
        "CancelIoEx takes the blocking I/O of other threads as well",
    ),
];

/// Closing handles, and threads that end.
pub(super) const ENDS: &[Row] = &[
    row(
        "close-flushes-what-waits",
        "2.4, 5.1",
        "issue:0:0:1 close:0 close:1 collect:0 ; driver-waits",
        "the last handle closes: what waits in the queue is canceled",
    ),
    row(
        "close-leaves-other-files",
        "5.1",
        "issue:0:2:1 close:0 close:1 serve:0 ; driver-waits",
        "the handles of another file are closed",
    ),
    row(
        "close-keeps-while-duplicated",
        "5.1",
        "issue:0:0:1 close:0 serve:0 ; driver-waits",
        "a handle closes that is not the last",
    ),
    row(
        "close-leaves-what-is-delivered",
        "R28",
        "issue:0:0:1 close:0 close:1 finish:0",
        "what the driver owns is the driver's business",
    ),
    row(
        "close-serve",
        "R28, T11",
        "issue:0:0:1 start:1 close:0 close:1 | serve:0 ; driver-waits",
        "the last handle closes while the request is delivered",
    ),
    row(
        "close-cancel-serve",
        "R28, T11",
        "issue:0:0:1 start:1 start:2 close:0 close:1 | cancel:0 | serve:0 ; driver-waits",
        "closing, canceling and delivering: once",
    ),
    row(
        "close-mark-finish",
        "R28",
        "issue:0:0:1 start:1 close:0 close:1 | mark:0 finish:0 ; driver-keeps",
        "closing never calls the cancel callback of what the driver owns",
    ),
    row(
        "close-cancel-finish",
        "T11",
        "issue:0:0:1 start:1 start:2 close:0 close:1 | cancel-io-ex:1 | finish:0",
        "closing, a canceling call and the driver",
    ),
    row(
        "exit-cancels",
        "5.1",
        "issue:0:0:1 issue:1:2:2 exit collect:0 collect:1",
        "a thread ends: all its I/O is canceled, on every file",
    ),
    row(
        "exit-finish",
        "T14, 5.1",
        "issue:0:0:1 start:1 exit | finish:0",
        "a thread ends while the driver finishes its I/O",
    ),
    row(
        "exit-mark-finish",
        "R1, T14",
        "issue:0:0:1 start:1 exit | mark:0 finish:0 ; driver-keeps",
        "a thread ends while the driver marks and finishes",
    ),
    row(
        "exit-cancel-finish",
        "R10, T14",
        "issue:0:0:1 start:1 start:2 exit | cancel-io-ex:0 | finish:0",
        "a thread ends, another one cancels, and the driver finishes",
    ),
    row(
        "exit-leaves-others",
        "5.1",
        "issue:0:0:1 start:1 exit | issue:1:0:2 finish:1",
        "the I/O of another thread is left alone",
    ),
];
