//! `cancelproof litmus`: where the engines differ on the smallest programs, and who is right.

use std::io::Write;

use super::arguments::Litmus;
use super::{Exit, UsageError, output};
use crate::litmus;

/// Runs every program under every engine. That `rc11` is itself wrong on one is a failure of the suite.
pub(super) fn run(arguments: Litmus) -> Result<Exit, UsageError> {
    let rows = litmus::compare_engines();
    let mut out = output::plain();
    if arguments.markdown {
        write!(out, "{}", litmus::markdown(&rows))?;
    } else {
        writeln!(out, "{}\n\n{}", litmus::render(&rows), litmus::summary(&rows))?;
    }
    let is_right = rows.iter().all(|row| row.rc11.agrees());
    Ok(if is_right { Exit::Proved } else { Exit::ToolFailure })
}
