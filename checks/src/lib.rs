//! A verification suite for cancelable requests.
pub use cancelproof_model as model;

pub mod execution;
pub mod executor;
pub mod exploration;
pub mod history;
pub mod operation;
pub mod platform;
pub mod rules;
pub mod scenario;
