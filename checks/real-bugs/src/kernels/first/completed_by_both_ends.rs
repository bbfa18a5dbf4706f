//! Two threads complete a pipe at once, and both give its blocks back.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "completed_by_both_ends",
    reference: "dotnet/corefxlab#1468",
    language: Language::CSharp,
    class: Class::Double,
    seen: Seen::Excerpt,
    mechanism: "Completing a pipe looks whether it is completed and marks it afterwards; two threads that \
        complete at once both give the blocks back to the pool.",
    users: "A block may be freed twice; an issue of a web server is put down to it.",
    fix: "Looking and marking are one step.",
    missed: "Likely, by two threads that complete at once; the report names no test.",
    rule: Rule::Lifetime,
    needs: Needs::Orders,
};

struct Pipe<R: Runtime> {
    is_completed: R::AtomicU8,
    blocks: Block<R>,
}

impl<R: Runtime> Pipe<R> {
    fn complete<const FIXED: bool>(&self) {
        if FIXED {
            if self.is_completed.swap(1, AcqRel) == 0 {
                self.blocks.free();
            }
        } else if self.is_completed.load(Acquire) == 0 {
            self.is_completed.swap(1, AcqRel);
            self.blocks.free();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let pipe = Arc::new(Pipe::<R> { is_completed: Atomic::new(0), blocks: Block::new("the pipe's blocks") });
    let other = Arc::clone(&pipe);
    two::<R>(move || other.complete::<FIXED>(), || pipe.complete::<FIXED>());
}
