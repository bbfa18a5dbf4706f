//! The tree: children come and go while the root is canceled.

mod adapter;

use cancelproof::judge::Engine;
use cancelproof::model::Runtime;
use token_tree::Token;

/// As the tree makes them.
pub struct Child;

impl adapter::MakesChild for Child {
    fn child<R: Runtime>(parent: &Token<R>, callback: impl Fn() + Send + Sync + 'static) -> Token<R> {
        parent.child(callback)
    }
}

type Operation<R> = adapter::Operation<R, Child>;

cancelproof::suite!(Operation<_> as Registration, threads = 2, engines = [Engine::Dpor, Engine::Rc11, Engine::ShuttlePct]);
