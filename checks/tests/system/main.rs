//! Systems: every outcome that the specification allows and no other, and every fault refuted for its own reason.

#[path = "../fixtures/screen.rs"]
mod screen;

mod command_line;
mod commands;
mod counterexamples;
mod faults;
mod gate;
mod outcomes;
mod purging;
mod rules;
mod small_programs;
