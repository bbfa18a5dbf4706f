//! What was made in an execution and has not been given back.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::Location;

thread_local! {
    static LIVE: RefCell<Live> = RefCell::default();
}

#[derive(Default)]
struct Live {
    next: u64,
    things: BTreeMap<u64, (&'static str, &'static Location<'static>)>,
}

/// Stands for something that has to be given back.
#[derive(Debug)]
pub(crate) struct Token(u64);

/// A new execution begins.
pub(crate) fn begin() {
    LIVE.with_borrow_mut(|live| live.things.clear());
}

/// Something is made.
#[track_caller]
pub(crate) fn made(what: &'static str) -> Token {
    let place = Location::caller();
    LIVE.with_borrow_mut(|live| {
        live.next += 1;
        live.things.insert(live.next, (what, place));
        Token(live.next)
    })
}

impl Drop for Token {
    fn drop(&mut self) {
        // Where the thread of the machine ends, nobody asks any more.
        let _ = LIVE.try_with(|live| live.borrow_mut().things.remove(&self.0));
    }
}

/// Every thread has ended: what is left is leaked.
#[track_caller]
pub(crate) fn check() {
    let leaked = LIVE.with_borrow(|live| live.things.values().next().copied());
    if let Some((what, place)) = leaked {
        panic!("leaked: {what} that was made at {place} is never given back");
    }
}
