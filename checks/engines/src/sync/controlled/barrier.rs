//! Threads that wait for each other; see [`std::sync::Barrier`].

use std::panic::Location;

use crate::executor::controlled::meeting::RawMeeting;

/// See [`std::sync::Barrier`]. Of those that wait together it is told who came last, and their order is not explored.
#[derive(Debug)]
pub struct Barrier {
    meeting: RawMeeting,
    threads: usize,
}

/// See [`std::sync::BarrierWaitResult`].
#[derive(Clone, Copy, Debug)]
pub struct BarrierWaitResult(bool);

impl BarrierWaitResult {
    /// Whether the thread came last; of all that waited together one did.
    pub fn is_leader(&self) -> bool {
        self.0
    }
}

impl Barrier {
    /// A barrier for so many threads.
    pub const fn new(threads: usize) -> Self {
        Barrier { meeting: RawMeeting::new(), threads }
    }

    /// Blocks until as many threads wait.
    #[track_caller]
    pub fn wait(&self) -> BarrierWaitResult {
        let is_alone = self.threads <= 1;
        let group = u32::try_from(self.threads).unwrap_or(u32::MAX);
        BarrierWaitResult(is_alone || self.meeting.wait(group, Location::caller()))
    }
}
