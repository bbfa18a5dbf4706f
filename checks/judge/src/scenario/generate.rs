//! Programs drawn at random and shrunk by proptest.
//!
//! Drawn programs are *lawful*: thread 0 is a driver that keeps the rules, and every other thread only cancels. Which
//! of them is wrong for a request is for the rules to say. Shrinking drops threads, then steps, then simplifies the
//! callback, so a failure ends up as a few calls.

use proptest::collection::vec;
use proptest::prelude::{BoxedStrategy, Just, Strategy, prop_oneof};

use super::{Behaviour, Program, Step};

/// Lawful programs with up to `cancelers` canceling threads and up to `rounds` marks.
///
/// # Example
///
/// ```
/// use cancelproof_judge::scenario::generate::lawful_programs;
/// use proptest::prelude::*;
/// use proptest::test_runner::TestRunner;
///
/// let mut runner = TestRunner::deterministic();
/// let program = lawful_programs(2, 2).new_tree(&mut runner).unwrap().current();
/// assert!(program.threads.len() <= 3);
/// ```
pub fn lawful_programs(cancelers: usize, rounds: usize) -> BoxedStrategy<Program> {
    let others = vec(canceler(), 0..=cancelers);
    (driver(rounds), others, behaviour())
        .prop_map(|(driver, others, callback)| {
            let threads = std::iter::once(driver).chain(others).collect();
            Program { threads, callback }.with_matching_ends()
        })
        .boxed()
}

impl Program {
    /// A driver that completes together with its callback needs a callback that does so too, and the reverse.
    pub(super) fn with_matching_ends(mut self) -> Self {
        let is_together = self.callback == Behaviour::CompletesTogether;
        for step in self.threads.iter_mut().flatten() {
            if matches!(step, Step::Finish | Step::FinishTogether) {
                *step = if is_together { Step::FinishTogether } else { Step::Finish };
            }
        }
        self
    }
}

fn canceler() -> impl Strategy<Value = Vec<Step>> {
    vec(Just(Step::Cancel), 1..=2)
}

fn behaviour() -> impl Strategy<Value = Behaviour> {
    prop_oneof![
        4 => Just(Behaviour::Completes),
        1 => Just(Behaviour::Reenters),
        1 => Just(Behaviour::CompletesTogether),
    ]
}

/// A driver: perhaps a question, some rounds of mark and unmark, and an end.
fn driver(rounds: usize) -> impl Strategy<Value = Vec<Step>> {
    let round = prop_oneof![
        3 => Just(vec![Step::Mark, Step::Unmark]),
        1 => Just(vec![Step::IsCanceled]),
        1 => Just(vec![Step::Cancel]),
    ];
    let end = prop_oneof![
        3 => Just(vec![Step::Mark, Step::Finish]),
        1 => Just(vec![Step::Mark]),
        1 => Just(vec![Step::Complete]),
        1 => Just(vec![Step::Mark, Step::Cancel]),
    ];
    (vec(round, 0..=rounds.saturating_sub(1)), end)
        .prop_map(|(rounds, end)| rounds.into_iter().flatten().chain(end).collect())
}
