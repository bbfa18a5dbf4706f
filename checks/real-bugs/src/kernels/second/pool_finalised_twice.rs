//! Two connections look whether the pool of buffers has its page size, both see that it has not, and both finalise it.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "pool_finalised_twice",
    reference: "tursodatabase/turso#4518",
    language: Language::Rust,
    class: Class::Double,
    seen: Seen::Excerpt,
    mechanism: "Two connections look whether the pool of buffers has its page size, both see that it has not, and both \
                finalise it.",
    users: "A panic when the pool was dropped, with two connections that began at the same time.",
    fix: "The look and the finalising are one critical section.",
    missed: "Yes, under shuttle: it was found as soon as the project had tests for it.",
    rule: Rule::ExactlyOnce,
    needs: Needs::Orders,
};

struct Pool<R: Runtime> {
    is_ready: R::Mutex<bool>,
    finalised: Once<R>,
}

impl<R: Runtime> Pool<R> {
    fn open<const FIXED: bool>(&self) {
        if FIXED {
            let mut is_ready = self.is_ready.lock();
            if !*is_ready {
                self.finalised.happen();
                *is_ready = true;
            }
        } else {
            let is_ready = *self.is_ready.lock();
            if !is_ready {
                self.finalised.happen();
                *self.is_ready.lock() = true;
            }
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let pool = Arc::new(Pool::<R> { is_ready: Mutex::new(false), finalised: Once::new("the pool was finalised") });
    let other = Arc::clone(&pool);
    two::<R>(move || other.open::<FIXED>(), || pool.open::<FIXED>());
    pool.finalised.demand_happened();
}
