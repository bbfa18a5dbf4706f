//! What the gate does, in which order, and how it is laid out in tables.

mod tables;

use super::expectation::Expectation;
use super::{Answers, selection};
use crate::cli::UsageError;
use crate::cli::arguments::Gate;
use crate::cli::kept::Kept;
use crate::job::{Job, Task};
use crate::judge::Engine;
use crate::registry::FaultyRequest;
use crate::scenario::{Scenario, catalogue};
use crate::subject::Subject;
use crate::system;

/// The threads from which on a scenario can take loom and shuttle's depth-first search long.
const HEAVY_THREADS: usize = 3;

/// All jobs and how they are shown.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) jobs: Vec<Job>,
    /// One for each job.
    pub(super) expectations: Vec<Expectation>,
    /// One for each job.
    efforts: Vec<Effort>,
    pub(super) groups: Vec<Group>,
}

/// How long a job takes, as far as one can tell before; cheap jobs come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effort {
    /// What the gate promises, and what decides whether anything else is believed.
    First,
    /// Seconds at most.
    Light,
    /// As long as it is given.
    Elastic,
    /// Up to minutes.
    Heavy,
}

/// A table.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) title: String,
    pub(super) about: About,
    /// The engines, one for each column of figures.
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Row>,
}

/// What a group is about.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum About {
    Kept,
    Canary,
    Faults { of: Kind },
    Request { name: String, contract: String },
    Systems,
    Staircase,
    SmallPrograms,
    Growth,
}

/// What faults are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Requests,
    Systems,
}

/// A column of figures: an exhaustive engine for itself, or all that sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Exhaustive(Engine),
    Sampled,
}

#[derive(Debug)]
pub(super) struct Row {
    pub(super) labels: Vec<String>,
    /// For each column the numbers of its jobs.
    pub(super) jobs: Vec<Vec<usize>>,
    /// How many scenarios it stands for, whether or not they have a job.
    pub(super) scenarios: usize,
}

impl Plan {
    pub(super) fn new(arguments: &Gate, kept: &[Kept]) -> Result<Self, UsageError> {
        let engines = selection::engines(arguments)?;
        let scenarios = selection::scenarios(arguments)?;
        let (references, faults) = selection::requests(arguments)?;
        let mut plan =
            Plan { jobs: Vec::new(), expectations: Vec::new(), efforts: Vec::new(), groups: Vec::new() };
        plan.add_kept(arguments, kept);
        plan.add_canary(arguments, &engines);
        plan.add_faults(arguments, &engines, &faults);
        for &subject in &references {
            plan.add_request(arguments, &engines, &scenarios, subject);
        }
        let systems = selection::systems(arguments, &engines)?;
        plan.add_systems(arguments, &systems);
        if engines.contains(&Engine::Dpor) && arguments.scenario.is_empty() {
            plan.add_staircase(arguments, &references);
        }
        if arguments.scenario.is_empty() {
            plan.add_small_programs(arguments, &engines, &references, &systems);
        }
        if arguments.engine.is_empty() && arguments.scenario.is_empty() {
            plan.add_growth(arguments, &references);
        }
        Ok(plan)
    }

    /// The numbers of all jobs of these efforts, the cheaper ones first.
    pub(super) fn in_order(&self, efforts: &[Effort]) -> Vec<usize> {
        let mut numbers: Vec<usize> =
            (0..self.jobs.len()).filter(|&number| efforts.contains(&self.efforts[number])).collect();
        numbers.sort_by_key(|&number| self.efforts[number]);
        numbers
    }

    /// Adds a job, and says its number.
    pub(super) fn push(
        &mut self,
        arguments: &Gate,
        engine: Engine,
        task: Task,
        expectation: Expectation,
    ) -> usize {
        self.efforts.push(effort(engine, &task));
        let executions = match (&task, expectation) {
            (
                Task::Scenario { request, scenario } | Task::System { system: request, scenario },
                Expectation::Passes,
            ) => selection::executions(arguments, engine, request, scenario),
            _ => None,
        };
        self.jobs.push(Job {
            task,
            engine,
            seed: arguments.seed,
            samples: arguments.samples,
            milliseconds: arguments.time.map(|time| time.as_millis() as u64),
            executions,
        });
        self.expectations.push(expectation);
        self.jobs.len() - 1
    }

    pub(super) fn add_group(&mut self, title: String, about: About, columns: Vec<Column>, rows: Vec<Row>) {
        if !rows.is_empty() {
            self.groups.push(Group { title, about, columns, rows });
        }
    }

