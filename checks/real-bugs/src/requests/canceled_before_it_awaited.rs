//! A send that looks whether it is canceled and awaits then, and a cancel in between that finds nobody who awaits.

use super::parts::*;

#[derive(Default)]
struct State<R: Runtime> {
    is_canceled: bool,
    is_awaiting: bool,
    is_over: bool,
    result: Option<Ticket<R>>,
}

/// A send, whose result is that it was taken.
pub(super) struct Send<R: Runtime, const FIXED: bool>(Monitor<R, State<R>>);

pub(super) type Request<R, const FIXED: bool> = AsOperation<R, Sides<Send<R, FIXED>>>;

impl<R: Runtime, const FIXED: bool> Transfer<R> for Send<R, FIXED> {
    fn new() -> Self {
        Send(Monitor::new(State { is_canceled: false, is_awaiting: false, is_over: false, result: None }))
    }

    fn complete(&self, result: Ticket<R>) -> Result<(), Ticket<R>> {
        self.0.update(|send| {
            if send.is_canceled {
                return Err(result);
            }
            send.result = Some(result);
            send.is_over = true;
            Ok(())
        })
    }

    fn cancel(&self) -> impl Answer {
        self.0.update(|send| {
            if !send.is_over {
                send.is_canceled = true;
                send.is_over = send.is_awaiting || FIXED;
            }
        });
    }

    fn receive(&self) -> Option<Ticket<R>> {
        if self.0.with(|send| send.is_canceled) {
            return None;
        }
        self.0.with(|send| send.is_awaiting = true);
        self.0.wait(|send| send.is_over, |send| send.result.take())
    }
}
