//! A depth-first search that begins in the middle of its tree.
//!
//! At each place a depth-first scheduler takes the first task that it is offered and later the next ones. So a search that is
//! offered, along a path, only the task of that path and those after it begins at the path and goes on as if it had
//! come there by itself. The wrapper has to be next to the search, to see what the search is offered.

use std::cell::RefCell;
use std::rc::Rc;

use shuttle::scheduler::{Schedule, Scheduler, Task, TaskId};

/// The choices of the execution at hand: for each the task, and the one that is offered after it, if there is one.
pub(super) type Choices = Rc<RefCell<Vec<(u32, Option<u32>)>>>;

/// The scheduler within, from a path on.
pub(super) struct Onward<S> {
    inner: S,
    path: Vec<u32>,
    /// Whether all choices of the execution at hand were those of the path.
    is_on_path: bool,
    choices: Choices,
}

impl<S: Scheduler> Onward<S> {
    pub(super) fn new(inner: S, path: Vec<u32>, choices: Choices) -> Self {
        Onward { inner, path, is_on_path: true, choices }
    }
}

impl<S: Scheduler> Scheduler for Onward<S> {
    fn new_execution(&mut self) -> Option<Schedule> {
        let schedule = self.inner.new_execution()?;
        self.is_on_path = true;
        self.choices.borrow_mut().clear();
        Some(schedule)
    }

    fn next_task(&mut self, tasks: &[&Task], current: Option<TaskId>, is_yielding: bool) -> Option<TaskId> {
        let mut choices = self.choices.borrow_mut();
        let number = |task: &&Task| usize::from(task.id()) as u32;
        let on_path = self.path.get(choices.len()).filter(|_| self.is_on_path);
        let from = match on_path {
            None => 0,
            // The caller takes a panic for a program that is not the one of the path.
            Some(first) => tasks.iter().position(|task| number(task) == *first).expect("the task can go on"),
        };
        let offered = &tasks[from..];
        let next = self.inner.next_task(offered, current, is_yielding)?;
        let place = offered
            .iter()
            .position(|task| task.id() == next)
            .expect("a scheduler chooses from what it is offered");
        self.is_on_path &= on_path.is_none_or(|_| place == 0);
        choices.push((number(&offered[place]), offered.get(place + 1).map(number)));
        Some(next)
    }

    fn next_u64(&mut self) -> u64 {
        self.inner.next_u64()
    }
}

/// The path at which the search goes on after the execution of these choices; `None` if that was the last.
pub(super) fn path_after(choices: &[(u32, Option<u32>)]) -> Option<Vec<u32>> {
    let last = choices.iter().rposition(|(_, next)| next.is_some())?;
    let before = choices[..last].iter().map(|(task, _)| *task);
    Some(before.chain(choices[last].1).collect())
}

/// A path as text.
pub(super) fn text(path: &[u32]) -> String {
    path.iter().map(u32::to_string).collect::<Vec<_>>().join(" ")
}

/// The path of a text.
pub(super) fn parse(text: &str) -> Option<Vec<u32>> {
    text.split_whitespace().map(|task| task.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_path_leaves_the_last_at_the_latest_place_that_has_another_task() {
        assert_eq!(path_after(&[(0, Some(1)), (2, Some(3)), (1, None)]), Some(vec![0, 3]));
        assert_eq!(path_after(&[(0, Some(1)), (2, None), (1, None)]), Some(vec![1]));
        assert_eq!(path_after(&[(0, None), (1, None)]), None);
        assert_eq!(path_after(&[]), None);
    }

    #[test]
    fn a_path_is_what_its_text_says_and_another_text_is_none() {
        for path in [vec![], vec![0], vec![2, 0, 17]] {
            assert_eq!(parse(&text(&path)), Some(path));
        }
        assert_eq!(parse("0 x 1"), None);
        assert_eq!(parse("-1"), None);
    }
}
