//! What an execution of a system leaves behind, for the engine's host to judge.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cancelproof_model::Rule;

use super::execution::WATCHED;
use super::history::Event;
use crate::arena;
use crate::executor::Moment;

/// The record of the executions that an engine runs on one thread, one after another.
#[derive(Debug, Default)]
pub(super) struct Record {
    events: Mutex<Vec<Event>>,
    /// The place of a rule in [`WATCHED`] plus one, or 0 for none: for engines that stop at a race.
    attention: AtomicUsize,
    /// Whether the execution is traced.
    is_timed: AtomicBool,
    times: Mutex<Times>,
}

/// When things happened, in an execution that is traced.
#[derive(Debug, Default)]
struct Times {
    /// How to tell the time.
    clock: Option<fn() -> Moment>,
    /// When each event was taken down.
    moments: Vec<Moment>,
    /// When the system had been made, and the objects of the harness had not.
    system_made: Option<Moment>,
}

impl Record {
    pub(super) fn of_this_thread() -> Arc<Self> {
        thread_local! {
            static RECORD: Arc<Record> = arena::outside(Arc::default);
        }
        RECORD.with(Arc::clone)
    }

    /// Takes an event down, unless the execution is being torn down: what destructors do then is not the system's
    /// doing.
    pub(super) fn push(&self, event: Event) {
        if std::thread::panicking() {
            return;
        }
        if self.is_timed.load(Ordering::Relaxed) {
            let mut times = self.times();
            let now = times.clock.map(|now| now());
            arena::outside(|| times.moments.extend(now));
        }
        arena::outside(|| self.events().push(event));
    }

    /// From now on also notes the moment of each event, for a trace; or no longer does.
    pub(super) fn set_clock(&self, clock: Option<fn() -> Moment>) {
        self.is_timed.store(clock.is_some(), Ordering::Relaxed);
        *self.times() = Times { clock, ..Times::default() };
    }

    /// When each event was taken down, if there is a clock.
    pub(super) fn moments(&self) -> Vec<Moment> {
        self.times().moments.clone()
    }

    /// When the system had been made, if there is a clock.
    pub(super) fn system_made(&self) -> Option<Moment> {
        self.times().system_made
    }

    pub(super) fn note_system_made(&self) {
        if self.is_timed.load(Ordering::Relaxed) {
            let mut times = self.times();
            times.system_made = times.clock.map(|now| now());
        }
    }

    pub(super) fn clear(&self) {
        self.events().clear();
        if self.is_timed.load(Ordering::Relaxed) {
            let mut times = self.times();
            times.moments.clear();
            times.system_made = None;
        }
        self.attention.store(0, Ordering::Relaxed);
    }

    pub(super) fn history(&self) -> Vec<Event> {
        self.events().clone()
    }

    /// The rule whose cell was being accessed when the execution stopped.
    pub(super) fn attention(&self) -> Option<Rule> {
        let place = self.attention.load(Ordering::Relaxed);
        place.checked_sub(1).map(|place| WATCHED[place].0)
    }

    /// Accesses a cell on behalf of a rule: if the engine stops here, that rule is broken.
    pub(super) fn on_behalf_of<T>(&self, rule: Rule, access: impl FnOnce() -> T) -> T {
        if std::thread::panicking() {
            // The execution is being torn down, and the rule that stopped it stays the one.
            return access();
        }
        let place = WATCHED.iter().position(|known| known.0 == rule).map_or(0, |place| place + 1);
        self.attention.store(place, Ordering::Relaxed);
        let result = access();
        self.attention.store(0, Ordering::Relaxed);
        result
    }

    fn times(&self) -> MutexGuard<'_, Times> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn events(&self) -> MutexGuard<'_, Vec<Event>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
