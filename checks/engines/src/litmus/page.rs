//! The page of the documentation about the litmus programs.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::suite::Allowed;
use super::table::{Deviation, Row, list};

/// One sentence: how many programs there are, and on how many each engine agrees with RC11.
#[must_use]
pub fn summary(rows: &[Row]) -> String {
    let agreeing = |agrees: fn(&Row) -> bool| rows.iter().filter(|row| agrees(row)).count();
    format!(
        "Of {} programs rc11 has exactly the outcomes that RC11 allows on {}, loom on {}, shuttle on {}.",
        rows.len(),
        agreeing(|row| row.rc11.agrees()),
        agreeing(|row| row.loom.agrees()),
        agreeing(|row| row.shuttle.agrees()),
    )
}

/// Where the engines differ and who is right, and after that every program.
#[must_use]
pub fn markdown(rows: &[Row]) -> String {
    let mut page = format!(
        "<!-- Written by `cancelproof litmus --markdown`; the test of this page fails when it is stale. -->\n\n\
         # Litmus programs\n\n\
         The smallest programs that tell memory models apart, under three engines. {}\n\n\
         ## How engines differ\n\n",
        summary(rows)
    );
    // Writing to a string cannot fail.
    for deviation in Deviation::ALL {
        let engines = engines_with(rows, deviation);
        if engines.is_empty() {
            continue;
        }
        let engines = engines.into_iter().collect::<Vec<_>>().join(" and ");
        let _ = writeln!(
            page,
            "- **{engines}**, smallest program `{}`: {}.",
            deviation.shown_by(),
            deviation.explanation()
        );
    }
    page += "\n## Where\n\n| program | engine | missing | impossible | shown in its smallest form by |\n\
             |---|---|---|---|---|\n";
    for (row, engine, finding, deviation) in rows.iter().flat_map(Row::differences) {
        let _ = writeln!(
            page,
            "| `{}` | {engine} | {} | {} | `{}` |",
            row.litmus.name,
            if finding.is_wrong_about_race { "the race".to_owned() } else { list(&finding.missing) },
            list(&finding.impossible),
            deviation.shown_by(),
        );
    }
    page += "\n## Every program\n\nThe notation is that of the module `litmus::program`. An outcome is the values of \
             what is observed, in that order.\n\n\
             | name | program | observed | allowed by RC11 | verdict of | what it shows |\n|---|---|---|---|---|---|\n";
    for litmus in rows.iter().map(|row| row.litmus) {
        let allowed = match litmus.allowed {
            Allowed::Outcomes(outcomes) => outcomes.join(", "),
            Allowed::Race => "a data race".to_owned(),
        };
        let _ = writeln!(
            page,
            "| `{}` | `{}` | `{}` | {allowed} | {} | {} |",
            litmus.name,
            litmus.program.replace('|', "\\|"),
            litmus.observed,
            litmus.citation,
            litmus.note,
        );
    }
    page
}

fn engines_with(rows: &[Row], deviation: Deviation) -> BTreeSet<&'static str> {
    let differences = rows.iter().flat_map(Row::differences);
    differences.filter(|(.., found)| *found == deviation).map(|(_, engine, ..)| engine).collect()
}
