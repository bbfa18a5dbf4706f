//! Litmus programs: the smallest programs that tell memory models apart.
//!
//! Each is data: a program, what is observed, every outcome that RC11 allows, and where the literature says so. One
//! interpreter runs it on any [`Runtime`](cancelproof_runtime::Runtime), so that the same program can be put
//! to `rc11`, loom and shuttle. Where they differ, [`table`] says who is right.

pub mod interpreter;
mod page;
pub mod program;
mod suite;
pub mod table;

pub use self::interpreter::{Observed, Outcome, Outcomes, under_loom, under_rc11, under_shuttle};
pub use self::page::{markdown, summary};
pub use self::program::{Instruction, Program};
pub use self::suite::{Allowed, Citation, Litmus, suite};
pub use self::table::{Deviation, Finding, Row, by_deviation, by_program, compare_engines};
