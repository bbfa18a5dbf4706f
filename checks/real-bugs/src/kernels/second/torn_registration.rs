//! A registration is a reference and a number in two words; a reader takes one word of the old registration and one of the new.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "torn_registration",
    reference: "timcassell/ProtoPromise#96",
    language: Language::CSharp,
    class: Class::Ordering,
    seen: Seen::Excerpt,
    mechanism: "A registration is a reference and a number in two words; a reader takes one word of the old registration \
                and one of the new.",
    users: "Whoever unregistered by a torn value could take away the callback of somebody else.",
    fix: "The number is compared with that of the node which the reference names, and a value that does not fit is no \
          registration.",
    missed: "Not by the project's concurrent tests, of which it has many; the change calls the races potential.",
    rule: Rule::Ordered,
    needs: Needs::Orders,
};

struct Registration<R: Runtime> {
    node: R::AtomicU32,
    number: R::AtomicU32,
}

/// The numbers of the two nodes.
const NUMBERS: [u32; 2] = [10, 20];

impl<R: Runtime> Registration<R> {
    fn register_anew(&self) {
        self.node.swap(1, AcqRel);
        self.number.swap(NUMBERS[1], AcqRel);
    }

    fn unregister<const FIXED: bool>(&self) {
        let node = self.node.load(Acquire);
        let number = self.number.load(Acquire);
        let is_whole = NUMBERS[node as usize] == number;
        if FIXED && !is_whole {
            return;
        }
        Rule::Ordered.demand(is_whole, "a callback is unregistered by half of another registration");
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let registration = Registration::<R> { node: Atomic::new(0), number: Atomic::new(NUMBERS[0]) };
    let registration = Arc::new(registration);
    let writer = Arc::clone(&registration);
    two::<R>(move || writer.register_anew(), || registration.unregister::<FIXED>());
}
