//! An event names a pipe by a pointer, and is delivered after the pipe was deregistered and freed.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "event_for_a_pipe_that_is_gone",
    reference: "tokio-rs/tokio#6369",
    language: Language::Rust,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "The driver delivers an event with the token under which a pipe was registered, although the pipe \
        has been deregistered since; tokens are pointers, and the memory is gone.",
    users: "Invalid memory is read on machines with named pipes; an advisory followed.",
    fix: "An event of what is no longer registered is dropped.",
    missed: "Yes, by a verifier of heap accesses, as the reporter's was; ordinary tests did not notice the \
        read.",
    rule: Rule::Lifetime,
    needs: Needs::Races,
};

struct Driver<R: Runtime> {
    is_registered: R::Mutex<bool>,
    pipe: Block<R>,
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let driver = Arc::new(Driver::<R> { is_registered: Mutex::new(true), pipe: Block::new("the pipe") });
    let port = Arc::clone(&driver);
    let deliver = move || {
        let is_registered = port.is_registered.lock();
        if !FIXED || *is_registered {
            port.pipe.touch();
        }
    };
    two::<R>(deliver, || {
        *driver.is_registered.lock() = false;
        driver.pipe.free();
    });
}
