//! The operation, whose cancel is the drop of its future.

mod adapter;

use cancelproof::judge::Engine;
use dropped_future::Pending;

type DroppedFuture<R> = adapter::Dropped<R, Pending<R>>;

cancelproof::suite!(
    DroppedFuture<_>,
    threads = 2,
    engines = [Engine::Dpor, Engine::Rc11, Engine::ShuttlePct]
);
