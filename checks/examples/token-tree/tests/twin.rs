//! The broken twin is refuted, and the report says where.

mod adapter;

use cancelproof::front_door::report;
use cancelproof::judge::Engine;
use cancelproof::model::Runtime;
use token_tree::{Token, broken};

/// Asked first, registered afterwards.
pub struct Child;

impl adapter::MakesChild for Child {
    fn child<R: Runtime>(parent: &Token<R>, callback: impl Fn() + Send + Sync + 'static) -> Token<R> {
        broken::child(parent, callback)
    }
}

type Operation<R> = adapter::Operation<R, Child>;

#[test]
fn the_broken_twin_is_refuted_with_its_own_lines() {
    let twin = cancelproof::subject!(Operation<_> as Registration);
    for engine in [Engine::Dpor, Engine::Loom] {
        let report = report(twin, "mark-cancel", engine).expect_err("the parent is canceled in between");
        assert!(report.contains("no-lost-cancel is broken"), "{report}");
        assert!(report.contains("broken.rs:18"), "{report}");
    }
}
