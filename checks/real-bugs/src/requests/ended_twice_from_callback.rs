//! A cancel's callback ends a task with a call that demands that nobody has ended it, while the task's result comes.

use super::parts::*;

struct State<R: Runtime> {
    is_canceled: bool,
    outcome: Outcome<R>,
}

/// A task with the source of its completion.
pub(super) struct Task<R: Runtime, const FIXED: bool>(Monitor<R, State<R>>);

pub(super) type Request<R, const FIXED: bool> = AsOperation<R, Sides<Task<R, FIXED>>>;

impl<R: Runtime, const FIXED: bool> Transfer<R> for Task<R, FIXED> {
    fn new() -> Self {
        Task(Monitor::new(State { is_canceled: false, outcome: Outcome::Pending }))
    }

    fn complete(&self, result: Ticket<R>) -> Result<(), Ticket<R>> {
        self.0.update(|task| {
            if !matches!(task.outcome, Outcome::Pending) {
                return Err(result);
            }
            task.outcome = Outcome::Result(result);
            Ok(())
        })
    }

    fn cancel(&self) -> impl Answer {
        let has_ended_before = self.0.update(|task| {
            // The first cancel has the callback, and no other.
            let is_first = !std::mem::replace(&mut task.is_canceled, true);
            let is_pending = matches!(task.outcome, Outcome::Pending);
            if is_pending {
                task.outcome = Outcome::Over;
            }
            is_first && !is_pending
        });
        assert!(FIXED || !has_ended_before, "an attempt was made to end a task that had ended");
    }

    fn receive(&self) -> Option<Ticket<R>> {
        let has_ended = |task: &State<R>| !matches!(task.outcome, Outcome::Pending);
        match self.0.wait(has_ended, |task| std::mem::replace(&mut task.outcome, Outcome::Over)) {
            Outcome::Result(result) => Some(result),
            _ => None,
        }
    }
}
