//! The claims as tables in Markdown, for the pages that carry them.

use std::fmt::Write as _;

use super::{ALL, Claims, Matter};

/// What each engine explores and cannot see, a row an engine.
#[must_use]
pub fn engines_table() -> String {
    let mut text = String::from(
        "| engine | explores | memory model | does not look at, or not wholly |\n|---|---|---|---|\n",
    );
    for claims in ALL {
        let Claims { name, about, memory_model, limits, .. } = claims;
        let limits: Vec<String> =
            limits.iter().map(|limit| format!("*{}*: {}", limit.matter, limit.sentence)).collect();
        let _ = writeln!(text, "| `{name}` | {about} | {memory_model} | {} |", limits.join(" "));
    }
    text
}

/// What the exhaustive engines look at, a row a matter.
#[must_use]
pub fn not_looked_at_table() -> String {
    let engines: Vec<&Claims> = ALL.into_iter().filter(|claims| claims.is_exhaustive).collect();
    let names: Vec<&str> = engines.iter().map(|claims| claims.name).collect();
    let mut text = format!("| looked at? | {} |\n|---|{}\n", names.join(" | "), "---|".repeat(names.len()));
    for matter in Matter::ALL {
        let cells: Vec<&str> = engines.iter().map(|claims| cell(claims, matter)).collect();
        if cells.iter().any(|cell| *cell != "yes") {
            let _ = writeln!(text, "| {matter} | {} |", cells.join(" | "));
        }
    }
    text
}

fn cell(claims: &Claims, matter: Matter) -> &'static str {
    match claims.limit(matter) {
        None => "yes",
        Some(limit) if limit.is_partial => "in part",
        Some(_) => "no",
    }
}
