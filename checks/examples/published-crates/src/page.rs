//! The page with what each crate shows.

use std::fmt::Write as _;

use crate::outcome::Outcome;
use crate::package::Sources;
use crate::suites::Suite;

const HEAD: &str = "# Published crates, as they are

The loom suites of published crates, source and tests unedited, beside the facade `loom` of this repository. Each crate is compiled
from where cargo has unpacked it. Crates that know no loom are redirected: their source is copied with other paths for atomics,
locks and `Arc`, no line moves, and the tests are a few of this repository's. `cargo run --manifest-path checks/examples/published-crates/Cargo.toml` writes this page.
*Proved* is every execution, by both own engines; *bounded* says what stopped them; what is *refuted* is wrong, or was made wrong here, as
the row says. Use of freed memory is judged by the rule [lifetime](lifetime.md).

| crate | test | what was shown |
|---|---|---|
";

pub fn page(rows: &[(&Suite, Vec<Outcome>)], sources: &Sources) -> String {
    let mut page = HEAD.to_owned();
    for (suite, outcomes) in rows {
        for outcome in outcomes {
            let version = sources.version(suite);
            let what = suite.refutation(&outcome.test).map_or(String::new(), |what| format!("; {what}"));
            let words = outcome.in_words().replace('|', "\\|");
            let _ = writeln!(page, "| {} {version} | `{}` | {words}{what} |", suite.name, outcome.test);
        }
    }
    let left_out = rows.iter().flat_map(|(suite, _)| suite.left_out.iter().map(|row| (suite.name, row)));
    for (place, (name, (test, why))) in left_out.enumerate() {
        let head = if place == 0 { "\nNot run:\n\n" } else { "" };
        let _ = writeln!(page, "{head}- {name}, `{test}`: {why}");
    }
    page
}
