//! A verification suite for cancelable requests.
//!
//! Plug in a request with [`suite!`], run `cargo test`, and learn whether, under every interleaving that was explored, the
//! callback fires exactly once when a cancel wins and never after completion. Start at the [front door](front_door).
//!
//! # Example
//!
//! The reference request `word` in one scenario, under the engine `dpor`:
//!
//! ```
//! use cancelproof::judge::{Engine, Settings, judge};
//! use cancelproof::registry;
//! use cancelproof::scenario::catalogue;
//!
//! let (word, scenario) = (registry::subject("word").unwrap(), catalogue::named("mark-cancel").unwrap());
//! let judgement = judge(word, &scenario, Engine::Dpor, Settings::default()).unwrap();
//! assert_eq!(judgement.verdict.word(), "proved");
//! ```
//!
//! # Features
//!
//! Without any feature the crate is what an author's tests need: the engines, the judge, and the counterexample as printed.
//!
//! | feature | adds |
//! |---|---|
//! | `film` | one execution as a page of HTML |
//! | `report` | a ledger as HTML, Markdown, JUnit, SARIF and annotations; needs `film` |
//! | `protocol` | the machine with its threads, exhausted and shown in a browser |
//! | `hunt` | programs drawn at random, for a search without end |
//! | `cli` | the commands, and everything above |

// What only the command line asks of the rooms below stands there without a caller when it is left out.
#![cfg_attr(not(feature = "cli"), allow(dead_code))]

pub use cancelproof_engines::{
    arena, cell, engine, executor, exploration, hint, lens, operation, outcome, platform, recorder, sync,
    task, thread, time,
};
pub use cancelproof_judge::{
    alteration, counterexample, coverage, diagnosis, execution, history, judge, pulse, registry, rules,
    scenario, subject, system, trace, verdict,
};
/// What a request must do, and the reference requests: what the crate `cancelproof-model` has, under the same names.
pub mod model {
    pub use cancelproof_machine::*;
    pub use cancelproof_references::{application, driver, faults, framework, object, requests};
}

use cancelproof_engines::heartbeat;
use cancelproof_judge::pool;

pub use cancelproof_macros::test;
pub use closure::{Model, model};

mod audit;
#[cfg(feature = "cli")]
pub mod cli;
pub mod closure;
#[cfg(feature = "film")]
pub mod film;
pub mod fingerprint;
pub mod front_door;
pub mod fuse;
#[cfg(feature = "cli")]
pub mod gauntlet;
#[cfg(feature = "hunt")]
pub mod hunt;
pub mod job;
pub mod ledger;
#[cfg(feature = "cli")]
pub mod litmus;
pub mod mutation;
pub mod orderings;
mod plain;
#[cfg(feature = "protocol")]
pub mod protocol;
#[cfg(feature = "report")]
pub mod report;
pub mod specification;
pub mod staircase;
pub mod workers;

/// The book's examples are run as those of the documentation are.
#[cfg(doctest)]
mod book {
    #[doc = include_str!("../docs/book/src/closures.md")]
    mod closures {}
    #[doc = include_str!("../docs/book/src/wakers-and-timeouts.md")]
    mod wakers_and_timeouts {}
}
