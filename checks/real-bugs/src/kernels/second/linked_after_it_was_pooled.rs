//! A source that is linked to two tokens is canceled by the first and goes back to the pool, while the second token's callback still
//! runs on it.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "linked_after_it_was_pooled",
    reference: "timcassell/ProtoPromise#234",
    language: Language::CSharp,
    class: Class::Lifetime,
    seen: Seen::Change,
    mechanism: "A source that is linked to two tokens is canceled by the first, takes its registration at the second back \
                without waiting for a callback that runs there, and goes back to the pool under that callback.",
    users: "Not told: the change has a title and no words.",
    fix: "Before it goes back to the pool the source takes its registrations back by the call that waits for their callbacks.",
    missed: "Not told; two tokens have to be canceled at once, and the change has no test.",
    rule: Rule::Lifetime,
    needs: Needs::Races,
};

#[derive(Default)]
struct Registration {
    is_taken_back: bool,
    is_running: bool,
}

struct Linked<R: Runtime> {
    at_second: Monitor<R, Registration>,
    source: Block<R>,
}

impl<R: Runtime> Linked<R> {
    /// The second token is canceled and calls the source back.
    fn cancel_second(&self) {
        let is_called = self.at_second.with(|registration| {
            registration.is_running = !registration.is_taken_back;
            registration.is_running
        });
        if is_called {
            self.source.touch();
            self.at_second.update(|registration| registration.is_running = false);
        }
    }

    /// The first token has canceled the source, which goes back to the pool.
    fn pool<const FIXED: bool>(&self) {
        self.at_second.with(|registration| registration.is_taken_back = true);
        if FIXED {
            self.at_second.wait(|registration| !registration.is_running, |_| ());
        }
        self.source.free();
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let at_second = Monitor::new(Registration::default());
    let linked = Arc::new(Linked::<R> { at_second, source: Block::new("the source") });
    let second = Arc::clone(&linked);
    two::<R>(move || second.cancel_second(), || linked.pool::<FIXED>());
}
