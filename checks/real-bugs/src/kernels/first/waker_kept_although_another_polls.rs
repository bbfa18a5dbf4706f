//! A token keeps the waker of the task that polled first, since the test whether to replace it is the wrong way round.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "waker_kept_although_another_polls",
    reference: "tokio-rs/tokio#4497",
    language: Language::Rust,
    class: Class::Lost,
    seen: Seen::Excerpt,
    mechanism: "A token that is polled by another task replaces its waker only if the new one is the same as the \
        old one: a negation is missing.",
    users: "A wait for cancellation that moved to another task is never woken.",
    fix: "The waker is replaced if it is another one.",
    missed: "Likely, by polling one wait with two wakers; the change is one character and names no test.",
    rule: Rule::NotLost,
    needs: Needs::Orders,
};

struct Token {
    is_cancelled: bool,
    waker: u8,
    woken: u8,
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    const FIRST: u8 = 1;
    const SECOND: u8 = 2;
    let token = Arc::new(R::Mutex::new(Token { is_cancelled: false, waker: FIRST, woken: 0 }));
    let canceler = Arc::clone(&token);
    let cancel = move || {
        let mut token = canceler.lock();
        token.is_cancelled = true;
        token.woken = token.waker;
    };
    let mut is_pending = false;
    two::<R>(cancel, || {
        let mut token = token.lock();
        is_pending = !token.is_cancelled;
        if is_pending && (token.waker == SECOND) != FIXED {
            token.waker = SECOND;
        }
    });
    let woken = token.lock().woken;
    Rule::NotLost.demand(!is_pending || woken == SECOND, "the task that waits was not woken");
}
