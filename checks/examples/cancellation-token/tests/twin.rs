//! The broken twin is refuted, and the report says where.

use cancelproof::front_door::report;
use cancelproof::judge::Engine;

cancelproof::subject_per_runtime! {
    request = Operation;

    include!(concat!(env!("OUT_DIR"), "/modules.rs"));
    #[path = "../src/primitives.rs"]
    mod primitives;
    #[path = "../src/broken.rs"]
    mod broken;
    #[path = "adapter/mod.rs"]
    mod adapter;

    pub(super) use adapter::Operation;
    use self::broken::CancellationToken;
}

#[test]
fn the_broken_twin_is_refuted_with_its_own_lines() {
    for engine in [Engine::Dpor, Engine::Rc11, Engine::Loom, Engine::Shuttle] {
        let report = report(subject(), "mark-cancel", engine);
        let report = report.expect_err(&format!("a cancel is lost in between, and {engine} does not see it"));
        assert!(report.contains("no-lost-cancel is broken"), "{report}");
        assert!(report.contains("broken.rs:36"), "{report}");
    }
}
