//! Systems in a gate: the jobs, a table with a row for each part of their catalogue, and a sentence at the end.

pub(super) mod failures;

use std::collections::BTreeMap;

use comfy_table::Table;

use super::Answers;
use super::expectation::{Expectation, word_for};
use super::plan::{About, Column, Group, Kind, Plan, Row};
use super::selection::Systems;
use crate::cli::arguments::Gate;
use crate::cli::table;
use crate::job::{Answer, Job, Task};
use crate::judge::Engine;
use crate::system::registry::{FaultySystem, REFERENCE};
use crate::system::{Scenario, System, catalogue};
use crate::verdict::Verdict;

impl Plan {
    /// Adds what is selected of the systems: the system as it should be, and faults that were named.
    pub(super) fn add_systems(&mut self, arguments: &Gate, selected: &Systems) {
        let columns = Column::all(&selected.engines);
        let mut rows: Vec<Row> = Vec::new();
        for scenario in &selected.scenarios {
            // Somebody who has selected scenarios wants to see each.
            let label = if arguments.scenario.is_empty() { scenario.area } else { scenario.name };
            let jobs = self.jobs_of_scenario(arguments, &selected.engines, &columns, scenario);
            match rows.last_mut().filter(|row| row.labels[0] == label) {
                Some(row) => {
                    row.scenarios += 1;
                    row.jobs.iter_mut().zip(jobs).for_each(|(all, new)| all.extend(new));
                }
                None => rows.push(Row::new(vec![label.to_owned()], jobs)),
            }
        }
        let title =
            "system: queues, applications, sent requests and objects, by the parts of their catalogue";
        if !columns.is_empty() {
            self.add_group(title.to_owned(), About::Systems, columns.clone(), rows);
        }
        let exhaustive: Vec<Engine> =
            selected.engines.iter().copied().filter(|engine| engine.is_exhaustive()).collect();
        let rows = selected.faults.iter().map(|fault| self.row_of_fault(arguments, &exhaustive, fault));
        let rows = rows.collect();
        let columns = Column::all(&exhaustive);
        let title = "faults of systems: each must be refuted, for the rule that it breaks".to_owned();
        self.add_group(title, About::Faults { of: Kind::Systems }, columns, rows);
    }

    /// For each column the jobs of judging the system as it should be in a scenario. Where somebody has to hang only
    /// engines that explore everything are asked: samples may miss it.
    fn jobs_of_scenario(
        &mut self,
        arguments: &Gate,
        engines: &[Engine],
        columns: &[Column],
        scenario: &Scenario,
    ) -> Vec<Vec<usize>> {
        let expectation = scenario.breaks().map_or(Expectation::Passes, Expectation::Breaks);
        let is_asked = |engine: &&Engine| engine.is_exhaustive() || expectation == Expectation::Passes;
        let mut jobs = vec![Vec::new(); columns.len()];
        for &engine in engines.iter().filter(is_asked) {
            let task = task(&REFERENCE, scenario.name);
            let number = self.push(arguments, engine, task, expectation);
            let column = columns.iter().position(|column| *column == Column::of(engine));
            jobs[column.unwrap_or_default()].push(number);
        }
        jobs
    }

    fn row_of_fault(&mut self, arguments: &Gate, engines: &[Engine], fault: &FaultySystem) -> Row {
        let FaultySystem { about, system } = fault;
        let mut jobs = vec![Vec::new(); engines.len()];
        for (column, &engine) in engines.iter().enumerate().filter(|(_, engine)| engine.claims(about.needs)) {
            let expectation = Expectation::Breaks(about.breaks);
            jobs[column].push(self.push(arguments, engine, task(system, about.scenario), expectation));
        }
        Row::new(vec![about.name.to_owned(), about.breaks.to_string()], jobs)
    }
}

fn task(system: &System, scenario: &str) -> Task {
    Task::System { system: system.name.to_owned(), scenario: scenario.to_owned() }
}

/// Whether a job judges the system as it should be.
pub(super) fn is_of_the_system(job: &Job) -> bool {
    matches!(&job.task, Task::System { system, .. } if system == REFERENCE.name)
}

