//! Kernels of embedded drivers, C++ senders, and other languages.

super::kernels! {
    /// The kernels of this list, by name.
    SECOND:
}
