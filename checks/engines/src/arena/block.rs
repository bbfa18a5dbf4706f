//! What lies before each block, and what a block is filled with.

#![allow(clippy::cast_ptr_alignment, reason = "every block and what lies before it is aligned to UNIT")]

use core::panic::Location;
use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering};

use super::region;
use super::trouble::Trouble;

/// Every block is as aligned as this at least, and as large as a multiple of it.
pub(super) const UNIT: usize = 16;

/// The bytes before a block.
pub(super) const HEADER: usize = size_of::<Header>();

/// What the words of freed memory begin with; the rest of each is the address of the block. As an address such a word is
/// none, so code that follows a pointer out of freed memory faults.
const FREED: u64 = 0xDFDF << FREED_SHIFT;
const FREED_SHIFT: u32 = 48;

/// What new memory is filled with, so that it holds the same in each execution.
const NEW: u64 = 0xA5A5_A5A5_A5A5_A5A5;

/// So much of a block is filled; larger ones are filled in part.
const FILLED_MAX: usize = 1 << 16;

/// The bit by which the C library knows a block that it has mapped by itself; the rest is the size.
const IS_MAPPED: usize = 2;

/// How far a block has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It was allocated in the execution that is under way.
    Alive,
    /// An execution that is over has left it.
    Pinned,
    /// It was freed, and filled with the pattern.
    Freed,
    /// It was freed, and holds what it held.
    FreedUnfilled,
}

impl State {
    const fn word(self) -> u32 {
        // No small numbers, so that an address that is no block is told from one.
        match self {
            State::Alive => 0x6c69_7665,
            State::Pinned => 0x7069_6e64,
            State::Freed => 0x6672_6564,
            State::FreedUnfilled => 0x6672_6575,
        }
    }

    fn of(word: u32) -> Option<State> {
        [State::Alive, State::Pinned, State::Freed, State::FreedUnfilled]
            .into_iter()
            .find(|state| state.word() == word)
    }
}

/// What lies before a block.
#[repr(C, align(16))]
pub(super) struct Header {
    state: AtomicU32,
    /// The bytes of the block.
    capacity: u32,
    /// The bytes that were asked for.
    size: u32,
    /// 1 if it began with counts of references when it was looked at first.
    is_counted: AtomicU32,
    /// The operation that was performed last before the block was freed; while it is alive, before it was allocated.
    place: AtomicPtr<Location<'static>>,
    /// What the C library's `malloc_usable_size` reads.
    chunk: usize,
}

impl Header {
    pub(super) fn state(&self) -> Option<State> {
        State::of(self.state.load(Ordering::Acquire))
    }

    pub(super) fn size(&self) -> usize {
        self.size as usize
    }

    pub(super) fn capacity(&self) -> usize {
        self.capacity as usize
    }

    pub(super) fn place(&self) -> Option<&'static Location<'static>> {
        // SAFETY: what is stored here is null or came from a reference that lives for ever.
        unsafe { self.place.load(Ordering::Relaxed).as_ref() }
    }

    /// Looks whether a new block begins with counts of references, as that of an `Arc` of the standard library does.
    pub(super) fn look_for_counts(&self, block: *mut u8) {
        if self.capacity() >= COUNTS_BYTES && self.state() == Some(State::Alive) {
            let [strong, weak] = counts(block);
            let is_counted = (1..COUNT_MAX).contains(&strong) && (1..COUNT_MAX).contains(&weak);
            self.is_counted.store(u32::from(is_counted), Ordering::Relaxed);
        }
    }

    /// Whether it began with counts of references, and no strong one is left.
    pub(super) fn has_no_strong_references(&self, block: *mut u8) -> bool {
        self.is_counted.load(Ordering::Relaxed) == 1 && {
            let [strong, weak] = counts(block);
            strong == 0 && (1..COUNT_MAX).contains(&weak)
        }
    }

