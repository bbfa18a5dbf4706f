//! Both ends of a channel say that they are gone by operations that do not release, and whoever is last frees it.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "farewells_do_not_release",
    reference: "faern/oneshot#69",
    language: Language::Rust,
    class: Class::Ordering,
    seen: Seen::Change,
    mechanism: "A sender says that it is gone by a relaxed operation and a receiver by one that only acquires, so what one end did \
                with the channel does not happen before the other one frees it.",
    users: "Undefined behaviour in safe code, told by Miri; what it did to programs is not known.",
    fix: "Both farewells acquire and release.",
    missed: "Yes, by Miri, under which the tests were run only then: the change adds tests that it refutes.",
    rule: Rule::Ordered,
    needs: Needs::Races,
};

const THERE: u32 = 0;
const GONE: u32 = 1;

struct Channel<R: Runtime> {
    state: R::AtomicU32,
    memory: Block<R>,
}

impl<R: Runtime> Channel<R> {
    fn drop_sender<const FIXED: bool>(&self) {
        self.memory.touch();
        if self.state.swap(GONE, if FIXED { AcqRel } else { Relaxed }) == GONE {
            self.memory.free();
        }
    }

    fn drop_receiver<const FIXED: bool>(&self) {
        self.memory.touch();
        if self.state.swap(GONE, if FIXED { AcqRel } else { Acquire }) == GONE {
            self.memory.free();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let channel = Arc::new(Channel::<R> { state: Atomic::new(THERE), memory: Block::new("the channel") });
    let sender = Arc::clone(&channel);
    two::<R>(move || sender.drop_sender::<FIXED>(), || channel.drop_receiver::<FIXED>());
    channel.memory.demand_freed();
}
