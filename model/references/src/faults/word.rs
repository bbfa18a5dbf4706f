//! Faults of [`Word`](crate::requests::Word): each overrides one transition or one call.

pub mod cancel;
pub mod complete;
pub mod mark;
pub mod unmark;
pub mod wait;
