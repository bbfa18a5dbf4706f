//! The abstract machine beside an execution: which states the request may be in after each step.
//!
//! A call takes effect at one instant between its start and its answer, and nothing says at which. So the machine
//! keeps every state that is possible, each with the answers that it has already promised. Where several runs of the
//! machine explain the whole execution, the likeliest one is shown first: calls take effect where their thread writes.

use std::collections::BTreeMap;

use cancelproof_machine::Contract;
use cancelproof_machine::machine::{Call, Reply, State, step};

/// A step, as far as the machine is concerned.
#[derive(Clone, Copy, Debug)]
pub(super) enum Seen {
    /// A call begins.
    Called(Call),
    /// The innermost open call of the lane is answered.
    Answered(Reply),
    CallbackStarted,
    CallbackReturned,
    /// An operation; whether it wrote.
    Operation {
        wrote: bool,
    },
    Other,
}

/// The states after a step, and whether a run of the machine explains everything up to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Possible {
    pub(super) states: Vec<State>,
    pub(super) is_explained: bool,
}

/// One state of the machine, with what has been promised and not yet been seen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Configuration {
    state: State,
    /// Open calls that have taken effect, with the answers they will get.
    promised: BTreeMap<usize, Reply>,
    /// Callbacks that have been started and were not yet seen to start.
    started: u8,
}

#[derive(Clone, Debug)]
struct Reached {
    cost: u64,
    /// The likeliest predecessor, and all of them.
    parent: usize,
    parents: Vec<usize>,
}

type Layer = Vec<(Configuration, Reached)>;

/// How unlikely it is that a call takes effect at a step.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Likely {
    Fits,
    Perhaps,
    Hardly,
}

/// An unanswered call.
struct Open {
    call: Call,
    lane: usize,
    number: usize,
}

/// The states after each of the steps, which are given by their lanes and what they are.
pub(super) fn possible(contract: &Contract, steps: &[(usize, Seen)]) -> Vec<Possible> {
    let mut walk = Walk { contract, open: Vec::new(), calls: 0, length: steps.len() as u64 };
    let first = Configuration { state: State::INITIAL, promised: BTreeMap::new(), started: 0 };
    let mut layers: Vec<Layer> = vec![vec![(first, Reached { cost: 0, parent: 0, parents: Vec::new() })]];
    for (place, (lane, seen)) in steps.iter().enumerate() {
        let layer = walk.advance(&layers[place], place as u64, *lane, *seen);
        if layer.is_empty() {
            break;
        }
        layers.push(layer);
    }
    read_back(&layers, steps.len())
}

/// Chooses the likeliest end, and from there backwards what led to it.
fn read_back(layers: &[Layer], steps: usize) -> Vec<Possible> {
    let mut result = Vec::with_capacity(steps);
    let last = layers.len() - 1;
    let by_cost = |(_, (_, reached)): &(usize, &(Configuration, Reached))| reached.cost;
    let mut best = layers[last].iter().enumerate().min_by_key(by_cost).map_or(0, |(place, _)| place);
    let mut alive: Vec<usize> = (0..layers[last].len()).collect();
    for layer in layers[1..].iter().rev() {
        let mut states = vec![layer[best].0.state];
        for &place in &alive {
            if !states.contains(&layer[place].0.state) {
                states.push(layer[place].0.state);
            }
        }
        result.push(Possible { states, is_explained: true });
        best = layer[best].1.parent;
        let mut before: Vec<usize> =
            alive.iter().flat_map(|&place| layer[place].1.parents.iter().copied()).collect();
        before.sort_unstable();
        before.dedup();
        alive = before;
    }
    result.reverse();
    let end = result.last().map_or_else(|| vec![State::INITIAL], |possible| possible.states.clone());
    result.resize(steps, Possible { states: end, is_explained: false });
    result
}

struct Walk<'a> {
    contract: &'a Contract,
    open: Vec<Open>,
    calls: usize,
    length: u64,
}

