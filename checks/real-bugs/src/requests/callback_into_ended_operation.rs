//! A request to stop has taken an operation's callback off its list and calls it, while that operation ends and is freed.

use super::parts::*;

#[derive(Default)]
struct State {
    is_stopped: bool,
    listed: Option<Callback>,
    /// The number of the thread that runs the callback, plus one.
    running: usize,
}

/// A scope with one operation at a time.
pub(super) struct Scope<R: Runtime, const FIXED: bool>(Monitor<R, State>);

pub(super) type Request<R, const FIXED: bool> = AsRegistration<R, Source<Scope<R, FIXED>>>;

impl<R: Runtime, const FIXED: bool> Scope<R, FIXED> {
    fn call(&self, callback: Callback) {
        callback.invoke();
        drop(callback);
        self.0.update(|scope| scope.running = 0);
    }
}

impl<R: Runtime, const FIXED: bool> Slot<R> for Scope<R, FIXED> {
    type Own = ();
    type Told = ();

    fn new() -> Self {
        Scope(Monitor::new(State::default()))
    }

    fn register(&self, callback: Callback) {
        let here = R::current_number() + 1;
        let late = self.0.with(|scope| {
            if scope.is_stopped {
                scope.running = here;
                return Some(callback);
            }
            scope.listed = Some(callback);
            None
        });
        if let Some(callback) = late {
            self.call(callback);
        }
    }

    fn deregister(&self, (): ()) {
        let here = R::current_number() + 1;
        let listed = self.0.with(|scope| scope.listed.take());
        if listed.is_none() && FIXED {
            self.0.wait(|scope| scope.running == 0 || scope.running == here, |_| ());
        }
    }

    fn cancel(&self) {
        let here = R::current_number() + 1;
        let taken = self.0.with(|scope| {
            scope.is_stopped = true;
            let taken = scope.listed.take();
            scope.running = if taken.is_some() { here } else { scope.running };
            taken
        });
        if let Some(callback) = taken {
            self.call(callback);
        }
    }
}
