//! The memory of an execution: the same decisions give the same addresses, and no address is given twice.
//!
//! What the code of a modelled thread allocates comes from a lane of its own, so an address follows from
//! what that thread did, whatever the others did meanwhile. What is freed is overwritten with a pattern and kept until the
//! execution ends: a pointer to it equals no pointer to anything that is allocated later, a second free of it is told,
//! and so is a write to it. With all memory in one known place, what a thread has changed in it can be told too, which
//! is how a loop that counts its turns in a box is known from one that waits.
//!
//! What is still allocated when an execution ends (a static that was made, a result that the test keeps, what abandoned
//! stacks own) stays where it is, and later executions go round it. So the addresses of all else are the same again from
//! the second execution on.
//!
//! # How allocations get here
//!
//! On Linux with the GNU C library the C functions `malloc`, `free` and the like are defined here, weakly
//! (`interpose.rs`): the allocator of the standard library calls them, and so no test installs anything. A program with an
//! allocator of its own keeps it; it puts [`Arena`] around it if it wants the engines to see its memory. Where neither
//! reaches what Rust allocates, there is no arena, and [`is_active`] says so.
//!
//! The engine's own bookkeeping is not part of an execution. While it runs on a modelled thread, the arena
//! [steps aside](outside).
//!
//! | file | what it knows |
//! |---|---|
//! | `block.rs` | what lies before each block, and what a block is filled with |
//! | `lane.rs` | where the next block of a thread lies |
//! | `slot.rs` | the lanes of one execution, and what is wrong with them at its end |
//! | `region.rs` | the addresses that all of it lies at |
//! | `lease.rs` | the slot that an executor has |
//! | `interpose.rs` | the functions of the C library |

mod block;
#[cfg(all(
    feature = "arena",
    target_os = "linux",
    target_env = "gnu",
    any(target_arch = "x86_64", target_arch = "aarch64"),
    not(target_feature = "crt-static"),
    not(miri)
))]
mod interpose;
mod lane;
mod lease;
mod region;
mod slot;
mod trouble;

use core::alloc::{GlobalAlloc, Layout};
use core::cell::Cell;
use core::ops::Range;
use core::panic::Location;
use core::ptr;
use std::alloc::System;
use std::sync::OnceLock;

use slot::Slot;

pub(crate) use lane::digest;
pub(crate) use lease::Lease;
pub(crate) use slot::Changes;
pub(crate) use trouble::Trouble;

pub use lease::is_active;

/// The most threads that an execution can have.
pub(crate) const LANES: usize = 16;

thread_local! {
    /// The lane that allocations come from, plus one; 0 if they come from elsewhere.
    static LANE: Cell<u8> = const { Cell::new(0) };
    /// The slot of the execution that is under way on this thread of the machine.
    static SLOT: Cell<*mut Slot> = const { Cell::new(ptr::null_mut()) };
    /// The operation that the modelled thread which runs performed last.
    static PLACE: Cell<Option<&'static Location<'static>>> = const { Cell::new(None) };
    /// What was found wrong in the execution that is under way.
    static TROUBLE: Cell<Option<Trouble>> = const { Cell::new(None) };
    /// See [`last_left`].
    static LAST_LEFT: Cell<Option<LeftBlock>> = const { Cell::new(None) };
}

/// An allocator that gives the code of modelled threads memory of their execution, and everybody else memory of `A`.
///
/// For programs with an allocator of their own, and for systems other than Linux with the GNU C library; elsewhere
/// nothing has to be installed.
///
/// # Example
///
/// ```
/// use std::alloc::System;
///
/// use cancelproof_engines::arena::Arena;
///
/// #[global_allocator]
/// static ALLOCATOR: Arena<System> = Arena::new(System);
///
/// # fn main() {}
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Arena<A = System> {
    inner: A,
}

impl<A> Arena<A> {
    /// Puts the arena in front of `inner`.
    pub const fn new(inner: A) -> Self {
        Arena { inner }
    }
}

