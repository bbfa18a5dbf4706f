//! What is left to explore: the open subtrees, and the nodes above them.
//!
//! The search is split into *units*, each the subtree below one decision. A unit is explored by one
//! [`Search`](super::search::Search), up to a fixed number of executions; what it leaves becomes new units. A race
//! that it finds with an event above its own subtree becomes a request, answered here. Units are taken in rounds
//! and their results are absorbed in the order of the units, so what is explored, and in what units, depends on
//! the program alone: not on the number of workers, nor on their speed.

use serde::{Deserialize, Serialize};

use super::node::{Node, Request, Step};
use super::search::Short;
use crate::executor::TaskSet;

/// The open part of an exploration: save it to go on later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frontier {
    /// The nodes above the units; `None` marks a place that can be used again.
    states: Vec<Option<State>>,
    free: Vec<u32>,
    /// The open units; the last is taken first, so that the search goes deep before it goes wide.
    units: Vec<Unit>,
    /// How many subtrees there were in the beginning.
    roots: u32,
    /// What the explorations before this frontier have counted.
    pub(super) executions: u64,
    pub(super) abandoned: u64,
    /// The bound on preemptions that is being explored, if there is one, and whether it has cut anything.
    pub(super) preemptions: u32,
    pub(super) cut: bool,
    /// What was left out because it went on for too long.
    #[serde(default)]
    pub(super) short: Short,
}

/// A node above open units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct State {
    above: Option<u32>,
    /// The decisions that lead here from the node above.
    via: Vec<Step>,
    depth: u32,
    sleep: TaskSet,
    /// The decisions that are explored here: done, under way, or among the units.
    taken: TaskSet,
    /// How many units and nodes hang below.
    open: u32,
}

/// A subtree: the decisions below a state that lead to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Unit {
    state: Option<u32>,
    steps: Vec<Step>,
}

impl Frontier {
    /// The frontier of an exploration that has not begun: everything.
    #[must_use]
    pub fn new() -> Self {
        Frontier {
            states: Vec::new(),
            free: Vec::new(),
            units: vec![Unit { state: None, steps: Vec::new() }],
            roots: 1,
            executions: 0,
            abandoned: 0,
            preemptions: 0,
            cut: false,
            short: Short::default(),
        }
    }

    /// Leaves only these subtrees of a space that has not been begun. Whatever lies beside them is somebody else's.
    pub(super) fn restrict_to(&mut self, leaves: Vec<Vec<Step>>) {
        self.units = leaves.into_iter().map(|steps| Unit { state: None, steps }).collect();
        self.units.reverse();
        self.roots = self.units.len() as u32;
    }

    /// Starts anew with the next bound on preemptions.
    pub(super) fn deepen(&mut self) {
        *self = Frontier {
            executions: self.executions,
            abandoned: self.abandoned,
            preemptions: self.preemptions + 1,
            short: self.short,
            ..Frontier::new()
        };
    }

    /// Whether nothing is left to explore.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    /// The number of open subtrees.
    #[must_use]
    pub fn len(&self) -> usize {
        self.units.len()
    }

    /// Takes up to `count` units, the next to explore first.
    pub(super) fn take(&mut self, count: usize) -> Vec<Unit> {
        let keep = self.units.len().saturating_sub(count);
        let mut taken = self.units.split_off(keep);
        taken.reverse();
        taken
    }

    /// Puts back a unit of which nothing was explored.
    pub(super) fn put_back(&mut self, unit: Unit) {
        self.units.push(unit);
    }

    /// All decisions that lead to a unit, from the start of an execution.
    pub(super) fn steps(&self, unit: &Unit) -> Vec<Step> {
        let mut states = Vec::new();
        let mut above = unit.state;
        while let Some(state) = above.and_then(|place| self.states[place as usize].as_ref()) {
            states.push(state);
            above = state.above;
        }
        let via = states.iter().rev().flat_map(|state| &state.via);
        via.chain(&unit.steps).copied().collect()
    }

