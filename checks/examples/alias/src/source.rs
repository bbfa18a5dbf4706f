//! A source of cancellation with one registration, in the manner of .NET.

use super::sync::Mutex;

type Callback = Box<dyn FnOnce() + Send>;

/// Tells one registered callback that its operation is to be canceled.
pub struct CancellationSource(Mutex<State>);

struct State {
    is_requested: bool,
    registered: Option<Callback>,
}

impl Default for CancellationSource {
    fn default() -> Self {
        CancellationSource(Mutex::new(State { is_requested: false, registered: None }))
    }
}

impl CancellationSource {
    /// Has `callback` called by the cancel, or at once if there was one. There is one registration at a time.
    pub fn register(&self, callback: impl FnOnce() + Send + 'static) {
        let mut state = self.0.lock().unwrap();
        if state.is_requested {
            drop(state);
            callback();
        } else {
            state.registered = Some(Box::new(callback));
        }
    }

    /// Takes the registration back; whether the callback will not be called. Does not wait for it.
    pub fn unregister(&self) -> bool {
        let registered = self.0.lock().unwrap().registered.take();
        registered.is_some()
    }

    /// Requests cancellation; whether this call made the callback.
    pub fn cancel(&self) -> bool {
        let mut state = self.0.lock().unwrap();
        state.is_requested = true;
        let registered = state.registered.take();
        drop(state);
        let calls = registered.is_some();
        if let Some(callback) = registered {
            callback();
        }
        calls
    }

    /// Whether cancellation was requested.
    pub fn is_requested(&self) -> bool {
        self.0.lock().unwrap().is_requested
    }

    /// Whether a callback is registered that no cancel has taken.
    pub fn is_registered(&self) -> bool {
        self.0.lock().unwrap().registered.is_some()
    }
}
