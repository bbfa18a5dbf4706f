//! Memory whose giving back is looked at.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::live::{self, Token};

pub use std::alloc::Layout;

thread_local! {
    /// By address.
    static ALLOCATED: RefCell<HashMap<usize, Token>> = RefCell::default();
}

/// See [`std::alloc::alloc`]; an allocation that is never given back is a failure.
///
/// # Safety
///
/// As for [`std::alloc::alloc`].
#[track_caller]
pub unsafe fn alloc(layout: Layout) -> *mut u8 {
    // SAFETY: the caller answers for the layout.
    let pointer = unsafe { std::alloc::alloc(layout) };
    keep(pointer, live::made("an allocation"));
    pointer
}

/// See [`std::alloc::alloc_zeroed`]; an allocation that is never given back is a failure.
///
/// # Safety
///
/// As for [`std::alloc::alloc_zeroed`].
#[track_caller]
pub unsafe fn alloc_zeroed(layout: Layout) -> *mut u8 {
    // SAFETY: the caller answers for the layout.
    let pointer = unsafe { std::alloc::alloc_zeroed(layout) };
    keep(pointer, live::made("an allocation"));
    pointer
}

fn keep(pointer: *mut u8, token: Token) {
    ALLOCATED.with_borrow_mut(|allocated| allocated.insert(pointer.addr(), token));
}

/// See [`std::alloc::dealloc`].
///
/// # Safety
///
/// As for [`std::alloc::dealloc`].
///
/// # Panics
///
/// Panics if the memory was not allocated here, or was given back before.
#[track_caller]
pub unsafe fn dealloc(pointer: *mut u8, layout: Layout) {
    let token = ALLOCATED.with_borrow_mut(|allocated| allocated.remove(&pointer.addr()));
    assert!(token.is_some(), "memory is given back that was not allocated, or was given back before");
    // SAFETY: the caller answers for the pointer and the layout.
    unsafe { std::alloc::dealloc(pointer, layout) };
}

/// A value that has to be dropped: a leak of it is a failure.
#[derive(Debug)]
pub struct Track<T> {
    value: T,
    _token: Token,
}

impl<T> Track<T> {
    /// Tracks `value`.
    #[track_caller]
    pub fn new(value: T) -> Track<T> {
        Track { value, _token: live::made("a tracked value") }
    }

    /// The value.
    pub fn get_ref(&self) -> &T {
        &self.value
    }

    /// The value.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.value
    }

    /// Stops tracking.
    pub fn into_inner(self) -> T {
        self.value
    }
}