    fn add_kept(&mut self, arguments: &Gate, kept: &[Kept]) {
        let mut columns: Vec<Column> = Vec::new();
        for kept in kept {
            let column = Column::of(kept.engine);
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        let rows = kept
            .iter()
            .map(|kept| {
                let labels = vec![kept.request.clone(), kept.program.to_string()];
                let (request, program) = (kept.request.clone(), kept.program.to_string());
                let task = match &kept.token {
                    Some(token) => Task::Kept { request, program, token: token.to_string() },
                    None => Task::Program { request, program },
                };
                let number = self.push(arguments, kept.engine, task, Expectation::Passes);
                let jobs = columns
                    .iter()
                    .map(|column| if *column == Column::of(kept.engine) { vec![number] } else { vec![] })
                    .collect();
                Row::new(labels, jobs)
            })
            .collect();
        self.add_group("kept failures".to_owned(), About::Kept, columns, rows);
    }

    fn add_canary(&mut self, arguments: &Gate, engines: &[Engine]) {
        let rows = engines
            .iter()
            .map(|&engine| {
                let number = self.push(arguments, engine, Task::Canary, Expectation::Passes);
                Row::new(vec![engine.name().to_owned()], vec![vec![number]])
            })
            .collect();
        let title = "canary: each engine must find the faults that are planted for it".to_owned();
        self.add_group(title, About::Canary, vec![Column::Sampled], rows);
    }

    fn add_faults(&mut self, arguments: &Gate, engines: &[Engine], faults: &[&FaultyRequest]) {
        let exhaustive: Vec<Engine> =
            engines.iter().copied().filter(|engine| engine.is_exhaustive()).collect();
        let rows = faults
            .iter()
            .map(|fault| {
                let about = &fault.about;
                let jobs = exhaustive
                    .iter()
                    .map(|&engine| {
                        if !engine.claims(about.needs) {
                            return Vec::new();
                        }
                        let (request, scenario) = (about.name.to_owned(), about.scenario.to_owned());
                        let task = Task::Scenario { request, scenario };
                        vec![self.push(arguments, engine, task, Expectation::Breaks(about.breaks))]
                    })
                    .collect();
                Row::new(vec![about.name.to_owned(), about.breaks.to_string()], jobs)
            })
            .collect();
        let columns = exhaustive.into_iter().map(Column::Exhaustive).collect();
        let title = "faults: each must be refuted, for the rule that it breaks".to_owned();
        self.add_group(title, About::Faults { of: Kind::Requests }, columns, rows);
    }

    fn add_request(
        &mut self,
        arguments: &Gate,
        engines: &[Engine],
        scenarios: &[Scenario],
        subject: &dyn Subject,
    ) {
        let columns = Column::all(engines);
        let contract = subject.contract();
        let applicable = scenarios.iter().filter(|scenario| scenario.applies_to(&contract));
        let rows = applicable
            .map(|scenario| {
                let jobs = columns
                    .iter()
                    .map(|column| {
                        let task = |()| Task::Scenario {
                            request: subject.name().to_owned(),
                            scenario: scenario.name.clone(),
                        };
                        let of_column = engines.iter().filter(|&&engine| Column::of(engine) == *column);
                        of_column
                            .map(|&engine| self.push(arguments, engine, task(()), Expectation::Passes))
                            .collect()
                    })
                    .collect();
                Row::new(vec![scenario.name.clone()], jobs)
            })
            .collect();
        let (name, contract) = (subject.name().to_owned(), contract.to_string());
        self.add_group(format!("{name} ({contract})"), About::Request { name, contract }, columns, rows);
    }

    fn add_staircase(&mut self, arguments: &Gate, references: &[&dyn Subject]) {
        let rows = references
            .iter()
            .map(|subject| {
                let (request, contract) = (subject.name().to_owned(), subject.contract().to_string());
                let task = Task::Staircase { request: request.clone() };
                let number = self.push(arguments, Engine::Dpor, task, Expectation::Passes);
                Row::new(vec![request, contract], vec![vec![number]])
            })
            .collect();
        let title = "staircase: every execution of a request is a walk through the protocol".to_owned();
        self.add_group(title, About::Staircase, vec![Column::Exhaustive(Engine::Dpor)], rows);
    }

    fn add_growth(&mut self, arguments: &Gate, references: &[&dyn Subject]) {
        let rows = references
            .iter()
            .map(|subject| {
                let request = subject.name().to_owned();
                let task = Task::Growth { request: request.clone() };
                let number = self.push(arguments, Engine::Dpor, task, Expectation::Passes);
                Row::new(vec![request], vec![vec![number]])
            })
            .collect();
        let title = "beyond the catalogue: the driver against more and more cancelers".to_owned();
        self.add_group(title, About::Growth, vec![Column::Exhaustive(Engine::Dpor)], rows);
    }
}

fn effort(engine: Engine, task: &Task) -> Effort {
    match task {
        Task::Growth { .. } => Effort::Elastic,
        Task::Canary | Task::Program { .. } | Task::Kept { .. } | Task::Staircase { .. } => Effort::First,
        Task::SmallPrograms { .. } => Effort::Light,
        Task::Scenario { .. } | Task::System { .. } if engine.is_own() => Effort::First,
        Task::Scenario { scenario, .. } if engine.is_witness() => {
            by_threads(catalogue::named(scenario).map_or(0, |scenario| scenario.program.threads.len()))
        }
        Task::System { scenario, .. } if engine.is_witness() => by_threads(
            system::catalogue::named(scenario).map_or(0, |scenario| scenario.program.threads.len()),
        ),
        _ => Effort::Light,
    }
}

/// The effort of a witness for a scenario of so many threads.
fn by_threads(threads: usize) -> Effort {
    if threads < HEAVY_THREADS { Effort::Light } else { Effort::Heavy }
}

impl Group {
    /// All job numbers of the group.
    pub(super) fn jobs(&self) -> impl Iterator<Item = usize> + '_ {
        self.rows.iter().flat_map(Row::jobs)
    }

    /// The rows, each with the job numbers of each column.
    pub(super) fn rows(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn is_done(&self, answers: &Answers) -> bool {
        self.jobs().all(|number| answers[number].is_some())
    }
}

impl Row {
    /// A row that stands for one scenario, or for something else that is one.
    pub(super) fn new(labels: Vec<String>, jobs: Vec<Vec<usize>>) -> Self {
        Row { labels, jobs, scenarios: 1 }
    }

    pub(super) fn jobs(&self) -> impl Iterator<Item = usize> + '_ {
        self.jobs.iter().flatten().copied()
    }
}

impl Column {
    pub(super) fn of(engine: Engine) -> Self {
        if engine.is_exhaustive() { Column::Exhaustive(engine) } else { Column::Sampled }
    }

    pub(super) fn all(engines: &[Engine]) -> Vec<Self> {
        let mut columns: Vec<Column> = engines.iter().map(|&engine| Column::of(engine)).collect();
        columns.dedup();
        columns
    }
}
