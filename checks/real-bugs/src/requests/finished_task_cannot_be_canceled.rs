//! A query is canceled that has finished; the cancel has no effect, its context is taken away, and its result is worked on.

use super::parts::*;

struct State<R: Runtime> {
    has_context: bool,
    outcome: Outcome<R>,
}

/// A query with the context that its result is worked on in.
pub(super) struct Query<R: Runtime, const FIXED: bool>(Monitor<R, State<R>>);

pub(super) type Request<R, const FIXED: bool> = AsOperation<R, Sides<Query<R, FIXED>>>;

impl<R: Runtime, const FIXED: bool> Transfer<R> for Query<R, FIXED> {
    fn new() -> Self {
        Query(Monitor::new(State { has_context: true, outcome: Outcome::Pending }))
    }

    fn complete(&self, result: Ticket<R>) -> Result<(), Ticket<R>> {
        self.0.update(|query| {
            if !matches!(query.outcome, Outcome::Pending) {
                return Err(result);
            }
            query.outcome = Outcome::Result(result);
            Ok(())
        })
    }

    fn cancel(&self) -> impl Answer {
        self.0.update(|query| {
            let is_running = matches!(query.outcome, Outcome::Pending);
            if is_running {
                query.outcome = Outcome::Over;
            }
            if is_running || !FIXED {
                query.has_context = false;
            }
        });
    }

    fn receive(&self) -> Option<Ticket<R>> {
        let has_ended = |query: &State<R>| !matches!(query.outcome, Outcome::Pending);
        self.0.wait(has_ended, |query| match std::mem::replace(&mut query.outcome, Outcome::Over) {
            // A result without its context is thrown away.
            Outcome::Result(result) if query.has_context => Some(result),
            _ => None,
        })
    }
}
