//! A scheduler that counts executions, keeps the budget, and writes down what another one decides.
//!
//! shuttle's own record of a failing schedule belongs to the first run of the process and is not reliable after it.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Instant;

use shuttle::scheduler::{Schedule, Scheduler, Task, TaskId};

use super::again::FirstRun;
use super::fair::LeftOut;
use super::onward::{self, Choices};
use super::{Bounds, CUT_MAX, Options, STEPS_MAX};
use crate::engine::resuming::{Position, Resuming};
use crate::exploration::Bound;
use crate::platform::reduction;

/// What the scheduler has seen.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) started: u64,
    pub(super) decisions: Vec<u32>,
    pub(super) longest: usize,
    pub(super) spent: Option<Bound>,
    /// The tasks that have had a turn in the execution at hand.
    pub(super) begun: Vec<usize>,
    pub(super) bounds: Bounds,
    /// How many there were in the execution at hand.
    pub(super) preemptions: u32,
    /// Whether a schedule was left out because it has more.
    pub(super) was_cut: bool,
    /// The first execution.
    pub(super) first: FirstRun,
    /// The search has come to other choices after the same decisions, and cannot go on.
    pub(super) is_lost: bool,
    /// Executions that were cut.
    pub(super) cut: u64,
    /// Whether schedules were left out because a thread had to wait for others.
    pub(super) is_unfair: bool,
}

impl State {
    fn begin(&mut self, task: usize) {
        if !self.begun.contains(&task) {
            self.begun.push(task);
        }
    }

    /// The tasks among which there is a choice, as far as the harness has said which of them show nothing new
    /// ([`reduction`]).
    fn offered<'a>(&mut self, tasks: &[&'a Task], running: Option<usize>) -> Vec<&'a Task> {
        if reduction::are_only_joins_left()
            && let Some(main) = tasks.iter().find(|task| usize::from(task.id()) == MAIN)
        {
            return vec![main];
        }
        let has_begun = |task: usize| self.begun.contains(&task);
        // A park that ends by itself is looked at and begun again, as often as one likes: a search of all schedules would not
        // end. So in it a park ends when somebody unparks the thread.
        let is_parked = |task: &Task| self.bounds.is_search && task.can_spuriously_wakeup();
        let is_offered =
            |task: &&&Task| !is_parked(task) && !reduction::waits_for_twin(task.id().into(), has_begun);
        let offered: Vec<&Task> = tasks.iter().filter(is_offered).copied().collect();
        let goes_on = offered.iter().find(|task| Some(usize::from(task.id())) == running);
        match goes_on {
            Some(task) if self.bounds.preemptions.is_some_and(|most| self.preemptions >= most) => {
                self.was_cut |= offered.len() > 1;
                vec![task]
            }
            _ => offered,
        }
    }
}

/// The number of the main task.
const MAIN: usize = 0;

/// The scheduler.
pub(super) struct Watched {
    pub(super) inner: Box<dyn Scheduler>,
    pub(super) options: Options,
    pub(super) begin: Instant,
    pub(super) state: Rc<RefCell<State>>,
    pub(super) keeping: Option<Keeping>,
}

/// Who is told how far a depth-first search has come, and from what.
pub(super) struct Keeping {
    pub(super) resuming: Resuming,
    /// Where the search began.
    pub(super) start: Position,
    pub(super) choices: Choices,
    /// Whether the search has left out anything by itself.
    pub(super) left_out: LeftOut,
}

impl Keeping {
    /// Tells where the search stands, after as many executions as `state` says.
    fn tell(&self, state: &State) {
        // There is a next execution, and so a path to it.
        let Some(path) = onward::path_after(&self.choices.borrow()) else { return };
        (self.resuming.keep)(&Position {
            executions: self.start.executions + state.started - state.cut,
            abandoned: self.start.abandoned + state.cut,
            is_incomplete: self.start.is_incomplete || *self.left_out.borrow(),
            place: onward::text(&path),
        });
    }
}

impl Watched {
    /// Tells where the search stands, if it is time to.
    fn tell_position(&self) {
        let state = self.state.borrow();
        if let Some(keeping) = self.keeping.as_ref().filter(|known| known.resuming.is_due(state.started)) {
            keeping.tell(&state);
        }
    }

    fn spent(&self, started: u64) -> Option<Bound> {
        let before = self.keeping.as_ref().map_or(0, |keeping| keeping.start.abandoned);
        if before + self.state.borrow().cut >= CUT_MAX {
            return Some(Bound::Endless(STEPS_MAX as u64));
        }
        // Nobody could go on from where no position was told.
        if self.keeping.as_ref().is_some_and(|keeping| !keeping.resuming.is_due(started)) {
            return None;
        }
        let executions = self.options.executions.filter(|&limit| started >= limit).map(Bound::Executions);
        executions.or_else(|| {
            let limit = self.options.time.filter(|&limit| self.begin.elapsed() >= limit)?;
            Some(Bound::Milliseconds(limit.as_millis() as u64))
        })
    }
}

impl Scheduler for Watched {
    fn new_execution(&mut self) -> Option<Schedule> {
        if self.state.borrow().is_lost {
            return None;
        }
        // Taken before the search forgets it.
        self.tell_position();
        // Asked first, because a search that has ended is exhausted however little of the budget is left.
        let schedule = self.inner.new_execution()?;
        let spent = self.spent(self.state.borrow().started);
        let mut state = self.state.borrow_mut();
        state.spent = spent;
        if state.spent.is_some() {
            return None;
        }
        reduction::forget();
        state.started += 1;
        state.decisions.clear();
        state.begun.clear();
        state.preemptions = 0;
        Some(schedule)
    }

    fn next_task(&mut self, tasks: &[&Task], current: Option<TaskId>, is_yielding: bool) -> Option<TaskId> {
        if self.state.borrow().decisions.len() >= STEPS_MAX {
            self.state.borrow_mut().cut += 1;
            return None;
        }
        // A task that yields is left without a preemption.
        let running = current.filter(|_| !is_yielding).map(usize::from);
        let offered = self.state.borrow_mut().offered(tasks, running);
        // A search that meets other choices than at the same place before panics, and says nothing of use.
        let inner = &mut self.inner;
        let chosen = catch_unwind(AssertUnwindSafe(|| inner.next_task(&offered, current, is_yielding)));
        let mut state = self.state.borrow_mut();
        state.is_lost = chosen.is_err();
        let task = chosen.ok().flatten()?;
        if state.started == 1 {
            state.first.chosen(tasks, task);
        }
        state.begin(task.into());
        let could_go_on = offered.iter().any(|task| Some(usize::from(task.id())) == running);
        state.preemptions += u32::from(could_go_on && Some(usize::from(task)) != running);
        state.decisions.push(usize::from(task) as u32);
        state.longest = state.longest.max(state.decisions.len());
        Some(task)
    }

    fn next_u64(&mut self) -> u64 {
        let drawn = self.inner.next_u64();
        let mut state = self.state.borrow_mut();
        if state.started == 1 {
            state.first.drew(drawn);
        }
        drawn
    }
}
