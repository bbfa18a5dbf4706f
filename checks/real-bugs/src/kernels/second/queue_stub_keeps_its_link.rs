//! A queue's stub is put back behind a node before its own link is cleared, so the link that a producer sets in between is
//! lost.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "queue_stub_keeps_its_link",
    reference: "NVIDIA/stdexec#1812",
    language: Language::Cpp,
    class: Class::Lost,
    seen: Seen::Excerpt,
    mechanism: "A queue's stub is put back behind a node before its own link is cleared, so the link that a producer \
                sets in between is lost.",
    users: "Tasks of a timed scheduler were lost, or taken again and again.",
    fix: "The stub's link is cleared before the stub is put where producers see it.",
    missed: "Relacy found it; a plain test needs a pause in the middle of a push. The report tells what is lost and not \
             by which step, which is ours.",
    rule: Rule::NotLost,
    needs: Needs::Orders,
};

const STUB: u32 = 0;
const END: u32 = u32::MAX;

/// Nodes by number: the stub, a node that is being taken, and one that is pushed meanwhile.
struct Queue<R: Runtime> {
    back: R::AtomicU32,
    links: [R::AtomicU32; 3],
}

impl<R: Runtime> Queue<R> {
    fn link(&self, node: u32) -> &R::AtomicU32 {
        &self.links[node as usize]
    }

    fn push(&self, node: u32) {
        let before = self.back.swap(node, AcqRel);
        self.link(before).swap(node, AcqRel);
    }

    /// Takes the last node: the stub goes behind it.
    fn take_last<const FIXED: bool>(&self) {
        if FIXED {
            self.link(STUB).swap(END, AcqRel);
        }
        let before = self.back.swap(STUB, AcqRel);
        if !FIXED {
            self.link(STUB).swap(END, AcqRel);
        }
        self.link(before).swap(STUB, AcqRel);
    }

    fn reaches(&self, node: u32) -> bool {
        let mut at = 1;
        for _ in 0..3 {
            if at == node {
                return true;
            }
            if at == END {
                return false;
            }
            at = self.link(at).load(Acquire);
        }
        false
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let links = [Atomic::new(1), Atomic::new(END), Atomic::new(END)];
    let queue = Arc::new(Queue::<R> { back: Atomic::new(1), links });
    let producer = Arc::clone(&queue);
    two::<R>(move || producer.push(2), || queue.take_last::<FIXED>());
    Rule::NotLost.demand(queue.reaches(2), "a node was pushed and cannot be reached");
}
