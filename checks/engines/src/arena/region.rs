//! The addresses that the arena lies at: one piece, reserved once for the process, of which pages that nobody touches cost
//! nothing.

use core::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::Once;

use super::LANES;
use super::block::{HEADER, UNIT};

/// The bytes of addresses that one modelled thread has in one execution.
pub(super) const LANE_BYTES: usize = 32 << 20;

/// The bytes of addresses that one executor has.
pub(super) const SLOT_BYTES: usize = LANES * LANE_BYTES;

/// The number of executors that can have memory of their own at the same time.
const SLOTS_MAX: usize = 32;

static BASE: AtomicUsize = AtomicUsize::new(0);
static LENGTH: AtomicUsize = AtomicUsize::new(0);

/// By slot: how many blocks that an execution had left were freed since somebody asked.
static UNPINNED: [AtomicU32; SLOTS_MAX] = [const { AtomicU32::new(0) }; SLOTS_MAX];

/// The bytes of all blocks that executions have left.
static LEFT_BYTES: AtomicU64 = AtomicU64::new(0);

/// Whether an address lies in the arena.
#[inline]
pub(super) fn contains(address: usize) -> bool {
    address.wrapping_sub(BASE.load(Ordering::Relaxed)) < LENGTH.load(Ordering::Relaxed)
}

/// Whether an address in the arena can be one of a block.
pub(super) fn has_header(address: usize) -> bool {
    let offset = address.wrapping_sub(BASE.load(Ordering::Relaxed));
    address.is_multiple_of(UNIT) && offset % LANE_BYTES >= HEADER
}

/// The number of the slot that an address of the arena lies in.
pub(super) fn slot_of(address: usize) -> usize {
    address.wrapping_sub(BASE.load(Ordering::Relaxed)) / SLOT_BYTES
}

/// Where a slot begins.
pub(super) fn start_of(slot: usize) -> usize {
    BASE.load(Ordering::Relaxed) + slot * SLOT_BYTES
}

/// A block of `size` bytes that an execution had left was freed.
pub(super) fn unpinned(address: usize, size: usize) {
    UNPINNED[slot_of(address)].fetch_add(1, Ordering::Relaxed);
    LEFT_BYTES.fetch_sub(size as u64, Ordering::Relaxed);
}

/// An execution has left a block of `size` bytes.
pub(super) fn pinned(size: usize) {
    LEFT_BYTES.fetch_add(size as u64, Ordering::Relaxed);
}

/// How many bytes executions have left that are not freed yet.
pub(super) fn left_in_use() -> u64 {
    LEFT_BYTES.load(Ordering::Relaxed)
}

/// How many of them there were in a slot.
pub(super) fn unpinned_in(slot: usize) -> &'static AtomicU32 {
    &UNPINNED[slot]
}

/// How many slots there are; reserves them if nobody has yet.
pub(super) fn slots() -> usize {
    static RESERVE: Once = Once::new();
    RESERVE.call_once(|| {
        let mut slots = SLOTS_MAX;
        while slots > 0 {
            let bytes = slots * SLOT_BYTES;
            if let Some(base) = system::reserve(bytes) {
                BASE.store(base, Ordering::Relaxed);
                LENGTH.store(bytes, Ordering::Release);
                break;
            }
            slots /= 2;
        }
    });
    LENGTH.load(Ordering::Acquire) / SLOT_BYTES
}

/// Gives back to the system what lies between two addresses. It reads as zeros afterwards.
pub(super) fn give_back(start: usize, end: usize) {
    system::give_back(start, end);
}

#[cfg(all(unix, not(miri)))]
mod system {
    use core::ptr;

    /// Where the arena lies if the system has nothing there: so that it is at the same place in each process.
    const WISH: usize = 0x2000_0000_0000;

    /// A process that is limited in its addresses gives so small a part of them.
    const PART_OF_LIMIT: u64 = 8;

    pub(super) fn reserve(bytes: usize) -> Option<usize> {
        if bytes as u64 > limit() / PART_OF_LIMIT {
            return None;
        }
        let flags = libc::MAP_PRIVATE | libc::MAP_ANON | libc::MAP_NORESERVE;
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a new mapping, which replaces none.
        let base = unsafe { libc::mmap(ptr::without_provenance_mut(WISH), bytes, protection, flags, -1, 0) };
        (base != libc::MAP_FAILED).then(|| base.expose_provenance())
    }

    /// The most addresses that the process may have.
    fn limit() -> u64 {
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: the structure is valid and is written by the call.
        let result = unsafe { libc::getrlimit(libc::RLIMIT_AS, &raw mut limit) };
        if result == 0 { limit.rlim_cur } else { u64::MAX }
    }

    pub(super) fn give_back(start: usize, end: usize) {
        const PAGE: usize = 1 << 16;
        let (start, end) = (start.next_multiple_of(PAGE), end / PAGE * PAGE);
        if start < end {
            // SAFETY: the caller has the memory, and nothing is in it.
            unsafe {
                libc::madvise(ptr::with_exposed_provenance_mut(start), end - start, libc::MADV_DONTNEED)
            };
        }
    }
}

#[cfg(not(all(unix, not(miri))))]
mod system {
    pub(super) fn reserve(_: usize) -> Option<usize> {
        None
    }

    pub(super) fn give_back(_: usize, _: usize) {}
}
