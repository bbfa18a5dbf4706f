//! The last operation of a scope counts down to nought and takes the scope's lock then; whoever waits sees the nought and ends
//! the scope.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "scope_is_empty_too_early",
    reference: "NVIDIA/stdexec#1765",
    language: Language::Cpp,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "The last operation of a scope counts down to nought and takes the scope's lock then; whoever waits sees \
                the nought and ends the scope.",
    users: "A use after free in a scope's last completion; a thread sanitizer showed it under heavy work.",
    fix: "Operations that are about to notify are counted as well, and the scope is empty when both counts are nought.",
    missed: "Under a thread sanitizer with heavy work; it came in with an earlier change by the same author.",
    rule: Rule::Lifetime,
    needs: Needs::Races,
};

struct Scope<R: Runtime> {
    active: R::AtomicU32,
    notifiers: R::AtomicU32,
    memory: Block<R>,
}

impl<R: Runtime> Scope<R> {
    fn complete<const FIXED: bool>(&self) {
        if FIXED {
            self.notifiers.fetch_add(1, AcqRel);
        }
        if self.active.fetch_sub(1, AcqRel) == 1 {
            self.memory.touch();
        }
        if FIXED {
            self.notifiers.fetch_sub(1, AcqRel);
        }
    }

    /// One look: whoever finds the scope empty ends it.
    fn end_if_empty<const FIXED: bool>(&self) {
        let is_empty = self.active.load(Acquire) == 0;
        if is_empty && (!FIXED || self.notifiers.load(Acquire) == 0) {
            self.memory.free();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let (active, notifiers) = (Atomic::new(1), Atomic::new(0));
    let scope = Arc::new(Scope::<R> { active, notifiers, memory: Block::new("the scope") });
    let operation = Arc::clone(&scope);
    two::<R>(move || operation.complete::<FIXED>(), || scope.end_if_empty::<FIXED>());
}
