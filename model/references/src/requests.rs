//! Reference requests: real code that a framework could ship on [`Std`](crate::runtime::Std).
//!
//! | request | idea | learn from it |
//! |---|---|---|
//! | [`Word`] | one atomic state word, read-modify-write transitions only, the callback in a cell | how to keep a race to a single step |
//! | [`Exchange`] | the cancel bit and cancel-routine slot of IRPs | how publish-then-look and set-then-take cannot miss each other |
//! | [`Locked`] | a mutex that is never held while calling back | what the others must be equivalent to |
//! | [`Queue`] | the queue lock, lists and dispatcher of a driver's framework | how a claim, a list and a callback are handed on |
//!
//! Every memory ordering in them is the weakest with which all is proved: `checks/docs/orderings.md` has the table,
//! with what refutes the next weaker ones.
//!
//! Each is written as a *protocol*: a trait whose steps have default bodies, one step a method. The reference uses
//! them all as they are; a [fault](crate::faults) overrides exactly one. So a fault is one documented edit of the
//! same source, and the reference carries no switches for it.

pub mod exchange;
pub mod locked;
pub mod queue;
pub mod turnstile;
pub mod word;

pub use exchange::Exchange;
pub use locked::Locked;
pub use queue::Queue;
pub use word::Word;
