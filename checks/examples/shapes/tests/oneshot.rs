//! The type, unchanged, on every runtime.

cancelproof::suite_per_runtime! {
    request = OneShot as Operation;

    #[path = "../src/oneshot.rs"]
    mod source;
    #[path = "adapter/oneshot.rs"]
    mod adapter;

    pub(super) use adapter::OneShot;
}
