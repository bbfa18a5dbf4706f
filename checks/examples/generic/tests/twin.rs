//! The broken twin is refuted, and the report says where.

use cancelproof::front_door::report;
use cancelproof::judge::Engine;

#[test]
fn the_broken_twin_is_refuted_with_its_own_lines() {
    let twin = cancelproof::subject!(generic::broken::BrokenTicket<_>);
    for engine in [Engine::Dpor, Engine::Loom, Engine::Shuttle] {
        let report = report(twin, "marked-two-cancels", engine).expect_err("two cancels call back twice");
        assert!(report.contains("exactly-once is broken"), "{report}");
        assert!(report.contains("broken.rs:25") && report.contains("broken.rs:28"), "{report}");
    }
}
