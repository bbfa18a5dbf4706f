//! A read registers its callback on a token that is canceled already; the callback runs inside the call, before the read waits.

use super::parts::*;

struct State<R: Runtime> {
    is_canceled: bool,
    is_waiting: bool,
    outcome: Outcome<R>,
}

/// A read of a pipe.
pub(super) struct Read<R: Runtime, const FIXED: bool>(Monitor<R, State<R>>);

pub(super) type Request<R, const FIXED: bool> = AsOperation<R, Sides<Read<R, FIXED>>>;

impl<R: Runtime> State<R> {
    /// Ends a read that waits, and no other.
    fn run_callback(&mut self) {
        if self.is_waiting {
            self.outcome = Outcome::Over;
        }
    }
}

impl<R: Runtime, const FIXED: bool> Transfer<R> for Read<R, FIXED> {
    fn new() -> Self {
        Read(Monitor::new(State { is_canceled: false, is_waiting: false, outcome: Outcome::Pending }))
    }

    fn complete(&self, result: Ticket<R>) -> Result<(), Ticket<R>> {
        self.0.update(|read| {
            if read.is_canceled {
                return Err(result);
            }
            read.outcome = Outcome::Result(result);
            Ok(())
        })
    }

    fn cancel(&self) -> impl Answer {
        self.0.update(|read| {
            if matches!(read.outcome, Outcome::Pending) {
                read.is_canceled = true;
                read.run_callback();
            }
        });
    }

    fn receive(&self) -> Option<Ticket<R>> {
        // Registering.
        let was_canceled = self.0.with(|read| {
            if read.is_canceled {
                read.run_callback();
            }
            read.is_canceled
        });
        if FIXED && was_canceled {
            return None;
        }
        self.0.update(|read| {
            read.is_waiting = true;
            if FIXED && read.is_canceled {
                read.run_callback();
            }
        });
        let has_ended = |read: &State<R>| !matches!(read.outcome, Outcome::Pending);
        match self.0.wait(has_ended, |read| std::mem::replace(&mut read.outcome, Outcome::Over)) {
            Outcome::Result(result) => Some(result),
            _ => None,
        }
    }
}
