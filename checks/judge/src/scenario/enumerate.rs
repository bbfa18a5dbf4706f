//! All small programs: every one up to a size, up to symmetry.
//!
//! Thread 0 is the driver; the calling rules give it the calls that only an owner may make. Every other thread
//! cancels. Threads that cancel are interchangeable, so of all their permutations the one with falling lengths is kept.
//!
//! Two families are enumerated together:
//!
//! - **raw**: the driver makes any sequence of mark, unmark, cancel, complete and is-canceled, lawful or not;
//! - **lawful**: the driver makes those sequences in which every call is allowed when nobody cancels, as idioms, so
//!   that it writes what its callback reads and gives away what its callback uses.

use std::collections::BTreeSet;

use super::{Behaviour, Program, Step};

const RAW: [Step; 5] = [Step::RawMark, Step::RawUnmark, Step::Cancel, Step::RawComplete, Step::RawIsCanceled];

const LAWFUL: [Step; 5] = [Step::Mark, Step::Unmark, Step::Cancel, Step::Complete, Step::IsCanceled];

/// Every program of at most `threads` threads with at most `calls` calls each; programs without any call are left
/// out.
///
/// # Example
///
/// ```
/// use cancelproof_judge::scenario::enumerate::programs;
///
/// // One thread, one call: five raw ones, and of the lawful ones mark, cancel, complete and is-canceled; the raw
/// // cancel and the lawful one are the same program.
/// assert_eq!(programs(1, 1).len(), 8);
/// ```
#[must_use]
pub fn programs(threads: usize, calls: usize) -> BTreeSet<Program> {
    let drivers: BTreeSet<Vec<Step>> = sequences(&RAW, calls)
        .into_iter()
        .chain(sequences(&LAWFUL, calls).into_iter().filter(|steps| is_lawful(steps, Ends::Unmarked)))
        .collect();
    with_cancelers(&drivers, threads, calls)
}

/// What contracts whose completion takes the mark with it add to the lawful ones: every program of that size whose driver
/// completes a marked request by right.
#[must_use]
pub fn disarming(threads: usize, calls: usize) -> BTreeSet<Program> {
    let is_new = |steps: &Vec<Step>| is_lawful(steps, Ends::Marked) && !is_lawful(steps, Ends::Unmarked);
    let drivers = sequences(&LAWFUL, calls).into_iter().filter(is_new).collect();
    with_cancelers(&drivers, threads, calls)
}

/// What contracts add that have a result to receive: every program of that size in which one thread receives, once or twice, and
/// which comes to an end by right. The driver completes at most once, and every thread may cancel. There is one receiver, which one
/// thread owns: two that receive at once are excluded by the types.
///
/// A thread that receives waits for the end, so one thread has to bring it before it receives itself. Otherwise a right operation
/// would wait for ever.
#[must_use]
pub fn receiving(threads: usize, calls: usize) -> BTreeSet<Program> {
    let count = |steps: &[Step], wanted| steps.iter().filter(|&&step| step == wanted).count();
    let others = sequences(&[Step::Cancel, Step::Receive], calls);
    let mut all: Vec<Vec<Vec<Step>>> = sequences(&[Step::Complete, Step::Cancel, Step::Receive], calls)
        .into_iter()
        .filter(|driver| count(driver, Step::Complete) <= 1)
        .map(|driver| vec![driver])
        .collect();
    let mut longest = all.clone();
    for _ in 1..threads {
        // Threads that are no drivers are interchangeable, so they stand in a falling order.
        let with = |before: &Vec<Vec<Step>>, other: &Vec<Step>| {
            let is_new = !other.is_empty() && before[1..].last().is_none_or(|last| last >= other);
            is_new.then(|| before.iter().chain([other]).cloned().collect::<Vec<_>>())
        };
        longest = longest
            .iter()
            .flat_map(|before| others.iter().filter_map(move |other| with(before, other)))
            .collect();
        all.extend(longest.iter().cloned());
    }
    let receives = |threads: &Vec<Vec<Step>>| {
        let mut receivers =
            threads.iter().map(|steps| count(steps, Step::Receive)).filter(|&receives| receives > 0);
        receivers.next().is_some_and(|receives| receives <= 2) && receivers.next().is_none()
    };
    all.into_iter()
        .filter(|threads| receives(threads) && comes_to_an_end(threads))
        .map(|threads| Program { threads, callback: Behaviour::Completes })
        .collect()
}

/// Whether some thread ends the operation before it waits for the end.
fn comes_to_an_end(threads: &[Vec<Step>]) -> bool {
    let begins_with_an_end = |steps: &Vec<Step>| steps.first().is_some_and(|&step| step != Step::Receive);
    threads.iter().any(begins_with_an_end)
}

