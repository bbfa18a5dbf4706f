//! The suite, judged by itself.
//!
//! loom models run in worker processes, as they do in the gate: two in one process wait for each other at the lock of
//! the address space.

#[path = "../fixtures/screen.rs"]
mod screen;

mod again;
mod command_line;
mod counterexamples;
mod diagnosis;
mod evidence;
mod exhaustive;
mod faults;
mod generated;
mod interrupting;
mod place;
mod points;
mod presets;
mod real;
mod reductions;
mod repeatable;
mod replacing;
mod resumed;
mod small_programs;
mod support;
mod untold;
mod witnesses;