    /// Changes the state, unless it is another than expected.
    pub(super) fn change(&self, from: State, to: State) -> bool {
        self.state.compare_exchange(from.word(), to.word(), Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// Makes a block at an address that has room for it and its header.
///
/// # Safety
///
/// The memory from [`HEADER`] bytes before the address to `capacity` bytes behind it is mapped, and nobody else uses it.
pub(super) unsafe fn make(
    block: *mut u8,
    size: usize,
    capacity: usize,
    place: Option<&'static Location<'static>>,
) {
    let header = Header {
        state: AtomicU32::new(State::Alive.word()),
        capacity: capacity as u32,
        size: size as u32,
        is_counted: AtomicU32::new(0),
        place: AtomicPtr::new(pointer(place)),
        chunk: (capacity + UNIT) | IS_MAPPED,
    };
    // SAFETY: the caller vouches for the memory.
    unsafe {
        block.sub(HEADER).cast::<Header>().write(header);
        fill(block, capacity, NEW);
    }
}

fn pointer(place: Option<&'static Location<'static>>) -> *mut Location<'static> {
    place.map_or(ptr::null_mut(), |place| ptr::from_ref(place).cast_mut())
}

/// The header of a block.
///
/// # Safety
///
/// The address is one in the arena with a header before it.
pub(super) unsafe fn header<'a>(block: *mut u8) -> &'a Header {
    // SAFETY: the caller vouches for the header; all that changes in it is atomic.
    unsafe { &*block.sub(HEADER).cast::<Header>() }
}

/// The bytes that a block has room for.
pub(super) fn capacity(block: *mut u8) -> usize {
    // SAFETY: the arena gave the block out, so a header lies before it.
    unsafe { header(block) }.capacity()
}

/// Takes a block back. `is_own`: it belongs to the execution that is under way on this thread, so that nobody takes the
/// memory meanwhile.
pub(super) fn free(
    block: *mut u8,
    is_own: bool,
    place: Option<&'static Location<'static>>,
) -> Result<(), Trouble> {
    if let Some((size, freed)) = self::freed(block.addr() as u64) {
        return Err(Trouble::FreeOfFreed { size, freed, place });
    }
    if !region::has_header(block.addr()) {
        return Err(Trouble::NoBlock { place });
    }
    // SAFETY: the address lies in the arena, aligned as a block is, and memory there is mapped; what is read are numbers.
    let header = unsafe { header(block) };
    let to = if is_own { State::Freed } else { State::FreedUnfilled };
    // Read first: as soon as another thread's block is free, its memory may be that thread's next block.
    let size = header.size();
    if header.change(State::Alive, to) {
        if is_own {
            header.place.store(pointer(place), Ordering::Relaxed);
            // SAFETY: the block was the caller's, who has given it back.
            unsafe { fill(block, header.capacity(), freed_word(block)) };
        }
        return Ok(());
    }
    if header.change(State::Pinned, State::FreedUnfilled) {
        region::unpinned(block.addr(), size);
        return Ok(());
    }
    Err(match header.state() {
        Some(_) => Trouble::FreedTwice { size: header.size(), first: header.place(), second: place },
        None => Trouble::NoBlock { place },
    })
}

/// Whether a block that was filled when it was freed has been written since.
///
/// # Safety
///
/// The block is one of this thread's execution.
pub(super) unsafe fn is_written_after_free(block: *mut u8, header: &Header) -> bool {
    let words = header.capacity().min(FILLED_MAX) / size_of::<u64>();
    let freed = freed_word(block);
    // SAFETY: `words` is at most the capacity of the block, and `free` has filled them.
    (0..words).any(|word| unsafe { block.cast::<u64>().add(word).read_volatile() } != freed)
}

/// The bytes of the two counts at the beginning of a block that an `Arc` of the standard library has.
pub(super) const COUNTS_BYTES: usize = 2 * size_of::<usize>();

/// A count of this much is none.
const COUNT_MAX: usize = 1 << 32;

/// The first two words of a block that has as many.
fn counts(block: *mut u8) -> [usize; 2] {
    let words = block.cast::<AtomicUsize>();
    // SAFETY: both words are mapped and aligned, since every block is; no modelled thread runs, so nobody writes them.
    [0, 1].map(|place| unsafe { &*words.add(place) }.load(Ordering::Relaxed))
}

fn freed_word(block: *mut u8) -> u64 {
    FREED | block.addr() as u64
}

/// If a word was read from a freed block, the size of that and the operation before it was freed.
pub(super) fn freed(word: u64) -> Option<(usize, Option<&'static Location<'static>>)> {
    if word >> FREED_SHIFT != FREED >> FREED_SHIFT {
        return None;
    }
    let address = (word ^ FREED) as usize;
    if !region::contains(address) || !region::has_header(address) {
        return None;
    }
    // SAFETY: as in `free`.
    let header = unsafe { header(ptr::with_exposed_provenance_mut(address)) };
    (header.state() == Some(State::Freed)).then(|| (header.size(), header.place()))
}

/// # Safety
///
/// The block has room for `capacity` bytes, and no other thread uses them.
unsafe fn fill(block: *mut u8, capacity: usize, with: u64) {
    let words = capacity.min(FILLED_MAX) / size_of::<u64>();
    for word in 0..words {
        // SAFETY: `words` is at most the capacity of the block.
        unsafe { block.cast::<u64>().add(word).write(with) };
    }
}
