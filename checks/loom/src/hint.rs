//! See [`std::hint`].

pub use cancelproof::hint::controlled::spin_loop;

/// Panics.
///
/// # Safety
///
/// It does nothing that could be undefined.
///
/// # Panics
///
/// Panics always: this point was reached.
#[track_caller]
pub unsafe fn unreachable_unchecked() -> ! {
    unreachable!("unreachable_unchecked was reached!");
}
