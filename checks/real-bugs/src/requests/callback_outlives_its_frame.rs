//! A method returns and its frame ends before its cancel callback is taken off, and the event loop calls the callback in between.

use super::parts::*;

struct Listed<R: Runtime> {
    callback: Callback,
    frame: Arc<Block<R>>,
}

struct State<R: Runtime> {
    is_canceled: bool,
    listed: Option<Listed<R>>,
}

/// A connection with the cancel callback of the method that runs. The event loop calls it under the loop's lock.
pub(super) struct Connection<R: Runtime, const FIXED: bool>(R::Mutex<State<R>>);

pub(super) type Request<R, const FIXED: bool> = AsRegistration<R, Source<Connection<R, FIXED>>>;

impl<R: Runtime, const FIXED: bool> Slot<R> for Connection<R, FIXED> {
    /// The method's frame.
    type Own = Arc<Block<R>>;
    type Told = bool;

    const CONTRACT: Contract = REGISTRATION;

    fn new() -> Self {
        Connection(Mutex::new(State { is_canceled: false, listed: None }))
    }

    fn register(&self, callback: Callback) -> Arc<Block<R>> {
        let frame = Arc::new(Block::in_request("the frame of the method"));
        let mut state = self.0.lock();
        if state.is_canceled {
            drop(state);
            callback.invoke();
        } else {
            state.listed = Some(Listed { callback, frame: Arc::clone(&frame) });
        }
        frame
    }

    fn deregister(&self, frame: Arc<Block<R>>) -> bool {
        if !FIXED {
            frame.free();
        }
        let listed = self.0.lock().listed.take();
        if FIXED {
            frame.free();
        }
        listed.is_some()
    }

    fn cancel(&self) {
        let mut state = self.0.lock();
        state.is_canceled = true;
        let listed = state.listed.take();
        // Under the lock the callback marks the frame's cancel, which the method looks at.
        if let Some(listed) = &listed {
            listed.frame.touch();
        }
        drop(state);
        if let Some(listed) = &listed {
            listed.callback.invoke();
        }
    }
}
