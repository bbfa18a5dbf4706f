//! What one execution has left behind: its history, written down while it runs.
//!
//! Writing down takes no lock: a lock would order the threads of the request on real threads, and cost every execution
//! on the other engines.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize};

use cancelproof_engines::lock::Mutex;
use cancelproof_machine::runtime::Runtime;
use cancelproof_machine::{Contract, Rule};

use super::timing::{Attention, Timing};
use crate::arena;
use crate::executor::Moment;
use crate::heartbeat;
use crate::history::code::{self, Code};
use crate::history::{Event, History, Order};

/// Room for the events of an execution of usual length.
const EVENTS_USUAL: usize = 64;

/// What an execution has left behind, for the engine's host to judge once the execution has ended or been stopped.
#[derive(Debug)]
pub struct Record {
    /// How many events there are.
    length: AtomicUsize,
    /// The first events, as numbers.
    first: [AtomicU32; EVENTS_USUAL],
    /// The events after those.
    more: Mutex<Vec<Code>>,
    timing: Timing,
    attention: Attention,
    /// Panics of callbacks that are on their way to the call that made the callback.
    deliberate: AtomicUsize,
    /// Whether the callbacks of the next execution leave alone what completion gives away.
    leaves_payload: AtomicBool,
}

impl Default for Record {
    fn default() -> Self {
        Record {
            length: AtomicUsize::new(0),
            first: [const { AtomicU32::new(0) }; EVENTS_USUAL],
            more: Mutex::default(),
            timing: Timing::default(),
            attention: Attention::default(),
            deliberate: AtomicUsize::new(0),
            leaves_payload: AtomicBool::new(false),
        }
    }
}

impl Record {
    /// The record of the executions that an engine runs on the calling thread, one after another. Engines that work
    /// on several threads thus have one for each.
    #[must_use]
    pub fn of_this_thread() -> Arc<Self> {
        Self::with_that_of_this_thread(Arc::clone)
    }

    /// Shows the [record of this thread](Record::of_this_thread).
    pub(crate) fn with_that_of_this_thread<T>(look: impl FnOnce(&Arc<Self>) -> T) -> T {
        thread_local! {
            static RECORD: Arc<Record> = arena::outside(Arc::default);
        }
        RECORD.with(look)
    }

    /// The events so far.
    #[must_use]
    pub fn history(&self, order: Order) -> History {
        let mut codes = Vec::new();
        self.read(&mut codes);
        History { events: codes.into_iter().map(code::event).collect(), order }
    }

    /// Writes the events so far, as numbers, into `codes`, in place of what is there.
    pub(crate) fn read(&self, codes: &mut Vec<Code>) {
        codes.clear();
        let length = self.length.load(Relaxed);
        codes.extend(self.first.iter().take(length).map(|code| code.load(Relaxed)));
        if length > EVENTS_USUAL {
            codes.extend_from_slice(&self.more.lock());
        }
    }

    /// The rule whose cell was being accessed when the execution stopped, if one was.
    #[must_use]
    pub fn attention(&self) -> Option<Rule> {
        self.attention.rule()
    }

    /// Forgets everything, for the next execution.
    pub fn clear(&self) {
        if self.length.load(Relaxed) > EVENTS_USUAL {
            self.more.lock().clear();
        }
        self.length.store(0, Relaxed);
        self.timing.clear();
        self.attention.clear();
        self.deliberate.store(0, Relaxed);
    }

    /// Says under which contract the next execution on this thread is judged: where callbacks may come after completion, they do
    /// not use what it gives away.
    pub(crate) fn announce(&self, contract: &Contract) {
        self.leaves_payload.store(contract.calls_back_after_completion(), Relaxed);
    }

    /// Whether callbacks leave the payload alone, for the execution that begins; the one after it has to be announced anew.
    pub(super) fn takes_announcement(&self) -> bool {
        self.leaves_payload.swap(false, Relaxed)
    }

    /// From now on also notes the moment of each event, for a trace; or no longer does.
    pub(crate) fn set_clock(&self, clock: Option<fn() -> Moment>) {
        self.timing.set_clock(clock);
    }

    /// The events from place `from` on, each with its moment if there is a clock.
    pub(crate) fn timed_events(&self, from: usize) -> Vec<(Event, Option<Moment>)> {
        let mut codes = Vec::new();
        self.read(&mut codes);
        let moments = self.timing.moments().into_iter().map(Some).chain(std::iter::repeat(None));
        codes.into_iter().map(code::event).zip(moments).skip(from).collect()
    }

    /// When the request had been made, if there is a clock.
    pub(crate) fn request_made(&self) -> Option<Moment> {
        self.timing.made()
    }

    pub(super) fn note_request_made(&self) {
        self.timing.note_made();
    }

    /// Takes an event down, unless the execution is being torn down: destructors that run because of a failure are
    /// not the request's doing. Those that run because a callback panics are.
    #[allow(clippy::inline_always, reason = "most of it falls away where the kind of event is known")]
    #[inline(always)]
    pub(super) fn push<R: Runtime>(&self, event: Event) {
        if std::thread::panicking() && self.deliberate.load(Relaxed) == 0 {
            return;
        }
        match event {
            Event::Called { thread, call, .. } => heartbeat::called(thread, call as u8),
            _ => heartbeat::beat(),
        }
        self.timing.note_event();
        let code = code::of(&event);
        match self.first.get(self.next_place::<R>()) {
            Some(place) => place.store(code, Relaxed),
            None => self.push_further(code),
        }
    }

    fn next_place<R: Runtime>(&self) -> usize {
        if R::RUNS_ONE_AT_A_TIME {
            // Cheaper than to add in one step, and here the same.
            let place = self.length.load(Relaxed);
            self.length.store(place + 1, Relaxed);
            place
        } else {
            self.length.fetch_add(1, Relaxed)
        }
    }

    #[cold]
    fn push_further(&self, code: Code) {
        arena::outside(|| self.more.lock().push(code));
    }

    /// A callback is about to panic, as its program says.
    pub(super) fn expect_panic(&self) {
        self.deliberate.fetch_add(1, Relaxed);
    }

    /// The panic of a callback has come to the call that made the callback.
    pub(super) fn panic_arrived(&self) {
        self.deliberate.fetch_sub(1, Relaxed);
    }

    /// Does something on behalf of a rule: if the engine stops there, that rule is broken.
    pub(super) fn on_behalf_of<T>(&self, rule: Rule, access: impl FnOnce() -> T) -> T {
        self.attention.on_behalf_of(rule, access)
    }
}