/// One row for each part of the catalogue, with two columns for each engine.
pub(super) fn table(group: &Group, plan: &Plan, answers: &Answers) -> Table {
    let mut header = vec!["about", "scenarios"];
    for column in &group.columns {
        let name = match column {
            Column::Exhaustive(engine) => engine.name(),
            Column::Sampled => "sampled",
        };
        header.extend([name, "executions"]);
    }
    let rows = group.rows.iter().map(|row| {
        let mut cells = vec![row.labels[0].clone(), row.scenarios.to_string()];
        for jobs in &row.jobs {
            let tally = Tally::of(jobs.iter().copied(), plan, answers);
            cells.extend([tally.words(), table::count(tally.executions)]);
        }
        cells
    });
    table::figures(&header, rows.collect())
}

/// What was shown of the system, an engine after another, and never more.
pub(super) fn sentence(group: &Group, plan: &Plan, answers: &Answers) -> String {
    let claims = group.columns.iter().enumerate().map(|(place, column)| {
        let jobs = group.rows.iter().flat_map(|row| row.jobs[place].iter().copied());
        let tally = Tally::of(jobs, plan, answers);
        match column {
            Column::Exhaustive(engine) => format!("{engine} {}", tally.sentence()),
            Column::Sampled => format!("{} further executions sampled", table::count(tally.executions)),
        }
    });
    format!("{}: {}", REFERENCE.name, claims.collect::<Vec<_>>().join("; "))
}

/// What became of some scenarios under one engine.
#[derive(Default)]
struct Tally {
    /// How many must keep every rule, and how many of them were proved to.
    lawful: usize,
    proved: usize,
    /// How many must hang, and how many of them do.
    hanging: usize,
    hangs: usize,
    /// What else became of them, and of how many.
    others: BTreeMap<String, usize>,
    executions: u64,
    /// The most threads and requests of what was proved.
    threads_max: usize,
    requests_max: usize,
}

impl Tally {
    fn of(jobs: impl Iterator<Item = usize>, plan: &Plan, answers: &Answers) -> Self {
        let mut tally = Tally::default();
        for number in jobs {
            tally.add(&plan.jobs[number], plan.expectations[number], answers[number].as_ref());
        }
        tally
    }

    fn add(&mut self, job: &Job, expectation: Expectation, answer: Option<&Answer>) {
        match expectation {
            Expectation::Passes => self.lawful += 1,
            Expectation::Breaks(_) => self.hanging += 1,
        }
        self.executions += answer.map_or(0, Answer::executions);
        let other = match answer {
            Some(Answer::Judged(judgement)) => match (&judgement.verdict, expectation) {
                (Verdict::Proved, Expectation::Passes) => {
                    self.proved += 1;
                    self.add_size(job);
                    return;
                }
                (Verdict::Refuted { violation, .. }, Expectation::Breaks(rule)) if violation.rule == rule => {
                    self.hangs += 1;
                    return;
                }
                (verdict, expectation) => word_for(verdict, expectation).text,
            },
            Some(Answer::NotStarted) => "not started".to_owned(),
            Some(Answer::NotApplicable(_)) => "not applicable".to_owned(),
            Some(Answer::Crashed(_)) => "CRASHED".to_owned(),
            _ => "no answer".to_owned(),
        };
        *self.others.entry(other).or_default() += 1;
    }

    fn add_size(&mut self, job: &Job) {
        let Task::System { scenario, .. } = &job.task else { return };
        let Some(Scenario { program, .. }) = catalogue::named(scenario) else { return };
        self.threads_max = self.threads_max.max(program.threads.len());
        self.requests_max = self.requests_max.max(program.requests());
    }

    /// For a cell.
    fn words(&self) -> String {
        let known = [(self.proved, "proved"), (self.hangs, "hang")];
        let others = self.others.iter().map(|(word, number)| (*number, word.as_str()));
        let parts = known.into_iter().chain(others).filter(|(number, _)| *number > 0);
        parts.map(|(number, word)| format!("{word} {number}")).collect::<Vec<_>>().join(", ")
    }

