//! Kernels of oneshot channels, tokens, io_uring and drivers of Rust projects.

super::kernels! {
    /// The kernels of this list, by name.
    FIRST:
    waker_freed_while_taken,
}
