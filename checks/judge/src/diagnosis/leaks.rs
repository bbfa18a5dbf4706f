//! Whether executions of a request leave memory behind.
//!
//! The suite keeps what it has seen for as long as it explores, so the growth of one exploration says nothing. But what it
//! keeps is gone at the end: a program that is explored again and again, always in the same way, takes no more memory each
//! time, unless the request keeps some. The allocator says how much is in use, to the byte; so there is no limit to choose.

use std::fmt;
use std::hint::black_box;
use std::sync::Arc;

use crate::arena::{self, LeftBlock};
use crate::engine::dpor;
use crate::execution;
use crate::scenario::{Scenario, Scope, catalogue};
use crate::subject::{Platform, Subject};

/// Executions of each program that are looked at.
const EXECUTIONS_MAX: u64 = 300;

/// Explorations in which stacks, tables and the like come to their size.
const ROUNDS_BEFORE: usize = 3;

/// Explorations that all have to leave memory behind. What grows by doubling does not do so so many times in a row. Nor does
/// what the allocator sets aside for its thread: a block that was given back counts as in use there, and not every way to ask
/// for one takes it out again, so that it seems lost until as many of its size are set aside as may be; that is sixteen
/// at most. An exploration that leaves nothing behind ends the comparison at once.
const ROUNDS: usize = 24;

/// Threads of the programs that are looked at.
const THREADS_MAX: usize = 2;

/// Memory that is left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// The scenario.
    pub scenario: String,
    /// The executions in one exploration of it.
    pub executions: u64,
    /// What one exploration leaves behind, at least, in bytes.
    pub bytes: u64,
    /// One of the blocks that were left, where an execution's memory is told apart from the suite's: in words.
    pub block: Option<String>,
}

impl fmt::Display for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Leak { scenario, executions, bytes, block } = self;
        write!(
            f,
            "{bytes} bytes stay in use after each exploration of {scenario}, which has {executions} executions; seen \
             {ROUNDS} times in a row."
        )?;
        if let Some(block) = block {
            write!(f, " {block}.")?;
        }
        f.write_str(" hint: a `mem::forget`, a `Box::leak`, a cycle of `Arc`s, or a static that grows")
    }
}

/// Whether a leak can be seen in this process: the memory of executions has to come from the arena, or the allocator has to be
/// the one of the GNU C library; and the request has to run on our own executor.
#[must_use]
pub fn can_see_leaks(subject: &dyn Subject) -> bool {
    const BLOCK: usize = 1 << 16;
    let before = in_use();
    let block = black_box(vec![1_u8; BLOCK]);
    let is_counted = grown(before, in_use()) >= BLOCK as u64 / 2;
    drop(block);
    (is_counted || arena::is_active()) && subject.runs_on(Platform::Controlled)
}

/// The first scenario of up to two threads in which the executions of a request leave memory behind, whatever they do else.
///
/// To be asked in a process in which nothing else happens: memory is counted for all of it.
#[must_use]
pub fn leak(subject: &'static dyn Subject) -> Option<Leak> {
    let contract = subject.contract();
    let is_of_interest = |scenario: &Scenario| {
        scenario.applies_to(&contract)
            && scenario.scope == Scope::Lawful
            && scenario.program.threads.len() <= THREADS_MAX
    };
    catalogue::all().into_iter().filter(is_of_interest).find_map(|scenario| leak_in(subject, &scenario))
}

fn leak_in(subject: &'static dyn Subject, scenario: &Scenario) -> Option<Leak> {
    let program = Arc::new(scenario.program.clone());
    let options = dpor::Options { executions: Some(EXECUTIONS_MAX), ..dpor::Options::default() };
    let explore = || {
        let program = Arc::clone(&program);
        dpor::explore(&options, move || {
            execution::run(&program, || {
                subject
                    .on_controlled()
                    .expect("a subject makes a request on each platform that it says it runs on")
            });
        })
    };
    let executions = explore().executions;
    for _ in 1..ROUNDS_BEFORE {
        explore();
    }
    let mut least = u64::MAX;
    for _ in 0..ROUNDS {
        let before = in_use();
        let exploration = explore();
        // A thread that is stopped in the middle of a call cannot give back what it holds.
        if exploration.failure.is_some() {
            return None;
        }
        drop(exploration);
        least = least.min(grown(before, in_use()));
        if least == 0 {
            return None;
        }
    }
    Some(Leak { scenario: scenario.name.clone(), executions, bytes: least, block: last_left() })
}

/// By how much memory in use has grown; 0 if it has shrunk. The figures of the allocator have 32 bits.
fn grown(before: u32, after: u32) -> u64 {
    let bytes = after.wrapping_sub(before);
    if bytes > u32::MAX / 2 { 0 } else { bytes.into() }
}

/// One of the blocks that the last execution has left, in words.
fn last_left() -> Option<String> {
    let LeftBlock { size, after } = arena::last_left()?;
    let place = after.map_or_else(
        || "before its thread performed any operation".to_owned(),
        |place| format!("after the operation at {place}"),
    );
    Some(format!("one of the blocks has {size} bytes and was allocated {place}"))
}

/// The bytes that this process has allocated and not given back: what executions have left in the arena, and what the C
/// library has given to all others.
fn in_use() -> u32 {
    (arena::left_in_use() as u32).wrapping_add(in_use_of_others())
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn in_use_of_others() -> u32 {
    // SAFETY: the call reads the figures of the allocator, and gives them as a copy.
    let figures = unsafe { libc::mallinfo() };
    figures.uordblks.wrapping_add(figures.hblkhd).cast_unsigned()
}

/// Nobody tells.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn in_use_of_others() -> u32 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_what_was_added_even_where_the_figures_begin_again() {
        assert_eq!((grown(10, 42), grown(42, 10), grown(7, 7)), (32, 0, 0));
        assert_eq!(grown(u32::MAX - 15, 16), 32);
    }
}
