//! What is given to an option, read from its text.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::scenario::MAX_THREADS;

/// The size of small programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Size {
    pub(in crate::cli) threads: usize,
    pub(in crate::cli) calls: usize,
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || format!("expected threads by calls, such as 2x4, got {text:?}");
        let (threads, calls) = text.split_once('x').ok_or_else(expected)?;
        let size = Size {
            threads: threads.parse().map_err(|_| expected())?,
            calls: calls.parse().map_err(|_| expected())?,
        };
        if !(1..=MAX_THREADS).contains(&size.threads) || !(1..=SIZE_CALLS_MAX).contains(&size.calls) {
            return Err(format!(
                "expected 1 to {MAX_THREADS} threads by 1 to {SIZE_CALLS_MAX} calls, got {text:?}"
            ));
        }
        Ok(size)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} threads by {} calls", self.threads, self.calls)
    }
}

/// More calls are more programs than can be listed in memory.
const SIZE_CALLS_MAX: usize = 7;

/// A time such as `500ms`, `90s` or `5m`.
pub(super) fn parse_time(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: u64 =
        digits.parse().map_err(|_| format!("expected a number with ms, s, m or h, got {text:?}"))?;
    match &text[digits.len()..] {
        "ms" => Ok(Duration::from_millis(number)),
        "s" => Ok(Duration::from_secs(number)),
        "m" => Ok(Duration::from_secs(number.saturating_mul(60))),
        "h" => Ok(Duration::from_secs(number.saturating_mul(3_600))),
        unit => Err(format!("expected the unit ms, s, m or h, got {unit:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        assert_eq!(parse_time("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_time("5m"), Ok(Duration::from_secs(300)));
        assert_eq!(parse_time("8h"), Ok(Duration::from_secs(28_800)));
        assert_eq!(parse_time("250ms"), Ok(Duration::from_millis(250)));
        assert!(parse_time("90").unwrap_err().contains("unit"));
        assert!(parse_time("soon").unwrap_err().contains("number"));
    }
}
