//! A method returns and its frame ends before its cancel callback is taken off, and the event loop calls the callback in
//! between.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "callback_outlives_its_frame",
    reference: "bitcoin-core/libmultiprocess#342",
    language: Language::Cpp,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "A method returns and its frame ends before its cancel callback is taken off, and the event loop calls \
                the callback in between.",
    users: "Seen in review: a callback would use what it had captured from a frame that is gone.",
    fix: "The callback is taken off under the lock before the frame ends.",
    missed: "With a pause in the window, as a reviewer showed by a test; without one hardly.",
    rule: Rule::Lifetime,
    needs: Needs::Orders,
};

struct Request<R: Runtime> {
    lock: Lock<R>,
    has_callback: Plain<R, bool>,
    captures: Block<R>,
}

impl<R: Runtime> Request<R> {
    fn cancel(&self) {
        self.lock.hold(|| {
            if self.has_callback.get() {
                self.captures.touch();
            }
        });
    }

    fn return_from_method<const FIXED: bool>(&self) {
        if FIXED {
            self.lock.hold(|| self.has_callback.set(false));
        }
        self.captures.free();
        if !FIXED {
            self.lock.hold(|| self.has_callback.set(false));
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let captures = Block::new("what the callback captured");
    let request = Arc::new(Request::<R> { lock: Lock::new(), has_callback: Plain::new(true), captures });
    let event_loop = Arc::clone(&request);
    two::<R>(move || event_loop.cancel(), || request.return_from_method::<FIXED>());
}