// SAFETY: a block is either one of `inner`, and goes back to `inner`, or one of the arena, which is known by its address;
// blocks of the arena are as large and as aligned as they were asked for and are given to one owner.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Arena<A> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match allocate(layout.size(), layout.align()) {
            Some(block) => block,
            // SAFETY: the caller's word is passed on.
            None => unsafe { self.inner.alloc(layout) },
        }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if !free(block) {
            // SAFETY: the block came from `inner`, since it lies outside the arena.
            unsafe { self.inner.dealloc(block, layout) };
        }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        match allocate(layout.size(), layout.align()) {
            Some(block) => {
                // SAFETY: the block has room for the layout, and no other code has it yet.
                unsafe { block.write_bytes(0, layout.size()) };
                block
            }
            // SAFETY: the caller's word is passed on.
            None => unsafe { self.inner.alloc_zeroed(layout) },
        }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if !region::contains(block.addr()) {
            // SAFETY: the block came from `inner`, since it lies outside the arena.
            return unsafe { self.inner.realloc(block, layout, size) };
        }
        if fits(block, size) {
            return block;
        }
        // SAFETY: the caller vouches that the new size is one of a layout of this alignment.
        let new = unsafe { self.alloc(Layout::from_size_align_unchecked(size, layout.align())) };
        if !new.is_null() {
            // SAFETY: both blocks are as large as that, and they are different ones.
            unsafe { ptr::copy_nonoverlapping(block, new, layout.size().min(size)) };
            free(block);
        }
        new
    }
}

/// Runs `action` with memory that is not the execution's: for a harness whose notes outlive the execution that it takes them
/// in.
#[inline]
pub fn outside<T>(action: impl FnOnce() -> T) -> T {
    let _paused = pause();
    action()
}

/// The arena steps aside until this is dropped.
#[derive(Debug)]
pub(crate) struct Paused(u8);

/// Has the arena step aside: what is allocated now belongs to the engine.
#[inline]
pub(crate) fn pause() -> Paused {
    Paused(LANE.replace(0))
}

impl Drop for Paused {
    #[inline]
    fn drop(&mut self) {
        LANE.set(self.0);
    }
}

/// The state of the arena for the code that runs, for [`set_standing`].
#[inline]
pub(crate) fn standing() -> u8 {
    LANE.get()
}

/// Brings back a state of the arena, after another modelled thread has run.
#[inline]
pub(crate) fn set_standing(standing: u8) {
    LANE.set(standing);
}

/// The code of a modelled thread runs from here on; it has just performed an operation at `place`.
#[inline]
pub(crate) fn enter(task: u8, place: &'static Location<'static>) {
    if !SLOT.get().is_null() {
        PLACE.set(Some(place));
        LANE.set(task + 1);
    }
}

/// The code of modelled threads runs no more. What the thread changed in memory is noted.
#[inline]
pub(crate) fn leave(task: u8) {
    LANE.set(0);
    let slot = SLOT.get();
    if !slot.is_null() {
        // SAFETY: the slot is that of the execution under way, which only this thread uses, and nobody allocates.
        unsafe { (*slot).suspended(task) };
    }
}

/// What a modelled thread has changed in memory so far, from the first time that this is asked in an execution. To be asked
/// while no modelled thread runs.
pub(crate) fn changes(task: u8) -> Changes {
    let slot = SLOT.get();
    if slot.is_null() {
        return Changes::Unseen;
    }
    // SAFETY: as in `leave`.
    unsafe { (*slot).changes(task) }
}

/// As [`changes`], but nothing, if it was not asked before in this execution.
pub(crate) fn changes_if_asked(task: u8) -> Changes {
    let slot = SLOT.get();
    // SAFETY: as in `leave`.
    if slot.is_null() || unsafe { (*slot).is_watched() } { changes(task) } else { Changes::Unknown }
}

/// What was found wrong in the execution that is under way, once.
#[inline]
pub(crate) fn trouble() -> Option<Trouble> {
    let trouble = TROUBLE.get();
    if trouble.is_some() {
        TROUBLE.set(None);
    }
    trouble
}

/// A block of the execution, if the code of a modelled thread runs.
#[inline]
fn allocate(size: usize, align: usize) -> Option<*mut u8> {
    let lane = LANE.get();
    if lane == 0 { None } else { allocate_in(lane, size, align) }
}

