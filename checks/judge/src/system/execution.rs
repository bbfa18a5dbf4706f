//! One execution of a program over a system.
//!
//! As in programs over one request, only a few cells are visible to the engine, each judged by happens-before: for
//! each request the *context*, which is written before a mark and read by the callback, and the *payload*, which the
//! callback uses and whoever completes the request gives away; where somebody waits for the end of I/O the *result*,
//! which its driver leaves before it completes and whoever has waited reads; for a driver whose callbacks exclude each
//! other its *scope*, which each of them writes; and the *body* of the callback object, which a callback reads and its
//! destruction writes. The accesses of each are in a file of its own, by which an engine's report of a race is
//! recognised. Everything else that the harness notes is plain.

mod application;
mod body;
mod callback;
mod context;
mod driver;
mod payload;
mod result;
mod scope;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use cancelproof_machine::runtime::{Condvar, JoinHandle, Mutex as _, Runtime, Thread as _, UnsafeCell};
use cancelproof_machine::{Contract, Rule};
use cancelproof_references::application::{Application, CallSteps, File};
use cancelproof_references::framework::target::{SendSteps, SentRequest};
use cancelproof_references::framework::{Framework, Record as Delivered, Settings, Steps};
use cancelproof_references::object::{CountSteps, Object};

use super::history::{Answer, Arming, Event, Request, Thread};
use super::program::{Delivery, HANDLES, Program, Setup, Step, Verb};
use super::record::Record;
use crate::platform::reduction;
use crate::pulse;
use callback::Driver;

pub(super) use callback::STALE_CONTEXT;

/// The rules that are judged by happens-before, each with the file of the accesses that it is judged by.
pub(super) const WATCHED: [(Rule, &str); 5] = [
    (Rule::Publication, context::FILE),
    (Rule::NeverAfterCompletion, payload::FILE),
    (Rule::StatusKept, result::FILE),
    (Rule::Serialized, scope::FILE),
    (Rule::ReferencesBalanced, body::FILE),
];

/// Where the harness begins; the rest of it lies in the folder of the same name.
const HARNESS: &str = file!();

/// Whether a file is one of the harness: its operations are not the system's.
#[must_use]
pub fn is_of_harness(file: &str) -> bool {
    let folder = HARNESS.trim_end_matches(".rs");
    file.strip_prefix(folder).is_some_and(|rest| rest == ".rs" || rest.starts_with(['/', '\\']))
}

/// The file of each handle: the first two are duplicates of each other.
const FILES: [File; HANDLES] = [0, 0, 1];

/// The steps that a system takes; a fault overrides one of one part.
pub struct Parts<R: Runtime> {
    /// Of the framework.
    pub framework: Box<dyn Steps<R>>,
    /// Of the application's side.
    pub application: Box<dyn CallSteps<R>>,
    /// Of sent requests.
    pub sent: Box<dyn SendSteps<R>>,
    /// Of objects.
    pub object: Box<dyn CountSteps<R>>,
}

impl<R: Runtime> Parts<R> {
    /// All as they should be.
    #[must_use]
    pub fn reference() -> Self {
        use cancelproof_references::framework::Reference;
        Parts {
            framework: Box::new(Reference),
            application: Box::new(Reference),
            sent: Box::new(Reference),
            object: Box::new(Reference),
        }
    }
}

/// What all threads of an execution share.
pub(super) struct World<R: Runtime> {
    framework: Arc<Framework<R>>,
    application: Option<Application<R>>,
    sent: Option<SentRequest<R>>,
    object: Option<Object<R>>,
    program: Arc<Program>,
    record: Arc<Record>,
    roll: Mutex<Roll<R>>,
    contexts: Vec<Cell<R>>,
    payloads: Vec<Cell<R>>,
    /// None where nobody waits for the end of I/O.
    results: Vec<Cell<R>>,
    scope: Option<Cell<R>>,
    body: Cell<R>,
    /// Which callbacks have returned, and what waits for them; only where somebody does.
    returned: Option<(R::Mutex<u8>, R::Condvar)>,
}

