//! A polling thread takes a request off a cancel-safe queue and holds nothing that keeps the file open; the file is closed
//! under it.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "file_closed_under_a_dequeued_request",
    reference: "microsoft/Windows-driver-samples#489",
    language: Language::C,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "A polling thread takes a request off a cancel-safe queue and holds nothing that keeps the file open; the \
                file is closed under it.",
    users: "Not told; a reader of the sample asks whether the request's file is freed while it is worked on, and the \
            issue is open.",
    fix: "Whoever has taken a request off the queue holds the file's rundown protection until the request is complete.",
    missed: "By a process that ends at the wrong moment; a sample has no tests of that.",
    rule: Rule::Lifetime,
    needs: Needs::Races,
};

struct File<R: Runtime> {
    in_work: Monitor<R, u32>,
    is_queued: R::AtomicU32,
    context: Block<R>,
}

impl<R: Runtime> File<R> {
    fn poll<const FIXED: bool>(&self) {
        if FIXED {
            self.in_work.with(|in_work| *in_work += 1);
        }
        if self.is_queued.swap(0, AcqRel) == 1 {
            self.context.touch();
        }
        if FIXED {
            self.in_work.update(|in_work| *in_work -= 1);
        }
    }

    /// Waits for requests in work, cancels what is queued, and frees the file's context.
    fn clean_up<const FIXED: bool>(&self) {
        self.is_queued.swap(0, AcqRel);
        if FIXED {
            self.in_work.wait(|in_work| *in_work == 0, |_| ());
        }
        self.context.free();
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let context = Block::new("the file's context");
    let file = Arc::new(File::<R> { in_work: Monitor::new(0), is_queued: Atomic::new(1), context });
    let polling = Arc::clone(&file);
    two::<R>(move || polling.poll::<FIXED>(), || file.clean_up::<FIXED>());
}
