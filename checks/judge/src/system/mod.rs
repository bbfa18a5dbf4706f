//! Systems: several requests on their queues, with the application above and what a driver sends below.
//!
//! The same flow as for one request, and the same engines, verdicts and judgements: a [`Program`] runs on a system,
//! its history is judged by the [`rules`], and an exploration becomes a verdict. What differs is what is under test.
//! A request is anybody's, and has a contract that every implementation keeps. A system is the suite's own: the
//! [framework](cancelproof_references::framework), the [application's side](cancelproof_references::application), [sent
//! requests](cancelproof_references::framework::target) and [objects](cancelproof_references::object), with one fault at a time.
//! So its abstract machine is a list of outcomes for each scenario, as the specification lists them for each of its
//! races, and a scenario is proved only if it has all of them and no other.

pub mod catalogue;
pub mod counterexample;
mod execution;
pub mod history;
mod judge;
pub mod matrix;
mod program;
mod record;
pub mod registry;
pub mod rules;
pub mod small;

pub use catalogue::{Kind, Scenario};
pub use execution::{Parts, is_of_harness};
pub use judge::{ENGINES, JUDGES, Judged, NotApplicable, judge, judge_by, judge_resuming, judge_through};
pub use program::{
    Behaviour, Delivery, MAX_LETTERS, MAX_REQUESTS, MAX_THREADS, OnStop, Program, ProgramError, Setup, Step,
    Verb,
};
pub use registry::System;
