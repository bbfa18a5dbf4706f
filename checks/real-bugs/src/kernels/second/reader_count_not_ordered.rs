//! A reader counts itself and loads a pointer, a writer swaps the pointer and looks at the count; neither pair is ordered.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "reader_count_not_ordered",
    reference: "micahrj/basedrop#10",
    language: Language::Rust,
    class: Class::Ordering,
    seen: Seen::Excerpt,
    mechanism: "A reader counts itself and loads a pointer, a writer swaps the pointer and looks at the count; neither \
                pair is ordered.",
    users: "A use after free in safe code of an audio thread is possible on machines with weak memory.",
    fix: "A fence that is sequentially consistent stands between the two steps of each, and the reader's leaving \
          releases.",
    missed: "Loom shows it, as the report tells at length; no test of the project runs under it, and x86 hides one of \
             its two paths.",
    rule: Rule::Lifetime,
    needs: Needs::Races,
};

struct Shared<R: Runtime> {
    readers: R::AtomicU32,
    current: R::AtomicU32,
    nodes: [Block<R>; 2],
}

impl<R: Runtime> Shared<R> {
    fn get<const FIXED: bool>(&self) {
        self.readers.fetch_add(1, Relaxed);
        if FIXED {
            R::fence(SeqCst);
        }
        let node = self.current.load(Acquire);
        self.nodes[node as usize].touch();
        self.readers.fetch_sub(1, if FIXED { Release } else { Relaxed });
    }

    /// Frees the old node if nobody reads it; a writer that sees readers waits, which is not part of this.
    fn replace<const FIXED: bool>(&self) {
        let old = self.current.swap(1, AcqRel);
        if FIXED {
            R::fence(SeqCst);
        }
        if self.readers.load(Relaxed) == 0 {
            R::fence(Acquire);
            self.nodes[old as usize].free();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let nodes = [Block::new("the old node"), Block::new("the new node")];
    let shared = Arc::new(Shared::<R> { readers: Atomic::new(0), current: Atomic::new(0), nodes });
    let reader = Arc::clone(&shared);
    two::<R>(move || reader.get::<FIXED>(), || shared.replace::<FIXED>());
}
