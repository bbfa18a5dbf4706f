//! Why an execution fails: one thing is changed at a time, and what makes the failure go away matters.
//!
//! - A **switch** is moved along the thread that it interrupts, in both directions, until the failure is gone. The two
//!   operations that it cannot be moved past had to be one step.
//! - An **ordering** is made stronger. Where that alone removes a race, the edge was missing there.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use cancelproof_machine::Rule;

use super::every_order;
use super::reorder::Best;
use super::stage::Stage;
use crate::engine::dpor::{Course, Strengthened};
use crate::exploration::FailureKind;
use crate::operation::{Action, Operation, TaskId};
use crate::recorder::Happened;
use crate::trace::{Finding, Header, Place, SwitchReason, Trace, What, Why};

/// The most sentences that are given.
const SENTENCES_MAX: usize = 3;

/// How many operations of a thread that does not go on are tried.
const NEXT_MAX: usize = 3;

/// Finds out why.
pub(crate) fn explain(case: &impl Stage, rule: Rule, best: &Best, trace: &Trace) -> Option<Why> {
    let inquiry = Inquiry { case, rule, best, trace, decisions: decisions(best, trace) };
    let mut why = Collected::default();
    if matches!(best.run.failure(), Some(FailureKind::DataRace { .. })) {
        inquiry.about_orderings(&mut why);
    } else {
        inquiry.about_switches(&mut why);
    }
    why.finish(trace)
}

/// The decisions up to the violation, each with its step.
fn decisions(best: &Best, trace: &Trace) -> Vec<Decision> {
    let end = trace.violation.unwrap_or(trace.steps.len());
    let entries = best.log.entries.iter().enumerate().take(end + 1);
    let taken = entries.filter(|(_, entry)| entry.is_decision()).zip(&best.run.decisions);
    let mut decisions: Vec<Decision> = taken
        .map(|((step, entry), &decision)| Decision { task: entry.task, decision, step: Some(step) })
        .collect();
    // What comes after the violation has to stay possible, but is never flipped.
    let later = best.run.decisions.iter().skip(decisions.len());
    decisions.extend(later.map(|&decision| Decision { task: decision.plain(), decision, step: None }));
    decisions
}

#[derive(Clone, Copy)]
#[allow(clippy::struct_field_names, reason = "the number of a decision is called a decision by the engines")]
struct Decision {
    task: TaskId,
    /// The task, and how its operation comes out.
    decision: TaskId,
    step: Option<usize>,
}

/// Sentences as they are found.
#[derive(Default)]
struct Collected {
    sentences: Vec<String>,
    steps: BTreeSet<usize>,
}

impl Collected {
    fn add(&mut self, sentence: String, steps: impl IntoIterator<Item = usize>) {
        if !self.sentences.contains(&sentence) && self.sentences.len() < SENTENCES_MAX {
            self.sentences.push(sentence);
            self.steps.extend(steps);
        }
    }

    fn finish(self, trace: &Trace) -> Option<Why> {
        if self.sentences.is_empty() {
            return None;
        }
        let steps: Vec<usize> = self.steps.into_iter().collect();
        let mut places: Vec<Place> = Vec::new();
        for place in steps.iter().filter_map(|&step| trace.steps[step].place.clone()) {
            if !places.contains(&place) {
                places.push(place);
            }
        }
        Some(Why { sentences: self.sentences, places, steps })
    }
}

struct Inquiry<'a, S> {
    case: &'a S,
    rule: Rule,
    best: &'a Best,
    trace: &'a Trace,
    decisions: Vec<Decision>,
}

