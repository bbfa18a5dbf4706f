//! The page of the documentation is what the engines say today.

use std::fs;
use std::path::Path;

use cancelproof::gauntlet::{self, Matrix};
use cancelproof::judge::Settings;

#[test]
fn the_kill_matrix_in_the_documentation_is_not_stale() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/kill-matrix.md");
    let page = gauntlet::run(&Matrix::documented_engines(), Settings::default(), |_| ()).to_markdown();
    if std::env::var_os("REWRITE").is_some() {
        fs::write(&path, &page).expect("the page can be written");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let line = kept.lines().zip(page.lines()).position(|(old, new)| old != new);
    assert!(
        kept == page,
        "the kill matrix is stale from line {} on; run the gauntlet's tests with REWRITE=1",
        line.map_or(kept.lines().count().min(page.lines().count()), |line| line) + 1
    );
}
