//! The threads of a kernel.

use cancelproof_runtime::{JoinHandle, Runtime};

/// Runs `first` in a thread of its own beside `second`, and returns when both have ended.
#[track_caller]
pub fn two<R: Runtime>(first: impl FnOnce() + Send + 'static, second: impl FnOnce()) {
    let thread = R::spawn(first);
    second();
    thread.join();
}

/// Runs `first` and `second` in threads of their own beside `third`, and returns when all have ended.
#[track_caller]
pub fn three<R: Runtime>(
    first: impl FnOnce() + Send + 'static,
    second: impl FnOnce() + Send + 'static,
    third: impl FnOnce(),
) {
    let threads = (R::spawn(first), R::spawn(second));
    third();
    threads.0.join();
    threads.1.join();
}
