//! The broken twin is refuted, and the report says where.

mod adapter;

use cancelproof::front_door::report;
use cancelproof::judge::Engine;
use cancelproof::model::Runtime;
use slot_table::{Canceled, Name, Table, broken};

/// Without the generation.
pub struct BySlot;

impl adapter::ByName for BySlot {
    fn cancel<R: Runtime>(table: &Table<R>, name: Name) -> Canceled {
        broken::cancel(table, name)
    }
}

type Operation<R> = adapter::Operation<R, BySlot>;

#[test]
fn the_broken_twin_is_refuted_with_its_own_lines() {
    let twin = cancelproof::subject!(Operation<_>);
    for engine in [Engine::Dpor, Engine::Loom, Engine::Shuttle] {
        let report =
            report(twin, "marked-cancel-cancel", engine).expect_err("a stale name cancels another operation");
        assert!(report.contains("broken.rs:10"), "{report}");
    }
}
