//! The source, unchanged, on every runtime.

cancelproof::suite_per_runtime! {
    request = Operation as Registration, threads = 2, samples = 200;

    #[path = "../src/source.rs"]
    mod source;
    #[path = "adapter/mod.rs"]
    mod adapter;

    pub(super) use adapter::Operation;
}
