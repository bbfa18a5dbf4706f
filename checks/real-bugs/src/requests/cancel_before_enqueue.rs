//! A waiter registers its cancel and joins the queue then; a cancel in between looks for it in the queue and finds nothing.

use super::parts::*;

struct State<R: Runtime> {
    is_canceled: bool,
    is_registered: bool,
    is_queued: bool,
    outcome: Outcome<R>,
}

/// An asynchronous event with one waiter.
pub(super) struct AsyncEvent<R: Runtime, const FIXED: bool>(Monitor<R, State<R>>);

pub(super) type Request<R, const FIXED: bool> = AsOperation<R, Sides<AsyncEvent<R, FIXED>>>;

impl<R: Runtime, const FIXED: bool> Transfer<R> for AsyncEvent<R, FIXED> {
    fn new() -> Self {
        AsyncEvent(Monitor::new(State {
            is_canceled: false,
            is_registered: false,
            is_queued: false,
            outcome: Outcome::Pending,
        }))
    }

    fn complete(&self, result: Ticket<R>) -> Result<(), Ticket<R>> {
        self.0.update(|event| {
            if event.is_canceled {
                return Err(result);
            }
            event.outcome = Outcome::Result(result);
            Ok(())
        })
    }

    fn cancel(&self) -> impl Answer {
        self.0.update(|event| {
            if matches!(event.outcome, Outcome::Pending) {
                event.is_canceled = true;
                // A callback that is registered already runs here, and takes the waiter off the queue.
                if !event.is_registered || event.is_queued {
                    event.outcome = Outcome::Over;
                }
            }
        });
    }

    fn receive(&self) -> Option<Ticket<R>> {
        self.0.with(|event| event.is_registered = true);
        self.0.update(|event| {
            event.is_queued = true;
            if FIXED && event.is_canceled {
                event.outcome = Outcome::Over;
            }
        });
        let has_ended = |event: &State<R>| !matches!(event.outcome, Outcome::Pending);
        match self.0.wait(has_ended, |event| std::mem::replace(&mut event.outcome, Outcome::Over)) {
            Outcome::Result(result) => Some(result),
            _ => None,
        }
    }
}
