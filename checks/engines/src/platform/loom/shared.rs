//! Shared ownership that is loom's to judge.

use core::ops::Deref;

use super::Loom;

/// loom's `Arc`.
#[derive(Debug)]
pub struct Shared<T>(
    /// Always there, until it is being dropped.
    Option<loom::sync::Arc<T>>,
);

impl<T: Send + Sync + 'static> cancelproof_runtime::Arc<T> for Shared<T> {
    #[track_caller]
    fn new(value: T) -> Self {
        Shared(Some(loom::sync::Arc::new(value)))
    }
}

impl<T> Clone for Shared<T> {
    #[track_caller]
    fn clone(&self) -> Self {
        let clone = Shared(self.0.clone());
        Loom::came_back();
        clone
    }
}

impl<T> Drop for Shared<T> {
    #[track_caller]
    fn drop(&mut self) {
        drop(self.0.take());
        Loom::came_back();
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_ref().expect("it is there until it is dropped")
    }
}
