//! Time as a choice, in the shape of `std::time`.
//!
//! How long something takes is not known, so a wait with a time ends in either way, whatever the time: notified, or with the
//! time over. `Condvar::wait_timeout`, `wait_timeout_while`, `mpsc::Receiver::recv_timeout` and `thread::park_timeout` do so
//! at every moment at which they can. A loop that waits with a time again and again goes round like one that yields.
//!
//! An [`Instant`] counts. Each thread has a clock of its own, which goes on a little with each look at it, and by the whole
//! time with each wait whose time is over and each sleep. Looks from one line in a row go on by more and more, so that a loop
//! until a deadline ends. Whether a deadline has come at a line that looks once is therefore no choice.
//!
//! # Wake-ups that time hides
//!
//! A wait with a time comes to an end although nobody wakes it up: a wake-up that is lost shows as a delay, and no assertion sees
//! that. In an execution that calls [`stand_still`] first no time runs out, and then it is a deadlock.

use std::fmt;
use std::ops::{Add, AddAssign, Sub, SubAssign};
use std::panic::Location;

use crate::executor::controlled::timed;

pub use std::time::Duration;

/// No time runs out from here to the end of the execution: a wait that only its time would end is never over.
///
/// # Panics
///
/// Panics outside an execution.
pub fn stand_still() {
    timed::stand_still();
}

/// A moment of the calling thread's clock; see [`std::time::Instant`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(Duration);

impl Instant {
    /// What the calling thread's clock says. It goes on with each look.
    ///
    /// # Panics
    ///
    /// Panics outside an execution.
    #[track_caller]
    pub fn now() -> Self {
        Instant(Duration::from_nanos(timed::now(Location::caller())))
    }

    /// How long this moment is gone.
    ///
    /// # Panics
    ///
    /// Panics outside an execution.
    #[track_caller]
    pub fn elapsed(&self) -> Duration {
        Instant::now().duration_since(*self)
    }

    /// The time from an earlier moment to this; nothing if it is no earlier one.
    pub fn duration_since(&self, earlier: Instant) -> Duration {
        self.saturating_duration_since(earlier)
    }

    /// The time from an earlier moment to this; `None` if it is no earlier one.
    pub fn checked_duration_since(&self, earlier: Instant) -> Option<Duration> {
        self.0.checked_sub(earlier.0)
    }

    /// The time from an earlier moment to this; nothing if it is no earlier one.
    pub fn saturating_duration_since(&self, earlier: Instant) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    /// A later moment; `None` if no clock comes so far.
    pub fn checked_add(&self, time: Duration) -> Option<Instant> {
        self.0.checked_add(time).map(Instant)
    }

    /// An earlier moment; `None` if no clock has begun then.
    pub fn checked_sub(&self, time: Duration) -> Option<Instant> {
        self.0.checked_sub(time).map(Instant)
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Instant").field(&self.0).finish()
    }
}

impl Add<Duration> for Instant {
    type Output = Instant;

    fn add(self, time: Duration) -> Instant {
        self.checked_add(time).expect("no clock comes so far")
    }
}

impl Sub<Duration> for Instant {
    type Output = Instant;

    fn sub(self, time: Duration) -> Instant {
        self.checked_sub(time).expect("no clock has begun then")
    }
}

impl Sub<Instant> for Instant {
    type Output = Duration;

    fn sub(self, earlier: Instant) -> Duration {
        self.duration_since(earlier)
    }
}

impl AddAssign<Duration> for Instant {
    fn add_assign(&mut self, time: Duration) {
        *self = *self + time;
    }
}

impl SubAssign<Duration> for Instant {
    fn sub_assign(&mut self, time: Duration) {
        *self = *self - time;
    }
}
