//! Of the executions of one program that break the same rule: one with few preemptions, which fails early.
//!
//! A search by number of preemptions finds the fewest. From there, stretches of a thread are moved, joined and left
//! out, one change at a time, as long as each makes the failure come with fewer preemptions, earlier, or with fewer
//! switches. The result is locally minimal: no single change makes it better.

use cancelproof_machine::Rule;

use super::stage::{Found, Run, Stage};
use crate::engine::dpor::{Course, Preemptions};
use crate::operation::TaskId;
use crate::trace::Log;

/// The most preemptions that are searched for in full.
const PREEMPTIONS_MAX: u32 = 3;

/// Executions that are tried while one failing execution is made better.
const TRIES_MAX: usize = 4_000;

/// A failing execution that no single change makes better.
pub struct Best {
    /// The execution.
    pub run: Run,
    /// What happened in it, step by step.
    pub log: Log,
    /// The execution of the search from which it was made.
    pub execution: u64,
}

/// How good an execution is: the less, the better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Merit {
    /// Operations that come out spuriously.
    spurious: usize,
    preemptions: u32,
    /// Decisions up to the violation.
    length: usize,
    switches: usize,
}

/// The best execution of `case` that breaks `rule`, starting from `known` if the search finds none.
pub(super) fn best(case: &impl Stage, rule: Rule, known: Option<Found>, place: Place<'_>) -> Option<Best> {
    let fewest = case.search(Some(rule), Preemptions::UpTo(PREEMPTIONS_MAX));
    let found = fewest.or(known)?;
    let (mut run, mut log) = case.record(&found.course);
    if !run.breaks(rule) {
        return None;
    }
    let mut merit = Merit::of(&run, place(&run, &log)?);
    let mut tries = TRIES_MAX;
    while let Some(better) = better(case, rule, &run, merit, place, &mut tries) {
        (run, log, merit) = better;
    }
    Some(Best { run, log, execution: found.execution })
}

/// The first execution that differs by one change and is better. Each attempt takes one off `tries`.
fn better(
    case: &impl Stage,
    rule: Rule,
    run: &Run,
    merit: Merit,
    place: Place<'_>,
    tries: &mut usize,
) -> Option<(Run, Log, Merit)> {
    for candidate in changes(&run.decisions[..merit.length.min(run.decisions.len())]) {
        *tries = tries.checked_sub(1)?;
        let course = Course::Roughly(candidate);
        if !case.run(&course, &[]).breaks(rule) {
            continue;
        }
        let (other, log) = case.record(&course);
        let Some(length) = place(&other, &log) else { continue };
        let other_merit = Merit::of(&other, length);
        if other_merit < merit {
            return Some((other, log, other_merit));
        }
    }
    None
}

/// Tells how many decisions an execution took up to its violation.
pub(super) type Place<'a> = &'a dyn Fn(&Run, &Log) -> Option<usize>;

impl Merit {
    fn of(run: &Run, length: usize) -> Self {
        let relevant = &run.decisions[..length.min(run.decisions.len())];
        let switches = relevant.windows(2).filter(|pair| pair[0].plain() != pair[1].plain()).count();
        let spurious = relevant.iter().filter(|decision| decision.is_spurious()).count();
        Merit { spurious, preemptions: run.preemptions, length, switches }
    }
}

/// Stretches of one task, in order.
fn stretches(decisions: &[TaskId]) -> Vec<Vec<TaskId>> {
    decisions.chunk_by(|one, next| one == next).map(<[TaskId]>::to_vec).collect()
}

/// Every sequence of decisions that differs by one change.
fn changes(decisions: &[TaskId]) -> Vec<Vec<TaskId>> {
    let stretches = stretches(decisions);
    let mut changed = Vec::new();
    for place in 0..stretches.len() {
        // Left out: its thread goes on where the rest lets it.
        let mut without = stretches.clone();
        let stretch = without.remove(place);
        changed.push(without.concat());
        // Joined with the stretch of the same thread before it.
        if let Some(before) = without[..place].iter().rposition(|other| other[0] == stretch[0]) {
            let mut joined = without.clone();
            joined[before].extend(&stretch);
            changed.push(joined.concat());
        }
        if place + 1 < stretches.len() {
            let mut swapped = stretches.clone();
            swapped.swap(place, place + 1);
            changed.push(swapped.concat());
            // Cut short: what is cut off comes after the next stretch.
            for cut in 1..stretches[place].len() {
                let mut cut_short = stretches.clone();
                let rest = cut_short[place].split_off(cut);
                cut_short.insert(place + 2, rest);
                changed.push(cut_short.concat());
            }
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry;
    use crate::scenario::catalogue;
    use crate::trace::Header;

    /// No execution that differs by one change is better, and the attempts were enough to know.
    #[test]
    fn the_best_is_locally_minimal() {
        let mut seen = 0;
        for fault in registry::FAULTS {
            let scenario = catalogue::named(fault.about.scenario).unwrap();
            let rule = fault.about.breaks;
            let case = super::super::case(fault.subject, scenario.program.clone(), scenario.scope).unwrap();
            let place = |run: &Run, log: &Log| {
                let trace = case.draw(Header::default(), run, log);
                Some(super::super::decisions_up_to(log, trace.violation?))
            };
            let known = case.search(Some(rule), Preemptions::Unbounded);
            let Some(Best { run, log, .. }) = best(&case, rule, known, &place) else { continue };
            let merit = Merit::of(&run, place(&run, &log).unwrap());
            let mut tries = TRIES_MAX;
            let better = better(&case, rule, &run, merit, &place, &mut tries);
            assert!(better.is_none() && tries > 0, "{}: {tries} tries were left", fault.about.name);
            seen += 1;
        }
        assert!(seen >= 60, "{seen} faults have a counterexample on a sequentially consistent machine");
    }

    #[test]
    fn a_change_moves_joins_or_leaves_out_and_invents_nothing() {
        let decisions: Vec<TaskId> = [0, 0, 1, 0].map(TaskId).to_vec();
        let changed = changes(&decisions);
        assert!(changed.contains(&[0, 0, 0, 1].map(TaskId).to_vec()), "joined or swapped");
        assert!(changed.contains(&[0, 1, 0, 0].map(TaskId).to_vec()), "cut short");
        assert!(changed.iter().all(|sequence| sequence.len() <= decisions.len()));
    }
}
