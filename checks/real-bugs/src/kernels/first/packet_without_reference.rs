//! An operation that was submitted counts as failed, so its completion gives back a reference that nobody took.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "packet_without_reference",
    reference: "tokio-rs/mio#2004",
    language: Language::Rust,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "An overlapped read that is pending will post a packet whatever becomes of it; when a look at its \
        result already shows failure the pipe takes it for one that was never submitted and keeps no \
        reference for the packet, which gives one back all the same.",
    users: "The heap is corrupted by a second free, or the process ends at code that was thought \
        unreachable.",
    fix: "Only an operation that was not submitted is counted as such; every other one has its reference.",
    missed: "Hardly: by the report the window is tiny on a real machine.",
    rule: Rule::Lifetime,
    needs: Needs::Orders,
};

struct Pipe<R: Runtime> {
    references: R::AtomicU8,
    memory: Block<R>,
}

impl<R: Runtime> Pipe<R> {
    fn give_up(&self) {
        self.memory.touch();
        if self.references.fetch_sub(1, AcqRel) == 1 {
            self.memory.free();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let pipe = Arc::new(Pipe::<R> { references: Atomic::new(1), memory: Block::new("the pipe") });
    if FIXED {
        pipe.references.fetch_add(1, AcqRel);
    }
    let packet = Arc::clone(&pipe);
    two::<R>(move || packet.give_up(), || pipe.give_up());
    pipe.memory.demand_freed();
}
