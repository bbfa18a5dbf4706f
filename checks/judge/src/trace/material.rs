//! What a trace is made from.

use cancelproof_machine::{Contract, Rule};

use super::Log;
use super::data::Header;
use crate::exploration::FailureKind;

/// What a trace is made from.
pub struct Material<'a> {
    /// What is said above it.
    pub header: Header,
    /// What happened, step by step.
    pub log: &'a Log,
    /// Who took part.
    pub cast: &'a Cast,
    /// What the engine saw.
    pub failure: Option<&'a FailureKind>,
    /// The rule that was broken.
    pub rule: Option<Rule>,
}

/// Who and what takes part in an execution, beside what is under test.
pub struct Cast {
    /// The steps of each thread of the program, in their text form.
    pub threads: Vec<String>,
    /// What to call what is under test, and its own threads.
    pub of_whom: &'static str,
    /// The names of the first objects that the harness makes, in their order.
    pub harness: Vec<String>,
    /// The contract by whose machine the states are followed; a system tells its states itself.
    pub machine: Option<Contract>,
}
