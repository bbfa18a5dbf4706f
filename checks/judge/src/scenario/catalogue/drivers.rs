//! What happens to a driver: requests are delivered to it, its device is done, and others cancel, purge and stop meanwhile.
//!
//! The driver's calls are its own and come in any order, so that no row is judged by the machine's answers: the adapter holds each
//! call against the driver's rules.

use super::{Row, lawful, only, scoped, without_callback};
use crate::scenario::{Demand, Reaches, Scope};

const fn driver(name: &'static str, source: &'static str, program: &'static str, about: &'static str) -> Row {
    let row = without_callback(lawful(name, source, program, about));
    scoped(only(Demand::Delivers, row), Scope::DriversRace)
}

const fn without_cancel(row: Row) -> Row {
    Row { reaches: Reaches::End, ..row }
}

pub(super) const ROWS: &[Row] = &[
    without_cancel(driver(
        "delivered-then-done",
        "Driver",
        "deliver work",
        "the device is done with a request that nobody cancels",
    )),
    without_cancel(driver(
        "done-while-delivered",
        "Driver",
        "deliver | work",
        "the device interrupts while a request is delivered",
    )),
    without_cancel(driver(
        "done-twice-at-once",
        "Driver",
        "deliver start:1 work | work",
        "the device interrupts twice at once",
    )),
    driver(
        "delivered-then-canceled",
        "Driver",
        "deliver cancel",
        "the application cancels what the driver holds",
    ),
    driver(
        "canceled-then-delivered",
        "Driver",
        "cancel deliver",
        "a request was canceled before it is delivered",
    ),
    driver(
        "canceled-while-delivered",
        "Driver",
        "deliver | cancel",
        "the application cancels what is being delivered",
    ),
    driver(
        "canceled-while-done",
        "Driver",
        "deliver start:1 cancel | work",
        "the device is done while the application cancels",
    ),
    driver(
        "canceled-while-delivered-and-done",
        "Driver",
        "deliver | work | cancel",
        "delivery, device and cancel race",
    ),
    driver(
        "canceled-twice-while-done",
        "Driver",
        "deliver start:1 cancel | work | cancel",
        "the device is done while two cancel",
    ),
    driver(
        "canceled-while-done-twice",
        "Driver",
        "deliver start:1 work | work | cancel",
        "the device interrupts twice while the application cancels",
    ),
    driver(
        "next-delivered-while-canceled",
        "Driver",
        "deliver start:1 deliver work | cancel",
        "the next request is delivered while the one before it is canceled",
    ),
    driver(
        "delivered-again-while-canceled",
        "Driver",
        "deliver start:1 deliver deliver | cancel",
        "what a driver has put back is delivered again, or canceled in the queue",
    ),
    without_cancel(driver(
        "purged-while-held",
        "Driver",
        "deliver purge",
        "the queue is purged while the driver holds a request",
    )),
    without_cancel(driver(
        "purged-while-delivered",
        "Driver",
        "deliver | purge",
        "the queue is purged while a request is delivered",
    )),
    without_cancel(driver(
        "purged-while-done",
        "Driver",
        "deliver start:1 purge | work",
        "the queue is purged while the device is done",
    )),
    driver(
        "purged-while-canceled",
        "Driver",
        "deliver start:1 purge | cancel",
        "the queue is purged while the application cancels",
    ),
    without_cancel(driver(
        "stopped-while-held",
        "Driver",
        "deliver stop work",
        "the queue stops for a change of power while the driver holds a request",
    )),
    driver(
        "stopped-while-canceled",
        "Driver",
        "deliver start:1 stop | cancel",
        "the queue stops while the application cancels",
    ),
];
