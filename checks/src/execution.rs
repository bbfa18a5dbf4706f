//! One execution of a program: the harness that drivers, cancelers and callbacks run in.
//!
//! Everything that the harness shares with the engine is chosen with care, because each visible object costs
//! executions. Visible are two cells and one atomic:
//!
//! - the **context** is written by the driver before each mark and read by the callback. If the request does not
//!   order the two, the engine reports a data race: that is the rule *publication*;
//! - the **payload** is used by the callback and consumed by whoever completes the request with a right to. If the two
//!   are not ordered, the engine reports a race whichever of them ran first: that is *never-after-completion*, judged
//!   by happens-before and not by the order of a log;
//! - the **meeting** is the driver's own handshake for the programs that complete together, and untouched in others.
//!
//! Everything else (the log, the numbering of marks) is plain and invisible, so it never adds a branch.

mod callback;
mod context;
mod driver;
mod payload;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use cancelproof_model::machine::{Call, Reply};
use cancelproof_model::runtime::{
    Atomic, Condvar as _, JoinHandle, Mutex as _, Runtime, Thread as _, UnsafeCell,
};
use cancelproof_model::{Cancel, CancelableRequest, Mark, Rule, Status};
use parking_lot::Mutex;

use crate::executor::Moment;
use crate::heartbeat;
use crate::history::{Arming, Event, History, Order, Thread, Title};
use crate::pulse;
use crate::scenario::{Behaviour, Program};

pub(crate) use callback::STALE_CONTEXT;
pub(crate) use context::CONTEXT_FILE;
pub(crate) use payload::PAYLOAD_FILE;

/// Whether a file is one of the harness: its operations are not the request's.
pub(crate) fn is_of_harness(file: &str) -> bool {
    file == file!() || [CONTEXT_FILE, PAYLOAD_FILE, driver::DRIVER_FILE].contains(&file)
}

/// What an execution has left behind, for the engine's host to judge once the execution has ended or been stopped.
#[derive(Debug, Default)]
pub struct Record {
    log: Mutex<Log>,
    /// The place of a rule in [`Rule::ALL`] plus one, or 0 for none.
    attention: AtomicUsize,
    /// Panics of callbacks that are on their way to the call that made the callback.
    deliberate: AtomicUsize,
}

#[derive(Debug, Default)]
struct Log {
    events: Vec<Event>,
    /// When an execution is traced: how to tell the time, and when each event was logged.
    clock: Option<fn() -> Moment>,
    moments: Vec<Moment>,
    /// When the request had been made, and the objects of the harness had not.
    request_made: Option<Moment>,
}

impl Record {
    /// The record of the executions that an engine runs on the calling thread, one after another. Engines that work
    /// on several threads thus have one for each.
    #[must_use]
    pub fn of_this_thread() -> Arc<Self> {
        thread_local! {
            static RECORD: Arc<Record> = Arc::default();
        }
        RECORD.with(Arc::clone)
    }

    /// The events so far.
    #[must_use]
    pub fn history(&self, order: Order) -> History {
        History { events: self.log.lock().events.clone(), order }
    }

    /// Takes the events out, when the execution is over.
    #[must_use]
    pub fn take_history(&self, order: Order) -> History {
        History { events: std::mem::take(&mut self.log.lock().events), order }
    }

    /// Shows the events so far without copying them.
    pub fn with_events<T>(&self, look: impl FnOnce(&[Event]) -> T) -> T {
        look(&self.log.lock().events)
    }

    /// The rule whose cell was being accessed when the execution stopped, if one was.
    #[must_use]
    pub fn attention(&self) -> Option<Rule> {
        let place = self.attention.load(Ordering::Relaxed);
        place.checked_sub(1).map(|place| Rule::ALL[place])
    }

    /// Forgets everything, for the next execution.
    pub fn clear(&self) {
        let mut log = self.log.lock();
        log.events.clear();
        log.events.reserve(EVENTS_USUAL);
        log.moments.clear();
        log.request_made = None;
        drop(log);
        self.attention.store(0, Ordering::Relaxed);
        self.deliberate.store(0, Ordering::Relaxed);
    }

    /// From now on also notes the moment of each event, for a trace; or no longer does.
    pub(crate) fn set_clock(&self, clock: Option<fn() -> Moment>) {
        self.log.lock().clock = clock;
    }

    /// The events from place `from` on, each with its moment if there is a clock.
    pub(crate) fn timed_events(&self, from: usize) -> Vec<(Event, Option<Moment>)> {
        let log = self.log.lock();
        let moments = log.moments.iter().copied().map(Some).chain(std::iter::repeat(None));
        log.events.iter().copied().zip(moments).skip(from).collect()
    }

    /// When the request had been made, if there is a clock.
    pub(crate) fn request_made(&self) -> Option<Moment> {
        self.log.lock().request_made
    }

    fn note_request_made(&self) {
        let mut log = self.log.lock();
        log.request_made = log.clock.map(|now| now());
    }

    /// Takes an event down, unless the execution is being torn down: destructors that run because of a failure are
    /// not the request's doing. Those that run because a callback panics are.
    fn push(&self, event: Event) {
        if std::thread::panicking() && self.deliberate.load(Ordering::Relaxed) == 0 {
            return;
        }
        heartbeat::event(&event);
        let mut log = self.log.lock();
        if let Some(now) = log.clock {
            log.moments.push(now());
        }
        log.events.push(event);
    }
}

