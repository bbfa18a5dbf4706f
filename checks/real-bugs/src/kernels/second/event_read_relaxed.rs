//! A result is written and announced by an operation that releases; whoever reads the announcement does so by a relaxed load.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "event_read_relaxed",
    reference: "tikv/tikv#19958",
    language: Language::Rust,
    class: Class::Ordering,
    seen: Seen::Excerpt,
    mechanism: "A result is written and announced by an operation that releases; whoever reads the announcement does so \
                by a relaxed load.",
    users: "Undefined behaviour in the channel by which a database answers; no harm was seen on the machines of the \
            reporter.",
    fix: "The announcement is read by a load that acquires.",
    missed: "Miri shows it; the code had a comment that doubted the order, and tests on x86 cannot fail.",
    rule: Rule::Ordered,
    needs: Needs::Races,
};

const PAYLOAD: u32 = 1;

struct Core<R: Runtime> {
    event: R::AtomicU32,
    result: Plain<R, u32>,
}

impl<R: Runtime> Core<R> {
    fn set_result(&self) {
        self.result.set(7);
        self.event.fetch_or(PAYLOAD, AcqRel);
    }

    fn take_result<const FIXED: bool>(&self) {
        let event = self.event.load(if FIXED { Acquire } else { Relaxed });
        if event & PAYLOAD != 0 {
            let result = self.result.replace(0);
            Rule::Ordered.demand(result == 7, "a result was announced that has not arrived");
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let core = Arc::new(Core::<R> { event: Atomic::new(0), result: Plain::new(0) });
    let setter = Arc::clone(&core);
    two::<R>(move || setter.set_result(), || core.take_result::<FIXED>());
}
