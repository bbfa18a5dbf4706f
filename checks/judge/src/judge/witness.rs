//! How far loom and shuttle go by themselves.
//!
//! They judge every scenario of every request and system, but unlike our own engines they do not end everywhere. So each
//! judgement has a budget, unless a gate asks for all of it. It is counted in executions and not in seconds, so that two
//! runs find the same on any machine; and what does not end says what was covered.
//!
//! Of the suite's own requests it was measured which judgements do not end within that budget (`witness/unended.txt`). They are
//! begun all the same, with a smaller one: the executions of a search that is given up prove nothing, and the bound on preemptions,
//! which is what such a judgement can say in the end, is as large.

use super::Engine;
use crate::exploration::Bound;
use crate::verdict::Verdict;

/// Executions of loom for one judgement. Twice as many would end few judgements more.
const LOOM_EXECUTIONS: u64 = 25_000;

/// Executions of shuttle's depth-first search for one judgement. Likewise.
const SHUTTLE_EXECUTIONS: u64 = 100_000;

/// Executions of either where it was measured that the usual number does not suffice.
const UNENDED_EXECUTIONS: u64 = 5_000;

/// The judgements of which that was measured, a line each: engine, request, scenario.
const UNENDED: &str = include_str!("witness/unended.txt");

/// After a depth-first search that shuttle has given up, it runs at most so many more executions, with at most 0 preemptions, 1, 2
/// and so on.
const RISING_EXECUTIONS: u64 = 20_000;

/// How many executions with rising bounds on preemptions follow a depth-first search that was given up after `executions`: not more
/// than four times as many, so that a search with a small budget stays a small one.
pub(super) fn rising_executions(executions: u64) -> u64 {
    executions.saturating_mul(4).min(RISING_EXECUTIONS)
}

impl Engine {
    /// Whether it is an independent witness: exhaustive, and none of this suite's own.
    #[must_use]
    pub fn is_witness(self) -> bool {
        self.is_exhaustive() && !self.is_own()
    }

    /// The executions after which it gives up on one judgement unless it is asked for all of them. Our own engines have no
    /// such limit.
    #[must_use]
    pub fn usual_executions(self) -> Option<u64> {
        match self {
            Engine::Loom => Some(LOOM_EXECUTIONS),
            Engine::Shuttle => Some(SHUTTLE_EXECUTIONS),
            _ => None,
        }
    }

    /// Likewise for a request or a system of this suite in a scenario of its catalogue: less where it was measured that the usual
    /// number does not suffice.
    ///
    /// ```
    /// use cancelproof_judge::judge::Engine;
    ///
    /// let usual = Engine::Shuttle.usual_executions();
    /// assert_eq!(Engine::Shuttle.usual_executions_in("word", "mark-cancel"), usual);
    /// assert!(Engine::Shuttle.usual_executions_in("word-stop-callback", "two-unmarks-cancel") < usual);
    /// ```
    #[must_use]
    pub fn usual_executions_in(self, request: &str, scenario: &str) -> Option<u64> {
        let usual = self.usual_executions()?;
        let is_unended = unended().any(|known| known == [self.name(), request, scenario]);
        Some(if is_unended { UNENDED_EXECUTIONS.min(usual) } else { usual })
    }
}

/// The judgements that do not end within the usual executions of their engine: engine, request or system, scenario.
pub fn unended() -> impl Iterator<Item = [&'static str; 3]> {
    UNENDED.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut words = line.split(' ');
        Some([words.next()?, words.next()?, words.next()?])
    })
}

/// What was covered in the judgements of one engine that did not end.
///
/// ```
/// use cancelproof_engines::exploration::Bound;
/// use cancelproof_judge::judge::Covered;
///
/// let mut covered = Covered::default();
/// assert_eq!(covered.words(), None);
/// covered.add(&Bound::Preemptions(3));
/// covered.add(&Bound::Preemptions(2));
/// assert_eq!(covered.words().as_deref(), Some("bounded 2: every run with at most 2 preemptions"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Covered {
    judgements: usize,
    /// The least of all bounds, if all are of one kind of which that can be said.
    least: Option<Bound>,
}

impl Covered {
    /// Adds a judgement that did not end.
    pub fn add(&mut self, bound: &Bound) {
        let is_first = self.judgements == 0;
        self.judgements += 1;
        self.least = match (self.least.take(), bound) {
            (None, Bound::Preemptions(_) | Bound::Executions(_)) if is_first => Some(bound.clone()),
            (Some(Bound::Preemptions(least)), Bound::Preemptions(limit)) => {
                Some(Bound::Preemptions(least.min(*limit)))
            }
            (Some(Bound::Executions(least)), Bound::Executions(limit)) => {
                Some(Bound::Executions(least.min(*limit)))
            }
            _ => None,
        };
    }

    /// Adds the bound of a verdict, if it has one.
    pub fn add_verdict(&mut self, verdict: &Verdict) {
        if let Verdict::Bounded(bound) = verdict {
            self.add(bound);
        }
    }

    /// How many judgements did not end.
    #[must_use]
    pub fn judgements(&self) -> usize {
        self.judgements
    }

    /// How many did not end and what was covered in each of them, if there are any.
    #[must_use]
    pub fn words(&self) -> Option<String> {
        self.in_each().map(|covered| format!("bounded {}: {covered}", self.judgements))
    }

    /// What was covered in each of them, if there are any.
    #[must_use]
    pub fn in_each(&self) -> Option<String> {
        match &self.least {
            _ if self.judgements == 0 => None,
            Some(Bound::Preemptions(limit)) => Some(format!("every run with at most {limit} preemptions")),
            Some(Bound::Executions(limit)) => {
                Some(format!("the first {} executions of each", grouped(*limit)))
            }
            _ => Some("what fitted into the budget".to_owned()),
        }
    }
}

/// A number with commas between its thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covered(bounds: &[Bound]) -> Option<String> {
        let mut covered = Covered::default();
        for bound in bounds {
            covered.add(bound);
        }
        covered.in_each()
    }

    #[test]
    fn what_was_covered_is_the_least_of_all_and_of_different_kinds_no_number() {
        assert_eq!(covered(&[]), None);
        let (few, many) = (Bound::Executions(25_000), Bound::Executions(100_000));
        assert_eq!(covered(&[many, few.clone()]).as_deref(), Some("the first 25,000 executions of each"));
        for mixed in [
            [Bound::Preemptions(1), few.clone(), Bound::Preemptions(2)],
            [few, Bound::Preemptions(1), Bound::Preemptions(2)],
            [Bound::Yields, Bound::Preemptions(1), Bound::Preemptions(2)],
        ] {
            assert_eq!(covered(&mixed).as_deref(), Some("what fitted into the budget"), "{mixed:?}");
        }
    }
}
