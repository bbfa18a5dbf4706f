//! The `dpor` engine: what it counts, what it finds, and that the two do not depend on how it is run.

mod brute_force;
mod on_both;
mod program;
mod word_request;

mod counts;
mod failures;
mod loom;
mod races;
mod runs;
mod traces;
