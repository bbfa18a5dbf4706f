//! What records of requests and of systems note beside the events: when they happened, and which rule is looked at.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicUsize};

use cancelproof_engines::lock::Mutex;
use cancelproof_machine::Rule;

use crate::arena;
use crate::executor::Moment;

/// When things happened, in an execution that is traced.
#[derive(Debug, Default)]
pub(crate) struct Timing {
    /// Whether it is traced. Others pay one load for each event.
    is_on: AtomicBool,
    times: Mutex<Times>,
}

#[derive(Debug, Default)]
struct Times {
    /// How to tell the time.
    clock: Option<fn() -> Moment>,
    /// When each event was written down.
    moments: Vec<Moment>,
    /// When what is under test had been made, and the objects of the harness had not.
    made: Option<Moment>,
}

impl Timing {
    /// From now on notes the moment of each event, for a trace; or no longer does.
    pub(crate) fn set_clock(&self, clock: Option<fn() -> Moment>) {
        self.is_on.store(clock.is_some(), Relaxed);
        *self.times.lock() = Times { clock, ..Times::default() };
    }

    /// Forgets the times, and keeps the clock.
    pub(crate) fn clear(&self) {
        if self.is_on.load(Relaxed) {
            let mut times = self.times.lock();
            times.moments.clear();
            times.made = None;
        }
    }

    /// An event is written down.
    #[inline]
    pub(crate) fn note_event(&self) {
        if self.is_on.load(Relaxed) {
            self.push_moment();
        }
    }

    #[cold]
    fn push_moment(&self) {
        let mut times = self.times.lock();
        let now = times.clock.map(|now| now());
        arena::outside(|| times.moments.extend(now));
    }

    /// What is under test has been made.
    pub(crate) fn note_made(&self) {
        if self.is_on.load(Relaxed) {
            let mut times = self.times.lock();
            times.made = times.clock.map(|now| now());
        }
    }

    /// When that was, if there is a clock.
    pub(crate) fn made(&self) -> Option<Moment> {
        self.times.lock().made
    }

    /// When each event was written down, if there is a clock.
    pub(crate) fn moments(&self) -> Vec<Moment> {
        self.times.lock().moments.clone()
    }
}

/// The rule that is broken if the engine stops now: its place among all rules plus one, or 0 for none.
#[derive(Debug, Default)]
pub(crate) struct Attention(AtomicUsize);

impl Attention {
    /// The rule whose cell was being accessed when the execution stopped, if one was.
    pub(crate) fn rule(&self) -> Option<Rule> {
        all().nth(self.0.load(Relaxed).checked_sub(1)?)
    }

    /// Looks at nothing any more.
    pub(crate) fn clear(&self) {
        self.0.store(0, Relaxed);
    }

    /// Does something on behalf of a rule: if the engine stops there, that rule is broken.
    pub(crate) fn on_behalf_of<T>(&self, rule: Rule, access: impl FnOnce() -> T) -> T {
        let place = all().position(|known| known == rule).map_or(0, |place| place + 1);
        self.0.store(place, Relaxed);
        let result = access();
        self.clear();
        result
    }
}

fn all() -> impl Iterator<Item = Rule> {
    Rule::ALL.into_iter().chain(Rule::OF_SYSTEMS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_the_one_that_is_looked_at() {
        let attention = Attention::default();
        for rule in all() {
            assert_eq!(attention.on_behalf_of(rule, || attention.rule()), Some(rule));
            assert_eq!(attention.rule(), None);
        }
    }
}
