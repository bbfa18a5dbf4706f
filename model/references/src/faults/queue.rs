//! Faults of the [framework](crate::framework)'s queues: each overrides one step of
//! [`Steps`](crate::framework::Steps).

pub mod calling_back;
pub mod marking;
pub mod moving;
pub mod purging;
