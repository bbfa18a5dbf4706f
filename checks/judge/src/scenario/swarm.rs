//! Programs drawn by a swarm: each draw first chooses which features a program may have, and then draws from those
//! alone.
//!
//! A program that may contain everything rarely contains much of anything. Leaving features out at random makes the
//! rest meet each other more often. Source: Groce, Zhang, Eide, Chen and Regehr, "Swarm testing", ISSTA 2012.

use proptest::sample::{select, subsequence};
use proptest::strategy::{BoxedStrategy, Just, Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use cancelproof_machine::Contract;

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
    drawn(seed, number, &strategy(size.clamp(1, SIZE_MAX))).unwrap_or_else(simplest)
}

/// The same for requests that keep `contract`: where a result is received, or a driver is judged, other steps are drawn.
///
/// # Example
///
/// ```
/// use cancelproof_judge::scenario::swarm;
/// use cancelproof_references::driver::DRIVER;
///
/// assert!(swarm::program_for(&DRIVER, 1, 7, 3).to_string().starts_with("deliver"));
/// ```
#[must_use]
pub fn program_for(contract: &Contract, seed: u64, number: u64, size: usize) -> Program {
    let size = size.clamp(1, SIZE_MAX);
    if contract.offers_receive() && contract.cancel_completes() {
        return drawn(seed, number, &receivers(size)).unwrap_or_else(simplest);
    }
    if !contract.delivers_to_a_driver() {
        return program(seed, number, size);
    }
    let owner = proptest::collection::vec(select(&HAPPENINGS[..]), 1..=size.div_ceil(2));
    let other = proptest::collection::vec(select(&HAPPENINGS[1..]), 1..=2);
    let all = (owner, proptest::collection::vec(other, 1..=size.min(2))).prop_map(|(owner, others)| {
        let owner = std::iter::once(Step::Deliver).chain(owner).collect();
        let threads = std::iter::once(owner).chain(others).collect();
        Program { threads, callback: Behaviour::Completes }
    });
    drawn(seed, number, &all.boxed()).unwrap_or_else(simplest)
}

/// Programs of an operation: the first thread brings an end before all else, so that no receiver waits for ever, and one
/// of them receives, since there is one receiver.
fn receivers(size: usize) -> BoxedStrategy<Program> {
    let cancels = proptest::collection::vec(Just(Step::Cancel), 1..=size.div_ceil(2).min(3));
    let end = select(&[Step::Complete, Step::Cancel][..]);
    let first = (end, proptest::collection::vec(Just(Step::Cancel), 0..size.min(3)));
    let others = proptest::collection::vec(cancels, 1..=size.min(3));
    (first, others, 0..=3_usize, 0..=3_usize)
        .prop_map(|((end, rest), others, receiver, place)| {
            let first: Vec<Step> = std::iter::once(end).chain(rest).collect();
            let mut threads: Vec<Vec<Step>> = std::iter::once(first).chain(others).collect();
            let chosen = receiver % threads.len();
            // Not before the end that the first thread brings.
            let place = place.clamp(usize::from(chosen == 0), threads[chosen].len());
            threads[chosen].insert(place, Step::Receive);
            Program { threads, callback: Behaviour::Completes }
        })
        .boxed()
}

/// What happens to a driver; only its first thread delivers.
const HAPPENINGS: [Step; 5] = [Step::Deliver, Step::Work, Step::Cancel, Step::Purge, Step::Stop];

/// The program with this number of those that `strategy` draws from `seed`.
fn drawn(seed: u64, number: u64, strategy: &BoxedStrategy<Program>) -> Option<Program> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&number.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    // The strategies reject nothing, so a tree can always be made.
    strategy.new_tree(&mut runner).ok().map(|tree| tree.current())
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
    fn what_is_drawn_for_a_shape_applies_to_it() {
        use cancelproof_machine::shape::OPERATION;
        use cancelproof_references::driver::DRIVER;

        for contract in [OPERATION, DRIVER] {
            let all: BTreeSet<Program> = (0..200)
                .map(|number| program_for(&contract, 3, number, 1 + number as usize % SIZE_MAX))
                .collect();
            assert!(all.len() > 60, "{contract}: {}", all.len());
            let applying = all
                .iter()
                .filter(|program| crate::scenario::ad_hoc((*program).clone()).applies_to(&contract));
            assert!(applying.count() * 2 > all.len(), "{contract}");
        }
    }

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
