//! The gauntlet: requests that are wrong in one documented way each.
//!
//! A fault is a protocol type that overrides one step of a [reference request](crate::requests) and leaves the rest
//! as it is. It names the rule it breaks and the scenario in which it must be found; the suite's own tests fail if
//! it is not found there, or is found for another reason.
//!
//! # Safe to run
//!
//! A fault may break every rule of the suite and none of the language's: on the engines it is made for, where all
//! modelled threads share one real thread, it frees nothing twice and touches nothing freed. Objects that a correct
//! request hands from owner to owner are reference counted, and what would be a dangling pointer in a framework is a
//! [`Target`](crate::callback::Target) or a weak reference here. Faults are not for real threads: there a data race
//! would be one.

pub mod application;
pub mod driver;
pub mod exchange;
pub mod locked;
pub mod object;
pub mod queue;
pub mod target;
pub mod word;

use crate::contract::Contract;
use crate::rule::Rule;

/// What is documented of every fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    /// Its name on the command line: the reference request it edits, and what goes wrong.
    pub name: &'static str,
    /// The reference request that it edits.
    pub request: &'static str,
    /// The edit, as a reviewer would describe the diff.
    pub edit: &'static str,
    /// The rule it breaks.
    pub breaks: Rule,
    /// The name of the smallest scenario of the catalogue that shows it.
    pub scenario: &'static str,
    /// The contract under which it is registered.
    pub contract: Contract,
    /// What an engine must be able to see to find it.
    pub needs: Sight,
    /// Where it comes from: a real bug by repository and number, or a row of the request cancellation specification.
    pub origin: &'static str,
    /// Engines that do not find it although they see what it needs, each with the reason.
    pub unseen_by: &'static [Unseen],
}

/// An engine that does not find a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unseen {
    /// The engine, by its name on the command line.
    pub engine: &'static str,
    /// Why it does not.
    pub because: &'static str,
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
    /// Which call of another thread was over when a call was made: under a weak memory there is no such order.
    RealTime,
    /// An execution that never ends: an engine that cuts long executions does not know it from a long one.
    Endlessness,
}

impl About {
    /// The start of a description: a fault of `request` under the default contract that every engine sees.
    const fn of(request: &'static str) -> About {
        About {
            name: "",
            request,
            edit: "",
            breaks: Rule::Linearizable,
            scenario: "",
            contract: Contract::UMDF_1,
            needs: Sight::Order,
            origin: "",
            unseen_by: &[],
        }
    }
}

impl Sight {
    /// Why an engine that lacks it does not find the fault.
    #[must_use]
    pub fn why_unseen(self) -> &'static str {
        match self {
            Sight::Order => "it promises no particular order",
            Sight::HappensBefore => "every order of steps gives right values; only happens-before is missing",
            Sight::WeakMemory => "it needs a read that a sequentially consistent machine cannot make",
            Sight::RealTime => "every answer would be right at another time, and it keeps no real time",
            Sight::Endlessness => "the execution never ends, and it cuts what is long without a verdict",
        }
    }
}

/// A protocol with a documented fault.
pub trait Fault {
    /// What is documented of it.
    const ABOUT: About;
}
