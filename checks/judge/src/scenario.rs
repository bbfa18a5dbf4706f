//! Scenarios: small concurrent programs over one request, as data.
//!
//! A [`Program`] says what each thread calls and what the callback does. It has a one-line text form, so that it can
//! be named on the command line, kept in a regression file and shrunk:
//!
//! ```
//! use cancelproof_judge::scenario::Program;
//!
//! let program: Program = "mark finish | cancel | cancel ; callback completes".parse().unwrap();
//! assert_eq!(program.threads.len(), 3);
//! assert_eq!(program.to_string(), "mark finish | cancel | cancel ; callback completes");
//! ```
//!
//! A [`Scenario`] is a program with a name, the situation it stands for, and the race of the specification it
//! realises. The [`catalogue`] holds the named ones.

mod ad_hoc;
pub mod catalogue;
mod demand;
pub mod enumerate;
#[cfg(feature = "hunt")]
pub mod generate;
pub mod groups;
#[cfg(feature = "hunt")]
pub mod swarm;
mod text;

use std::fmt;

pub use ad_hoc::ad_hoc;
pub use demand::Demand;
pub use text::{MAX_STEPS, MAX_THREADS, ProgramError};

use cancelproof_machine::Happening;
use cancelproof_machine::contract::{
    CallbackCalls, CallbackPanics, Contract, MarkAfterClaim, UnmarkDuringCallback, UnmarkUnmarked,
};

/// What each thread calls on one request, and what its callback does.
///
/// Thread 0 is the one that creates the request and waits for the others at the end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Program {
    /// The steps of each thread.
    pub threads: Vec<Vec<Step>>,
    /// What the callback does.
    pub callback: Behaviour,
}

/// One step of a thread.
///
/// Steps without "raw" are idioms: they keep the rules that a driver has to keep. A driver's thread *owns* the
/// request from the start until it has completed it or been told that it is canceled; from then on its idioms are
/// skipped, as a driver must not touch such a request. Raw steps are made regardless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Mark; if refused with "canceled", complete as canceled.
    Mark,
    /// Unmark; if refused with "canceled", leave completion to the callback.
    Unmark,
    /// Unmark; if granted, complete with success; if refused with "canceled", leave completion to the callback.
    Finish,
    /// Unmark; if granted, complete; if refused with "canceled", the later of driver and callback completes.
    FinishTogether,
    /// Unmark; complete, whether it was granted or refused with "canceled": where unmark waits for the callback,
    /// that has returned by then and left the request to the driver.
    FinishAlone,
    /// Complete with success a request that is not marked, or whose contract lets completion take the mark with it.
    Complete,
    /// Ask whether the request is canceled.
    IsCanceled,
    /// Cancel.
    Cancel,
    /// Wait for the end and take the result, where the contract has one to hand on.
    Receive,
    /// Have the next request delivered, where a driver is judged.
    Deliver,
    /// Let the driver's device be done, or interrupt for no reason.
    Work,
    /// Purge the driver's queue.
    Purge,
    /// Stop the driver's queue for a change of power.
    Stop,
    /// Start another thread of the program, which until then does not run, and hand it the ownership.
    Start(u8),
    /// Mark, whatever the state.
    RawMark,
    /// Unmark, whatever the state.
    RawUnmark,
    /// Complete, whatever the state.
    RawComplete,
    /// Ask, whatever the state.
    RawIsCanceled,
}

/// What the callback does when it is called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Behaviour {
    /// Completes the request as canceled.
    #[default]
    Completes,
    /// Unmarks (which must be refused), cancels (which must not claim), then completes as canceled.
    Reenters,
    /// Completes if the driver has already been refused; otherwise leaves completion to the driver.
    CompletesTogether,
    /// Does nothing: completion is somebody else's.
    Returns,
    /// Panics. A callback that panics counts as having returned, and the call that made it as having done what it
    /// does when it calls back; whoever catches the panic there completes the request with an error, because the
    /// callback no longer can.
    Panics,
    /// Waits until another thread's unmark has been answered, if there is one to wait for, and then does nothing: what a
    /// callback does that needs a lock which its driver holds while it unmarks.
    WaitsForUnmark,
}

