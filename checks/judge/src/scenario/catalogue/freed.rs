//! What becomes of a request that is freed as soon as nobody keeps it: by its driver, by a canceler, or where it is completed.

use super::{Row, lawful, without_callback, without_cancel};

pub(super) const ROWS: &[Row] = &[
    without_cancel(lawful(
        "freed-by-its-driver",
        "Lifetime",
        "complete free",
        "the driver completes its request and frees it",
    )),
    without_callback(lawful(
        "freed-while-canceled",
        "Lifetime",
        "complete free | cancel free",
        "a cancel races with the end: the later of the two frees the request",
    )),
    lawful(
        "freed-by-whoever-is-last",
        "Lifetime",
        "mark finish free | cancel free",
        "driver and canceler race for the request, and the last of them frees it",
    ),
    lawful(
        "freed-after-its-callback",
        "Lifetime",
        "mark free | cancel free",
        "the driver has left: the callback completes the request, and its canceler may be the one that frees it",
    ),
    lawful(
        "freed-among-two-cancels",
        "Lifetime",
        "mark free | cancel free | cancel free",
        "two cancel: one calls back, and any of the three may be the one that frees the request",
    ),
];
