//! The broken twin is refuted, and the report says where.

mod adapter;

use cancelproof::front_door::report;
use cancelproof::judge::Engine;
use dropped_future::broken::BrokenPending;

type BrokenFuture<R> = adapter::Dropped<R, BrokenPending<R>>;

#[test]
fn the_broken_twin_is_refuted_with_its_own_lines() {
    let twin = cancelproof::subject!(BrokenFuture<_>);
    for engine in [Engine::Dpor, Engine::Loom, Engine::Shuttle] {
        let report = report(twin, "mark-cancel", engine).expect_err("a handler is installed in between");
        assert!(report.contains("no-lost-cancel is broken"), "{report}");
        assert!(report.contains("broken.rs:22") && report.contains("broken.rs:24"), "{report}");
    }
}