fn allocate_in(lane: u8, size: usize, align: usize) -> Option<*mut u8> {
    let slot = SLOT.get();
    if slot.is_null() {
        return None;
    }
    // The lists of the arena itself lie outside it.
    LANE.set(0);
    // SAFETY: the slot is that of the execution under way, which only this thread uses; while its code runs nobody else
    // has a reference to it.
    let block = unsafe { (*slot).allocate(lane - 1, size, align, PLACE.get()) };
    LANE.set(lane);
    block
}

/// Takes a block back, if it is one of the arena.
#[inline]
fn free(block: *mut u8) -> bool {
    let is_here = region::contains(block.addr()) || block::freed(block.addr() as u64).is_some();
    if is_here {
        free_here(block);
    }
    is_here
}

#[inline(never)]
fn free_here(block: *mut u8) {
    let slot = SLOT.get();
    // SAFETY: as in `allocate_in`; only the number is read.
    let is_own = !slot.is_null() && unsafe { (*slot).number() } == region::slot_of(block.addr());
    let Err(trouble) = block::free(block, is_own, PLACE.get()) else { return };
    if slot.is_null() {
        // As the C library does: nobody is left to tell.
        let _paused = pause();
        eprintln!("cancelproof: {trouble}");
        std::process::abort();
    }
    tell(trouble);
    // The engine's own code goes on, and so does a host that nobody has told how to stop.
    if LANE.get() != 0
        && let Some(stop) = STOP.get()
    {
        stop();
    }
}

/// Something is wrong in the execution that is under way; what is told first counts.
pub(crate) fn tell(trouble: Trouble) {
    if TROUBLE.get().is_none() {
        TROUBLE.set(Some(trouble));
    }
}

/// How a modelled thread that has done something wrong is stopped, where it runs.
static STOP: OnceLock<fn()> = OnceLock::new();

/// Says how a modelled thread is stopped.
pub(crate) fn stop_by(stop: fn()) {
    let _ = STOP.set(stop);
}

/// What is wrong if `word`, which belongs to an object of the runtime, was read from a freed block.
#[inline]
pub(crate) fn use_after_free(word: u64, used: &'static Location<'static>) -> Option<Trouble> {
    let (size, freed) = block::freed(word)?;
    Some(Trouble::UsedAfterFree { size, freed, used: Some(used) })
}

/// The bytes of the two counts at the beginning of a block that an `Arc` of the standard library has.
pub(crate) const COUNTS_BYTES: usize = block::COUNTS_BYTES;

/// Whether the execution that is under way on this thread has memory of its own.
pub(crate) fn serves() -> bool {
    !SLOT.get().is_null()
}

/// The block that an address lies in, if it begins as that of an `Arc` of the standard library does to which all references
/// were given back, and whose value is being dropped or waits for its weak references. To be asked while no modelled
/// thread runs.
pub(crate) fn count_without_references(address: usize) -> Option<Range<usize>> {
    let slot = SLOT.get();
    if slot.is_null() || !region::contains(address) {
        return None;
    }
    // SAFETY: as in `leave`.
    unsafe { (*slot).count_without_references(address) }
}

/// How much the blocks come to, in bytes, that executions have left and that nobody has freed since.
#[must_use]
pub fn left_in_use() -> u64 {
    region::left_in_use()
}

/// A block that an execution has left.
#[derive(Clone, Copy, Debug)]
pub struct LeftBlock {
    /// Its size in bytes.
    pub size: usize,
    /// The operation that its thread had performed last before it was allocated; none, if that was the first thing.
    pub after: Option<&'static Location<'static>>,
}

/// The first block of those that were left by the last execution on this thread of the machine which has left any.
#[must_use]
pub fn last_left() -> Option<LeftBlock> {
    LAST_LEFT.get()
}

/// Whether a block of the arena has room for `size` bytes.
fn fits(block: *mut u8, size: usize) -> bool {
    size <= block::capacity(block)
}

#[cfg(test)]
mod tests;
