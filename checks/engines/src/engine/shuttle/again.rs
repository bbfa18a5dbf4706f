//! The first execution, run again after the last: the same choices must be offered again.
//!
//! shuttle tells its scheduler which threads can go on, and neither what they do nor what they read. So what is compared
//! is who could go on at each step, and what the body says it came to.

use std::cell::RefCell;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;

use shuttle::scheduler::{Schedule, Scheduler, Task, TaskId};
use shuttle::{Config, Runner};

use super::apart::Apart;
use crate::executor::quiet;
use crate::locals;
use crate::outcome;

/// What is taken down of the first execution.
#[derive(Clone, Debug, Default)]
pub(super) struct FirstRun {
    /// Who went on, and who could.
    steps: Vec<(u32, Vec<u32>)>,
    /// What the program drew at random from shuttle.
    drawn: Vec<u64>,
    /// What it came to, if the body said so.
    outcome: Option<String>,
}

impl FirstRun {
    pub(super) fn chosen(&mut self, tasks: &[&Task], task: TaskId) {
        self.steps.push((number(task), numbers(tasks)));
    }

    pub(super) fn drew(&mut self, drawn: u64) {
        self.drawn.push(drawn);
    }

    pub(super) fn set_outcome(&mut self, outcome: Option<String>) {
        self.outcome = outcome;
    }

    pub(super) fn decisions(&self) -> Vec<u32> {
        self.steps.iter().map(|(task, _)| *task).collect()
    }

    /// Runs it again. Returns in what it differed, if it did.
    pub(super) fn run_again(
        &self,
        config: Config,
        body: impl Fn() + Send + Sync + 'static,
    ) -> Option<String> {
        if self.steps.is_empty() {
            return None;
        }
        let seen = Rc::new(RefCell::new(Seen::default()));
        let again = Again { first: self.clone(), begun: false, drawn: 0, seen: Rc::clone(&seen) };
        let (result, outcome) = outcome::of_rerun(|| {
            quiet::catch(AssertUnwindSafe(|| {
                Runner::new(Apart(again), config).run(move || locals::to_the_end(&body));
            }))
        });
        locals::forget();
        let seen = seen.borrow();
        let why = match (result, seen.differs_at) {
            (_, Some(step)) => format!("other threads could go on at step {step}"),
            (Err(message), None) => format!("it failed: {message}"),
            (Ok(()), None) if seen.steps != self.steps.len() => {
                format!("it took {} steps and not {}", seen.steps, self.steps.len())
            }
            (Ok(()), None) => return outcome::difference(self.outcome.as_deref(), outcome.as_deref()),
        };
        Some(format!("the first execution, run again after the last, was another: {why}"))
    }
}

fn number(task: TaskId) -> u32 {
    usize::from(task) as u32
}

fn numbers(tasks: &[&Task]) -> Vec<u32> {
    tasks.iter().map(|task| number(task.id())).collect()
}

#[derive(Debug, Default)]
struct Seen {
    steps: usize,
    differs_at: Option<usize>,
}

/// Chooses as the first execution did, and looks whether it could choose from the same.
struct Again {
    first: FirstRun,
    begun: bool,
    drawn: usize,
    seen: Rc<RefCell<Seen>>,
}

impl Scheduler for Again {
    fn new_execution(&mut self) -> Option<Schedule> {
        (!core::mem::replace(&mut self.begun, true)).then(|| Schedule::new(0))
    }

    fn next_task(&mut self, tasks: &[&Task], _: Option<TaskId>, _: bool) -> Option<TaskId> {
        let mut seen = self.seen.borrow_mut();
        let step = seen.steps;
        seen.steps += 1;
        let same = self.first.steps.get(step).filter(|(_, could)| *could == numbers(tasks));
        let Some((chosen, _)) = same else {
            // The rest of it is of no interest.
            seen.differs_at.get_or_insert(step);
            return None;
        };
        tasks.iter().map(|task| task.id()).find(|task| number(*task) == *chosen)
    }

    fn next_u64(&mut self) -> u64 {
        self.drawn += 1;
        self.first.drawn.get(self.drawn - 1).copied().unwrap_or_default()
    }
}
