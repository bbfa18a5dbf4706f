//! The broken twin is refuted, and the report says where.

use cancelproof::front_door::report;
use cancelproof::judge::Engine;

cancelproof::subject_per_runtime! {
    request = Operation as Registration;

    #[path = "../src/broken.rs"]
    mod source;
    #[path = "adapter/mod.rs"]
    mod adapter;

    pub(super) use adapter::Operation;
}

#[test]
fn the_broken_twin_is_refuted_with_its_own_lines() {
    for engine in [Engine::Dpor, Engine::Loom, Engine::Shuttle] {
        let report = report(subject(), "mark-cancel", engine).expect_err("a cancel is lost in between");
        assert!(report.contains("no-lost-cancel is broken"), "{report}");
        assert!(report.contains("broken.rs:27"), "{report}");
    }
}
