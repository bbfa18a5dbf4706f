//! A dropped read ends its future and leaves the channel of direct memory access running, which goes on to write the buffer.

use super::parts::*;

#[derive(Clone, Copy, Default)]
struct Channel {
    is_stopped: bool,
    is_writing: bool,
}

/// A read by a channel of direct memory access.
pub(super) struct Read<R: Runtime, const FIXED: bool> {
    channel: Monitor<R, Channel>,
    buffer: Block<R>,
    outcome: Desk<R>,
}

pub(super) type Request<R, const FIXED: bool> = AsOperation<R, Sides<Read<R, FIXED>>>;

impl<R: Runtime, const FIXED: bool> Transfer<R> for Read<R, FIXED> {
    fn new() -> Self {
        let (channel, buffer) = (Monitor::new(Channel::default()), Block::in_request("the buffer"));
        Read { channel, buffer, outcome: Desk::new() }
    }

    /// The channel's work.
    fn complete(&self, result: Ticket<R>) -> Result<(), Ticket<R>> {
        let is_stopped = self.channel.with(|channel| {
            channel.is_writing = !channel.is_stopped;
            channel.is_stopped
        });
        if is_stopped {
            return Err(result);
        }
        self.buffer.write();
        self.channel.update(|channel| channel.is_writing = false);
        self.outcome.finish(result)
    }

    fn cancel(&self) -> impl Answer {
        let is_dropped = self.outcome.end();
        if is_dropped {
            if FIXED {
                self.channel.with(|channel| channel.is_stopped = true);
                self.channel.wait(|channel| !channel.is_writing, |_| ());
            }
            self.buffer.free();
        }
        is_dropped
    }

    fn receive(&self) -> Option<Ticket<R>> {
        self.outcome.receive()
    }
}
