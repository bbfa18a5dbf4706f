//! Runs a request through a concurrent program in every execution, and judges it.
//!
//! A [scenario](scenario::Scenario) says what its threads call, an engine runs it in every execution, an
//! [execution] is told as a [history], the [rules] hold the history to the machine, and what is left is a
//! [verdict]. What was refuted becomes a [counterexample]. Tests of an author's own use the crate `cancelproof`, which offers
//! these rooms under the same names.
//!
//! # Example
//!
//! The reference request `word` in one scenario, under the engine `dpor`:
//!
//! ```
//! use cancelproof_judge::judge::{Engine, Settings, judge};
//! use cancelproof_judge::registry;
//! use cancelproof_judge::scenario::catalogue;
//!
//! let (word, scenario) = (registry::subject("word").unwrap(), catalogue::named("mark-cancel").unwrap());
//! let judgement = judge(word, &scenario, Engine::Dpor, Settings::default()).unwrap();
//! assert_eq!(judgement.verdict.word(), "proved");
//! ```

pub use cancelproof_engines::{arena, engine, executor, exploration, operation, platform, recorder};

use cancelproof_engines::heartbeat;

pub mod alteration;
pub mod counterexample;
pub mod coverage;
pub mod diagnosis;
pub mod execution;
pub mod history;
pub mod judge;
#[doc(hidden)]
pub mod pool;
#[doc(hidden)]
pub mod pulse;
pub mod registry;
pub mod rules;
pub mod scenario;
pub mod subject;
pub mod system;
pub mod trace;
pub mod verdict;
