//! Faults of [`Exchange`](crate::requests::Exchange): each overrides one step.

pub mod again;
pub mod cancel;
pub mod complete;
pub mod mark;
pub mod unmark;
