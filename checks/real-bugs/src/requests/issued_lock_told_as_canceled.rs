//! A lock is issued to a request whose token is canceled next; the request is told that it was canceled.

use super::parts::*;

struct State<R: Runtime> {
    is_canceled: bool,
    lock: Option<Ticket<R>>,
    is_issued: bool,
}

/// A request for a lock, whose result is the lock.
pub(super) struct Acquiring<R: Runtime, const FIXED: bool>(Monitor<R, State<R>>);

pub(super) type Request<R, const FIXED: bool> = AsOperation<R, Sides<Acquiring<R, FIXED>>>;

impl<R: Runtime, const FIXED: bool> Transfer<R> for Acquiring<R, FIXED> {
    fn new() -> Self {
        Acquiring(Monitor::new(State { is_canceled: false, lock: None, is_issued: false }))
    }

    fn complete(&self, result: Ticket<R>) -> Result<(), Ticket<R>> {
        self.0.update(|request| {
            if request.is_canceled {
                return Err(result);
            }
            request.lock = Some(result);
            request.is_issued = true;
            Ok(())
        })
    }

    fn cancel(&self) -> impl Answer {
        self.0.update(|request| request.is_canceled = true);
    }

    fn receive(&self) -> Option<Ticket<R>> {
        self.0.wait(
            |request| request.is_issued || request.is_canceled,
            |request| {
                if request.is_canceled && !FIXED {
                    return None;
                }
                request.lock.take()
            },
        )
    }
}