/// Room for the events of an execution of usual length.
const EVENTS_USUAL: usize = 32;

/// What all threads of an execution share.
pub(crate) struct World<R: Runtime> {
    request: Box<dyn CancelableRequest<R>>,
    program: Arc<Program>,
    record: Arc<Record>,
    roll: Mutex<Roll<R>>,
    context: R::UnsafeCell<AtomicU64>,
    payload: R::UnsafeCell<AtomicU64>,
    /// Only in programs that complete together, since an object costs the engine even when nobody touches it.
    meeting: Option<R::AtomicU8>,
    /// Only in programs whose callback waits for an unmark: whether one has been answered.
    unmarked: Option<(R::Mutex<bool>, R::Condvar)>,
}

/// Who is who in this execution.
struct Roll<R: Runtime> {
    threads: Vec<(R::Thread, Thread)>,
    marks: Arming,
}

// SAFETY: the two cells are what the suite checks: accesses to them are unordered exactly when the request under test
// is wrong. They hold atomics, so that even then no memory is corrupted, on real threads included. All other fields
// are `Sync`.
unsafe impl<R: Runtime> Sync for World<R> {}
// SAFETY: nothing in a `World` is tied to the thread that made it.
unsafe impl<R: Runtime> Send for World<R> {}

/// Runs `program` once on a request from `make`, on the runtime `R`, and writes what happened into the
/// [record of this thread](Record::of_this_thread).
///
/// To be called by an engine as the body of one execution, on the engine's main thread.
pub fn run<R: Runtime>(program: &Arc<Program>, make: impl FnOnce() -> Box<dyn CancelableRequest<R>>) {
    pulse::begin_execution();
    let record = Record::of_this_thread();
    record.clear();
    let request = make();
    record.note_request_made();
    let world = Arc::new(World {
        request,
        program: Arc::clone(program),
        record,
        roll: Mutex::new(Roll { threads: Vec::with_capacity(program.threads.len()), marks: 0 }),
        context: R::UnsafeCell::new(AtomicU64::new(0)),
        payload: R::UnsafeCell::new(AtomicU64::new(0)),
        meeting: (program.callback == Behaviour::CompletesTogether).then(|| R::AtomicU8::new(0)),
        unmarked: (program.callback == Behaviour::WaitsForUnmark)
            .then(|| (R::Mutex::new(false), R::Condvar::new())),
    });
    let mut handles: Vec<_> =
        program.running_from_the_beginning().map(|thread| world.spawn(thread as Thread)).collect();
    world.act(0, &mut handles);
    for handle in handles {
        handle.join();
    }
    world.request.settle();
    world.record.push(Event::Settled);
}

impl<R: Runtime> World<R> {
    fn spawn(self: &Arc<Self>, thread: Thread) -> R::JoinHandle<()> {
        let world = Arc::clone(self);
        R::spawn(move || world.act(thread, &mut Vec::new()))
    }

    /// Makes a call and logs it with its answer. A panic of the callback is caught here, and means what
    /// [`Behaviour::Panics`] says.
    fn call(
        &self,
        thread: Thread,
        call: Call,
        title: Title,
        arming: Option<Arming>,
        make: impl FnOnce(&dyn CancelableRequest<R>) -> Reply,
    ) -> Reply {
        self.record.push(Event::Called { thread, call, title, arming });
        if self.program.callback != Behaviour::Panics {
            let reply = make(&*self.request);
            self.record.push(Event::Answered { thread, reply });
            return reply;
        }
        let result = catch_unwind(AssertUnwindSafe(|| make(&*self.request)));
        let (reply, has_panicked) = match (result, call) {
            (Ok(reply), _) => (reply, false),
            (Err(panic), Call::Mark) if callback::has_thrown(&*panic) => (Reply::Mark(Mark::Marked), true),
            (Err(panic), Call::Cancel) if callback::has_thrown(&*panic) => {
                (Reply::Cancel(Cancel::Claimed), true)
            }
            (Err(panic), _) => resume_unwind(panic),
        };
        self.record.push(Event::Answered { thread, reply });
        if has_panicked {
            self.record.deliberate.fetch_sub(1, Ordering::Relaxed);
            self.complete(thread, Title::Entitled, None, Status::Error);
        }
        reply
    }

    /// The number of the thread that the caller runs on. Threads that the program does not know, the request's own, are
    /// numbered after those of the program, in the order in which they are seen.
    fn thread(&self) -> Thread {
        let current = R::current();
        let mut roll = self.roll.lock();
        if let Some((_, thread)) = roll.threads.iter().find(|(known, _)| known.is_same(&current)) {
            return *thread;
        }
        let programs = self.program.threads.len() as Thread;
        let thread =
            programs + roll.threads.iter().filter(|(_, thread)| *thread >= programs).count() as Thread;
        roll.threads.push((current, thread));
        thread
    }

    fn next_mark(&self) -> Arming {
        let mut roll = self.roll.lock();
        roll.marks += 1;
        roll.marks - 1
    }

    /// Accesses a cell on behalf of a rule: if the engine stops here, that rule is broken.
    fn on_behalf_of<T>(&self, rule: Rule, access: impl FnOnce() -> T) -> T {
        let place = Rule::ALL.iter().position(|known| *known == rule).map_or(0, |place| place + 1);
        self.record.attention.store(place, Ordering::Relaxed);
        let result = access();
        self.record.attention.store(0, Ordering::Relaxed);
        result
    }
}
