//! An `async` operation that is canceled by dropping its future, as all futures are.
//!
//! [`Operation`] is the driver's side and [`Pending`] the future. Whoever drops the future before it is ready abandons the
//! operation: the driver's handler, if there is one, is called by the drop, and a completion that comes later is answered
//! "too late".

pub mod broken;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use cancelproof_model::runtime::{Mutex, Runtime};

/// What the driver leaves for the drop to call.
pub type Handler = Box<dyn FnOnce() + Send>;

/// The driver's side.
pub struct Operation<R: Runtime>(Arc<Shared<R>>);

/// The future of an operation: ready when the driver has completed it.
pub struct Pending<R: Runtime>(Arc<Shared<R>>);

struct Shared<R: Runtime>(R::Mutex<State>);

struct State {
    outcome: Outcome,
    handler: Option<Handler>,
    waker: Option<Waker>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Pending,
    Completed,
    Abandoned,
}

/// What became of installing a handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Installed {
    /// A drop calls it.
    Installed,
    /// The future was dropped before: it has been called.
    Called,
    /// The operation is complete: it is dropped.
    TooLate,
}

/// An operation and its future.
pub fn operation<R: Runtime>() -> (Operation<R>, Pending<R>) {
    let state = State { outcome: Outcome::Pending, handler: None, waker: None };
    let shared = Arc::new(Shared(R::Mutex::new(state)));
    (Operation(Arc::clone(&shared)), Pending(shared))
}

impl<R: Runtime> Operation<R> {
    /// Has `handler` called when the future is dropped, at once if it has been.
    pub fn install(&self, handler: impl FnOnce() + Send + 'static) -> Installed {
        let mut state = self.0.0.lock();
        match state.outcome {
            Outcome::Pending => {
                state.handler = Some(Box::new(handler));
                Installed::Installed
            }
            Outcome::Completed => Installed::TooLate,
            Outcome::Abandoned => {
                drop(state);
                handler();
                Installed::Called
            }
        }
    }

    /// Takes the handler back; whether it will not be called.
    pub fn uninstall(&self) -> bool {
        let handler = self.0.0.lock().handler.take();
        handler.is_some()
    }

    /// Makes the future ready, and drops the handler; whether that came before a drop of the future.
    pub fn complete(&self) -> bool {
        let mut state = self.0.0.lock();
        if state.outcome != Outcome::Pending {
            return false;
        }
        state.outcome = Outcome::Completed;
        let (handler, waker) = (state.handler.take(), state.waker.take());
        drop(state);
        drop(handler);
        if let Some(waker) = waker {
            waker.wake();
        }
        true
    }

    /// Whether the future was dropped before it was ready.
    pub fn is_abandoned(&self) -> bool {
        self.0.0.lock().outcome == Outcome::Abandoned
    }
}

impl<R: Runtime> Future for Pending<R> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.0.0.lock();
        if state.outcome == Outcome::Completed {
            return Poll::Ready(());
        }
        state.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

impl<R: Runtime> Drop for Pending<R> {
    fn drop(&mut self) {
        let mut state = self.0.0.lock();
        if state.outcome == Outcome::Pending {
            state.outcome = Outcome::Abandoned;
        }
        let handler = state.handler.take();
        drop(state);
        if let Some(handler) = handler {
            handler();
        }
    }
}
