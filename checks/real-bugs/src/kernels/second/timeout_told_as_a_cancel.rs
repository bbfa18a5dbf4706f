//! A timeout cancels a transfer and marks it as timed out afterwards; its completion comes in between.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "timeout_told_as_a_cancel",
    reference: "libusb/libusb#197",
    language: Language::C,
    class: Class::Verdict,
    seen: Seen::Whole,
    mechanism: "The handler of a timeout cancels the transfer and sets the flag that it has timed out afterwards; another thread \
                handles the completion in between and tells that it was canceled.",
    users: "Applications were now and then told that a transfer was canceled which nobody had canceled.",
    fix: "The handler holds the transfer's lock around both, and so does the completion.",
    missed: "Only with two threads that handle events; the report has a log in which one thread comes between the two lines.",
    rule: Rule::Verdict,
    needs: Needs::Orders,
};

struct Transfer<R: Runtime> {
    lock: Lock<R>,
    is_canceled: R::AtomicU32,
    has_timed_out: R::AtomicU32,
}

impl<R: Runtime> Transfer<R> {
    fn time_out<const FIXED: bool>(&self) {
        let cancel_and_mark = || {
            self.is_canceled.swap(1, AcqRel);
            self.has_timed_out.swap(1, AcqRel);
        };
        if FIXED { self.lock.hold(cancel_and_mark) } else { cancel_and_mark() }
    }

    /// Returns whether the transfer is canceled, and whether it is told that it has timed out.
    fn complete(&self) -> (bool, bool) {
        self.lock.hold(|| (self.is_canceled.load(Acquire) == 1, self.has_timed_out.load(Acquire) == 1))
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let [is_canceled, has_timed_out] = [Atomic::new(0), Atomic::new(0)];
    let transfer = Arc::new(Transfer::<R> { lock: Lock::new(), is_canceled, has_timed_out });
    let handler = Arc::clone(&transfer);
    two::<R>(
        move || handler.time_out::<FIXED>(),
        || {
            let (is_canceled, has_timed_out) = transfer.complete();
            Rule::Verdict.demand(!is_canceled || has_timed_out, "a timeout is told as a cancel");
        },
    );
}
