//! `cancelproof audit`: everything that a ledger says, found out again.

use std::io::{self, Write};

use super::arguments::Audit;
use super::{Exit, UsageError, output, progress, table};
use crate::audit;
use crate::ledger::{self, Difference, FileError, Ledger, Record, Selection};
use crate::registry;
use crate::workers;

pub(super) fn run(arguments: &Audit) -> Result<Exit, UsageError> {
    let missing = || FileError::Missing { path: arguments.ledger.clone() };
    let recorded = ledger::read(&arguments.ledger)?.ok_or_else(missing)?;
    let audit = audit::Audit::new(&recorded, selection(arguments, &recorded));
    let bar = progress::bar(audit.jobs() as u64);
    let workers = arguments.workers.unwrap_or_else(workers::count_by_default);
    let (found, differences) = audit
        .find_again(workers, registry::subject, |job| {
            bar.inc(1);
            bar.set_message(job.title());
        })
        .map_err(UsageError::NoWorker)?;
    bar.finish_and_clear();
    write(&mut output::plain(), arguments, &found, &differences)?;
    Ok(if differences.is_empty() { Exit::Proved } else { Exit::Differs })
}

/// What is looked at: what the ledger was restricted to, or less.
fn selection(arguments: &Audit, recorded: &Ledger) -> Selection {
    let narrower = |asked: &[String], known: &[String]| {
        if asked.is_empty() { known.to_vec() } else { asked.to_vec() }
    };
    Selection {
        requests: narrower(&arguments.request, &recorded.selection.requests),
        scenarios: recorded.selection.scenarios.clone(),
        engines: narrower(&arguments.engine, &recorded.selection.engines),
    }
}

fn write(
    out: &mut impl Write,
    arguments: &Audit,
    found: &Ledger,
    differences: &[Difference],
) -> io::Result<()> {
    for difference in differences {
        writeln!(out, "{difference}")?;
    }
    let (judgements, executions) =
        (found.results.len(), found.results.iter().map(|result| result.executions).sum::<u64>());
    let verdict = match differences.len() {
        0 => "holds".to_owned(),
        1 => "does NOT hold: 1 difference".to_owned(),
        more => format!("does NOT hold: {more} differences"),
    };
    let has_system = found.results.iter().any(Record::is_of_the_system);
    writeln!(
        out,
        "{} {verdict}; {judgements} judgements of {} requests{} found again, {} executions",
        arguments.ledger.display(),
        found.requests.len(),
        if has_system { " and of the system" } else { "" },
        table::count(executions)
    )
}
