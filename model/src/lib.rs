//! model
pub mod runtime;