impl Walk<'_> {
    fn advance(&mut self, layer: &Layer, place: u64, lane: usize, seen: Seen) -> Layer {
        if let Seen::Called(call) = seen {
            self.open.push(Open { call, lane, number: self.calls });
            self.calls += 1;
        }
        let mut reached: Layer = Vec::new();
        for (parent, (configuration, before)) in layer.iter().enumerate() {
            let here = Reached { cost: before.cost, parent, parents: vec![parent] };
            merge(&mut reached, configuration.clone(), &here);
        }
        self.let_calls_take_effect(&mut reached, place, lane, seen);
        match seen {
            Seen::Answered(reply) => self.answer(reached, lane, reply),
            Seen::CallbackStarted => self.start_callback(reached),
            Seen::CallbackReturned => self.return_from_callback(reached),
            _ => reached,
        }
    }

    /// Adds every configuration that open calls, and callbacks that are owed, may lead to at this step.
    fn let_calls_take_effect(&self, reached: &mut Layer, place: u64, lane: usize, seen: Seen) {
        let mut next = 0;
        while let Some((configuration, before)) = reached.get(next).cloned() {
            next += 1;
            for open in &self.open {
                if configuration.promised.contains_key(&open.number) {
                    continue;
                }
                let cost = before.cost + self.cost(open, place, lane, seen);
                for outcome in step(self.contract, configuration.state, open.call).iter() {
                    let mut after = configuration.clone();
                    after.state = outcome.state;
                    after.promised.insert(open.number, outcome.reply);
                    merge(reached, after, &Reached { cost, ..before.clone() });
                }
            }
            for outcome in step(self.contract, configuration.state, Call::Claim).iter() {
                let after = Configuration { state: outcome.state, ..configuration.clone() };
                merge(reached, after, &before);
            }
            for outcome in step(self.contract, configuration.state, Call::CallbackStart).iter() {
                let mut after = configuration.clone();
                after.state = outcome.state;
                after.started += 1;
                let cost = before.cost + CLASS + place;
                merge(reached, after, &Reached { cost, ..before.clone() });
            }
        }
    }

    /// What it costs to let a call take effect at a step: the less, the likelier.
    fn cost(&self, open: &Open, place: u64, lane: usize, seen: Seen) -> u64 {
        let likely = match seen {
            Seen::Operation { wrote: true } if open.lane == lane => Likely::Fits,
            Seen::Operation { wrote: false } | Seen::Answered(_) if open.lane == lane => Likely::Perhaps,
            _ => Likely::Hardly,
        };
        // A mark prepares before it publishes; every other call decides first and cleans up afterwards.
        let early = if open.call == Call::Mark { self.length - place } else { place };
        early
            + match likely {
                Likely::Fits => 0,
                Likely::Perhaps => CLASS,
                Likely::Hardly => 3 * CLASS,
            }
    }

    fn answer(&mut self, layer: Layer, lane: usize, reply: Reply) -> Layer {
        let Some(place) = self.open.iter().rposition(|open| open.lane == lane) else { return layer };
        let number = self.open.remove(place).number;
        let mut rest = Vec::new();
        for (mut configuration, reached) in layer {
            let promised = configuration.promised.remove(&number);
            if promised.is_some_and(|promised| reply.agrees_with(promised, self.contract)) {
                merge(&mut rest, configuration, &reached);
            }
        }
        rest
    }

    fn start_callback(&self, layer: Layer) -> Layer {
        let mut started = Vec::new();
        for (mut configuration, reached) in layer {
            if configuration.started > 0 {
                configuration.started -= 1;
                merge(&mut started, configuration, &reached);
                continue;
            }
            for outcome in step(self.contract, configuration.state, Call::CallbackStart).iter() {
                let after = Configuration { state: outcome.state, ..configuration.clone() };
                merge(&mut started, after, &reached);
            }
        }
        started
    }

    fn return_from_callback(&self, layer: Layer) -> Layer {
        let mut returned = Vec::new();
        for (configuration, reached) in layer {
            let outcome = step(self.contract, configuration.state, Call::CallbackReturn).iter().next();
            let state = outcome.map_or(configuration.state, |outcome| outcome.state);
            merge(&mut returned, Configuration { state, ..configuration }, &reached);
        }
        returned
    }
}

/// More than any difference in place can make up for.
const CLASS: u64 = 1 << 24;

fn merge(layer: &mut Layer, configuration: Configuration, reached: &Reached) {
    match layer.iter_mut().find(|(known, _)| *known == configuration) {
        None => layer.push((configuration, reached.clone())),
        Some((_, known)) => {
            if reached.cost < known.cost {
                (known.cost, known.parent) = (reached.cost, reached.parent);
            }
            for &parent in &reached.parents {
                if !known.parents.contains(&parent) {
                    known.parents.push(parent);
                }
            }
        }
    }
}
