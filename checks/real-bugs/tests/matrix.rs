//! Every bug is found by our own engines for an apt rule, every twin is proved, and the page says so.

use std::fs;
use std::path::Path;

use cancelproof_real_bugs::{Cell, ENGINES, Matrix, Row};

/// Of a hundred bugs, how many our own engines have to refute for an apt rule.
const LEAST_OF_A_HUNDRED: usize = 95;

/// The bugs are refuted but for a few, and each of these has a reason; every twin is proved.
fn assert_is_refuted_and_proved(matrix: &Matrix) {
    let all = matrix.rows.len();
    assert!(matrix.refuted() * 100 >= all * LEAST_OF_A_HUNDRED, "{} of {all}", matrix.refuted());
    for row in &matrix.rows {
        assert!(row.is_twin_proved(), "{}: {:?}", row.bug.name, row.twins);
        assert!(row.is_refuted() || has_reasons(row), "{}: {:?}", row.bug.name, row.cells);
    }
}

/// Whether each of our own engines says why it does not claim to see the bug.
fn has_reasons(row: &Row) -> bool {
    let mut own = ENGINES.iter().zip(&row.cells).filter(|(engine, _)| engine.claims().is_own);
    own.all(|(_, cell)| matches!(cell, Cell::NotFound { because: Some(_), .. }))
}

#[test]
fn no_claim_is_broken_and_the_page_is_not_stale() {
    let matrix = Matrix::run(|_| ());
    let complaints: Vec<String> = matrix.complaints().collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
    assert_is_refuted_and_proved(&matrix);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/real-bugs.md");
    let page = matrix.to_markdown();
    if std::env::var_os("REWRITE").is_some() {
        fs::write(&path, &page).expect("the page can be written");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let line = kept.lines().zip(page.lines()).position(|(old, new)| old != new);
    assert!(
        kept == page,
        "the page is stale from line {} on; run this test with REWRITE=1",
        line.map_or(kept.lines().count().min(page.lines().count()), |line| line) + 1
    );
}
