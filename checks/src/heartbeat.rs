//! Signs of life of the executions that run in this process, for whoever watches whether they go on.
//!
//! An engine runs modelled threads on real ones. A call that blocks on something which the runtime does not know blocks the
//! engine itself, and then nobody is left to say so; only a thread outside can, by these signs.

use core::panic::Location;
use core::ptr;
use core::sync::atomic::Ordering::Relaxed;
use core::sync::atomic::{AtomicPtr, AtomicU64};

use cancelproof_model::machine::Call;

use crate::history::{Event, Thread};

static BEATS: AtomicU64 = AtomicU64::new(0);
/// The latest call: its thread, and its place in [`Call::ALL`].
static CALL: AtomicU64 = AtomicU64::new(0);
static OPERATION: AtomicPtr<Location<'static>> = AtomicPtr::new(ptr::null_mut());

/// Something happened outside of the request.
#[inline]
pub(crate) fn event(event: &Event) {
    beat();
    if let Event::Called { thread, call, .. } = *event {
        CALL.store(u64::from(thread) << 8 | call as u64, Relaxed);
    }
}

/// Our own executor performed an operation for the code at `location`.
#[inline]
pub(crate) fn operation(location: &'static Location<'static>) {
    beat();
    OPERATION.store(ptr::from_ref(location).cast_mut(), Relaxed);
}

/// One more sign. On real threads some may be lost, and those that are left show as well that something goes on.
fn beat() {
    BEATS.store(BEATS.load(Relaxed).wrapping_add(1), Relaxed);
}

/// How many signs there have been; when two readings are equal nothing has happened in between.
pub(crate) fn beats() -> u64 {
    BEATS.load(Relaxed)
}

/// The latest call and its thread.
pub(crate) fn latest_call() -> (Thread, Call) {
    let packed = CALL.load(Relaxed);
    ((packed >> 8) as Thread, Call::ALL[(packed & 0xff) as usize])
}

/// Where the latest operation on our own executor was performed.
pub(crate) fn latest_operation() -> Option<&'static Location<'static>> {
    // SAFETY: only references that live for ever are stored.
    unsafe { OPERATION.load(Relaxed).cast_const().as_ref() }
}
