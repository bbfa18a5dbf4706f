//! The protocol: exhausted with exact counts, liveness decided, any number of cancelers settled, and every property
//! seen to fail.

mod any_number;
mod counts;
mod faults;
mod served;
mod spin;
