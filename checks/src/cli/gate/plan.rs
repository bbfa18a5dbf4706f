//! What the gate does, in which order, and how it is laid out in tables.

use cancelproof_model::Rule;
use comfy_table::Table;

use super::Answers;
use crate::cli::arguments::Gate;
use crate::cli::kept::Kept;
use crate::cli::{UsageError, table};
use crate::job::{Answer, Job, Task};
use crate::judge::Engine;
use crate::registry::{self, FaultyRequest};
use crate::scenario::{Scenario, catalogue};
use crate::subject::Subject;
use crate::verdict::Verdict;

/// What is expected of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expectation {
    /// No rule is broken.
    Passes,
    /// This rule is broken.
    Breaks(Rule),
}

/// All jobs and how they are shown.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) jobs: Vec<Job>,
    /// One for each job.
    pub(super) expectations: Vec<Expectation>,
    pub(super) groups: Vec<Group>,
}

/// A table.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) title: String,
    pub(super) about: About,
    /// The engines, one for each column of figures.
    columns: Vec<Column>,
    rows: Vec<Row>,
}

/// What a group is about.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum About {
    Kept,
    Canary,
    Faults,
    Request { name: String, contract: String },
}

/// A column of figures: an exhaustive engine for itself, or all that sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Exhaustive(Engine),
    Sampled,
}

#[derive(Debug)]
struct Row {
    labels: Vec<String>,
    /// For each column the numbers of its jobs.
    jobs: Vec<Vec<usize>>,
}

impl Plan {
    pub(super) fn new(arguments: &Gate, kept: Vec<Kept>) -> Result<Self, UsageError> {
        let engines = engines(arguments)?;
        let scenarios = scenarios(arguments)?;
        let (references, faults) = requests(arguments)?;
        let mut plan = Plan { jobs: Vec::new(), expectations: Vec::new(), groups: Vec::new() };
        plan.add_kept(arguments, kept);
        plan.add_canary(arguments, &engines);
        plan.add_faults(arguments, &engines, &faults);
        for subject in references {
            plan.add_request(arguments, &engines, &scenarios, subject);
        }
        Ok(plan)
    }

    fn push(&mut self, arguments: &Gate, engine: Engine, task: Task, expectation: Expectation) -> usize {
        self.jobs.push(Job {
            task,
            engine,
            seed: arguments.seed,
            samples: arguments.samples,
            milliseconds: arguments.time.map(|time| time.as_millis() as u64),
        });
        self.expectations.push(expectation);
        self.jobs.len() - 1
    }

    fn add_group(&mut self, title: String, about: About, columns: Vec<Column>, rows: Vec<Row>) {
        if !rows.is_empty() {
            self.groups.push(Group { title, about, columns, rows });
        }
    }

    fn add_kept(&mut self, arguments: &Gate, kept: Vec<Kept>) {
        let mut columns: Vec<Column> = Vec::new();
        for kept in &kept {
            let column = Column::of(kept.engine);
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        let rows = kept
            .into_iter()
            .map(|kept| {
                let labels = vec![kept.request.clone(), kept.program.to_string()];
                let program = kept.program.to_string();
                let task = Task::Program { request: kept.request, program };
                let number = self.push(arguments, kept.engine, task, Expectation::Passes);
                let jobs = columns
                    .iter()
                    .map(|column| if *column == Column::of(kept.engine) { vec![number] } else { vec![] })
                    .collect();
                Row { labels, jobs }
            })
            .collect();
        self.add_group("kept failures".to_owned(), About::Kept, columns, rows);
    }

    fn add_canary(&mut self, arguments: &Gate, engines: &[Engine]) {
        let rows = engines
            .iter()
            .map(|&engine| {
                let number = self.push(arguments, engine, Task::Canary, Expectation::Passes);
                Row { labels: vec![engine.name().to_owned()], jobs: vec![vec![number]] }
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
                Row { labels: vec![about.name.to_owned(), about.breaks.to_string()], jobs }
            })
            .collect();
        let columns = exhaustive.into_iter().map(Column::Exhaustive).collect();
        let title = "faults: each must be refuted, for the rule that it breaks".to_owned();
        self.add_group(title, About::Faults, columns, rows);
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
                Row { labels: vec![scenario.name.clone()], jobs }
            })
            .collect();
        let (name, contract) = (subject.name().to_owned(), contract.to_string());
        self.add_group(format!("{name} ({contract})"), About::Request { name, contract }, columns, rows);
    }
}

