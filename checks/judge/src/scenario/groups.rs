//! All small programs of a contract, in groups that each have a name: by size, and by the call that the driver makes first.
//!
//! Nothing is chosen here. What a written scenario forgets, such as a third cancel, a question that is asked twice, or a mark
//! after the end, is among them; they are the net under the catalogue.
//!
//! Left out are callbacks that do anything but complete and return, two drivers at once, threads that are started by others,
//! and, under contracts that do not offer it, unmark.

use std::collections::BTreeSet;
use std::fmt;

use cancelproof_machine::Contract;

use super::{Behaviour, Program, Step, ad_hoc, enumerate};

/// How large the programs of a group are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size {
    /// Threads in all: the driver, and those that cancel.
    pub threads: usize,
    /// The most calls of each thread.
    pub calls: usize,
}

impl Size {
    /// What every suite runs: a driver alone with up to four calls, and with one canceler up to three calls each.
    pub const SMALL: [Size; 2] = [Size { threads: 1, calls: 4 }, Size { threads: 2, calls: 3 }];

    /// The most calls in all that a size may have: the number of programs is a power of it.
    pub const CALLS_MAX: usize = 8;

    /// Whether all programs of the size can be run in the time of a test.
    #[must_use]
    pub fn is_small(self) -> bool {
        self.threads > 0 && self.calls > 0 && self.threads.saturating_mul(self.calls) <= Size::CALLS_MAX
    }
}

/// The call that the driver makes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum First {
    /// Mark.
    Mark,
    /// Unmark.
    Unmark,
    /// Cancel, or none at all: others cancel then; or receive, where there is a result.
    Cancel,
    /// Complete.
    Complete,
    /// Is-canceled.
    IsCanceled,
}

impl First {
    /// Every first call, in the order of the groups.
    pub const ALL: [First; 5] =
        [First::Mark, First::Unmark, First::Cancel, First::Complete, First::IsCanceled];

    fn of(program: &Program) -> First {
        match program.threads.first().and_then(|driver| driver.first()) {
            Some(Step::Mark | Step::RawMark) => First::Mark,
            Some(Step::Complete | Step::RawComplete) => First::Complete,
            Some(Step::IsCanceled | Step::RawIsCanceled) => First::IsCanceled,
            Some(step) if step.is_unmark() => First::Unmark,
            _ => First::Cancel,
        }
    }
}

/// The programs of one size whose driver begins with one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Group {
    /// How large they are.
    pub size: Size,
    /// How they begin.
    pub first: First,
}

impl Group {
    /// The groups of these sizes that have a program under `contract`.
    #[must_use]
    pub fn all(sizes: &[Size], contract: &Contract) -> Vec<Group> {
        let sizes: BTreeSet<Size> = sizes.iter().copied().collect();
        let groups = sizes.into_iter().flat_map(|size| First::ALL.map(|first| Group { size, first }));
        let may_be_empty = contract.excludes_misuse()
            || !contract.offers_complete()
            || !contract.offers_is_canceled()
            || contract.offers_receive()
            || contract.delivers_to_a_driver();
        groups
            .filter(|group| group.first != First::Unmark || contract.offers_unmark())
            .filter(|group| !may_be_empty || !group.programs(contract).is_empty())
            .collect()
    }

    /// The programs, the smallest first.
    ///
    /// # Example
    ///
    /// ```
    /// use cancelproof_machine::Contract;
    /// use cancelproof_judge::scenario::groups::{First, Group, Size};
    ///
    /// let group = Group { size: Size { threads: 1, calls: 3 }, first: First::Complete };
    /// let programs = group.programs(&Contract::UMDF_1);
    /// assert_eq!(programs[0].to_string(), "complete ; callback completes");
    /// assert!(programs.iter().any(|program| program.to_string() == "complete! cancel mark! ; callback returns"));
    /// ```
    #[must_use]
    pub fn programs(self, contract: &Contract) -> Vec<Program> {
        let Size { threads, calls } = self.size;
        let by_right = contract.completion_disarms().then(|| enumerate::disarming(threads, calls));
        let ends_by_cancels = contract.offers_receive() && contract.cancel_completes();
        let received = ends_by_cancels.then(|| enumerate::receiving(threads, calls));
        let of_size = enumerate::programs(threads, calls)
            .into_iter()
            .chain(by_right.into_iter().flatten())
            .chain(received.into_iter().flatten())
            .filter(|program| program.threads.len() == threads && First::of(program) == self.first);
        let with_callbacks = of_size.flat_map(|program| with_callbacks(program, contract));
        let mut programs: Vec<Program> =
            with_callbacks.filter(|program| ad_hoc(program.clone()).applies_to(contract)).collect();
        programs.sort_by_cached_key(|program| (program.len(), program.clone()));
        programs.dedup();
        programs
    }
}

