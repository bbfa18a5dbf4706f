//! See `tests/errors.rs`.