    /// The estimated share of the executions that is still in the units, assuming that the subtrees below one
    /// node are of equal size.
    pub(super) fn share_left(&self) -> f64 {
        self.units.iter().map(|unit| self.share(unit)).sum()
    }

    fn share(&self, unit: &Unit) -> f64 {
        let mut share = 1.0 / f64::from(self.roots.max(1));
        let mut above = unit.state;
        while let Some(state) = above.and_then(|place| self.states[place as usize].as_ref()) {
            share /= f64::from(state.taken.len().max(1));
            above = state.above;
        }
        share
    }

    /// Absorbs what the search of a unit left: the nodes of its last path, and its requests.
    pub(super) fn absorb(&mut self, unit: Unit, left: &[Node], requests: &[Request]) {
        let top = unit.state;
        for request in requests {
            self.answer(top, request);
        }
        let depth = self.steps(&unit).len() as u32;
        let mut above = unit.state;
        let mut via = unit.steps;
        let mut waiting = Vec::new();
        for (level, node) in left.iter().enumerate() {
            let state = self.add_state(State {
                above,
                via,
                depth: depth + level as u32,
                sleep: node.sleep,
                taken: node.backtrack,
                open: 0,
            });
            let mut before = node.done;
            before.insert(node.task);
            let level_start = waiting.len();
            for task in node.left().iter() {
                waiting.push(Unit { state: Some(state), steps: vec![Step { task, done: before }] });
                before.insert(task);
            }
            // The last unit in the list is taken first.
            waiting[level_start..].reverse();
            (above, via) = (Some(state), vec![node.step()]);
        }
        for unit in waiting {
            self.open(unit);
        }
        if !left.is_empty() {
            // What the unit was about to explore comes before everything else.
            self.open(Unit { state: above, steps: via });
        }
        if let Some(top) = top {
            self.close(top);
        }
    }

    fn open(&mut self, unit: Unit) {
        if let Some(state) = unit.state.and_then(|place| self.states[place as usize].as_mut()) {
            state.open += 1;
        }
        self.units.push(unit);
    }

    fn add_state(&mut self, state: State) -> u32 {
        if let Some(above) = state.above.and_then(|place| self.states[place as usize].as_mut()) {
            above.open += 1;
        }
        if let Some(place) = self.free.pop() {
            self.states[place as usize] = Some(state);
            return place;
        }
        self.states.push(Some(state));
        self.states.len() as u32 - 1
    }

    /// Something below a state is finished. A state with nothing below is finished as well.
    fn close(&mut self, place: u32) {
        let mut next = Some(place);
        while let Some(place) = next.take() {
            let Some(state) = self.states[place as usize].as_mut() else { break };
            state.open -= 1;
            if state.open == 0 {
                next = state.above;
                self.states[place as usize] = None;
                self.free.push(place);
            }
        }
    }

    /// Opens a unit for a request, unless one that serves it is there already. A request for a node of which all
    /// that is explored was decided beforehand (above a shard's subtrees) finds no state, and needs none.
    fn answer(&mut self, below: Option<u32>, request: &Request) {
        let mut place = below;
        while let Some(number) = place {
            let Some(state) = self.states[number as usize].as_mut() else { return };
            if (state.depth as usize) < request.depth {
                return;
            }
            if state.depth as usize == request.depth {
                let known = state.taken.union(state.sleep);
                if request.is_served_by(known) {
                    return;
                }
                // The last unit in the list is taken first.
                let mut units = Vec::new();
                for task in request.preferred.difference(known).iter() {
                    let step = Step { task, done: state.taken };
                    state.taken.insert(task);
                    units.push(Unit { state: Some(number), steps: vec![step] });
                }
                units.into_iter().rev().for_each(|unit| self.open(unit));
                return;
            }
            place = state.above;
        }
    }
}

impl Default for Frontier {
    fn default() -> Self {
        Frontier::new()
    }
}
