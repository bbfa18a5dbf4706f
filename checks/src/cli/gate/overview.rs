//! A gate on one screen: a line for each request, and a sentence for everything else.

use std::io::{self, Write};
use std::time::Duration;

use comfy_table::Table;

use super::plan::{About, Column, Group, Kind, Plan};
use super::{Answers, Tolerance, agreement, exit_of_answer, headline, summary, unseen};
use crate::cli::{Exit, table};
use crate::job::Answer;
use crate::judge::Engine;
use crate::system::registry::REFERENCE;
use crate::verdict::Verdict;

/// Writes everything but what went wrong.
pub(super) fn write(
    out: &mut impl Write,
    plan: &Plan,
    answers: &Answers,
    elapsed: Duration,
) -> io::Result<()> {
    summary::write_outdated(out, plan, answers)?;
    if let Some(table) = requests(plan, answers) {
        writeln!(out, "{table}\n")?;
    }
    for group in &plan.groups {
        match group.about {
            About::Faults { of } => writeln!(out, "{}", faults(plan, group, answers, of))?,
            About::Staircase => summary::write_staircase(out, group, answers)?,
            About::SmallPrograms => summary::write_small_programs(out, group, answers)?,
            About::Kept => writeln!(out, "kept failures: {}", judged_again(group, answers))?,
            About::Request { .. } | About::Systems | About::Canary | About::Growth => {}
        }
    }
    let (unexplained, explained): (Vec<_>, Vec<_>) =
        agreement::differences(plan, answers).into_iter().partition(agreement::Difference::is_failure);
    if !explained.is_empty() {
        writeln!(
            out,
            "agreement: {} outcomes that one engine reaches and another does not, each as a litmus program shows",
            explained.len()
        )?;
    }
    unseen::write(out, plan, answers)?;
    headline::write(out, plan, answers)?;
    let executions: u64 = answers.iter().flatten().map(Answer::executions).sum();
    writeln!(out, "{} executions in {:.1} s", table::count(executions), elapsed.as_secs_f64())?;
    unexplained.iter().try_for_each(|difference| difference.write(out))
}

/// A row for each request and for the system: in how many scenarios each engine proved it.
fn requests(plan: &Plan, answers: &Answers) -> Option<Table> {
    let is_shown = |group: &&Group| matches!(group.about, About::Request { .. } | About::Systems);
    let groups: Vec<&Group> = plan.groups.iter().filter(is_shown).collect();
    let mut columns: Vec<Column> = Vec::new();
    for column in groups.iter().flat_map(|group| &group.columns) {
        if !columns.contains(column) {
            columns.push(*column);
        }
    }
    columns.sort_by_key(|column| match column {
        Column::Exhaustive(engine) => Engine::ALL.iter().position(|known| known == engine),
        Column::Sampled => Some(Engine::ALL.len()),
    });
    let has_grown = plan.groups.iter().any(|group| group.about == About::Growth);
    let mut header = vec!["proved in scenarios", "contract"];
    header.extend(columns.iter().map(|column| match column {
        Column::Exhaustive(engine) => engine.name(),
        Column::Sampled => "sampled",
    }));
    header.extend(has_grown.then_some("threads"));
    let rows = groups.iter().map(|group| {
        let (name, contract) = match &group.about {
            About::Request { name, contract } => (name.as_str(), contract.as_str()),
            _ => (REFERENCE.name, ""),
        };
        let mut cells = vec![name.to_owned(), contract.to_owned()];
        cells.extend(columns.iter().map(|column| cell(plan, group, answers, *column)));
        cells.extend(has_grown.then(|| threads(plan, answers, name)));
        cells
    });
    let mut table = table::figures(&header, rows.collect());
    if let Some(contracts) = table.column_mut(1) {
        contracts.set_cell_alignment(comfy_table::CellAlignment::Left);
    }
    (!groups.is_empty()).then_some(table)
}

/// What an engine made of one request in all scenarios, or how many executions were sampled.
fn cell(plan: &Plan, group: &Group, answers: &Answers, column: Column) -> String {
    let Some(place) = group.columns.iter().position(|known| *known == column) else { return String::new() };
    let jobs: Vec<usize> = group.rows.iter().flat_map(|row| row.jobs[place].iter().copied()).collect();
    let judged = jobs.iter().filter(|&&number| !matches!(answers[number], Some(Answer::NotApplicable(_))));
    let (mut good, mut all, mut wrong, mut executions) = (0, 0, 0, 0);
    for &number in judged {
        let answer = answers[number].as_ref();
        let verdict = answer.and_then(Answer::judgement).map(|known| &known.verdict);
        all += 1;
        executions += answer.map_or(0, Answer::executions);
        if exit_of_answer(plan, answers, number, Tolerance::Anything) != Exit::Proved {
            wrong += 1;
        } else if matches!(verdict, Some(Verdict::Proved | Verdict::Refuted { .. })) {
            good += 1;
        }
    }
    match (column, wrong) {
        (Column::Sampled, 0) => table::count(executions),
        (Column::Exhaustive(_), 0) if good == all => all.to_string(),
        (Column::Exhaustive(_), 0) => format!("{good} of {all}"),
        (_, wrong) => format!("WRONG {wrong} of {all}"),
    }
}

