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

/// Where the film of a failure is to be written.
const FILM: &str = "CANCELPROOF_FILM";

/// What became of the film, if one was asked for.
fn film(failed: &Failed) -> String {
    let Some(path) = std::env::var_os(FILM).map(std::path::PathBuf::from) else { return String::new() };
    let path = path.display();
    match failed.film().map(|page| std::fs::write(path.to_string(), page)) {
        Some(Ok(())) => format!("film: {path}\n"),
        Some(Err(error)) => format!("{FILM}: {path} cannot be written: {error}\n"),
        None => format!(
            "{FILM}: {path} needs the feature \"film\": in Cargo.toml say cancelproof = {{ …, features = [\"film\"] }}\n"
        ),
    }
}

/// All that is said of a failure.
pub(super) fn failure(failed: &Failed) -> String {
    if let Some(found) = &failed.counterexample {
        return format!("\n{}\n{}", table(found), film(failed));
    }
    let violation = stage::violation(&failed.kind);
    let (name, meaning) = stage::words(&violation);
    format!(
        "\n{name} is broken: {meaning}\n  {}\n{}, execution {}; it cannot be run again\n",
        violation.explanation, failed.engine, failed.exploration.executions
    )
}
