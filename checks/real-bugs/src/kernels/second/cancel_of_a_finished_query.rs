//! The watcher of a query's context cancels on a connection that the query has given back and another one has taken.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "cancel_of_a_finished_query",
    reference: "go-pg/pg#1161",
    language: Language::Go,
    class: Class::Verdict,
    seen: Seen::Whole,
    mechanism: "A watcher waits for the end of a query and of its context and may take the context's where both have come; it \
                sends a cancel on the connection, which is free by then and may have another query.",
    users: "Queries were canceled by the timeout of a query that had ended before them.",
    fix: "The end of the query and the cancel go through the same channel, so that only one of them happens.",
    missed: "Yes, by a test of many queries with contexts that end with them; one came with the change.",
    rule: Rule::Verdict,
    needs: Needs::Orders,
};

const RUNNING: u32 = 0;
const FINISHED: u32 = 1;
const CANCELING: u32 = 2;

struct Query<R: Runtime> {
    state: R::AtomicU32,
    /// Whose query the connection runs.
    connection: R::AtomicU32,
}

impl<R: Runtime> Query<R> {
    /// The context has ended. Returns whose query the cancel reaches.
    fn watch<const FIXED: bool>(&self) -> Option<u32> {
        let goes_on = if FIXED {
            self.state.compare_exchange(RUNNING, CANCELING, AcqRel, Acquire).is_ok()
        } else {
            self.state.load(Acquire) == RUNNING
        };
        goes_on.then(|| self.connection.load(Acquire))
    }

    /// The query ends, and the connection goes to the next one.
    fn finish<const FIXED: bool>(&self) {
        let is_free = if FIXED {
            self.state.compare_exchange(RUNNING, FINISHED, AcqRel, Acquire).is_ok()
        } else {
            self.state.swap(FINISHED, AcqRel);
            true
        };
        if is_free {
            self.connection.swap(2, AcqRel);
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let query = Arc::new(Query::<R> { state: Atomic::new(RUNNING), connection: Atomic::new(1) });
    let other = Arc::clone(&query);
    let mut canceled = None;
    two::<R>(move || other.finish::<FIXED>(), || canceled = query.watch::<FIXED>());
    Rule::Verdict.demand(canceled != Some(2), "a cancel reaches the query that came next");
}