impl<S: Stage> Inquiry<'_, S> {
    /// Whether the failure is still there in another order.
    fn fails(&self, order: &[Decision]) -> bool {
        let course = Course::Roughly(order.iter().map(|decision| decision.decision).collect());
        self.case.run(&course, &[]).breaks(self.rule)
    }

    fn about_switches(&self, why: &mut Collected) {
        let starts: Vec<usize> = (1..self.decisions.len())
            .filter(|&place| self.decisions[place].task != self.decisions[place - 1].task)
            .filter(|&place| self.decisions[place].step.is_some())
            .collect();
        if self.trace.lanes.len() == 1 || starts.is_empty() {
            why.add("one thread alone shows it: no other thread has to interfere".to_owned(), []);
            return;
        }
        let (preempting, other): (Vec<usize>, Vec<usize>) =
            starts.into_iter().partition(|&place| self.is_preemption(place));
        for &place in &preempting {
            self.about_preemption(place, why);
        }
        for place in other {
            self.about_order(place, why);
        }
        if why.sentences.is_empty() {
            for (sentence, steps) in every_order::explain(self.trace) {
                why.add(sentence, steps);
            }
            why.add("no single switch matters: other orders of the same threads fail as well".to_owned(), []);
        }
    }

    fn is_preemption(&self, place: usize) -> bool {
        let step = self.decisions[place].step.unwrap_or_default();
        let lane = self.trace.steps[step].lane;
        let begin = (0..=step)
            .rev()
            .find(|&step| self.trace.steps[step].lane != lane || self.trace.steps[step].switch.is_some());
        begin
            .and_then(|step| self.trace.steps[step].switch)
            .is_some_and(|switch| switch.reason == SwitchReason::Preempted)
    }

    /// A thread was interrupted: how far can the interruption be moved?
    fn about_preemption(&self, place: usize, why: &mut Collected) {
        let task = self.decisions[place - 1].task;
        let resumed = (place..self.decisions.len()).find(|&later| self.decisions[later].task == task);
        let earlier = self.earliest(place, resumed.unwrap_or(self.decisions.len()));
        let first = earlier.and_then(|place| self.decisions[place].step);
        let second = resumed
            .and_then(|resumed| self.latest(place, resumed))
            .and_then(|place| self.decisions[place].step);
        let others = self.lanes(place..resumed.unwrap_or(self.decisions.len()));
        match (first, second) {
            (Some(first), Some(second)) => why.add(
                format!(
                    "{} and {} of {} have to be one step: here {others} comes between them",
                    self.operation(first),
                    self.operation(second),
                    self.lane(first),
                ),
                [first, second],
            ),
            (Some(first), None) => match resumed.map_or_else(|| self.never_reached(place), |_| None) {
                Some(second) => why.add(
                    format!(
                        "{} and {second} of {} have to be one step: here {others} comes between them",
                        self.operation(first),
                        self.lane(first)
                    ),
                    [first],
                ),
                None => why.add(
                    format!(
                        "{others} comes after {} of {}; before it there is no failure",
                        self.operation(first),
                        self.lane(first)
                    ),
                    [first],
                ),
            },
            (None, Some(second)) => why.add(
                format!(
                    "{others} comes before {} of {}; after it there is no failure",
                    self.operation(second),
                    self.lane(second)
                ),
                [second],
            ),
            (None, None) => {}
        }
    }

    /// Where the failure comes before the interrupted thread goes on: the first operation that it would have performed next
    /// and behind which the interruption does no harm.
    fn never_reached(&self, place: usize) -> Option<String> {
        let task = self.decisions[place - 1].task;
        let goes_on = Decision { task, decision: task, step: None };
        (1..=NEXT_MAX).find_map(|count| {
            let order = [&self.decisions[..place], &vec![goes_on; count], &self.decisions[place..]].concat();
            if self.fails(&order) {
                return None;
            }
            let course = Course::Roughly(order.iter().map(|decision| decision.decision).collect());
            let (run, log) = self.case.record(&course);
            let mut decisions = log.entries.iter().enumerate().filter(|(_, entry)| entry.is_decision());
            let (step, entry) = decisions.nth(place + count - 1)?;
            let drawn = self.case.draw(Header::default(), &run, &log);
            (entry.task == task).then(|| drawn.describe_operation(step)).filter(|words| !words.is_empty())
        })
    }

    /// The last decision of the interrupted stretch that the interruption cannot be moved before.
    fn earliest(&self, place: usize, resumed: usize) -> Option<usize> {
        let task = self.decisions[place - 1].task;
        let (interruption, rest) = (&self.decisions[place..resumed], &self.decisions[resumed..]);
        let stretch = (0..place).rev().take_while(|&before| self.decisions[before].task == task);
        for before in stretch {
            let order =
                [&self.decisions[..before], interruption, &self.decisions[before..place], rest].concat();
            if !self.fails(&order) {
                return Some(before);
            }
        }
        None
    }

    /// The first decision after the interruption that it cannot be moved behind.
    fn latest(&self, place: usize, resumed: usize) -> Option<usize> {
        let task = self.decisions[resumed].task;
        let (before, interruption) = (&self.decisions[..place], &self.decisions[place..resumed]);
        let stretch = (resumed..self.decisions.len()).take_while(|&after| self.decisions[after].task == task);
        for after in stretch {
            let moved = &self.decisions[resumed..=after];
            let order = [before, moved, interruption, &self.decisions[after + 1..]].concat();
            if !self.fails(&order) {
                return Some(after);
            }
        }
        None
    }

    /// A thread went on because another one had stopped: does it have to come after it?
    fn about_order(&self, place: usize, why: &mut Collected) {
        let task = self.decisions[place].task;
        let end = (place..self.decisions.len())
            .find(|&later| self.decisions[later].task != task)
            .unwrap_or(self.decisions.len());
        let Some(before) = self.earliest(place, end) else { return };
        let Some(first) = self.decisions[before].step else { return };
        let others = self.lanes(place..end);
        why.add(
            format!(
                "{others} comes after {} of {}; before it there is no failure",
                self.operation(first),
                self.lane(first)
            ),
            [first],
        );
    }

    fn lanes(&self, places: std::ops::Range<usize>) -> String {
        let mut titles: Vec<&str> = Vec::new();
        for step in places.filter_map(|place| self.decisions[place].step) {
            let title = self.lane(step);
            if !titles.contains(&title) {
                titles.push(title);
            }
        }
        titles.join(" and ")
    }

    fn lane(&self, step: usize) -> &str {
        &self.trace.lanes[self.trace.steps[step].lane].title
    }

    fn operation(&self, step: usize) -> String {
        self.trace.describe_operation(step)
    }

    /// Which orderings would order the two accesses?
    fn about_orderings(&self, why: &mut Collected) {
        let pair = self.trace.steps.iter().find_map(|step| match &step.what {
            What::Finding(Finding { race, .. }) => *race,
            _ => None,
        });
        if let Some((first, second)) = pair {
            let (one, other) = (self.operation(first), self.operation(second));
            let (of_one, of_other) = (self.lane(first), self.lane(second));
            why.add(format!("nothing orders {one} of {of_one} and {other} of {of_other}"), [first, second]);
        }
        let weak = self.weak_operations();
        // Of each place the weakest change that is enough.
        let mut alone: Vec<&Weak> = Vec::new();
        for weak in &weak {
            let is_new = |known: &&Weak| known.strengthened.location != weak.strengthened.location;
            if alone.iter().all(is_new) && !self.fails_with(&[weak.strengthened]) {
                alone.push(weak);
            }
        }
        for weak in &alone {
            let ordering = weak.strengthened.ordering;
            why.add(
                format!(
                    "{} would have to be {ordering:?}: then there is no failure",
                    self.operation(weak.step)
                ),
                [weak.step],
            );
        }
        if alone.is_empty() {
            self.about_several_orderings(&weak, why);
        }
    }

    fn about_several_orderings(&self, weak: &[Weak], why: &mut Collected) {
        let mut needed: Vec<Weak> = strongest(weak);
        let all = |needed: &[Weak]| needed.iter().map(|weak| weak.strengthened).collect::<Vec<_>>();
        if needed.is_empty() || self.fails_with(&all(&needed)) {
            why.add("no stronger ordering helps: no operation at all comes between the two".to_owned(), []);
            return;
        }
        let mut place = 0;
        while place < needed.len() {
            let mut fewer = needed.clone();
            fewer.remove(place);
            if self.fails_with(&all(&fewer)) { place += 1 } else { needed = fewer }
        }
        let parts: Vec<String> = needed
            .iter()
            .map(|weak| format!("{} {:?}", self.operation(weak.step), weak.strengthened.ordering))
            .collect();
        let steps: Vec<usize> = needed.iter().map(|weak| weak.step).collect();
        why.add(format!("it takes several stronger orderings: {}", parts.join(", ")), steps);
    }

    fn fails_with(&self, strengthened: &[Strengthened]) -> bool {
        let course = Course::Roughly(self.best.run.decisions.clone());
        self.case.run(&course, strengthened).breaks(self.rule)
    }

    /// What could be stronger, the weakest change of each place first.
    fn weak_operations(&self) -> Vec<Weak> {
        let mut weak: Vec<Weak> = Vec::new();
        for (step, entry) in self.best.log.entries.iter().enumerate().take(self.trace.steps.len()) {
            let Happened::Operation(performed) = &entry.what else { continue };
            for &ordering in stronger(&performed.operation) {
                let strengthened = Strengthened { location: performed.operation.location, ordering };
                if weak.iter().all(|known| known.strengthened != strengthened) {
                    weak.push(Weak { step, strengthened });
                }
            }
        }
        weak
    }
}

/// An operation whose ordering could be stronger.
#[derive(Clone, Copy, Debug)]
struct Weak {
    step: usize,
    strengthened: Strengthened,
}

/// Of each place the strongest change.
fn strongest(weak: &[Weak]) -> Vec<Weak> {
    let mut strongest: Vec<Weak> = Vec::new();
    for weak in weak {
        match strongest.iter_mut().find(|known| known.strengthened.location == weak.strengthened.location) {
            Some(known) => *known = *weak,
            None => strongest.push(*weak),
        }
    }
    strongest
}

/// What can be added to the ordering of an operation, the strongest last.
fn stronger(operation: &Operation) -> &'static [Ordering] {
    use Ordering::{AcqRel, Acquire, Relaxed, Release};
    match operation.action {
        Action::Load { ordering: Relaxed } => &[Acquire],
        Action::Store { ordering: Relaxed, .. } => &[Release],
        Action::Update { ordering, .. } | Action::CompareExchange { success: ordering, .. } => match ordering
        {
            Relaxed => &[Acquire, Release, AcqRel],
            Acquire => &[Release],
            Release => &[Acquire],
            _ => &[],
        },
        _ => &[],
    }
}
