//! The broken twins are refuted, and the reports say where.

use cancelproof::front_door::report;
use cancelproof::judge::Engine;

#[path = "."]
mod oneshot {
    cancelproof::subject_per_runtime! {
        request = OneShot as Operation;

        #[path = "../src/broken/oneshot.rs"]
        mod source;
        #[path = "adapter/oneshot.rs"]
        mod adapter;

        pub(super) use adapter::OneShot;
    }

    pub(super) fn broken() -> &'static dyn cancelproof::subject::Subject {
        subject()
    }
}

#[path = "."]
mod registry {
    cancelproof::subject_per_runtime! {
        request = Registrations as Registration;

        #[path = "../src/broken/registry.rs"]
        mod source;
        #[path = "adapter/registry.rs"]
        mod adapter;

        pub(super) use adapter::Registrations;
    }

    pub(super) fn broken() -> &'static dyn cancelproof::subject::Subject {
        subject()
    }
}

#[test]
fn a_value_that_a_cancel_throws_away_is_missed() {
    for engine in [Engine::Dpor, Engine::Loom, Engine::Shuttle] {
        let report = report(oneshot::broken(), "completed-then-canceled", engine).expect_err("the value is lost");
        assert!(report.contains("result-once is broken"), "{report}");
        assert!(report.contains("nobody received its result"), "{report}");
    }
}

#[test]
fn a_cancel_that_comes_between_two_looks_is_missed() {
    for engine in [Engine::Dpor, Engine::Loom, Engine::Shuttle] {
        let report = report(registry::broken(), "mark-cancel", engine).expect_err("a cancel is lost in between");
        assert!(report.contains("no-lost-cancel is broken"), "{report}");
        assert!(report.contains("registry.rs:36") && report.contains("registry.rs:37"), "{report}");
    }
}