/// Which rules a scenario is judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The driver keeps the rules: everything is judged.
    Lawful,
    /// The driver breaks the rules, one call at a time: everything is judged, the refusals above all.
    Misuse,
    /// Two threads make driver's calls at once, which the calling rules forbid: only the callback, memory safety
    /// and termination are judged.
    DriversRace,
    /// The driver breaks the rules and only what follows is judged, not whether the call was refused.
    Consequences,
}

/// A program with a name and a meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// The situation, in a few words joined by hyphens.
    pub name: String,
    /// The situation, in a sentence.
    pub about: String,
    /// The race or rule of the specification that it realises, for example `R5`.
    pub source: String,
    /// Which rules it is judged by.
    pub scope: Scope,
    /// What runs.
    pub program: Program,
    /// What must be reached in at least one execution, or the scenario is vacuous.
    pub reaches: Reaches,
    /// The only kind of contract to which it applies, if not to all.
    pub only: Option<Demand>,
}

/// What at least one execution of a scenario must reach for a verdict to mean anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reaches {
    /// A callback was called, and in another execution (or the same) a cancel was answered.
    Callback,
    /// A cancel was answered; no callback is expected.
    Cancel,
    /// A completion was accepted or a misuse refused; there is no cancel in it.
    Answer,
    /// Its end: what a driver does with what happens to it is its own, and one that does nothing is refuted.
    End,
}

impl Program {
    /// The threads that run from the beginning, thread 0 aside: those that no `start` step names.
    pub fn running_from_the_beginning(&self) -> impl Iterator<Item = usize> + '_ {
        // Every execution asks, so the steps are looked through only once.
        let mut are_started = [false; MAX_THREADS];
        for step in self.steps() {
            if let Step::Start(thread) = step {
                are_started[usize::from(thread)] = true;
            }
        }
        (1..self.threads.len()).filter(move |&thread| !are_started[thread])
    }

    /// For each thread the nearest one before it that takes the same steps, if nothing tells the two apart: both run from the
    /// beginning, start no thread, and mark nothing, since marks are numbered; what happens to a driver may mark.
    pub(crate) fn twins(&self) -> Vec<Option<u8>> {
        let is_plain = |step: &Step| {
            !matches!(step, Step::Start(_) | Step::Mark | Step::RawMark) && step.happening().is_none()
        };
        let candidates: Vec<usize> = self
            .running_from_the_beginning()
            .filter(|&thread| self.threads[thread].iter().all(is_plain))
            .collect();
        let before = |thread: usize| {
            let mut twins = candidates.iter().filter(|&&twin| twin < thread);
            twins.rfind(|&&twin| self.threads[twin] == self.threads[thread]).map(|&twin| twin as u8)
        };
        let of = |thread: usize| candidates.contains(&thread).then(|| before(thread)).flatten();
        (0..self.threads.len()).map(of).collect()
    }

    /// All steps of all threads.
    pub fn steps(&self) -> impl Iterator<Item = Step> + '_ {
        self.threads.iter().flatten().copied()
    }

    /// The number of steps in all.
    #[must_use]
    pub fn len(&self) -> usize {
        self.threads.iter().map(Vec::len).sum()
    }

    /// Whether there is no step at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many cancels there are.
    #[must_use]
    pub fn cancels(&self) -> usize {
        self.steps().filter(|&step| step == Step::Cancel).count()
    }
}

impl Step {
    /// Whether it is a call that only the owner of the request may make.
    #[must_use]
    pub fn is_drivers(self) -> bool {
        !matches!(self, Step::Cancel | Step::Receive) && self.happening().is_none()
    }

    /// What happens to a driver by it.
    #[must_use]
    pub fn happening(self) -> Option<Happening> {
        match self {
            Step::Deliver => Some(Happening::Delivered),
            Step::Work => Some(Happening::DeviceDone),
            Step::Purge => Some(Happening::Purged),
            Step::Stop => Some(Happening::Stopped),
            _ => None,
        }
    }

