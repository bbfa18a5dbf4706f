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
mod record;
mod roll;
pub(crate) mod timing;
mod watch;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use crate::heartbeat;
use crate::history::{Arming, Event, Thread, Title};
use crate::platform::reduction;
use crate::pulse;
use crate::scenario::{Behaviour, Program};
use cancelproof_machine::machine::{Call, Reply};
use cancelproof_machine::runtime::{Atomic, Condvar as _, JoinHandle, Mutex as _, Runtime, UnsafeCell};
use cancelproof_machine::{Cancel, CancelableRequest, Mark, Status};

pub(crate) use callback::STALE_CONTEXT;
pub(crate) use context::CONTEXT_FILE;
pub(crate) use payload::PAYLOAD_FILE;
pub use record::Record;
use roll::Roll;

/// Whether a file is one of the harness: its operations are not the request's.
#[must_use]
pub fn is_of_harness(file: &str) -> bool {
    file == file!() || [CONTEXT_FILE, PAYLOAD_FILE, driver::DRIVER_FILE].contains(&file)
}

/// What all threads of an execution share.
pub(crate) struct World<R: Runtime> {
    request: Box<dyn CancelableRequest<R>>,
    program: Arc<Program>,
    record: Arc<Record>,
    /// Whether callbacks leave the payload alone, since they may come when it has been given away.
    leaves_payload: bool,
    roll: Roll,
    context: R::UnsafeCell<AtomicU64>,
    payload: R::UnsafeCell<AtomicU64>,
    /// Only in programs that complete together, since an object costs the engine even when nobody touches it.
    meeting: Option<R::AtomicU8>,
    /// Only in programs whose callback waits for an unmark: whether one has been answered.
    unmarked: Option<(R::Mutex<bool>, R::Condvar)>,
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
    heartbeat::begin_execution();
    let record = Record::of_this_thread();
    record.clear();
    let leaves_payload = record.takes_announcement();
    let request = make();
    record.note_request_made();
    let world = Arc::new(World {
        request,
        program: Arc::clone(program),
        record,
        leaves_payload,
        roll: Roll::default(),
        context: R::UnsafeCell::new(AtomicU64::new(0)),
        payload: R::UnsafeCell::new(AtomicU64::new(0)),
        meeting: (program.callback == Behaviour::CompletesTogether).then(|| R::AtomicU8::new(0)),
        unmarked: (program.callback == Behaviour::WaitsForUnmark)
            .then(|| (R::Mutex::new(false), R::Condvar::new())),
    });
    let mut handles: Vec<_> =
        program.running_from_the_beginning().map(|thread| world.spawn(thread as Thread)).collect();
    world.act(0, &mut handles);
    reduction::only_joins_are_left();
    for handle in handles {
        handle.join();
    }
    reduction::all_have_ended();
    world.request.settle();
    world.record.push::<R>(Event::Settled);
}

impl<R: Runtime> World<R> {
    fn spawn(self: &Arc<Self>, thread: Thread) -> R::JoinHandle<()> {
        let world = Arc::clone(self);
        reduction::spawning(usize::from(thread));
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
        self.record.push::<R>(Event::Called { thread, call, title, arming });
        if self.program.callback != Behaviour::Panics {
            let reply = make(&*self.request);
            self.record.push::<R>(Event::Answered { thread, reply });
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
        self.record.push::<R>(Event::Answered { thread, reply });
        if has_panicked {
            self.record.panic_arrived();
            self.complete(thread, Title::Entitled, None, Status::Error);
        }
        reply
    }

    /// The number of the thread that the caller runs on.
    fn thread(&self) -> Thread {
        self.roll.thread::<R>(self.program.threads.len())
    }
}
