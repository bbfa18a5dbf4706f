//! A token says that it is canceled before its reason is stored, and a token without a reason passes for one that is not
//! canceled.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "canceled_without_a_reason",
    reference: "talex-touch/tuff#1535",
    language: Language::Rust,
    class: Class::Verdict,
    seen: Seen::Excerpt,
    mechanism: "A token says that it is canceled before its reason is stored, and a token without a reason passes for \
                one that is not canceled.",
    users: "A waiter that asked for the reason at that moment took the token for live, and waited on.",
    fix: "One word holds both: it is the reason, and any reason means canceled.",
    missed: "By a test of the pair of words, which came with the fix and fails without it.",
    rule: Rule::Verdict,
    needs: Needs::Orders,
};

const NO_REASON: u32 = 0;
const USER: u32 = 1;

struct Token<R: Runtime> {
    is_canceled: R::AtomicU32,
    reason: R::AtomicU32,
}

impl<R: Runtime> Token<R> {
    fn cancel<const FIXED: bool>(&self) {
        if FIXED {
            let _lost = self.reason.compare_exchange(NO_REASON, USER, AcqRel, Acquire);
        } else if self.is_canceled.swap(1, AcqRel) == 0 {
            self.reason.store(USER, Release);
        }
    }

    fn is_canceled<const FIXED: bool>(&self) -> bool {
        if FIXED { self.reason.load(Acquire) != NO_REASON } else { self.is_canceled.load(Acquire) == 1 }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let token = Arc::new(Token::<R> { is_canceled: Atomic::new(0), reason: Atomic::new(NO_REASON) });
    let canceler = Arc::clone(&token);
    two::<R>(
        move || canceler.cancel::<FIXED>(),
        || {
            if token.is_canceled::<FIXED>() {
                let has_reason = token.reason.load(Acquire) != NO_REASON;
                Rule::Verdict.demand(has_reason, "the token is canceled and has no reason");
            }
        },
    );
}
