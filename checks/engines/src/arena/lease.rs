//! The slot that an executor has, for as long as it lives.

use core::hint::black_box;
use core::panic::Location;
use core::ptr;
use core::sync::atomic::{AtomicU8, Ordering};

use crate::lock::Mutex;

use super::slot::Slot;
use super::trouble::Trouble;
use super::{LANE, SLOT, TROUBLE, region};

/// Switches the arena off, for comparison: `CANCELPROOF_ARENA=off`.
const VARIABLE: &str = "CANCELPROOF_ARENA";

/// The slots that nobody has, and how many were made.
struct Pool {
    free: Vec<usize>,
    made: usize,
}

static POOL: Mutex<Pool> = Mutex::new(Pool { free: Vec::new(), made: 0 });

/// The right to one slot.
#[derive(Debug)]
pub(crate) struct Lease {
    /// Null if there is no arena.
    slot: *mut Slot,
}

impl Lease {
    /// A slot, if there is an arena and one is left.
    pub(crate) fn take() -> Self {
        if is_active() { Self::of_pool() } else { Lease { slot: ptr::null_mut() } }
    }

    fn of_pool() -> Self {
        let slots = region::slots();
        let mut pool = POOL.lock();
        // The lowest, so that one executor after the other has the same. What blocks of it are left it finds by itself.
        let place =
            pool.free.iter().enumerate().min_by_key(|(_, address)| number(**address)).map(|(place, _)| place);
        let slot = match place {
            Some(place) => ptr::with_exposed_provenance_mut(pool.free.swap_remove(place)),
            None if pool.made < slots => {
                let slot = Box::into_raw(Box::new(Slot::new(pool.made)));
                pool.made += 1;
                slot
            }
            None => ptr::null_mut(),
        };
        Lease { slot }
    }

    /// An execution begins on this thread of the machine.
    pub(crate) fn begin(&mut self) {
        // SAFETY: the slot is this lease's alone, and no code of a modelled thread runs.
        if let Some(slot) = unsafe { self.slot.as_mut() } {
            slot.begin();
            TROUBLE.set(None);
            SLOT.set(self.slot);
        }
    }

    /// What is wrong with the memory of an execution all of whose threads have ended, and whose memory it was.
    pub(crate) fn trouble(&self) -> Option<(u8, Trouble)> {
        // SAFETY: as in `begin`.
        unsafe { self.slot.as_ref() }.and_then(Slot::trouble)
    }

    /// The execution is over, and all that is not its own has let go of its memory. `has_orphans` says that stacks were
    /// abandoned with what they own.
    pub(crate) fn finish(&mut self, has_orphans: bool) {
        if SLOT.get() == self.slot {
            SLOT.set(ptr::null_mut());
        }
        // SAFETY: as in `begin`.
        if let Some(slot) = unsafe { self.slot.as_mut() } {
            slot.finish(has_orphans);
        }
    }
}

fn number(address: usize) -> usize {
    // SAFETY: the pool holds addresses of slots that live for ever and that nobody else has.
    unsafe { (*ptr::with_exposed_provenance::<Slot>(address)).number() }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if !self.slot.is_null() {
            self.finish(false);
            POOL.lock().free.push(self.slot.expose_provenance());
        }
    }
}

/// Whether the memory of executions comes from the arena in this process: what Rust code allocates has to come by here, the
/// system has to have addresses left, and nobody must have switched it off by `CANCELPROOF_ARENA=off`.
#[must_use]
pub fn is_active() -> bool {
    const UNKNOWN: u8 = 0;
    const NO: u8 = 1;
    const YES: u8 = 2;
    static ACTIVE: AtomicU8 = AtomicU8::new(UNKNOWN);
    match ACTIVE.load(Ordering::Relaxed) {
        UNKNOWN => {
            static ASK: Mutex<()> = Mutex::new(());
            let _one_at_a_time = ASK.lock();
            let is_active = is_wanted() && region::slots() > 0 && serves() && is_reached();
            ACTIVE.store(if is_active { YES } else { NO }, Ordering::Relaxed);
            is_active
        }
        answer => answer == YES,
    }
}

fn is_wanted() -> bool {
    cfg!(feature = "arena") && std::env::var_os(VARIABLE).is_none_or(|said| said != "off")
}

/// Whether what Rust code allocates lies in the arena.
fn is_reached() -> bool {
    let mut lease = Lease::of_pool();
    if lease.slot.is_null() {
        return false;
    }
    lease.begin();
    LANE.set(1);
    let block = black_box(Box::new(Location::caller()));
    LANE.set(0);
    let is_reached = region::contains(ptr::from_ref(&*block).addr());
    drop(block);
    lease.finish(false);
    is_reached
}

#[cfg(all(
    feature = "arena",
    target_os = "linux",
    target_env = "gnu",
    any(target_arch = "x86_64", target_arch = "aarch64"),
    not(target_feature = "crt-static"),
    not(miri)
))]
fn serves() -> bool {
    super::interpose::begin();
    true
}

#[cfg(not(all(
    feature = "arena",
    target_os = "linux",
    target_env = "gnu",
    any(target_arch = "x86_64", target_arch = "aarch64"),
    not(target_feature = "crt-static"),
    not(miri)
)))]
fn serves() -> bool {
    true
}
