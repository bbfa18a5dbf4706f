//! A verification suite for cancelable requests.
pub use cancelproof_model as model;

pub mod cli;
pub mod counterexample;
pub mod engine;
pub mod execution;
pub mod executor;
pub mod exploration;
pub mod film;
pub mod front_door;
pub mod fuse;
pub mod gauntlet;
pub mod history;
pub mod job;
pub mod judge;
pub mod lens;
pub mod litmus;
pub mod mutation;
pub mod operation;
pub mod orderings;
pub mod platform;
pub mod registry;
pub mod rules;
pub mod scenario;
pub mod subject;
pub mod trace;
pub mod verdict;
pub mod workers;
