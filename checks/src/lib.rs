//! A verification suite for cancelable requests.
pub use cancelproof_model as model;

pub mod executor;
pub mod exploration;
pub mod operation;
pub mod platform;
pub mod execution;
pub mod history;
pub mod scenario;
