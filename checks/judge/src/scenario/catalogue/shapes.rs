//! What only types have which are no request: see the shapes of the machine's crate.

use super::{Row, lawful, only, without_callback, without_cancel};
use crate::scenario::Demand;

/// A row about a result that is received.
const fn receiving(row: Row) -> Row {
    only(Demand::Receives, row)
}

pub(super) const ROWS: &[Row] = &[
    receiving(without_cancel(lawful(
        "completed-then-received",
        "Operation",
        "complete receive",
        "a result that is there is received",
    ))),
    receiving(without_cancel(lawful(
        "receive-while-completed",
        "Operation",
        "receive | complete",
        "somebody waits for the result while it is brought",
    ))),
    receiving(without_cancel(lawful(
        "received-again",
        "Operation",
        "receive receive | complete",
        "somebody receives twice: the result is there once",
    ))),
    receiving(without_callback(lawful(
        "receive-while-canceled",
        "Operation",
        "receive | cancel",
        "somebody waits for a result that never comes: the cancel ends the waiting",
    ))),
    receiving(without_callback(lawful(
        "canceled-then-completed",
        "Operation",
        "cancel complete receive",
        "a completion that comes after the cancel is too late, and gives its result back",
    ))),
    receiving(without_callback(lawful(
        "completed-then-canceled",
        "Operation",
        "complete cancel receive",
        "a cancel that comes after the completion is too late: the result is received all the same",
    ))),
    receiving(without_callback(lawful(
        "completed-while-canceled-received",
        "Operation",
        "complete | cancel receive",
        "a completion and a cancel race: the result is received, or given back",
    ))),
    receiving(without_callback(lawful(
        "receive-completed-canceled",
        "Operation",
        "receive | complete | cancel",
        "somebody waits while completion and cancel race: the waiting ends, with the result if the completion won",
    ))),
    receiving(without_callback(lawful(
        "completed-while-two-cancel",
        "Operation",
        "complete receive | cancel | cancel",
        "two cancel what is completed: it ends once",
    ))),
];
