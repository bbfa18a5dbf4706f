//! How long tests wait for a request that never comes to an end.
//!
//! One test that is stuck costs as much as its watchdog allows. A request that is stuck in one scenario usually is in most, so
//! the next ones get less, and after a while none: then they fail without having been tried, and say so.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::workers::Patience;

/// The part of the usual patience that is left once a test has been stuck.
const LESS: u32 = 8;

/// As many times as one may be stuck, all of them may be together.
const TIMES: u32 = 2;

/// As many times as one may be stuck, a check of the request as such may take, and all explanations together may overrun: a
/// request whose every execution takes a second gives signs of life, and a failure is told as it was found if it cannot
/// be made small in that time.
const TIMES_TO_EXPLAIN: u32 = 4;

/// How long explanations took that were given up.
static OVERRUN: Mutex<Duration> = Mutex::new(Duration::ZERO);

/// For how long the tests of this process have waited in vain.
static LOST: Mutex<Lost> = Mutex::new(Lost { tests: 0, time: Duration::ZERO });

#[derive(Clone, Copy, Debug)]
struct Lost {
    tests: u32,
    time: Duration,
}

/// The patience that is left, or why there is none.
pub(super) fn left() -> Result<Patience, String> {
    lost(|lost| lost.leaves(Patience::usual()))
}

/// How long one may ask about the request as such.
pub(super) fn for_checks() -> Duration {
    Patience::usual().stuck_after * TIMES_TO_EXPLAIN
}

/// How long one may look for the smallest failure, or for the contract that is kept instead: half of what is left.
pub(super) fn for_explanations() -> Duration {
    let overrun = *OVERRUN.lock().unwrap_or_else(PoisonError::into_inner);
    granted(for_checks(), overrun)
}

/// Takes down what an explanation has used of the time that it was granted. One that was over in time has cost the others nothing.
pub(super) fn explained(granted: Duration, used: Duration) {
    if used >= granted {
        *OVERRUN.lock().unwrap_or_else(PoisonError::into_inner) += used;
    }
}

fn granted(most: Duration, overrun: Duration) -> Duration {
    most.saturating_sub(overrun) / 2
}

/// A test has waited in vain for as long as this.
pub(super) fn lose(time: Duration) {
    if !time.is_zero() {
        lost(|lost| *lost = Lost { tests: lost.tests + 1, time: lost.time + time });
    }
}

fn lost<T>(use_it: impl FnOnce(&mut Lost) -> T) -> T {
    use_it(&mut LOST.lock().unwrap_or_else(PoisonError::into_inner))
}

impl Lost {
    fn leaves(self, usual: Patience) -> Result<Patience, String> {
        let Patience { stuck_after, unprepared_after } = usual;
        if self.tests == 0 {
            return Ok(usual);
        }
        if self.time < stuck_after * TIMES {
            return Ok(Patience {
                stuck_after: stuck_after / LESS,
                unprepared_after: unprepared_after / LESS,
            });
        }
        Err(format!(
            "not judged: {} of the tests before this one waited for the request in vain, for {} s in all; mend those first, or \
             run this test alone",
            self.tests,
            self.time.as_secs()
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn explanations_that_overrun_leave_less_for_the_next_and_all_of_them_end() {
        let most = Duration::from_secs(120);
        assert_eq!(granted(most, Duration::ZERO), Duration::from_secs(60));
        assert_eq!(granted(most, Duration::from_secs(60)), Duration::from_secs(30));
        assert_eq!(granted(most, Duration::from_secs(130)), Duration::ZERO);
    }

    #[test]
    fn whoever_is_stuck_once_is_waited_for_less_and_then_not_at_all() {
        let usual =
            Patience { stuck_after: Duration::from_secs(30), unprepared_after: Duration::from_secs(120) };
        let left = |tests, seconds| Lost { tests, time: Duration::from_secs(seconds) }.leaves(usual);
        assert_eq!(left(0, 0), Ok(usual));
        assert_eq!(left(1, 30).map(|left| left.stuck_after), Ok(Duration::from_millis(3_750)));
        assert!(left(9, 60).is_err_and(|words| words.contains("9 of the tests") && words.contains("60 s")));
    }
}
