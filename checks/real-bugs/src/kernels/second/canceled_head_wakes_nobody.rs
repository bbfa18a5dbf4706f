//! The head of a fair queue wants more permits than there are and is canceled; nobody wakes the next one, for whom there are
//! enough.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "canceled_head_wakes_nobody",
    reference: "embassy-rs/embassy#6964",
    language: Language::Rust,
    class: Class::Blocked,
    seen: Seen::Excerpt,
    mechanism: "The head of a fair queue wants more permits than there are and is canceled; nobody wakes the next one, \
                for whom there are enough.",
    users: "Tasks behind a canceled one waited until somebody happened to release a permit.",
    fix: "A cancel that leaves the head of the queue empty wakes the next waiter.",
    missed: "By a test that cancels the head; the same gap on another path had been mended two years before.",
    rule: Rule::NotBlocked,
    needs: Needs::Orders,
};

struct Queue {
    permits: u32,
    head_wants: Option<u32>,
    is_next_woken: bool,
}

struct Semaphore<R: Runtime>(Monitor<R, Queue>);

impl<R: Runtime> Semaphore<R> {
    fn cancel_head<const FIXED: bool>(&self) {
        self.0.update(|queue| {
            queue.head_wants = None;
            queue.is_next_woken |= FIXED;
        });
    }

    fn acquire_one(&self) {
        let has_acquired = self.0.with(|queue| {
            let is_at_head = queue.head_wants.is_none();
            queue.permits -= u32::from(is_at_head);
            is_at_head
        });
        if !has_acquired {
            self.0.wait(|queue| queue.is_next_woken, |queue| queue.permits -= 1);
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let queue = Queue { permits: 1, head_wants: Some(2), is_next_woken: false };
    let semaphore = Arc::new(Semaphore::<R>(Monitor::new(queue)));
    let canceler = Arc::clone(&semaphore);
    two::<R>(move || canceler.cancel_head::<FIXED>(), || semaphore.acquire_one());
}
