//! What an execution of a system leaves behind, for the engine's host to judge.

use std::sync::Arc;

use cancelproof_engines::lock::Mutex;
use cancelproof_machine::Rule;

use super::history::Event;
use crate::arena;
use crate::execution::timing::{Attention, Timing};
use crate::executor::Moment;

/// The record of the executions that an engine runs on one thread, one after another.
#[derive(Debug, Default)]
pub(super) struct Record {
    events: Mutex<Vec<Event>>,
    /// For engines that stop at a race.
    attention: Attention,
    timing: Timing,
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
        self.timing.note_event();
        arena::outside(|| self.events.lock().push(event));
    }

    /// From now on also notes the moment of each event, for a trace; or no longer does.
    pub(super) fn set_clock(&self, clock: Option<fn() -> Moment>) {
        self.timing.set_clock(clock);
    }

    /// When each event was taken down, if there is a clock.
    pub(super) fn moments(&self) -> Vec<Moment> {
        self.timing.moments()
    }

    /// When the system had been made, if there is a clock.
    pub(super) fn system_made(&self) -> Option<Moment> {
        self.timing.made()
    }

    pub(super) fn note_system_made(&self) {
        self.timing.note_made();
    }

    pub(super) fn clear(&self) {
        self.events.lock().clear();
        self.timing.clear();
        self.attention.clear();
    }

    pub(super) fn history(&self) -> Vec<Event> {
        self.events.lock().clone()
    }

    /// The rule whose cell was being accessed when the execution stopped.
    pub(super) fn attention(&self) -> Option<Rule> {
        self.attention.rule()
    }

    /// Accesses a cell on behalf of a rule: if the engine stops here, that rule is broken.
    pub(super) fn on_behalf_of<T>(&self, rule: Rule, access: impl FnOnce() -> T) -> T {
        if std::thread::panicking() {
            // The execution is being torn down, and the rule that stopped it stays the one.
            return access();
        }
        self.attention.on_behalf_of(rule, access)
    }
}