/// Who is who in this execution.
struct Roll<R: Runtime> {
    threads: Vec<(R::Thread, Thread)>,
    marks: Arming,
}

/// A cell that is judged by happens-before. It holds an atomic, so that no memory is corrupted whatever happens.
pub(super) struct Cell<R: Runtime>(R::UnsafeCell<AtomicU64>);

// SAFETY: what the cell holds is an atomic, so unordered accesses are no race of the language's; an engine sees them.
unsafe impl<R: Runtime> Sync for Cell<R> {}
// SAFETY: nothing in it is tied to a thread.
unsafe impl<R: Runtime> Send for Cell<R> {}

impl<R: Runtime> Cell<R> {
    fn new() -> Self {
        Cell(R::UnsafeCell::new(AtomicU64::new(0)))
    }

    #[track_caller]
    fn read(&self) -> u64 {
        self.0.with(|cell| {
            // SAFETY: the cell outlives the access, and what it holds is an atomic.
            unsafe { &*cell }.load(Ordering::Relaxed)
        })
    }

    #[track_caller]
    fn write(&self, value: u64) {
        self.0.with_mut(|cell| {
            // SAFETY: the cell outlives the access, and what it holds is an atomic.
            unsafe { &*cell }.store(value, Ordering::Relaxed);
        });
    }
}

/// Runs `program` once on a system with these steps, and writes what happens into the record of this thread.
pub(super) fn run<R: Runtime>(program: &Arc<Program>, parts: Parts<R>) {
    pulse::begin_execution();
    let record = Record::of_this_thread();
    record.clear();
    let world = World::new(program, parts, Arc::clone(&record));
    let mut handles: Vec<_> =
        program.running_from_the_beginning().map(|thread| world.spawn(thread as Thread)).collect();
    world.act(0, &mut handles);
    reduction::only_joins_are_left();
    for handle in handles {
        handle.join();
    }
    reduction::all_have_ended();
    // Nobody delivers what is left over: by now somebody has had to.
    record.push(Event::Settled);
    for request in 0..program.requests() {
        if world.framework.irp(request).is_bit_set() {
            record.push(Event::Touched { request: request as Request });
        }
    }
}

/// The contract that the framework keeps with this setup.
pub(super) fn contract(setup: Setup) -> Contract {
    if setup.refuses { Contract::KMDF_EX } else { Contract::UMDF_1 }
}

/// The names of the objects that the harness makes for a program, in their order.
pub(super) fn harness(program: &Program) -> Vec<String> {
    let count = program.requests();
    let cells = |word: &'static str| {
        (0..count).map(move |request| if count == 1 { word.to_owned() } else { format!("{word} {request}") })
    };
    let results = cells("result").filter(|_| program.has(&result::WAITING));
    let scope = program.setup.is_synchronized.then(|| "scope".to_owned());
    let body = Some("callback object".to_owned());
    let returned =
        ["returned", "return"].map(str::to_owned).into_iter().filter(|_| program.has(&[Verb::Await]));
    cells("context").chain(cells("payload")).chain(results).chain(scope).chain(body).chain(returned).collect()
}