impl Group {
    /// All job numbers of the group.
    pub(super) fn jobs(&self) -> impl Iterator<Item = usize> + '_ {
        self.rows.iter().flat_map(|row| row.jobs.iter().flatten().copied())
    }

    /// The rows, each with the job numbers of each column.
    pub(super) fn rows(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn is_done(&self, answers: &Answers) -> bool {
        self.jobs().all(|number| answers[number].is_some())
    }

    pub(super) fn table(&self, plan: &Plan, answers: &Answers) -> Table {
        let labels = match self.about {
            About::Kept => vec!["request", "program"],
            About::Canary => vec!["engine"],
            About::Faults => vec!["fault", "breaks"],
            About::Request { .. } => vec!["scenario"],
        };
        let columns = self.columns.iter().map(|column| match column {
            Column::Exhaustive(engine) => engine.name(),
            Column::Sampled if self.about == About::Canary => "sees",
            Column::Sampled => "sampled",
        });
        let header: Vec<&str> = labels.into_iter().chain(columns).collect();
        let rows = self
            .rows
            .iter()
            .map(|row| {
                let cells = row.jobs.iter().map(|jobs| self.cell(plan, jobs, answers));
                row.labels.iter().cloned().chain(cells).collect()
            })
            .collect();
        table::figures(&header, rows)
    }

    /// The worst answer of some jobs, with the executions of all of them.
    fn cell(&self, plan: &Plan, jobs: &[usize], answers: &Answers) -> String {
        let mut executions = 0;
        let mut word = None;
        for &number in jobs {
            match &answers[number] {
                None => return String::new(),
                Some(Answer::Crashed(_)) => return "CRASHED".to_owned(),
                Some(Answer::NotApplicable(_)) => {}
                Some(Answer::Judged(judgement)) => {
                    executions += judgement.executions;
                    let text = word_for(&judgement.verdict, plan.expectations[number]);
                    if text.is_loud || word.is_none() {
                        word = Some(text);
                    }
                }
            }
        }
        match (word, &self.about) {
            (Some(word), About::Canary) => word.text,
            (Some(word), _) => format!("{} {}", word.text, table::count(executions)),
            (None, About::Faults) => "cannot see it".to_owned(),
            (None, _) => "not applicable".to_owned(),
        }
    }
}

struct Word {
    text: String,
    /// Whether it is not what was expected, and so must be seen.
    is_loud: bool,
}

fn word_for(verdict: &Verdict, expectation: Expectation) -> Word {
    let is_expected = match (verdict, expectation) {
        (Verdict::Proved | Verdict::Sampled | Verdict::Bounded(_), Expectation::Passes) => true,
        (Verdict::Refuted { violation, .. }, Expectation::Breaks(rule)) => violation.rule == rule,
        _ => false,
    };
    match (is_expected, verdict) {
        (true, _) => Word { text: verdict.word().to_owned(), is_loud: false },
        (false, Verdict::Refuted { violation, .. }) => {
            Word { text: format!("REFUTED {}", violation.rule), is_loud: true }
        }
        (false, _) => Word { text: verdict.word().to_uppercase(), is_loud: true },
    }
}

impl Column {
    fn of(engine: Engine) -> Self {
        if engine.is_exhaustive() { Column::Exhaustive(engine) } else { Column::Sampled }
    }

    fn all(engines: &[Engine]) -> Vec<Self> {
        let mut columns: Vec<Column> = engines.iter().map(|&engine| Column::of(engine)).collect();
        columns.dedup();
        columns
    }
}

fn engines(arguments: &Gate) -> Result<Vec<Engine>, UsageError> {
    if arguments.engine.is_empty() {
        return Ok(Engine::ALL.into_iter().filter(|engine| engine.is_repeatable()).collect());
    }
    for name in &arguments.engine {
        let known = Engine::ALL.map(Engine::name);
        if !known.contains(&name.as_str()) {
            return Err(UsageError::unknown("engine", name, known));
        }
    }
    let is_wanted = |engine: &Engine| arguments.engine.iter().any(|name| name == engine.name());
    Ok(Engine::ALL.into_iter().filter(is_wanted).collect())
}

fn scenarios(arguments: &Gate) -> Result<Vec<Scenario>, UsageError> {
    let all = catalogue::all();
    for name in &arguments.scenario {
        if all.iter().all(|scenario| scenario.name != *name) {
            let known = all.iter().map(|scenario| scenario.name.as_str());
            return Err(UsageError::unknown("scenario", name, known));
        }
    }
    let is_wanted =
        |scenario: &Scenario| arguments.scenario.is_empty() || arguments.scenario.contains(&scenario.name);
    Ok(all.into_iter().filter(is_wanted).collect())
}

type Requests = (Vec<&'static dyn Subject>, Vec<&'static FaultyRequest>);

/// The requests that are to be proved and those that are to be refuted.
fn requests(arguments: &Gate) -> Result<Requests, UsageError> {
    for name in &arguments.request {
        if registry::subject(name).is_none() {
            return Err(UsageError::unknown("request", name, registry::names()));
        }
    }
    let is_named = |name: &str| arguments.request.iter().any(|wanted| wanted == name);
    let all = arguments.request.is_empty();
    let references = registry::REFERENCES.iter().copied();
    // A selection of scenarios says nothing about faults, each of which has a scenario of its own.
    let all_faults = all && arguments.scenario.is_empty();
    Ok((
        references.filter(|subject| all || is_named(subject.name())).collect(),
        registry::FAULTS.iter().filter(|fault| all_faults || is_named(fault.about.name)).collect(),
    ))
}
