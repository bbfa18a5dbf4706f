//! The functions of the C library by which stacks are mapped, defined here.

use core::ffi::{c_int, c_long, c_void};
use core::ptr;

use super::{IS_KEEPING, forget, give_back, is_guarded, mapped, protected, take};

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
            ".pushsection .text.cancelproof_stacks,\"ax\",%progbits",
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
    mmap, "mmap";
    munmap, "munmap";
    mprotect, "mprotect";
}

/// Gives bytes back to the kernel that nobody uses.
pub(super) fn unmap(base: usize, length: usize) {
    // SAFETY: the bytes are a whole mapping that its owner has given back.
    unsafe { libc::syscall(libc::SYS_munmap, base, length) };
}

unsafe extern "C" fn mmap(
    wish: *mut c_void,
    length: usize,
    protection: c_int,
    flags: c_int,
    file: c_int,
    offset: i64,
) -> *mut c_void {
    let is_stack = IS_KEEPING.get()
        && wish.is_null()
        && protection == libc::PROT_READ | libc::PROT_WRITE
        && flags == libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_STACK;
    if is_stack && let Some(base) = take(length) {
        return ptr::with_exposed_provenance_mut(base);
    }
    // SAFETY: the system call of that name, with the caller's arguments. It says by -1 that it failed, and so does `mmap`.
    let base = unsafe {
        libc::syscall(
            libc::SYS_mmap,
            wish,
            length,
            c_long::from(protection),
            c_long::from(flags),
            c_long::from(file),
            offset,
        )
    };
    let base = base.cast_unsigned() as usize;
    if IS_KEEPING.get() && base != libc::MAP_FAILED.addr() {
        mapped(base, length, is_stack);
    }
    ptr::with_exposed_provenance_mut(base)
}

unsafe extern "C" fn munmap(base: *mut c_void, length: usize) -> c_int {
    if IS_KEEPING.get() {
        if give_back(base.addr(), length) {
            return 0;
        }
        forget(base.addr(), length);
    }
    // SAFETY: as in `mmap`.
    unsafe { libc::syscall(libc::SYS_munmap, base, length) as c_int }
}

unsafe extern "C" fn mprotect(base: *mut c_void, length: usize, protection: c_int) -> c_int {
    let is_guard = protection == libc::PROT_NONE;
    if IS_KEEPING.get() && is_guard && is_guarded(base.addr(), length) {
        return 0;
    }
    // SAFETY: as in `mmap`.
    let result = unsafe { libc::syscall(libc::SYS_mprotect, base, length, c_long::from(protection)) };
    if IS_KEEPING.get() {
        protected(base.addr(), length, is_guard && result == 0);
    }
    result as c_int
}
