//! The cancel callback: the object that a driver hands over when it marks a request cancelable.

use core::fmt;

/// What a driver implements to learn that its request was canceled: `IRequestCallbackCancel::OnCancel`,
/// `EvtRequestCancel`, the body of a `stop_callback`.
pub trait OnCancel: Send + Sync {
    /// The request was canceled. Called at most once for each mark that handed the object over, on whichever
    /// thread claimed the cancel.
    fn on_cancel(&self);
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
/// use cancelproof_model::Callback;
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
pub struct Callback(Box<dyn OnCancel>);

impl Callback {
    /// A reference to `object`.
    #[must_use]
    pub fn new(object: impl OnCancel + 'static) -> Self {
        Callback(Box::new(object))
    }

    /// Calls the object. Invoking is not consuming, so that nothing but the request's own logic keeps it from
    /// calling twice: that is the property under test.
    pub fn invoke(&self) {
        self.0.on_cancel();
    }
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Callback")
    }
}
