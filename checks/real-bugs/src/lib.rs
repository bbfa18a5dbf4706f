//! Real races between cancel and completion, as a benchmark.
//!
//! Each [`Kernel`] is a bug that a public project has had: a small program of our own with the fault, its *twin* with the fix,
//! and a [`Bug`] that says what the report says. All run under loom, shuttle and our own engines; a [`Matrix`] says who finds
//! what, for an apt rule, after how many executions, and that every twin is proved.
//!
//! Some bugs are [requests] as well: no program is chosen for these, and every [small program](small_programs) of their
//! contract and a [hunt] are to find them. The others say [why](closures) they are none.
//!
//! # Example
//!
//! One bug under `dpor`: refuted, and its twin proved.
//!
//! ```
//! use cancelproof_engines::engine::Dpor;
//! use cancelproof_real_bugs::{Cell, Twin, kernels, refute, prove};
//!
//! let kernel = kernels::named("waker_freed_while_taken").unwrap();
//! assert!(matches!(refute(kernel, &Dpor), Cell::Refuted { .. }));
//! assert!(matches!(prove(kernel, &Dpor), Twin::Proved { .. }));
//! ```
//!
//! # What a kernel is, and what it is not
//!
//! A kernel has the operations that the report blames, in their order and with their orderings, and nothing of the project
//! around them. That an engine refutes it says that the engine finds bugs of this kind, not that it would have found this one in
//! the project's own code and size.

mod bug;
pub mod closures;
mod elsewhere;
pub mod kernels;
mod matrix;
mod page;
pub mod parts;
mod programs;
pub mod requests;
mod story;

pub use bug::{Bodies, Bug, Class, Kernel, Language, Needs, Rule, Seen};
pub use elsewhere::{ELSEWHERE, Elsewhere};
pub use matrix::{Cell, ENGINES, Matrix, Progress, Row, Twin, prove, refute};
pub use programs::{Hunted, Judged, Small, TwinHunted, TwinSmall, hunt, small_programs};
pub use story::instructive;
