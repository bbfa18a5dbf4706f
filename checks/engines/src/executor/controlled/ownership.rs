//! Shared ownership whose count is visible.

use core::fmt;
use core::ops::Deref;
use core::panic::Location;
use std::sync;

use cancelproof_runtime::Arc;

use crate::executor::controller::ObjectKind;
use crate::executor::session::{self, Handle};
use crate::operation::Action;

/// Shared ownership of the controlled runtime: taking and dropping a reference are operations. The count itself
/// is the standard library's, and agrees with the order of these operations because each takes effect right after
/// the task was resumed from it.
pub struct ControlledArc<T> {
    handle: Handle,
    value: sync::Arc<T>,
}

impl<T: Send + Sync + 'static> Arc<T> for ControlledArc<T> {
    #[track_caller]
    fn new(value: T) -> Self {
        ControlledArc { handle: session::create(ObjectKind::Arc), value: sync::Arc::new(value) }
    }
}

impl<T> Clone for ControlledArc<T> {
    #[track_caller]
    fn clone(&self) -> Self {
        let _ = session::perform(Action::ReferenceTake, Some(self.handle), Location::caller());
        ControlledArc { handle: self.handle, value: sync::Arc::clone(&self.value) }
    }
}

impl<T> Deref for ControlledArc<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Drop for ControlledArc<T> {
    #[track_caller]
    fn drop(&mut self) {
        let _ = session::perform(Action::ReferenceDrop, Some(self.handle), Location::caller());
    }
}

impl<T: fmt::Debug> fmt::Debug for ControlledArc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}
