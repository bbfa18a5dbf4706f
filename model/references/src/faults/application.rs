//! Faults of the [application's side](crate::application): each overrides one step of
//! [`CallSteps`](crate::application::CallSteps).

pub mod closing;
pub mod ending;
pub mod selecting;
