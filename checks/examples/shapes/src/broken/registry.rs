//! The same registry, which looks whether it was canceled before it takes the lock to register: a cancel in between is lost.

use std::collections::BTreeMap;

use super::sync::{Arc, Mutex};

type Callback = Box<dyn FnOnce() + Send>;

/// Where callbacks are registered.
#[derive(Clone)]
pub struct Registry(Arc<Mutex<State>>);

/// A registration, which ends when this is dropped. A callback that has begun is not waited for.
pub struct Guard {
    registry: Registry,
    number: u64,
}

#[derive(Default)]
struct State {
    is_canceled: bool,
    next: u64,
    callbacks: BTreeMap<u64, Callback>,
}

impl Default for Registry {
    fn default() -> Self {
        Registry(Arc::new(Mutex::new(State::default())))
    }
}

impl Registry {
    /// Has `callback` called by the cancel, or at once if there was one.
    #[must_use]
    pub fn register(&self, callback: impl FnOnce() + Send + 'static) -> Guard {
        let is_canceled = self.0.lock().unwrap().is_canceled;
        let mut state = self.0.lock().unwrap();
        let number = state.next;
        state.next += 1;
        if is_canceled {
            drop(state);
            callback();
        } else {
            state.callbacks.insert(number, Box::new(callback));
        }
        Guard { registry: self.clone(), number }
    }

    /// Cancels; whether this call was the first to do so.
    pub fn cancel(&self) -> bool {
        let mut state = self.0.lock().unwrap();
        let is_first = !std::mem::replace(&mut state.is_canceled, true);
        let callbacks = std::mem::take(&mut state.callbacks);
        drop(state);
        for callback in callbacks.into_values() {
            callback();
        }
        is_first
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let callback = self.registry.0.lock().unwrap().callbacks.remove(&self.number);
        drop(callback);
    }
}
