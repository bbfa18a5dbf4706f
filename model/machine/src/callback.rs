//! The cancel callback: the object that a driver hands over when it marks a request cancelable.

use core::fmt;
use std::sync::Arc;

/// What a driver implements to learn that its request was canceled: `IRequestCallbackCancel::OnCancel`,
/// `EvtRequestCancel`, the body of a `stop_callback`.
pub trait OnCancel: Send + Sync {
    /// The request was canceled. Called at most once for each mark that handed the object over, on whichever
    /// thread claimed the cancel.
    fn on_cancel(&self);

    /// The request has given its reference back and will not call the object any more.
    fn on_release(&self) {}
}

impl<F: Fn() + Send + Sync> OnCancel for F {
    fn on_cancel(&self) {
        self();
    }
}

/// A request's reference to a callback object.
///
/// A request owns the reference from the mark until it gives it back, and gives it back by dropping it: after a
/// granted unmark, after the callback has returned, or when a mark is refused. It must not drop it earlier, or
/// the object could be gone while it runs.
///
/// # Example
///
/// ```
/// use cancelproof_machine::Callback;
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// let calls = Arc::new(AtomicU32::new(0));
/// let callback = Callback::new({
///     let calls = Arc::clone(&calls);
///     move || {
///         calls.fetch_add(1, Ordering::Relaxed);
///     }
/// });
/// callback.invoke();
/// assert_eq!(calls.load(Ordering::Relaxed), 1);
/// ```
pub struct Callback(Target);

/// What a [`Callback`] refers to, without being a reference: what a raw pointer to the object would be.
///
/// A request may copy it out of wherever it keeps the callback and call through it, as long as somebody keeps the
/// callback meanwhile. Nothing enforces that but the request's own logic; a call or a release too many is seen by
/// the suite, and not by the allocator.
#[derive(Clone)]
pub struct Target(Arc<dyn OnCancel>);

impl Callback {
    /// A reference to `object`.
    #[must_use]
    pub fn new(object: impl OnCancel + 'static) -> Self {
        Callback(Target(Arc::new(object)))
    }

    /// Calls the object. Invoking is not consuming, so that nothing but the request's own logic keeps it from
    /// calling twice: that is the property under test.
    pub fn invoke(&self) {
        self.target().invoke();
    }

    /// What this refers to.
    #[must_use]
    pub fn target(&self) -> Target {
        self.0.clone()
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        self.0.release();
    }
}

impl Target {
    /// Calls the object.
    pub fn invoke(&self) {
        self.0.on_cancel();
    }

    /// Tells the object that a reference was given back. Dropping a [`Callback`] does it; a request that does it
    /// by hand has given back one reference too many.
    pub fn release(&self) {
        self.0.on_release();
    }
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Callback")
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Target")
    }
}
