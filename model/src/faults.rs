//! Requests that are wrong in one documented way each.
//!
//! A fault is a protocol type that overrides one step of a [reference request](crate::requests) and leaves the rest
//! as it is. It names the rule it breaks and the scenario in which it must be found; the suite's own tests fail if
//! it is not found there, or is found for another reason.

pub mod exchange;
pub mod locked;
pub mod word;

use crate::rule::Rule;

/// What is documented of every fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    /// Its name on the command line: the reference request it edits, and what goes wrong.
    pub name: &'static str,
    /// The edit, as a reviewer would describe the diff.
    pub edit: &'static str,
    /// The rule it breaks.
    pub breaks: Rule,
    /// The name of the smallest scenario of the catalogue that shows it.
    pub scenario: &'static str,
    /// What an engine must be able to see to find it.
    pub needs: Sight,
}

/// What an engine must be able to see to find a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// The order of steps: every engine sees it.
    Order,
    /// Happens-before: a data race that no execution in one total order shows by its values.
    HappensBefore,
    /// Reads that a sequentially consistent machine cannot make.
    WeakMemory,
}

/// A protocol with a documented fault.
pub trait Fault {
    /// What is documented of it.
    const ABOUT: About;
}
