//! A query is canceled that has finished; the cancel has no effect, its context is taken away, and its result is worked on.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "finished_task_cannot_be_canceled",
    reference: "StarryReverie/selector4nix#25",
    language: Language::Rust,
    class: Class::Verdict,
    seen: Seen::Excerpt,
    mechanism: "A query is canceled that has finished; the cancel has no effect, its context is taken away, and its \
                result is worked on.",
    users: "A panic when the result of a query came whose context was gone.",
    fix: "A result without a context is that of a canceled query, and is thrown away.",
    missed: "Only where a query finishes as another one prunes it; the code took a cancel for what always works.",
    rule: Rule::Verdict,
    needs: Needs::Orders,
};

#[derive(Default)]
struct Queries {
    is_finished: bool,
    is_canceled: bool,
    is_context_gone: bool,
}

struct Set<R: Runtime>(R::Mutex<Queries>);

impl<R: Runtime> Set<R> {
    fn finish(&self) {
        let mut queries = self.0.lock();
        queries.is_finished = !queries.is_canceled;
    }

    fn prune(&self) {
        let mut queries = self.0.lock();
        queries.is_context_gone = true;
        queries.is_canceled = !queries.is_finished;
    }

    fn collect<const FIXED: bool>(&self) {
        let (has_result, has_context) = {
            let queries = self.0.lock();
            (queries.is_finished, !queries.is_context_gone)
        };
        let is_thrown_away = FIXED && !has_context;
        if has_result && !is_thrown_away {
            Rule::Verdict.demand(has_context, "a canceled query's result is taken for one that somebody wants");
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let set = Arc::new(Set::<R>(Mutex::new(Queries::default())));
    let query = Arc::clone(&set);
    two::<R>(move || query.finish(), || set.prune());
    set.collect::<FIXED>();
}
