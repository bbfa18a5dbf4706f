//! An operation is canceled before the driver has submitted it; the cancel finds nothing to cancel, and it is submitted then.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "canceled_before_it_was_polled",
    reference: "compio-rs/compio#52",
    language: Language::Rust,
    class: Class::Verdict,
    seen: Seen::Excerpt,
    mechanism: "A cancel looks an operation up among those that are submitted and forgets it if it is not there; the next poll \
                submits the operation all the same.",
    users: "Not told: the change says that a cancel before the poll is to be allowed.",
    fix: "A cancel is noted, and an operation that is noted as canceled is not submitted.",
    missed: "By a test that cancels before it polls, which the change adds.",
    rule: Rule::Verdict,
    needs: Needs::Orders,
};

#[derive(Default)]
struct State {
    is_submitted: bool,
    is_noted: bool,
    is_canceled: bool,
}

struct Driver<R: Runtime>(R::Mutex<State>);

impl<R: Runtime> Driver<R> {
    fn cancel<const FIXED: bool>(&self) {
        let mut state = self.0.lock();
        state.is_canceled = state.is_submitted;
        state.is_noted = FIXED;
    }

    fn poll(&self) {
        let mut state = self.0.lock();
        if std::mem::take(&mut state.is_noted) {
            state.is_canceled = true;
        } else {
            state.is_submitted = true;
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let driver = Arc::new(Driver::<R>(Mutex::new(State::default())));
    let canceler = Arc::clone(&driver);
    two::<R>(move || canceler.cancel::<FIXED>(), || driver.poll());
    let is_canceled = driver.0.lock().is_canceled;
    Rule::Verdict.demand(is_canceled, "an operation was canceled and goes on");
}
