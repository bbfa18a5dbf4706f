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

/// As many times as one may be stuck, one explanation may take: a request whose every execution takes a second gives signs of life,
/// and a failure is told as it was found if it cannot be made small in that time.
const TIMES_TO_EXPLAIN: u32 = 4;

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

/// How long one may look for the smallest failure, or ask about the request as such.
pub(super) fn for_explanations() -> Duration {
    Patience::usual().stuck_after * TIMES_TO_EXPLAIN
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
    fn whoever_is_stuck_once_is_waited_for_less_and_then_not_at_all() {
        let usual =
            Patience { stuck_after: Duration::from_secs(30), unprepared_after: Duration::from_secs(120) };
        let left = |tests, seconds| Lost { tests, time: Duration::from_secs(seconds) }.leaves(usual);
        assert_eq!(left(0, 0), Ok(usual));
        assert_eq!(left(1, 30).map(|left| left.stuck_after), Ok(Duration::from_millis(3_750)));
        assert!(left(9, 60).is_err_and(|words| words.contains("9 of the tests") && words.contains("60 s")));
    }
}
