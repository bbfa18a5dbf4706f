//! The broken twin, which real threads on a strongly ordered machine do not refute, and loom does.
#![cfg(loom)]

mod adapter;

use adapter::Operation;
use cancelproof::front_door::report;
use cancelproof::judge::Engine;
use existing::broken::Slot;

#[test]
fn the_broken_twin_is_refuted_with_its_own_lines() {
    let twin = cancelproof::subject!(Operation as Registration on Loom);
    let report = report(twin, "mark-cancel", Engine::Loom).expect_err("the callback is not published");
    assert!(report.contains("broken.rs:"), "{report}");
}
