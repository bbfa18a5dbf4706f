//! `cancelproof litmus`: where the engines differ on the smallest programs, and who is right.

use std::io::Write;

use super::arguments::Litmus;
use super::{Exit, UsageError, output, table};
use crate::litmus;

/// Runs every program under every engine. That `rc11` is itself wrong on one is a failure of the suite.
pub(super) fn run(arguments: Litmus) -> Result<Exit, UsageError> {
    let rows = litmus::compare_engines();
    let mut out = output::plain();
    if arguments.markdown {
        write!(out, "{}", litmus::markdown(&rows))?;
    } else if arguments.verbose {
        writeln!(out, "{}\n\n{}", litmus::render(&rows), litmus::summary(&rows))?;
    } else {
        let header = ["engine", "programs", "smallest", "who is right"];
        writeln!(
            out,
            "{}\n\n{}",
            table::plain(&header, litmus::by_deviation(&rows)),
            litmus::summary(&rows)
        )?;
        writeln!(
            out,
            "each program: cancelproof litmus --verbose; with its outcomes: cancelproof litmus --markdown"
        )?;
    }
    let is_right = rows.iter().all(|row| row.rc11.agrees());
    Ok(if is_right { Exit::Proved } else { Exit::ToolFailure })
}