/// The program with each callback that makes a difference: without a mark or a cancel there is none.
fn with_callbacks(program: Program, contract: &Contract) -> Vec<Program> {
    let marks = program.steps().any(|step| matches!(step, Step::Mark | Step::RawMark));
    // A callback that does not complete leaves completion to a driver who may be told to leave it to the callback, unless it
    // waits.
    let is_left_over = program.steps().any(|step| step == Step::Complete)
        && contract.completion_disarms()
        && !contract.completion_waits();
    if !marks || program.cancels() == 0 || is_left_over {
        return vec![program];
    }
    let returning = Program { callback: Behaviour::Returns, ..program.clone() };
    vec![program, returning]
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.threads, self.calls)
    }
}

impl fmt::Display for First {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            First::Mark => "mark",
            First::Unmark => "unmark",
            First::Cancel => "cancel",
            First::Complete => "complete",
            First::IsCanceled => "is-canceled",
        })
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "every-program-{}-from-{}", self.size, self.first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(contract: &Contract) -> Vec<Program> {
        let groups = Group::all(&Size::SMALL, contract);
        groups.into_iter().flat_map(|group| group.programs(contract)).collect()
    }

    /// What the groups have together is what the enumeration has, and no program is in two of them.
    #[test]
    fn no_small_program_is_left_out_and_none_is_run_twice() {
        let programs = all(&Contract::UMDF_1);
        let different: BTreeSet<&Program> = programs.iter().collect();
        assert_eq!(different.len(), programs.len());
        let enumerated: BTreeSet<Program> =
            Size::SMALL.into_iter().flat_map(|size| enumerate::programs(size.threads, size.calls)).collect();
        // A driver alone with up to three calls is among those with up to four.
        let missing: Vec<&Program> =
            enumerated.iter().filter(|program| !different.contains(program)).collect();
        assert_eq!(missing, Vec::<&Program>::new());
    }

    #[test]
    fn what_fell_through_the_catalogue_once_is_among_them() {
        let programs: BTreeSet<String> = all(&Contract::UMDF_1).iter().map(Program::to_string).collect();
        for text in [
            "complete! cancel mark! ; callback completes",
            "cancel is-canceled! is-canceled! ; callback completes",
            "mark! cancel cancel cancel ; callback returns",
            "mark! unmark! unmark! | cancel ; callback returns",
        ] {
            assert!(programs.contains(text), "{text}");
        }
    }

    #[test]
    fn a_marked_request_is_completed_by_right_where_that_is_one() {
        let has =
            |contract: &Contract, text: &str| all(contract).iter().any(|program| program.to_string() == text);
        let (returns, completes) =
            ("mark complete | cancel ; callback returns", "mark complete | cancel ; callback completes");
        assert!(has(&Contract::SCOPED, returns) && has(&Contract::SCOPED, completes));
        assert!(!has(&Contract::ASYNC_CANCEL, returns) && has(&Contract::ASYNC_CANCEL, completes));
        assert!(!has(&Contract::UMDF_1, returns) && !has(&Contract::UMDF_1, completes));
    }

    #[test]
    fn a_result_is_received_in_programs_of_those_who_have_one() {
        let has = |contract: &Contract| {
            all(contract).iter().any(|program| program.steps().any(|step| step == Step::Receive))
        };
        assert!(
            has(&cancelproof_machine::shape::OPERATION) && !has(&Contract::UMDF_1) && !has(&Contract::SCOPED)
        );
    }

    #[test]
    fn without_unmark_there_is_none_in_any_program() {
        let programs = all(&Contract::INVOKE_ON_CANCELLATION);
        assert!(programs.len() > 100 && !programs.iter().any(|program| program.steps().any(Step::is_unmark)));
    }
}
