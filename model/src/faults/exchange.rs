//! Faults of [`Exchange`](crate::requests::Exchange): each overrides one step.

pub mod cancel;
pub mod complete;
pub mod mark;
pub mod unmark;

use core::mem::{ManuallyDrop, forget};
use core::ptr;
use std::sync::{Arc, Weak};

use crate::callback::Callback;
use crate::requests::exchange::NONE;

/// A pointer for the slot that stands for a reference, and keeps the memory (though not the callback) for good, so
/// that a fault may look at it after somebody else has removed it.
fn into_shared_pointer(callback: Callback) -> usize {
    let callback = Arc::new(callback);
    let pointer = Weak::into_raw(Arc::downgrade(&callback)).expose_provenance();
    forget(callback);
    pointer
}

/// A further reference to what a pointer from [`into_shared_pointer`] stands for, unless that is gone.
fn look_at_pointer(pointer: usize) -> Option<Arc<Callback>> {
    if pointer == NONE {
        return None;
    }
    // SAFETY: the pointer owns a weak reference that is never given back, hence neither is it dropped here.
    let callback = ManuallyDrop::new(unsafe { Weak::from_raw(ptr::with_exposed_provenance(pointer)) });
    callback.upgrade()
}