/// The most threads for which every interleaving was explored beyond the catalogue.
fn threads(plan: &Plan, answers: &Answers, request: &str) -> String {
    let grown = summary::grown(plan, answers, request).and_then(|growth| growth.proved);
    grown.map_or_else(String::new, |threads| threads.to_string())
}

/// How many faults are refuted as they should be.
fn faults(plan: &Plan, group: &Group, answers: &Answers, of: Kind) -> String {
    let is_good = |&number: &usize| exit_of_answer(plan, answers, number, Tolerance::Nothing) == Exit::Proved;
    let (good, jobs) = (group.jobs().filter(is_good).count(), group.jobs().count());
    let of = match of {
        Kind::Requests => "",
        Kind::Systems => " of systems",
    };
    format!(
        "faults{of}: {} planted; {good} of {jobs} judgements, by each engine that claims to see one, refute it for its own \
         rule",
        group.rows()
    )
}

fn judged_again(group: &Group, answers: &Answers) -> String {
    let is_good = |number: &usize| {
        let verdict = answers[*number].as_ref().and_then(Answer::judgement).map(|known| &known.verdict);
        matches!(verdict, Some(Verdict::Proved | Verdict::Sampled | Verdict::Bounded(_)))
    };
    format!("{} of {} fail no more", group.jobs().filter(is_good).count(), group.jobs().count())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::arguments::{Arguments, Command};
    use crate::cli::gate::conclusion::Conclusion;
    use crate::cli::gate::expectation::Expectation;
    use crate::exploration::{Bound, Failure, FailureKind};
    use crate::job::Job;
    use crate::judge::growth::Growth;
    use crate::rules::Violation;
    use crate::verdict::Judgement;

    /// What a whole gate prints that gets these answers, with its last line.
    fn printed(answer: impl Fn(&Job, Expectation) -> Answer) -> String {
        let parsed = Arguments::try_parse_from(["cancelproof", "gate"]).expect("it is a gate");
        let Command::Gate(arguments) = parsed.command else { panic!("it is a gate") };
        let plan = Plan::new(&arguments, &[]).expect("the names are known");
        let all = plan.jobs.iter().zip(&plan.expectations);
        let answers: Answers = all.map(|(job, expectation)| Some(answer(job, *expectation))).collect();
        let mut printed = Vec::new();
        write(&mut printed, &plan, &answers, Duration::ZERO).expect("memory is writable");
        let last = Conclusion::of(&plan, &answers).line(Exit::Proved, 0);
        format!("{}\n{last}\n", String::from_utf8(printed).expect("it is text"))
    }

    /// As it should be.
    fn good(job: &Job, expectation: Expectation) -> Answer {
        let verdict = match (expectation, &job.task) {
            (_, crate::job::Task::Growth { .. }) => return Answer::Grown(Growth::default()),
            (Expectation::Breaks(rule), _) => Verdict::Refuted {
                violation: Violation { rule, explanation: String::new() },
                failure: Failure {
                    kind: FailureKind::Panic { message: String::new() },
                    execution: 1,
                    decisions: Vec::new(),
                },
            },
            (Expectation::Passes, _) if job.engine.is_exhaustive() => Verdict::Proved,
            (Expectation::Passes, _) => Verdict::Sampled,
        };
        Answer::Judged(Judgement::without_executions(verdict))
    }

    #[test]
    fn a_green_gate_fits_a_screen_with_a_line_for_each_request() {
        let printed = printed(good);
        let lines = printed.lines().count();
        assert!(lines <= 40, "{lines} lines:\n{printed}");
        for request in crate::registry::references() {
            let rows = printed.lines().filter(|line| line.split_whitespace().next() == Some(request.name()));
            assert_eq!(rows.count(), 1, "{}:\n{printed}", request.name());
        }
        assert!(!printed.contains("WRONG"), "{printed}");
        let last = printed.lines().last().expect("it says something");
        let begin = format!(
            "gate passed: {} requests and the system proved, ",
            crate::registry::references().count()
        );
        assert!(
            last.starts_with(&begin) && last.ends_with(" faults refuted, 0 vacuous, 0 bounded"),
            "{last}"
        );
    }

    #[test]
    fn what_a_witness_does_not_end_is_a_smaller_number_and_no_proof_of_it() {
        let printed = printed(|job, expectation| match (job.engine, &job.task) {
            (Engine::Loom, crate::job::Task::Scenario { request, scenario })
                if request == "word" && scenario == "mark-cancel" =>
            {
                Answer::Judged(Judgement::without_executions(Verdict::Bounded(Bound::Executions(9))))
            }
            _ => good(job, expectation),
        });
        let row = printed.lines().find(|line| line.trim_start().starts_with("word "));
        let row = row.expect("it has a row");
        assert!(row.contains(" of "), "{row}");
        assert!(printed.contains("bounded 1: the first 9 executions of each"), "{printed}");
        assert!(
            printed.lines().last().is_some_and(|last| last.ends_with("0 vacuous, 1 bounded")),
            "{printed}"
        );
    }
}
