//! The claims as tables in Markdown, for the pages that carry them.

use std::fmt::Write as _;

use super::{ALL, Claims, Matter};

/// What each engine explores, a row an engine, and then what it does not look at, a row for each limit with the
/// engines that have it.
#[must_use]
pub fn engines_table() -> String {
    let mut text = String::from("| engine | explores | memory model |\n|---|---|---|\n");
    for Claims { name, about, memory_model, .. } in ALL {
        let _ = writeln!(text, "| `{name}` | {about} | {memory_model} |");
    }
    text.push_str("\n| not looked at, or not wholly | by | what holds instead |\n|---|---|---|\n");
    for matter in Matter::ALL {
        for (sentence, engines) in limits(matter) {
            let _ = writeln!(text, "| {matter} | {} | {sentence} |", engines.join(", "));
        }
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

/// The sentences about `matter`, each with the engines of which it holds.
fn limits(matter: Matter) -> Vec<(&'static str, Vec<&'static str>)> {
    let mut found: Vec<(&str, Vec<&str>)> = Vec::new();
    for claims in ALL {
        let Some(limit) = claims.limit(matter) else { continue };
        match found.iter_mut().find(|(sentence, _)| *sentence == limit.sentence) {
            Some((_, engines)) => engines.push(claims.name),
            None => found.push((limit.sentence, vec![claims.name])),
        }
    }
    found
}

fn cell(claims: &Claims, matter: Matter) -> &'static str {
    match claims.limit(matter) {
        None => "yes",
        Some(limit) if limit.is_partial => "in part",
        Some(_) => "no",
    }
}
