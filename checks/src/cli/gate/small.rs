//! The part of a gate's plan that runs all small programs.

use super::expectation::Expectation;
use super::plan::{About, Column, Plan, Row};
use super::selection::Systems;
use crate::cli::arguments::Gate;
use crate::job::Task;
use crate::judge::Engine;
use crate::subject::Subject;
use crate::system::registry::REFERENCE;

impl Plan {
    /// Adds the small programs of each reference and of the system, for our own engines.
    pub(super) fn add_small_programs(
        &mut self,
        arguments: &Gate,
        engines: &[Engine],
        references: &[&dyn Subject],
        systems: &Systems,
    ) {
        let own: Vec<Engine> = engines.iter().copied().filter(|engine| engine.is_own()).collect();
        if own.is_empty() {
            return;
        }
        let of_requests = references
            .iter()
            .map(|subject| (subject.name().to_owned(), subject.contract().to_string(), own.clone()));
        let of_systems = (!systems.scenarios.is_empty())
            .then(|| (REFERENCE.name.to_owned(), "requests on a queue".to_owned(), systems.engines.clone()));
        let rows = of_requests
            .chain(of_systems)
            .map(|(request, contract, engines)| {
                let jobs = own.iter().map(|&engine| {
                    let task = Task::SmallPrograms { request: request.clone() };
                    let task = engines.contains(&engine).then_some(task);
                    task.map(|task| self.push(arguments, engine, task, Expectation::Passes))
                        .into_iter()
                        .collect()
                });
                let jobs = jobs.collect();
                Row::new(vec![request, contract], jobs)
            })
            .collect();
        let title =
            "small programs: every one of a contract, misuse included, and of requests on a queue".to_owned();
        let columns = own.into_iter().map(Column::Exhaustive).collect();
        self.add_group(title, About::SmallPrograms, columns, rows);
    }
}
