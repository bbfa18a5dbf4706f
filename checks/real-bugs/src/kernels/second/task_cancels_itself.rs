//! A task that ends a state cancels what was started for that state, which is itself, and never says that the state has ended.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "task_cancels_itself",
    reference: "fgmacedo/python-statemachine#627",
    language: Language::Python,
    class: Class::Blocked,
    seen: Seen::Excerpt,
    mechanism: "A task that ends a state cancels what was started for that state, which is itself, and never says that \
                the state has ended.",
    users: "The machine was stuck in a state whenever that state was left because its own task had ended.",
    fix: "Whoever cancels the tasks of a state leaves out the one that it runs in.",
    missed: "A test in which a state's own task ends it shows it, and was asked for; for threads there was a guard \
             already.",
    rule: Rule::NotBlocked,
    needs: Needs::Orders,
};

#[derive(Clone, Copy, Default)]
struct State {
    is_left: bool,
    is_canceled: bool,
    is_next_entered: bool,
}

struct Machine<R: Runtime>(Monitor<R, State>);

impl<R: Runtime> Machine<R> {
    /// Leaves the state, unless somebody has; returns whether this call did.
    fn leave(&self, cancels_the_task: bool) -> bool {
        self.0.update(|state| {
            let is_first = !std::mem::replace(&mut state.is_left, true);
            state.is_canceled |= is_first && cancels_the_task;
            is_first
        })
    }

    fn enter_next(&self) {
        self.0.update(|state| state.is_next_entered = true);
    }

    fn task<const FIXED: bool>(&self) {
        let is_first = self.leave(!FIXED);
        // The next await of the task ends it if it was canceled.
        let is_canceled = self.0.with(|state| state.is_canceled);
        if is_first && !is_canceled {
            self.enter_next();
        }
    }

    fn event(&self) {
        if self.leave(true) {
            self.enter_next();
        }
        self.0.wait(|state| state.is_next_entered, |_| ());
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let machine = Arc::new(Machine::<R>(Monitor::new(State::default())));
    let task = Arc::clone(&machine);
    two::<R>(move || task.task::<FIXED>(), || machine.event());
}
