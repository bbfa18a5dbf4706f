//! What an execution leaves behind, and what it brings along: destructors, shared ownership, memory that outlives it.

mod addresses;
mod given_up;
mod lifetime;
mod nondeterminism;
mod own_thread;
mod shared_ownership;
mod stacks;
mod std_thread_locals;
mod thread_locals;