impl<R: Runtime> World<R> {
    fn new(program: &Arc<Program>, parts: Parts<R>, record: Arc<Record>) -> Arc<Self> {
        let setup = program.setup;
        let count = program.requests();
        let driver = Arc::new(Driver { world: OnceLock::new() });
        let is_queued = setup.is_queued || setup.delivery == Delivery::Waits;
        let new_record = || if is_queued { Delivered::queued() } else { Delivered::delivered() };
        let settings = Settings {
            contract: contract(setup),
            queues: program.queues(),
            is_synchronized: setup.is_synchronized,
            tells_on_queue: setup.tells_on_queue,
        };
        let records = (0..count).map(|_| new_record()).collect();
        let framework = Arc::new(Framework::new(settings, records, driver.clone(), parts.framework));
        let application = program
            .has(APPLICATION)
            .then(|| Application::new(Arc::clone(&framework), &FILES, parts.application));
        let sent = program.has(SENT).then(|| SentRequest::new(driver.clone(), parts.sent));
        let object = program
            .has(&[Verb::AddRef, Verb::Release, Verb::Query])
            .then(|| Object::new(Box::new(callback::Destroyed(Arc::clone(&driver))), parts.object));
        record.note_system_made();
        let cells = || (0..count).map(|_| Cell::new()).collect();
        let has_waiting = program.has(&result::WAITING);
        // What is made here is named by `harness`, in the same order.
        let world = Arc::new(World {
            application,
            sent,
            object,
            framework,
            program: Arc::clone(program),
            record,
            roll: Mutex::new(Roll { threads: Vec::new(), marks: 0 }),
            contexts: cells(),
            payloads: cells(),
            results: if has_waiting { cells() } else { Vec::new() },
            scope: setup.is_synchronized.then(Cell::new),
            body: Cell::new(),
            returned: program.has(&[Verb::Await]).then(|| (R::Mutex::new(0), R::Condvar::new())),
        });
        // Nobody else has the driver yet.
        let _ = driver.world.set(Arc::downgrade(&world));
        world
    }

    fn spawn(self: &Arc<Self>, thread: Thread) -> R::JoinHandle<()> {
        let world = Arc::clone(self);
        R::spawn(move || world.act(thread, &mut Vec::new()))
    }

    /// Makes a call and logs it with its answer.
    fn call(&self, call: Call, make: impl FnOnce() -> Answer) -> Answer {
        let Call { thread, step, arming, inside } = call;
        self.record.push(Event::Called { thread, step, arming, inside });
        let answer = make();
        self.record.push(Event::Answered { thread, answer });
        answer
    }

    /// The number of the thread that the caller runs on.
    fn thread(&self) -> Thread {
        let current = R::current();
        let roll = self.roll.lock().unwrap_or_else(PoisonError::into_inner);
        roll.threads.iter().find(|(known, _)| known.is_same(&current)).map_or(0, |(_, thread)| *thread)
    }

    fn note_returned(&self, request: Request) {
        if let Some((returned, changed)) = &self.returned {
            *returned.lock() |= 1 << request;
            changed.notify_all();
        }
    }

    fn await_callback(&self, request: Request) {
        if let Some((returned, changed)) = &self.returned {
            let mut guard = returned.lock();
            while *guard & (1 << request) == 0 {
                guard = changed.wait(guard);
            }
        }
    }
}

/// A call that is about to be made.
#[derive(Clone, Copy)]
struct Call {
    thread: Thread,
    step: Step,
    arming: Option<Arming>,
    inside: Option<Request>,
}

impl Call {
    fn of(thread: Thread, step: Step) -> Self {
        Call { thread, step, arming: None, inside: None }
    }

    fn inside(self, request: Option<Request>) -> Self {
        Call { inside: request, ..self }
    }
}

/// A step that stands in no program: what the driver does by itself.
fn step(verb: Verb, request: Request) -> Step {
    Step { verb, numbers: [Some(request), None, None], is_raw: false }
}

const APPLICATION: &[Verb] = &[
    Verb::Issue,
    Verb::Block,
    Verb::Collect,
    Verb::CancelIo,
    Verb::CancelIoEx,
    Verb::CancelSynchronousIo,
    Verb::CancelSynchronousIoDenied,
    Verb::Close,
    Verb::Exit,
];

const SENT: &[Verb] = &[Verb::Send, Verb::CancelSent, Verb::Timer, Verb::EndBelow, Verb::Reuse];

type Back<R> = Weak<World<R>>;
