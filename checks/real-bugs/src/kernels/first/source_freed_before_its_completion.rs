//! A source that is dropped asks for a cancel and is freed before the ring has done with it.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "source_freed_before_its_completion",
    reference: "DataDog/glommio#104",
    language: Language::Rust,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "Dropping a source sends a cancel request to the ring and frees the source at once; the operation \
        may complete meanwhile, and its completion writes to the source.",
    users: "Memory is used after it was freed when one of two concurrent requests is given up.",
    fix: "The ring keeps what an operation needs until its completion.",
    missed: "No: it takes two requests of which one is fast and the other never ends, which the author could \
        not provoke in a test.",
    rule: Rule::Lifetime,
    needs: Needs::Races,
};

const CANCELLED: u8 = 1;
const COMPLETED: u8 = 2;

struct Source<R: Runtime> {
    state: R::AtomicU8,
    memory: Block<R>,
}

impl<R: Runtime> Source<R> {
    fn complete<const FIXED: bool>(&self) {
        if FIXED || self.state.load(Acquire) != CANCELLED {
            self.memory.write();
        }
        if self.state.swap(COMPLETED, AcqRel) == CANCELLED && FIXED {
            self.memory.free();
        }
    }

    fn drop_source<const FIXED: bool>(&self) {
        if self.state.swap(CANCELLED, AcqRel) == COMPLETED || !FIXED {
            self.memory.free();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let source = Arc::new(Source::<R> { state: Atomic::new(0), memory: Block::new("the source") });
    let ring = Arc::clone(&source);
    two::<R>(move || ring.complete::<FIXED>(), || source.drop_source::<FIXED>());
    source.memory.demand_freed();
}
