//! How a failure of a closure is printed.

use super::{Failed, Token, stage};
use crate::counterexample::Counterexample;
use crate::trace::table::{self, Look, ReplayBy};

/// The table of a counterexample.
pub(super) fn table(found: &Counterexample<Token>) -> String {
    let width = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let look = Look { replay_by: ReplayBy::Test, ..Look::plain() };
    table::render(&found.trace, &width.map_or(look, |width: usize| look.with_width(width.max(60))))
}

/// All that is said of a failure.
pub(super) fn failure(failed: &Failed) -> String {
    if let Some(found) = &failed.counterexample {
        return format!("\n{}\n", table(found));
    }
    let violation = stage::violation(&failed.kind);
    let (name, meaning) = stage::words(&violation);
    format!(
        "\n{name} is broken: {meaning}\n  {}\n{}, execution {}; it cannot be run again\n",
        violation.explanation, failed.engine, failed.exploration.executions
    )
}
