//! The source of tokio-util's token and of the `Notify` under it, unchanged, on every runtime.

use cancelproof::judge::Engine;

// With all engines, shuttle's depth-first search among them, the suite was not half through after seven minutes; with these it
// takes seconds.
cancelproof::suite_per_runtime! {
    request = Operation,
    threads = 2,
    engines = [Engine::Dpor, Engine::Rc11, Engine::Loom, Engine::ShuttlePct],
    samples = 200;

    include!(concat!(env!("OUT_DIR"), "/modules.rs"));
    #[path = "../src/primitives.rs"]
    mod primitives;
    #[path = "adapter/mod.rs"]
    mod adapter;

    pub(super) use adapter::Operation;
    use self::tokio_util::sync::CancellationToken;
}
