//! Faults of [`Locked`](crate::requests::Locked): each overrides one call, or what it does under the lock.

pub mod again;
pub mod cancel;
pub mod complete;
pub mod mark;
pub mod presets;
pub mod unmark;
