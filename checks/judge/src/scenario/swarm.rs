//! Programs drawn by a swarm: each draw first chooses which features a program may have, and then draws from those
//! alone.
//!
//! A program that may contain everything rarely contains much of anything. Leaving features out at random makes the
//! rest meet each other more often. Source: Groce, Zhang, Eide, Chen and Regehr, "Swarm testing", ISSTA 2012.

use proptest::sample::{select, subsequence};
use proptest::strategy::{BoxedStrategy, Just, Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::{Behaviour, Program, Step};

/// The largest size that a program is drawn in.
pub const SIZE_MAX: usize = 6;

/// The most rounds of a driver: a thread has no more than 16 steps.
const ROUNDS_MAX: usize = 4;

/// What a driver may do before its end; each is a feature.
const ROUNDS: [&[Step]; 4] = [
    &[Step::Mark, Step::Unmark],
    &[Step::IsCanceled],
    &[Step::Cancel],
    &[Step::Mark, Step::Cancel, Step::Unmark],
];

/// How a driver may end; each is a feature.
const ENDS: [&[Step]; 4] =
    [&[Step::Mark, Step::Finish], &[Step::Mark], &[Step::Complete], &[Step::Mark, Step::Cancel]];

/// What a callback may do; each is a feature.
const BEHAVIOURS: [Behaviour; 4] =
    [Behaviour::Completes, Behaviour::Reenters, Behaviour::CompletesTogether, Behaviour::Panics];

/// The lawful program with this number of the swarm that follows from `seed`. Its size bounds the rounds of its driver
/// and the threads that cancel.
///
/// # Example
///
/// ```
/// use cancelproof_judge::scenario::swarm;
///
/// assert_eq!(swarm::program(1, 7, 3), swarm::program(1, 7, 3));
/// assert!(swarm::program(1, 7, 2).threads.len() <= 4);
/// ```
#[must_use]
pub fn program(seed: u64, number: u64, size: usize) -> Program {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&number.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let drawn = strategy(size.clamp(1, SIZE_MAX)).new_tree(&mut runner);
    // The strategies reject nothing, so a tree can always be made.
    drawn.map_or_else(|_| simplest(), |tree| tree.current())
}

fn simplest() -> Program {
    Program {
        threads: vec![vec![Step::Mark, Step::Finish], vec![Step::Cancel]],
        callback: Behaviour::Completes,
    }
}

fn strategy(size: usize) -> BoxedStrategy<Program> {
    let features = (
        subsequence(ROUNDS.to_vec(), 0..=ROUNDS.len()),
        subsequence(ENDS.to_vec(), 1..=ENDS.len()),
        subsequence(BEHAVIOURS.to_vec(), 1..=BEHAVIOURS.len()),
        1..=size.min(3),
    );
    features
        .prop_flat_map(move |(rounds, ends, behaviours, cancelers)| {
            let driver = (rounds_of(rounds, size), select(ends));
            let others = proptest::collection::vec(1..=size.div_ceil(2).min(2), cancelers);
            (driver, others, select(behaviours))
        })
        .prop_map(|((rounds, end), others, callback)| {
            let driver = rounds.into_iter().flatten().chain(end).copied().collect();
            let others = others.into_iter().map(|cancels| vec![Step::Cancel; cancels]);
            Program { threads: std::iter::once(driver).chain(others).collect(), callback }
                .with_matching_ends()
        })
        .boxed()
}

fn rounds_of(rounds: Vec<&'static [Step]>, size: usize) -> BoxedStrategy<Vec<&'static [Step]>> {
    if rounds.is_empty() {
        return Just(Vec::new()).boxed();
    }
    proptest::collection::vec(select(rounds), 0..size.min(ROUNDS_MAX + 1)).boxed()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_program_can_be_written_down_and_the_swarm_has_many() {
        let programs: BTreeSet<Program> =
            (0..400).map(|number| program(3, number, 1 + number as usize % SIZE_MAX)).collect();
        assert!(programs.len() > 200, "{}", programs.len());
        for program in &programs {
            assert_eq!(program.to_string().parse().as_ref(), Ok(program));
        }
        for feature in [Step::IsCanceled, Step::FinishTogether, Step::Unmark, Step::Complete] {
            assert!(
                programs.iter().any(|program| program.steps().any(|step| step == feature)),
                "{feature:?}"
            );
        }
    }
}
