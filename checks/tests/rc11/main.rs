//! The engine `rc11`.

#[path = "../fixtures/word.rs"]
mod word;

mod axioms;
mod behaviour;
mod brute_force;
mod counts;
mod litmus;
mod parts;
mod retry;