fn with_cancelers(drivers: &BTreeSet<Vec<Step>>, threads: usize, calls: usize) -> BTreeSet<Program> {
    let others = falling(threads.saturating_sub(1), calls);
    drivers
        .iter()
        .flat_map(|driver| others.iter().map(move |lengths| program(driver, lengths)))
        .filter(|program| !program.is_empty())
        .collect()
}

fn program(driver: &[Step], cancels: &[usize]) -> Program {
    let others = cancels.iter().map(|&length| vec![Step::Cancel; length]);
    let threads = std::iter::once(driver.to_vec()).chain(others).collect();
    Program { threads, callback: Behaviour::Completes }
}

/// Every sequence of at most `length` steps from `alphabet`, the empty one included.
fn sequences(alphabet: &[Step], length: usize) -> Vec<Vec<Step>> {
    let mut all = vec![Vec::new()];
    let mut longest = all.clone();
    for _ in 0..length {
        longest = longest
            .iter()
            .flat_map(|steps| alphabet.iter().map(|&step| steps.iter().copied().chain([step]).collect()))
            .collect();
        all.extend(longest.iter().cloned());
    }
    all
}

/// Every falling sequence of at most `count` positive numbers up to `most`.
fn falling(count: usize, most: usize) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    if count > 0 {
        for first in 1..=most {
            all.extend(
                falling(count - 1, first)
                    .into_iter()
                    .map(|rest| std::iter::once(first).chain(rest).collect::<Vec<_>>()),
            );
        }
    }
    all
}

/// What a driver may complete.
#[derive(Clone, Copy, PartialEq)]
enum Ends {
    Unmarked,
    /// Also what is marked.
    Marked,
}

/// Whether each call is allowed when nobody cancels.
fn is_lawful(steps: &[Step], ends: Ends) -> bool {
    #[derive(Clone, Copy, PartialEq)]
    enum Phase {
        Pending,
        Marked,
        Completed,
    }
    let next = |phase, step: &Step| match (phase, step) {
        (phase, Step::Cancel) => Some(phase),
        (Phase::Pending, Step::Mark) => Some(Phase::Marked),
        (Phase::Pending, Step::IsCanceled) | (Phase::Marked, Step::Unmark) => Some(Phase::Pending),
        (Phase::Pending, Step::Complete) => Some(Phase::Completed),
        (Phase::Marked, Step::Complete) if ends == Ends::Marked => Some(Phase::Completed),
        _ => None,
    };
    steps.iter().try_fold(Phase::Pending, next).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_programs_are_those_of_the_formula() {
        // Raw drivers: 1 + 5 + 25 = 31 sequences of at most two calls; two threads that cancel at most twice: the
        // falling pairs (), 1, 11, 2, 21, 22. One program is empty.
        let raw_only = |program: &Program| program.steps().all(|step| step.is_raw() || step == Step::Cancel);
        assert_eq!(programs(3, 2).iter().filter(|program| raw_only(program)).count(), 31 * 6 - 1);
        assert_eq!(falling(2, 2).len(), 6);
    }

    #[test]
    fn nobody_receives_what_nobody_brings() {
        let texts = |threads, calls| -> Vec<String> {
            receiving(threads, calls).iter().map(Program::to_string).collect()
        };
        let alone = texts(1, 2);
        assert_eq!(alone, ["complete receive ; callback completes", "cancel receive ; callback completes"]);
        let two = texts(2, 1);
        assert!(two.contains(&"receive | cancel ; callback completes".to_owned()), "{two:?}");
        assert!(two.contains(&"complete | receive ; callback completes".to_owned()), "{two:?}");
        assert!(!two.contains(&"receive | receive ; callback completes".to_owned()), "{two:?}");
        assert!(!texts(2, 2).contains(&"cancel receive | receive ; callback completes".to_owned()));
        assert!(texts(2, 2).iter().any(|text| text == "cancel | receive receive ; callback completes"));
    }

    #[test]
    fn a_larger_size_contains_a_smaller_one() {
        assert!(programs(2, 3).is_superset(&programs(2, 2)));
        assert!(programs(3, 2).is_superset(&programs(2, 2)));
    }

    #[test]
    fn lawful_drivers_are_those_that_a_request_without_cancels_lets_through() {
        use Step::{Cancel, Complete, IsCanceled, Mark, Unmark};
        assert!(is_lawful(&[IsCanceled, Mark, Cancel, Unmark, Complete], Ends::Unmarked));
        assert!(is_lawful(&[Mark, Cancel, Complete], Ends::Marked));
        for unlawful in
            [&[Unmark][..], &[Mark, Mark], &[Mark, Complete], &[Complete, Mark], &[Mark, IsCanceled]]
        {
            assert!(!is_lawful(unlawful, Ends::Unmarked), "{unlawful:?}");
        }
    }
}
