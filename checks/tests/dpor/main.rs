//! The `dpor` engine: what it counts, what it finds, and that the two do not depend on how it is run.

#[path = "../fixtures/hand_written.rs"]
mod written;

mod bounded;
mod brute_force;
mod on_both;
mod program;
mod word_request;

mod claimed_weakly;
mod counts;
mod failures;
mod hand_written;
mod lifetimes;
mod loom;
mod races;
mod runs;
mod threads;
mod traces;
