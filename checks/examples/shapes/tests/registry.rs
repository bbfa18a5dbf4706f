//! The type, unchanged, on every runtime.

cancelproof::suite_per_runtime! {
    request = Registrations as Registration;

    #[path = "../src/registry.rs"]
    mod source;
    #[path = "adapter/registry.rs"]
    mod adapter;

    pub(super) use adapter::Registrations;
}
