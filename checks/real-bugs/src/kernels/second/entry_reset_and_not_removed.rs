//! A request's cancel routine has begun; whoever completes the request resets its list entry, and the routine unlinks that
//! instead.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "entry_reset_and_not_removed",
    reference: "dokan-dev/dokany#1188",
    language: Language::C,
    class: Class::Lost,
    seen: Seen::Excerpt,
    mechanism: "A request's cancel routine has begun; whoever completes the request resets its list entry, and the \
                routine unlinks that instead.",
    users: "A file system driver could crash the machine, since its list still named a request that was gone.",
    fix: "Whoever sees that the routine has begun takes the entry off the list first.",
    missed: "Not told; the reporter read the code.",
    rule: Rule::NotLost,
    needs: Needs::Orders,
};

struct Entry {
    is_in_list: bool,
    is_reset: bool,
}

struct Driver<R: Runtime> {
    cancel_routine: R::AtomicU32,
    entry: R::Mutex<Entry>,
}

impl<R: Runtime> Driver<R> {
    /// The entry points to its neighbours, or to itself after a reset; only in the first case does this touch the list.
    fn unlink(entry: &mut Entry) {
        entry.is_in_list &= entry.is_reset;
    }

    fn cancel(&self) {
        if self.cancel_routine.swap(0, AcqRel) == 1 {
            Self::unlink(&mut self.entry.lock());
        }
    }

    fn complete<const FIXED: bool>(&self) {
        let mut entry = self.entry.lock();
        let is_canceling = self.cancel_routine.swap(0, AcqRel) == 0;
        if FIXED || !is_canceling {
            Self::unlink(&mut entry);
        }
        entry.is_reset = true;
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let entry = Mutex::new(Entry { is_in_list: true, is_reset: false });
    let driver = Arc::new(Driver::<R> { cancel_routine: Atomic::new(1), entry });
    let canceler = Arc::clone(&driver);
    two::<R>(move || canceler.cancel(), || driver.complete::<FIXED>());
    let is_in_list = driver.entry.lock().is_in_list;
    Rule::NotLost.demand(!is_in_list, "the list names a request that is gone");
}
