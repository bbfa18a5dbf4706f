//! A writer stores a value, a reader takes it and marks it as seen, and then the writer marks it as unseen.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "change_seen_twice",
    reference: "rtic-rs/rtic#1208",
    language: Language::Rust,
    class: Class::Double,
    seen: Seen::Excerpt,
    mechanism: "A writer stores a value, a reader takes it and marks it as seen, and then the writer marks it as unseen.",
    users: "Whoever awaited the next change was told of the same one again.",
    fix: "The value and its mark are written in one critical section.",
    missed: "A test that preempts the writer between its two steps shows it, and came with the fix; none had done so.",
    rule: Rule::ExactlyOnce,
    needs: Needs::Orders,
};

struct Watch<R: Runtime> {
    value: R::Mutex<u32>,
    is_seen: R::Mutex<bool>,
    told: Tally,
}

impl<R: Runtime> Watch<R> {
    fn write<const FIXED: bool>(&self) {
        if FIXED {
            let mut value = self.value.lock();
            *value = 1;
            *self.is_seen.lock() = false;
        } else {
            *self.value.lock() = 1;
            *self.is_seen.lock() = false;
        }
    }

    /// Takes the value, marks it as seen, and is told of a change if it is another one than `last`.
    fn get(&self) {
        let value = self.value.lock();
        *self.is_seen.lock() = true;
        if *value == 1 {
            self.told.count();
        }
    }

    fn changed(&self) {
        let is_seen = *self.is_seen.lock();
        if !is_seen {
            self.get();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let watch = Arc::new(Watch::<R> { value: Mutex::new(0), is_seen: Mutex::new(true), told: Tally::new() });
    let writer = Arc::clone(&watch);
    two::<R>(
        move || writer.write::<FIXED>(),
        || {
            watch.get();
            watch.changed();
        },
    );
    watch.changed();
    Rule::ExactlyOnce.demand(watch.told.get() == 1, "the one change was told of twice");
}
