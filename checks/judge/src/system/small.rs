//! All small programs over one request on its queue: every order of the driver's calls that its rules allow, beside every short
//! sequence of what others do to the request and the queue.
//!
//! The catalogue holds what somebody thought of; these are the net under it, as [`enumerate`](crate::scenario::enumerate) is under
//! the catalogue of requests. A system has no machine to be held against, so the rules judge alone, and between engines the
//! outcomes are compared.
//!
//! Left out are misuse, which the small programs of the request *queue* have, more than one request, and what is around the
//! queue: the application's calls, sent requests and objects.

use super::catalogue::{Kind, Scenario};
use super::program::{Behaviour, Program, Setup, Step, Verb};

/// The most calls of the driver.
const DRIVER_MAX: usize = 3;

/// The most steps of the other thread.
const OTHER_MAX: usize = 2;

/// What may happen to a request and its queue from outside of its driver.
const OTHERS: [Verb; 4] = [Verb::Cancel, Verb::Purge, Verb::Open, Verb::Serve];

/// Where a request is when only its driver has done anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// With its driver, unmarked.
    Owned,
    Marked,
    /// Back in its queue.
    Queued,
    Completed,
}

impl Phase {
    /// What the driver may do next, and where that leads to.
    fn next(self) -> &'static [(Verb, Phase)] {
        match self {
            Phase::Owned => &[
                (Verb::Mark, Phase::Marked),
                (Verb::IsCanceled, Phase::Owned),
                (Verb::Complete, Phase::Completed),
                (Verb::Requeue, Phase::Queued),
            ],
            Phase::Marked => &[(Verb::Unmark, Phase::Owned), (Verb::Finish, Phase::Completed)],
            Phase::Queued => &[(Verb::Serve, Phase::Completed)],
            Phase::Completed => &[],
        }
    }
}

/// Every small program as a scenario without a list of outcomes, the smallest first.
///
/// # Example
///
/// ```
/// use cancelproof_judge::system::small;
///
/// let programs: Vec<String> = small::scenarios().map(|scenario| scenario.program.to_string()).collect();
/// assert!(programs.contains(&"mark:0 finish:0 | purge cancel:0 ; callback-completes refusing".to_owned()));
/// ```
pub fn scenarios() -> impl Iterator<Item = Scenario> {
    let mut all: Vec<Scenario> = drivers()
        .into_iter()
        .flat_map(|(driver, phase)| others().into_iter().map(move |other| (driver.clone(), other, phase)))
        .flat_map(|(driver, other, phase)| {
            setups(&driver, &other).into_iter().map(move |setup| {
                let program = Program { threads: vec![driver.clone(), other.clone()], setup };
                scenario(program, phase)
            })
        })
        .collect();
    all.sort_by_cached_key(|scenario| (scenario.program.steps().count(), scenario.program.clone()));
    all.into_iter()
}

fn scenario(program: Program, phase: Phase) -> Scenario {
    // A driver that loses the request to a callback that does nothing leaves it as it is.
    let ends = phase == Phase::Completed && program.setup.behaviour == Behaviour::Completes;
    Scenario {
        name: "small program",
        area: "",
        source: "",
        program,
        kind: Kind::Lawful,
        ends,
        about: "one of all small programs",
        outcomes: Vec::new(),
    }
}

/// The callbacks and marks that make a difference to a program: none where nothing is marked, or no thread cancels.
fn setups(driver: &[Step], other: &[Step]) -> Vec<Setup> {
    let marks = driver.iter().any(|step| step.verb == Verb::Mark);
    let cancels = other.iter().any(|step| matches!(step.verb, Verb::Cancel | Verb::Purge));
    if !marks || !cancels {
        return vec![Setup::default()];
    }
    let kinds = [Behaviour::Completes, Behaviour::Returns].into_iter();
    kinds
        .flat_map(|behaviour| [false, true].map(|refuses| Setup { behaviour, refuses, ..Setup::default() }))
        .collect()
}

/// The driver's calls, with where they leave the request.
fn drivers() -> Vec<(Vec<Step>, Phase)> {
    let mut all = Vec::new();
    let mut longest = vec![(Vec::new(), Phase::Owned)];
    for _ in 0..DRIVER_MAX {
        longest = longest
            .iter()
            .flat_map(|(steps, phase)| {
                phase
                    .next()
                    .iter()
                    .map(move |&(verb, next)| ([steps.as_slice(), &[step(verb)]].concat(), next))
            })
            .collect();
        all.extend(longest.iter().cloned());
    }
    all
}

/// What the other thread does.
fn others() -> Vec<Vec<Step>> {
    let mut all = Vec::new();
    let mut longest = vec![Vec::new()];
    for _ in 0..OTHER_MAX {
        longest = longest
            .iter()
            .flat_map(|steps: &Vec<Step>| OTHERS.map(|verb| [steps.as_slice(), &[step(verb)]].concat()))
            .collect();
        all.extend(longest.iter().cloned());
    }
    all
}

/// The step about the first request, or the first queue, where it is about any.
fn step(verb: Verb) -> Step {
    let number = (!matches!(verb, Verb::Purge | Verb::Open)).then_some(0);
    Step { verb, numbers: [number, None, None], is_raw: false }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_small_program_is_whole_and_there_once() {
        let programs: Vec<Program> = scenarios().map(|scenario| scenario.program).collect();
        let texts: BTreeSet<String> = programs.iter().map(ToString::to_string).collect();
        assert_eq!(texts.len(), programs.len());
        for program in &programs {
            assert_eq!(program.to_string().parse::<Program>().as_ref(), Ok(program));
        }
        assert!(texts.contains("requeue:0 serve:0 | serve:0 ; callback-completes"));
        assert!(texts.contains("mark:0 unmark:0 mark:0 | purge open ; callback-returns"));
        // The driver never completes what it has marked.
        let words = |text: &String| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let completes = |text: &String| words(text).windows(2).any(|pair| pair == ["mark:0", "complete:0"]);
        assert!(!texts.iter().any(completes));
    }
}
