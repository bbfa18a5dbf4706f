//! A cancel names an operation by its address; the operation ends, the next one begins at the same address, and the cancel hits
//! that.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "cancel_hits_the_next_one",
    reference: "mitchellh/libxev#233",
    language: Language::Zig,
    class: Class::Verdict,
    seen: Seen::Excerpt,
    mechanism: "A cancel names an operation by its address; the operation ends, the next one begins at the same address, \
                and the cancel hits that.",
    users: "The rest of a write was canceled where the write before it had been meant, and the answer could not tell \
            which.",
    fix: "What is canceled is named by the address and a number that each beginning changes.",
    missed: "A write that is done in part and begun again shows it every time, as the report does.",
    rule: Rule::Verdict,
    needs: Needs::Orders,
};

struct Completion<R: Runtime>(R::Mutex<(u32, u32)>);

impl<R: Runtime> Completion<R> {
    /// The first activation ends, and the second one begins in its place.
    fn begin_again(&self) {
        self.0.lock().0 = 2;
    }

    /// Means the first activation; the kernel takes the cancel up some time later.
    fn cancel_first<const FIXED: bool>(&self) {
        let mut completion = self.0.lock();
        let active = completion.0;
        if !FIXED || active == 1 {
            completion.1 = active;
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let completion = Arc::new(Completion::<R>(Mutex::new((1, 0))));
    let kernel = Arc::clone(&completion);
    two::<R>(move || kernel.cancel_first::<FIXED>(), || completion.begin_again());
    let (_, canceled) = *completion.0.lock();
    Rule::Verdict.demand(canceled != 2, "the first was to be canceled, and the second one was");
}
