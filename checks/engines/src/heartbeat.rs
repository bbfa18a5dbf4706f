//! Signs of life of the executions that run in this process, for whoever watches whether they go on.
//!
//! An engine runs modelled threads on real ones. A call that blocks on something which the runtime does not know blocks the
//! engine itself, and then nobody is left to say so; only a thread outside can, by these signs. Each thread of the machine
//! gives its own: if several wrote to one place, they would slow each other down at every operation.

use core::panic::Location;
use core::ptr;
use core::sync::atomic::Ordering::Relaxed;
use core::sync::atomic::{AtomicPtr, AtomicU64};
use std::sync::Arc;

use crate::lock::Mutex;

use crate::arena;

/// The signs that one thread of the machine gives, on cache lines of their own.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Signs {
    beats: AtomicU64,
    /// The latest call: its thread, and its number from 1; or `MAKING`, and 0 if nothing is known.
    call: AtomicU64,
    operation: AtomicPtr<Location<'static>>,
}

/// The signs of all threads that have given any, in the order in which they began to.
static ALL: Mutex<Vec<Arc<Signs>>> = Mutex::new(Vec::new());

/// What stands for the making of the request, which comes before every call of an execution.
const MAKING: u64 = 0xff;

/// What a request is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// It is being made.
    Making,
    /// A thread of the program makes a call, or did last: both by number. Only who counts the calls has words for them.
    Call(u8, u8),
}

/// With so many, it is time to forget those of threads that have ended.
const MANY: usize = 64;

thread_local! {
    static OWN: Arc<Signs> = register();
}

fn register() -> Arc<Signs> {
    // A modelled thread may be the first to give a sign, but the signs are not its execution's.
    let _paused = arena::pause();
    let own = Arc::<Signs>::default();
    let mut all = ALL.lock();
    if all.len() >= MANY {
        all.retain(is_of_living);
    }
    all.push(Arc::clone(&own));
    own
}

/// Whether the thread still runs: it owns its signs as well.
fn is_of_living(signs: &Arc<Signs>) -> bool {
    Arc::strong_count(signs) > 1
}

/// Something happened outside of the request.
#[inline]
pub fn beat() {
    // A thread that is being torn down gives no signs.
    let _ = OWN.try_with(|own| own.beat());
}

/// A thread of the program makes a call; both are numbers from 0, and that of the call is below 254.
#[inline]
pub fn called(thread: u8, call: u8) {
    let _ = OWN.try_with(|own| {
        own.beat();
        own.call.store(u64::from(thread) << 8 | (u64::from(call) + 1), Relaxed);
    });
}

/// An execution begins: its request is about to be made on this thread.
#[inline]
pub fn begin_execution() {
    let _ = OWN.try_with(|own| {
        own.beat();
        own.call.store(MAKING, Relaxed);
        own.operation.store(ptr::null_mut(), Relaxed);
    });
}

/// Our own executor performed an operation for the code at `location`.
#[inline]
pub fn operation(location: &'static Location<'static>) {
    let _ = OWN.try_with(|own| {
        own.beat();
        own.operation.store(ptr::from_ref(location).cast_mut(), Relaxed);
    });
}

impl Signs {
    #[inline]
    fn beat(&self) {
        self.beats.store(self.beats.load(Relaxed).wrapping_add(1), Relaxed);
    }
}

/// How many signs there have been; when two readings are equal nothing has happened in between.
#[must_use]
pub fn beats() -> u64 {
    ALL.lock().iter().map(|signs| signs.beats.load(Relaxed)).fold(0, u64::wrapping_add)
}

/// What the request does, or did last. Of several threads that run executions, it is that of the one which began last.
#[must_use]
pub fn doing() -> Option<Doing> {
    of_last(|signs| {
        let packed = signs.call.load(Relaxed);
        match packed & 0xff {
            0 => None,
            MAKING => Some(Doing::Making),
            number => Some(Doing::Call((packed >> 8) as u8, (number - 1) as u8)),
        }
    })
}

/// Where the latest operation on our own executor was performed.
#[must_use]
pub fn latest_operation() -> Option<&'static Location<'static>> {
    // SAFETY: only references that live for ever are stored.
    of_last(|signs| unsafe { signs.operation.load(Relaxed).cast_const().as_ref() })
}

/// What is found first, beginning with the thread that began last.
fn of_last<T>(find: impl Fn(&Signs) -> Option<T>) -> Option<T> {
    ALL.lock().iter().rev().filter(|signs| is_of_living(signs)).find_map(|signs| find(signs))
}
