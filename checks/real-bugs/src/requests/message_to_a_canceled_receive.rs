//! A canceled receive stays in the queue of those who wait, and the next message is handed to it and thrown away.

use super::parts::*;

struct State<R: Runtime> {
    is_queued: bool,
    is_canceled: bool,
    message: Option<Ticket<R>>,
}

/// A receive that waits in a queue for its message.
pub(super) struct Receive<R: Runtime, const FIXED: bool>(Monitor<R, State<R>>);

pub(super) type Request<R, const FIXED: bool> = AsOperation<R, Sides<Receive<R, FIXED>>>;

impl<R: Runtime, const FIXED: bool> Transfer<R> for Receive<R, FIXED> {
    fn new() -> Self {
        Receive(Monitor::new(State { is_queued: true, is_canceled: false, message: None }))
    }

    fn complete(&self, result: Ticket<R>) -> Result<(), Ticket<R>> {
        self.0.update(|receive| {
            if !std::mem::take(&mut receive.is_queued) {
                return Err(result);
            }
            receive.message = (!receive.is_canceled).then_some(result);
            Ok(())
        })
    }

    fn cancel(&self) -> impl Answer {
        self.0.update(|receive| {
            let is_waiting = receive.is_queued && !receive.is_canceled;
            receive.is_canceled |= is_waiting;
            if FIXED {
                receive.is_queued = false;
            }
            is_waiting
        })
    }

    fn receive(&self) -> Option<Ticket<R>> {
        self.0.wait(|receive| !receive.is_queued || receive.is_canceled, |receive| receive.message.take())
    }
}