    /// Whether it takes a mark back.
    #[must_use]
    pub fn is_unmark(self) -> bool {
        matches!(
            self,
            Step::Unmark | Step::Finish | Step::FinishTogether | Step::FinishAlone | Step::RawUnmark
        )
    }

    /// Whether it completes the request, or does once it has been unmarked.
    fn is_completing(self) -> bool {
        matches!(
            self,
            Step::Finish | Step::FinishTogether | Step::FinishAlone | Step::Complete | Step::RawComplete
        )
    }

    /// Whether it is made regardless of the driver's rules.
    #[must_use]
    pub fn is_raw(self) -> bool {
        matches!(self, Step::RawMark | Step::RawUnmark | Step::RawComplete | Step::RawIsCanceled)
    }
}

impl Scenario {
    /// Whether the scenario makes sense for requests that keep `contract`.
    #[must_use]
    pub fn applies_to(&self, contract: &Contract) -> bool {
        let is_possible = |only: Option<Demand>| {
            let unmarks = self.program.steps().any(Step::is_unmark) && only != Some(Demand::NoUnmark);
            let panics = self.program.callback == Behaviour::Panics;
            let calls = matches!(
                self.program.callback,
                Behaviour::Completes
                    | Behaviour::Reenters
                    | Behaviour::CompletesTogether
                    | Behaviour::WaitsForUnmark
            );
            let unmarks_itself = self.program.callback == Behaviour::Reenters;
            // Two callbacks at a time that end the request would wait for each other.
            let marks_late = contract.mark_after_claim == MarkAfterClaim::CallsBack
                && self.program.steps().any(|step| step == Step::RawMark)
                && only != Some(Demand::MarkCallsBackAgain);
            // Where every unmark is harmless, nothing is refused or completed that only unmarks and marks.
            let never_refuses = contract.unmark_unmarked == UnmarkUnmarked::AnswersCanceled;
            let is_refused = self.reaches != Reaches::Answer || self.program.steps().any(Step::is_completing);
            let says_anything = is_refused || !never_refuses;
            (contract.offers_unmark() || !unmarks)
                && says_anything
                && (contract.callback_calls == CallbackCalls::Anything || !calls)
                && (contract.unmark_during_callback != UnmarkDuringCallback::WaitsEvenForItself
                    || !unmarks_itself)
                && !marks_late
                && (contract.callback_panics == CallbackPanics::ReachTheCaller || !panics)
        };
        self.only.is_none_or(|only| only.is_met_by(contract))
            && is_possible(self.only)
            && self.makes_offered_calls(contract)
    }

    /// Whether the program makes calls that a request with this contract has, and none that its types exclude. Where
    /// completion is not offered, an owner that ends the operation is worth a look only if the request was asked before.
    fn makes_offered_calls(&self, contract: &Contract) -> bool {
        let has = |wanted: &[Step]| self.program.steps().any(|step| wanted.contains(&step));
        let (marks, asks) =
            (has(&[Step::Mark, Step::RawMark]), has(&[Step::IsCanceled, Step::RawIsCanceled]));
        let is_misuse = |step: Step| step.is_raw() && !(step == Step::RawMark && contract.marks_replace());
        let is_of_misuse = matches!(self.scope, Scope::DriversRace | Scope::Consequences);
        let is_excluded = contract.excludes_misuse() && (is_of_misuse || self.program.steps().any(is_misuse));
        let ends = has(&[Step::Complete, Step::RawComplete]);
        !is_excluded
            && (contract.offers_is_canceled() || !asks)
            && (contract.offers_complete() || !ends || marks || asks)
            && (contract.offers_receive() || !has(&[Step::Receive]))
            && !(contract.offers_receive() && marks)
            && self.is_of_a_driver() == contract.delivers_to_a_driver()
    }
}

impl Scenario {
    /// Whether something happens to a driver in it, and the program makes no call that is the driver's own.
    fn is_of_a_driver(&self) -> bool {
        let mut steps = self.program.steps();
        let happens = self.program.steps().any(|step| step.happening().is_some());
        happens && steps.all(|step| !step.is_drivers() || matches!(step, Step::Start(_)))
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.program)
    }
}
