//! The functions of the C library by which memory is allocated, defined here.
//!
//! The GNU C library lets a program define them, and hands on to its own under other names. They are *weak*: where
//! another library of the program defines them as well, that one's are taken, and nothing is defined twice. Then, or if some
//! are ours and some are not, the arena stays out of it: [`begin`] calls each once and looks which arrive.

use core::ffi::{c_int, c_void};
use core::hint::black_box;
use core::ptr;
use core::sync::atomic::{AtomicBool, Ordering};

use super::{LANE, allocate_in, block, fits, free_here, region};

unsafe extern "C" {
    fn __libc_malloc(size: usize) -> *mut u8;
    fn __libc_calloc(count: usize, size: usize) -> *mut u8;
    fn __libc_realloc(block: *mut u8, size: usize) -> *mut u8;
    fn __libc_memalign(align: usize, size: usize) -> *mut u8;
    fn __libc_free(block: *mut u8);
}

/// Whether all the functions are ours.
static SERVES: AtomicBool = AtomicBool::new(false);

/// Stands for a lane while [`begin`] looks which calls arrive.
const PROBE: u8 = u8::MAX;

/// What a call that arrives leaves in place of [`PROBE`].
const ARRIVED: u8 = u8::MAX - 1;

const INVALID: c_int = 22;
const NO_MEMORY: c_int = 12;

#[cfg(target_arch = "x86_64")]
macro_rules! jump {
    ($name:literal) => {
        concat!("jmp {", $name, "}")
    };
}

#[cfg(target_arch = "aarch64")]
macro_rules! jump {
    ($name:literal) => {
        concat!("b {", $name, "}")
    };
}

macro_rules! define {
    ($($name:ident, $text:literal;)*) => {
        core::arch::global_asm!(
            ".pushsection .text.cancelproof_arena,\"ax\",%progbits",
            ".balign 16",
            $(
                concat!(".weak ", $text),
                concat!(".type ", $text, ",%function"),
                concat!($text, ":"),
                jump!($text),
                concat!(".size ", $text, ", . - ", $text),
            )*
            ".popsection",
            $($name = sym $name,)*
        );
    };
}

define! {
    malloc, "malloc";
    calloc, "calloc";
    realloc, "realloc";
    reallocarray, "reallocarray";
    free, "free";
    posix_memalign, "posix_memalign";
    aligned_alloc, "aligned_alloc";
    memalign, "memalign";
}

/// Finds out whether all the functions are ours, and has them serve the arena if so.
pub(super) fn begin() {
    const SIZE: usize = 32;
    let arrives = |call: &dyn Fn() -> *mut c_void| {
        LANE.set(PROBE);
        let block = call();
        let arrived = LANE.replace(0) == ARRIVED;
        LANE.set(PROBE);
        // SAFETY: the block came from the same library, and no other code has it.
        unsafe { libc::free(black_box(block)) };
        arrived & (LANE.replace(0) == ARRIVED)
    };
    // SAFETY: calls of the C library with arguments that it allows; what they give is freed above.
    let all = unsafe {
        arrives(&|| libc::malloc(black_box(SIZE)))
            & arrives(&|| libc::calloc(black_box(1), SIZE))
            & arrives(&|| libc::realloc(black_box(ptr::null_mut()), SIZE))
            & arrives(&|| libc::reallocarray(black_box(ptr::null_mut()), 1, SIZE))
            & arrives(&|| libc::aligned_alloc(black_box(SIZE), SIZE))
            & arrives(&|| libc::memalign(black_box(SIZE), SIZE))
            & arrives(&|| {
                let mut block = ptr::null_mut();
                libc::posix_memalign(&raw mut block, black_box(SIZE), SIZE);
                block
            })
    };
    SERVES.store(all, Ordering::Relaxed);
}

/// A block of the arena, if the code of a modelled thread runs.
#[inline]
fn ask(size: usize, align: usize) -> Option<*mut u8> {
    let lane = LANE.get();
    if lane == 0 { None } else { ask_in(lane, size, align) }
}

fn ask_in(lane: u8, size: usize, align: usize) -> Option<*mut u8> {
    if lane >= ARRIVED {
        LANE.set(ARRIVED);
        return None;
    }
    if SERVES.load(Ordering::Relaxed) { allocate_in(lane, size, align) } else { None }
}

unsafe extern "C" fn malloc(size: usize) -> *mut u8 {
    // SAFETY: the C library's own, with the caller's argument.
    ask(size, block::UNIT).unwrap_or_else(|| unsafe { __libc_malloc(size) })
}

unsafe extern "C" fn calloc(count: usize, size: usize) -> *mut u8 {
    let block = count.checked_mul(size).and_then(|bytes| Some((ask(bytes, block::UNIT)?, bytes)));
    match block {
        Some((block, bytes)) => {
            // SAFETY: the block has room for `bytes` bytes, and no other code has it yet.
            unsafe { block.write_bytes(0, bytes) };
            block
        }
        // SAFETY: as in `malloc`.
        None => unsafe { __libc_calloc(count, size) },
    }
}

unsafe extern "C" fn free(block: *mut u8) {
    if super::free(block) {
        return;
    }
    if LANE.get() >= ARRIVED {
        LANE.set(ARRIVED);
    }
    // SAFETY: as in `malloc`.
    unsafe { __libc_free(block) };
}

unsafe extern "C" fn realloc(old: *mut u8, size: usize) -> *mut u8 {
    if old.is_null() {
        // SAFETY: the caller's argument.
        return unsafe { malloc(size) };
    }
    if !region::contains(old.addr()) {
        // SAFETY: as in `malloc`.
        return unsafe { __libc_realloc(old, size) };
    }
    if size == 0 {
        free_here(old);
        return ptr::null_mut();
    }
    if fits(old, size) {
        return old;
    }
    // SAFETY: the caller's argument.
    let new = unsafe { malloc(size) };
    if !new.is_null() {
        // SAFETY: the old block is smaller than the new one, and they are two.
        unsafe { ptr::copy_nonoverlapping(old, new, block::capacity(old)) };
        free_here(old);
    }
    new
}

unsafe extern "C" fn reallocarray(old: *mut u8, count: usize, size: usize) -> *mut u8 {
    match count.checked_mul(size) {
        // SAFETY: the caller's arguments. It goes to whichever `realloc` the program has.
        Some(bytes) => unsafe { libc::realloc(old.cast(), bytes).cast() },
        None => ptr::null_mut(),
    }
}

unsafe extern "C" fn memalign(align: usize, size: usize) -> *mut u8 {
    let block = if align.is_power_of_two() { ask(size, align) } else { None };
    // SAFETY: as in `malloc`.
    block.unwrap_or_else(|| unsafe { __libc_memalign(align, size) })
}

unsafe extern "C" fn aligned_alloc(align: usize, size: usize) -> *mut u8 {
    // SAFETY: the caller's arguments.
    unsafe { memalign(align, size) }
}

unsafe extern "C" fn posix_memalign(place: *mut *mut u8, align: usize, size: usize) -> c_int {
    if !align.is_power_of_two() || align < size_of::<usize>() {
        return INVALID;
    }
    // SAFETY: the caller's arguments.
    let block = unsafe { memalign(align, size) };
    if block.is_null() {
        return NO_MEMORY;
    }
    // SAFETY: the caller vouches for the place.
    unsafe { place.write(block) };
    0
}
