//! Whether the execution at hand is only run again, to be compared with what it was before.
//!
//! A rerun is none of the executions that an engine explores, so whoever sums them up leaves it out.

pub use crate::outcome::is_rerun;
