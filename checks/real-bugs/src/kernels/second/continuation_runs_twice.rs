//! Whoever completes a wait reads the continuation and runs it; a cancel and the system's completion both read the same one.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "continuation_runs_twice",
    reference: "sshnet/SSH.NET#913",
    language: Language::CSharp,
    class: Class::Double,
    seen: Seen::Excerpt,
    mechanism: "Whoever completes a wait reads the continuation and runs it; a cancel and the system's completion both \
                read the same one.",
    users: "Programs crashed when a connection attempt was canceled as it completed.",
    fix: "The continuation is exchanged for a mark, so that one of them gets it.",
    missed: "Only where a cancel and a completion meet; the report is an analysis of crashes.",
    rule: Rule::ExactlyOnce,
    needs: Needs::Orders,
};

const CONTINUATION: u32 = 1;
const SENTINEL: u32 = 2;

struct Wait<R: Runtime> {
    continuation: R::AtomicU32,
    runs: Once<R>,
}

impl<R: Runtime> Wait<R> {
    fn complete<const FIXED: bool>(&self) {
        let continuation = if FIXED {
            self.continuation.swap(SENTINEL, AcqRel)
        } else {
            self.continuation.load(Acquire)
        };
        if continuation == CONTINUATION {
            self.runs.happen();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let runs = Once::new("the continuation ran");
    let wait = Arc::new(Wait::<R> { continuation: Atomic::new(CONTINUATION), runs });
    let canceler = Arc::clone(&wait);
    two::<R>(move || canceler.complete::<FIXED>(), || wait.complete::<FIXED>());
    wait.runs.demand_happened();
}