    fn sentence(&self) -> String {
        let mut parts = vec![format!("proved {} of {} scenarios", self.proved, self.lawful)];
        if self.proved > 0 && self.proved == self.lawful {
            parts.push(format!(
                "every interleaving of up to {} threads and {} requests, with every allowed outcome and no other",
                self.threads_max, self.requests_max
            ));
        }
        parts.extend(self.others.iter().map(|(word, number)| format!("{word} {number}")));
        if self.hanging > 0 {
            let (hangs, hanging) = (self.hangs, self.hanging);
            parts.push(format!("and {hangs} of {hanging} that must hang do"));
        }
        parts.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::Exit;
    use crate::cli::arguments::{Arguments, Command};
    use crate::cli::gate::{Tolerance, exit, summary};
    use crate::exploration::{Bound, Failure, FailureKind};
    use crate::model::Rule;
    use crate::rules::Violation;
    use crate::verdict::Judgement;

    /// A gate over two scenarios, of which the second must hang, with these answers.
    fn gate(verdicts: [Verdict; 2]) -> (Exit, String) {
        let (plan, answers) = planned(verdicts);
        let mut printed = Vec::new();
        summary::write(&mut printed, &plan, &answers, std::time::Duration::ZERO).expect("memory is writable");
        let group = plan.groups.iter().find(|group| group.about == About::Systems).expect("there is one");
        let printed =
            String::from_utf8(printed).expect("it is text") + &group.table(&plan, &answers).to_string();
        (exit(&plan, &answers, Tolerance::Nothing), printed)
    }

    fn planned(verdicts: [Verdict; 2]) -> (Plan, Answers) {
        let scenarios = ["--scenario", "purge-finish", "--scenario", "handler-awaits-its-callback"];
        let words = ["cancelproof", "gate", "--engine", "dpor"];
        let parsed = Arguments::try_parse_from(words.into_iter().chain(scenarios)).expect("it is a gate");
        let Command::Gate(arguments) = parsed.command else { panic!("it is a gate") };
        let plan = Plan::new(&arguments, &[]).expect("the names are known");
        let judged = |verdict| Some(Answer::Judged(Judgement::without_executions(verdict)));
        let [first, second] = verdicts.map(judged);
        let answers = vec![judged(Verdict::Proved), first, second];
        assert_eq!(plan.jobs.len(), answers.len(), "the canary and the two");
        (plan, answers)
    }

    fn refuted(rule: Rule) -> Verdict {
        let violation = Violation { rule, explanation: "so it was".to_owned() };
        let kind = FailureKind::Deadlock { blocked: Vec::new() };
        Verdict::Refuted { violation, failure: Failure { kind, execution: 1, decisions: Vec::new() } }
    }

    #[test]
    fn a_system_that_breaks_a_rule_fails_the_gate_and_is_named_with_where_to_see_it() {
        let (exit, printed) = gate([refuted(Rule::InOrder), refuted(Rule::NoDeadlock)]);
        assert_eq!(exit, Exit::Refuted);
        assert!(printed.contains("see it: cancelproof show purge-finish"), "{printed}");
        assert!(printed.contains("proved 0 of 1 scenarios, REFUTED in-order 1, and 1 of 1"), "{printed}");
        let (exit, printed) = gate([Verdict::Proved, refuted(Rule::InOrder)]);
        assert_eq!(exit, Exit::Refuted);
        assert!(
            printed.contains("proved 1 of 1 scenarios, every") && printed.contains("and 0 of 1"),
            "{printed}"
        );
        assert_eq!(gate([Verdict::Proved, refuted(Rule::NoDeadlock)]).0, Exit::Proved);
    }

    /// The one that had to hang and does is not among them.
    #[test]
    fn a_system_that_breaks_a_rule_gets_a_counterexample_that_can_be_run_again() {
        let (plan, answers) = planned([refuted(Rule::InOrder), refuted(Rule::NoDeadlock)]);
        let found = failures::find(&plan, &answers);
        let [(scenario, engine, found)] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((scenario.as_str(), *engine), ("purge-finish", Engine::Dpor));
        assert_eq!(found.trace.header.token.as_deref(), Some(found.token.as_str()));
        let token: crate::system::counterexample::Token = found.token.parse().expect("it is one");
        assert_eq!((token.system.as_str(), token.rule), ("system", Rule::InOrder));
        let (plan, answers) = planned([Verdict::Proved, refuted(Rule::InOrder)]);
        let found = failures::find(&plan, &answers);
        assert_eq!(found.len(), 1, "{found:?}");
    }

    #[test]
    fn what_is_missing_or_was_cut_short_is_no_proof() {
        let missing = || Verdict::Vacuous { missing: "it never hangs".to_owned() };
        let (exit, printed) = gate([Verdict::Proved, missing()]);
        assert_eq!(exit, Exit::Vacuous);
        assert!(printed.contains("VACUOUS 1"), "{printed}");
        assert_eq!(gate([missing(), refuted(Rule::NoDeadlock)]).0, Exit::Vacuous);
        let (exit, printed) = gate([Verdict::Bounded(Bound::Milliseconds(1)), refuted(Rule::NoDeadlock)]);
        assert_eq!(exit, Exit::OutOfBudget);
        assert!(printed.contains("bounded 1") && !printed.contains("every interleaving"), "{printed}");
    }
}
