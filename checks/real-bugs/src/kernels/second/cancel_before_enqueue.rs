//! A waiter registers its cancel first and joins the queue then; a cancel in between looks for it in the queue and finds
//! nothing.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "cancel_before_enqueue",
    reference: "microsoft/vs-threading#186",
    language: Language::CSharp,
    class: Class::Verdict,
    seen: Seen::Excerpt,
    mechanism: "A waiter registers its cancel first and joins the queue then; a cancel in between looks for it in the \
                queue and finds nothing.",
    users: "`WaitAsync` of a canceled token never completed.",
    fix: "After it has joined the queue the waiter looks at the token once more.",
    missed: "Hardly: the window is between two lines, and a colleague discovered it.",
    rule: Rule::Verdict,
    needs: Needs::Orders,
};

#[derive(Default)]
struct Queue {
    has_waiter: bool,
    is_canceled: bool,
}

struct Event<R: Runtime> {
    token: R::AtomicU32,
    queue: R::Mutex<Queue>,
}

impl<R: Runtime> Event<R> {
    /// Takes the waiter out of the queue, if it is there.
    fn callback(&self) {
        let mut queue = self.queue.lock();
        if std::mem::take(&mut queue.has_waiter) {
            queue.is_canceled = true;
        }
    }

    fn cancel(&self) {
        self.token.fetch_or(1, AcqRel);
        self.callback();
    }

    fn wait<const FIXED: bool>(&self) {
        self.queue.lock().has_waiter = true;
        if FIXED && self.token.load(Acquire) == 1 {
            self.callback();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let event = Arc::new(Event::<R> { token: Atomic::new(0), queue: Mutex::new(Queue::default()) });
    let canceler = Arc::clone(&event);
    two::<R>(move || canceler.cancel(), || event.wait::<FIXED>());
    let is_canceled = event.queue.lock().is_canceled;
    Rule::Verdict.demand(is_canceled, "the token is canceled, and the waiter is still in the queue");
}
