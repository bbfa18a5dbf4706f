//! Whoever completes a wait reads the continuation and runs it; a cancel and the system's completion both read the same one.

use super::parts::*;

#[derive(Default)]
struct State {
    has_ended: bool,
    continuation: Option<Arc<Callback>>,
}

/// A wait with its continuation. Its ends, by a cancel or by the system, are the cancels here.
pub(super) struct Awaited<R: Runtime, const FIXED: bool>(R::Mutex<State>);

pub(super) type Request<R, const FIXED: bool> = AsToken<R, Awaited<R, FIXED>>;

impl<R: Runtime, const FIXED: bool> Token<R> for Awaited<R, FIXED> {
    type Registration = ();

    fn new() -> Self {
        Awaited(Mutex::new(State::default()))
    }

    fn register(&self, callback: Callback) {
        let mut state = self.0.lock();
        if state.has_ended {
            drop(state);
            callback.invoke();
        } else {
            state.continuation = Some(Arc::new(callback));
        }
    }

    fn cancel(&self) -> impl Answer {
        let mut state = self.0.lock();
        state.has_ended = true;
        let continuation = if FIXED { state.continuation.take() } else { state.continuation.clone() };
        drop(state);
        if let Some(continuation) = &continuation {
            continuation.invoke();
        }
        let done = self.0.lock().continuation.take();
        drop((continuation, done));
    }

    fn is_canceled(&self) -> bool {
        self.0.lock().has_ended
    }
}
