//! Futures under the own engines.
//!
//! [`block_on`] runs one on the calling thread. An [`Executor`] runs several, on as many threads as call [`Executor::run`]. Both
//! poll a future when it has been woken, and at no other time: a wake that is lost leaves them waiting, and the deadlock says
//! that no wake came. The wakers are the standard library's, so any future takes them; to clone one, to wake by it
//! and to drop it are operations that the engines see.

mod atomic_waker;
mod executor;
mod waker;

use std::future::Future;
use std::panic::Location;
use std::pin::pin;

pub use std::task::*;

pub use atomic_waker::AtomicWaker;
pub use executor::{Aborted, Executor, JoinHandle};

/// Runs a future to its end on the calling thread, which waits until it is woken between two polls.
///
/// # Panics
///
/// Panics outside an execution.
#[track_caller]
pub fn block_on<F: Future>(future: F) -> F::Output {
    let at = Location::caller();
    let mut future = pin!(future);
    let signal = waker::Signal::of_this_thread();
    let waker = signal.waker();
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        signal.wait(at);
    }
}
