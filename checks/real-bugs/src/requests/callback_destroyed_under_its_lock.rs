//! A completion destroys its stop callback under a lock and waits for the running callback, which waits for that lock.

use super::parts::*;

#[derive(Default)]
struct State {
    is_stopped: bool,
    callback: Option<Callback>,
    /// The number of the thread that runs the callback, plus one.
    running: usize,
}

/// A stop source, and the lock of the operation that registers there.
pub(super) struct Scoped<R: Runtime, const FIXED: bool> {
    source: Monitor<R, State>,
    operation: Lock<R>,
}

pub(super) type Request<R, const FIXED: bool> = AsRegistration<R, Source<Scoped<R, FIXED>>>;

impl<R: Runtime, const FIXED: bool> Scoped<R, FIXED> {
    fn call(&self, callback: Callback) {
        // The callback looks at its operation first.
        self.operation.hold(|| ());
        callback.invoke();
        drop(callback);
        self.source.update(|source| source.running = 0);
    }

    fn destroy(&self) {
        let here = R::current_number() + 1;
        let callback = self.source.with(|source| source.callback.take());
        if callback.is_none() {
            self.source.wait(|source| source.running == 0 || source.running == here, |_| ());
        }
    }
}

impl<R: Runtime, const FIXED: bool> Slot<R> for Scoped<R, FIXED> {
    type Own = ();
    type Told = ();

    fn new() -> Self {
        Scoped { source: Monitor::new(State::default()), operation: Lock::new() }
    }

    fn register(&self, callback: Callback) {
        let late = self.source.with(|source| {
            if source.is_stopped {
                source.running = R::current_number() + 1;
                return Some(callback);
            }
            source.callback = Some(callback);
            None
        });
        if let Some(callback) = late {
            self.call(callback);
        }
    }

    fn deregister(&self, (): ()) {
        if FIXED { self.destroy() } else { self.operation.hold(|| self.destroy()) }
    }

    fn cancel(&self) {
        let taken = self.source.with(|source| {
            source.is_stopped = true;
            let taken = source.callback.take();
            if taken.is_some() {
                source.running = R::current_number() + 1;
            }
            taken
        });
        if let Some(callback) = taken {
            self.call(callback);
        }
    }
}
