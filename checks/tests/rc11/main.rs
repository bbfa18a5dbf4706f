//! The engine `rc11`.

#[path = "../fixtures/word.rs"]
mod word;
#[path = "../fixtures/hand_written.rs"]
mod written;

mod axioms;
mod behaviour;
mod brute_force;
mod counts;
mod hand_written;
mod litmus;
mod parts;
mod retry;
mod threads;
