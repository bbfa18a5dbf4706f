//! A slot is given away at the first of two completions, and the second reaches whoever has it next.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "late_completion_wakes_another",
    reference: "tokio-rs/tokio#8112",
    language: Language::Rust,
    class: Class::Verdict,
    seen: Seen::Excerpt,
    mechanism: "The driver removes an operation's slot at the first completion that it sees, although the kernel \
        may post more for the same key; the slot is used again and the late completion is taken for the \
        new operation's.",
    users: "Nobody yet: by the discussion no operation in use completes twice. Another operation would be \
        told a result that is not its own.",
    fix: "A slot stays until the completion that says that no more will come.",
    missed: "Not by its tests: none of the operations in use so far completes more than once.",
    rule: Rule::Verdict,
    needs: Needs::Orders,
};

const NOBODY: u8 = 0;
const FIRST: u8 = 1;
const SECOND: u8 = 2;

fn complete<R: Runtime, const FIXED: bool>(slot: &R::Mutex<u8>, is_last: bool) {
    let mut owner = slot.lock();
    Rule::Verdict.demand(*owner != SECOND, "a completion of the first operation is told to the second");
    if is_last || !FIXED {
        *owner = NOBODY;
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let slot = Arc::new(R::Mutex::new(FIRST));
    let driver = Arc::clone(&slot);
    let deliver = move || {
        complete::<R, FIXED>(&driver, false);
        complete::<R, FIXED>(&driver, true);
    };
    two::<R>(deliver, || {
        let mut owner = slot.lock();
        if *owner == NOBODY {
            *owner = SECOND;
        }
    });
}
