//! Every bug is found by our own engines for an apt rule, every twin is proved, and the page says so.

use std::fs;
use std::path::Path;

use cancelproof_real_bugs::Matrix;

#[test]
fn no_claim_is_broken_and_the_page_is_not_stale() {
    let matrix = Matrix::run(|_| ());
    let complaints: Vec<String> = matrix.complaints().collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
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
