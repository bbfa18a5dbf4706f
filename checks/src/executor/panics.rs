//! Panics of tasks: caught, reported by the engine, and not printed.

use core::any::Any;
use std::panic;
use std::sync::Once;

use super::session::IN_TASK;

/// Installs, once for the process, a hook that keeps silent while a task runs on the panicking thread and hands
/// every other panic to the hook that was there before.
pub(super) fn install_hook() {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !IN_TASK.get() {
                previous(panic);
            }
        }));
    });
}

/// The message of a panic.
pub(super) fn message(payload: &(dyn Any + Send)) -> String {
    if let Some(message) = payload.downcast_ref::<&str>() {
        (*message).to_owned()
    } else if let Some(message) = payload.downcast_ref::<String>() {
        message.clone()
    } else {
        "a panic whose payload is no string".to_owned()
    }
}
