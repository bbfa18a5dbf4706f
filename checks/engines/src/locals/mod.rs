//! The standard library's thread-locals: one for each modelled thread, like those of a thread of the machine.
//!
//! Modelled threads share a thread of the machine, and so its thread-locals. When the executor switches from one modelled thread to
//! another it takes away what the code under test has there for the one, and brings what belongs to the other (`Own::swap`). A
//! modelled thread begins with what a new thread has, and nothing of it outlives the execution. A value that has to be
//! dropped is dropped when its modelled thread ends, by operations of that thread.
//!
//! Which variables those are, the program's symbols tell; what is to be dropped, the standard library tells the C
//! library, and a function in between hears it. That is so on Linux with the GNU C library, for programs
//! that have kept their symbols. Elsewhere a thread-local of the standard library is one for all modelled threads, as the
//! record of claims says.
//!
//! The address of such a variable is the same in all modelled threads. Code that hands one to another thread, which takes
//! unsafe code, finds its own variable there.

#[cfg_attr(
    not(all(
        target_os = "linux",
        target_env = "gnu",
        target_pointer_width = "64",
        target_endian = "little",
        any(target_arch = "x86_64", target_arch = "aarch64"),
        not(target_feature = "crt-static"),
        not(miri)
    )),
    path = "elsewhere.rs"
)]
mod machine;
mod switch;

pub(crate) use machine::{Own, end};
pub(crate) use switch::{forget, goes_on, nobody_goes_on};

/// Runs the body of a modelled thread, and what comes at the end of one.
#[cfg(any(feature = "loom-shape", feature = "shuttle"))]
pub(crate) fn to_the_end<T>(body: impl FnOnce() -> T) -> T {
    let result = body();
    end();
    result
}

/// Whether each modelled thread has thread-locals of the standard library of its own in this process. Elsewhere than on Linux
/// with the GNU C library, in a program without symbols, and with `CANCELPROOF_THREAD_LOCALS=off` they are one for all.
#[must_use]
pub fn are_separate() -> bool {
    machine::is_served()
}
