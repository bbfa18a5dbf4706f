//! A task's cancel looks for its future in a table, which the task enters only when it has begun, and finds nothing to cancel.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "canceled_before_it_was_known",
    reference: "ray-project/ray#52703",
    language: Language::Python,
    class: Class::Verdict,
    seen: Seen::Excerpt,
    mechanism: "A task's cancel looks for its future in a table, which the task enters only when it has begun, and finds \
                nothing to cancel.",
    users: "Requests whose clients had left were worked on to their end.",
    fix: "What is to be canceled is noted, and a task that enters the table finds the note.",
    missed: "Under load: the reporter counted the canceled requests that ran to their end.",
    rule: Rule::Verdict,
    needs: Needs::Orders,
};

#[derive(Default)]
struct Table {
    is_known: bool,
    is_noted: bool,
    is_canceled: bool,
}

struct Worker<R: Runtime>(R::Mutex<Table>);

impl<R: Runtime> Worker<R> {
    fn cancel<const FIXED: bool>(&self) {
        let mut table = self.0.lock();
        table.is_canceled = table.is_known;
        table.is_noted = FIXED;
    }

    fn begin(&self) {
        let mut table = self.0.lock();
        table.is_known = true;
        if table.is_noted {
            table.is_canceled = true;
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let worker = Arc::new(Worker::<R>(Mutex::new(Table::default())));
    let canceler = Arc::clone(&worker);
    two::<R>(move || canceler.cancel::<FIXED>(), || worker.begin());
    let is_canceled = worker.0.lock().is_canceled;
    Rule::Verdict.demand(is_canceled, "a task was canceled and runs to its end");
}
