//! A scope's request to stop has taken an operation's callback off its list and calls it, while that operation ends and is
//! freed.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "callback_into_ended_operation",
    reference: "NVIDIA/stdexec#1416",
    language: Language::Cpp,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "A scope's request to stop has taken an operation's callback off its list and calls it, while that \
                operation ends and is freed.",
    users: "A heap use after free in `async_scope::request_stop` in the project's tests under a sanitizer.",
    fix: "An operation that ends waits for its callback where that is running.",
    missed: "Yes, under a sanitizer, and so it was found.",
    rule: Rule::Lifetime,
    needs: Needs::Races,
};

#[derive(Clone, Copy, PartialEq)]
enum Callback {
    Registered,
    Running,
    Gone,
}

struct Scope<R: Runtime> {
    callback: Monitor<R, Callback>,
    operation: Block<R>,
}

impl<R: Runtime> Scope<R> {
    fn request_stop(&self) {
        let is_ours = self.callback.with(|callback| {
            let is_ours = *callback == Callback::Registered;
            if is_ours {
                *callback = Callback::Running;
            }
            is_ours
        });
        if is_ours {
            self.operation.touch();
            self.callback.update(|callback| *callback = Callback::Gone);
        }
    }

    fn end_operation<const FIXED: bool>(&self) {
        let gone = |callback: &mut Callback| *callback = Callback::Gone;
        if FIXED {
            self.callback.wait(|callback| *callback != Callback::Running, gone);
        } else {
            self.callback.with(gone);
        }
        self.operation.free();
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let callback = Monitor::new(Callback::Registered);
    let scope = Arc::new(Scope::<R> { callback, operation: Block::new("the operation") });
    let stopper = Arc::clone(&scope);
    two::<R>(move || stopper.request_stop(), || scope.end_operation::<FIXED>());
}
