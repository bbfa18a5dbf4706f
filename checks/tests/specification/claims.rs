//! What the front pages say of the engines is what their records say.

use std::fs;
use std::path::Path;

use cancelproof::engine::claims::{engines_table, not_looked_at_table};

const BEGIN: &str = "<!-- claims: written from ";
const END: &str = "<!-- end of claims -->";

/// Holds the part of a page between the marks to `table`, or writes it anew.
fn check(file: &str, table: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).expect("the page has the first mark");
    let (mark, rest) = rest.split_once('\n').unwrap();
    let (kept, after) = rest.split_once(END).expect("the page has the last mark");
    if std::env::var_os("REWRITE").is_some() {
        fs::write(path, format!("{before}{BEGIN}{mark}\n{table}{END}{after}")).unwrap();
        return;
    }
    assert!(
        kept == table,
        "the claims in {file} are stale; run this test with REWRITE=1, and review what changed"
    );
}

#[test]
fn what_each_engine_cannot_see_is_written_from_its_claims() {
    check("ARCHITECTURE.md", &engines_table());
}

#[test]
fn what_is_proved_and_what_not_is_written_from_the_claims() {
    check("README.md", &not_looked_at_table());
}
