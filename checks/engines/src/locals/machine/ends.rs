//! What is to be dropped when a thread ends.
//!
//! The standard library registers the destructor of a thread-local at the C library, which calls it when the thread of the
//! machine ends. A modelled thread ends earlier, so the function is defined here, weakly, as those of the arena are:
//! what a modelled thread registers is kept for its own end, and all else is handed on.

use core::cell::{Cell, RefCell};
use core::ffi::{c_int, c_void};
use core::hint::black_box;
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::own;
use crate::arena;

/// A destructor as the standard library registers it.
pub(super) type Destructor = unsafe extern "C" fn(*mut c_void);

/// What is called with what when a modelled thread ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    destructor: Destructor,
    of: *mut c_void,
}

thread_local! {
    /// The ends of the modelled thread that runs.
    static ENDS: RefCell<Vec<End>> = const { RefCell::new(Vec::new()) };
    /// Whether [`is_heard`] looks whether a call arrives.
    static IS_PROBING: Cell<bool> = const { Cell::new(false) };
}

/// Whether calls arrive here.
static ARRIVED: AtomicBool = AtomicBool::new(false);

#[cfg(target_arch = "x86_64")]
macro_rules! jump {
    () => {
        "jmp {register}"
    };
}

#[cfg(target_arch = "aarch64")]
macro_rules! jump {
    () => {
        "b {register}"
    };
}

core::arch::global_asm!(
    ".pushsection .text.cancelproof_locals,\"ax\",%progbits",
    ".balign 16",
    ".weak __cxa_thread_atexit_impl",
    ".type __cxa_thread_atexit_impl,%function",
    "__cxa_thread_atexit_impl:",
    jump!(),
    ".size __cxa_thread_atexit_impl, . - __cxa_thread_atexit_impl",
    ".popsection",
    register = sym register,
);

unsafe extern "C" {
    fn __cxa_thread_atexit_impl(destructor: Destructor, of: *mut c_void, library: *mut c_void) -> c_int;
}

/// Finds out whether what the standard library registers arrives here.
pub(super) fn is_heard() -> bool {
    unsafe extern "C" fn nothing(_: *mut c_void) {}
    IS_PROBING.set(true);
    // SAFETY: the destructor may be called with anything, on every thread and at any time.
    unsafe { black_box(__cxa_thread_atexit_impl)(nothing, ptr::null_mut(), ptr::null_mut()) };
    IS_PROBING.set(false);
    ARRIVED.load(Ordering::Relaxed) && next() != 0
}

/// Exchanges the ends of the thread that runs.
pub(super) fn swap(ends: &mut Vec<End>) {
    ENDS.with_borrow_mut(|those| core::mem::swap(those, ends));
}

/// Calls what was registered, the latest first, until nothing is left.
pub(super) fn call_all() {
    while let Some(end) = ENDS.with_borrow_mut(Vec::pop) {
        // SAFETY: the standard library registered the two with one another for this thread, and this is its end. Nothing of
        // the modelled thread's comes after it but other ends.
        unsafe { (end.destructor)(end.of) };
    }
}

unsafe extern "C" fn register(destructor: Destructor, of: *mut c_void, library: *mut c_void) -> c_int {
    if IS_PROBING.get() {
        ARRIVED.store(true, Ordering::Relaxed);
        return 0;
    }
    if own::is_of_modelled_thread(of.addr()) {
        let _paused = arena::pause();
        ENDS.with_borrow_mut(|ends| ends.push(End { destructor, of }));
        return 0;
    }
    let next = next();
    if next == 0 {
        // Nobody calls it, as where the C library has no such function.
        return 0;
    }
    // SAFETY: this is the C library's function of this name.
    let next: unsafe extern "C" fn(Destructor, *mut c_void, *mut c_void) -> c_int =
        unsafe { core::mem::transmute(ptr::with_exposed_provenance::<c_void>(next)) };
    // SAFETY: the caller's arguments.
    unsafe { next(destructor, of, library) }
}

/// The address of the function of this name behind ours; 0 if there is none.
fn next() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let known = NEXT.load(Ordering::Relaxed);
    if known != 0 {
        return known;
    }
    // SAFETY: the name ends in a zero.
    let found = unsafe { libc::dlsym(libc::RTLD_NEXT, c"__cxa_thread_atexit_impl".as_ptr()) };
    NEXT.store(found.expose_provenance(), Ordering::Relaxed);
    found.addr()
}
