//! The protocol as a model of stateright: exhausted breadth first.
//!
//! Stateright keeps 64 bits of each position. Two positions with the same 64 bits would be taken for one; the counts
//! are compared with those of our own [`Graph`](super::graph::Graph), which keeps positions whole, as far as that fits.

use std::time::{Duration, Instant};

use stateright::{Checker, HasDiscoveries, Model, Property as StaterightProperty, Representative};

use super::crowd::Cancelers;
use super::moves::{self, Move};
use super::properties::{Demand, always, sometimes};
use super::{Position, Protocol};

/// What is explored: the protocol, and whether cancelers are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explored {
    /// The protocol.
    pub protocol: Protocol,
    /// Whether crowds that differ only in who is who count as one. All cancelers do the same, so a property that does
    /// not name one of them holds in both or in neither.
    pub symmetry: bool,
}

/// What an exhausted exploration has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findings {
    /// Different positions.
    pub positions: u64,
    /// Moves, those that lead to known positions included.
    pub moves: u64,
    /// The longest of the shortest ways to a position, in moves.
    pub depth: usize,
    /// Every property, in order.
    pub properties: Vec<Finding>,
    /// Whether that is all; otherwise it was stopped after as many moves as were allowed.
    pub is_exhausted: bool,
    /// How long it took.
    pub time: Duration,
}

/// What was found about one property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The name of the property.
    pub name: &'static str,
    /// What it demands.
    pub meaning: &'static str,
    /// Everywhere or somewhere.
    pub demand: Demand,
    /// Whether a position was found where it fails, or where what must be possible is so.
    pub is_found: bool,
}

impl Finding {
    /// Whether the demand is met.
    #[must_use]
    pub fn is_met(&self) -> bool {
        match self.demand {
            Demand::Always => !self.is_found,
            Demand::Sometimes => self.is_found,
        }
    }
}

impl Model for Explored {
    type State = Position<Cancelers>;
    type Action = Move<Cancelers>;

    fn init_states(&self) -> Vec<Self::State> {
        vec![self.protocol.start(Cancelers::of(&self.protocol))]
    }

    fn actions(&self, state: &Self::State, actions: &mut Vec<Self::Action>) {
        moves::each(&self.protocol, state, &mut |step| actions.push(step));
    }

    fn next_state(&self, _state: &Self::State, action: Self::Action) -> Option<Self::State> {
        Some(if self.symmetry { action.next.representative() } else { action.next })
    }

    fn properties(&self) -> Vec<StaterightProperty<Self>> {
        // Stateright takes plain functions, so each property of ours gets one that finds it by its place.
        const ALWAYS: [fn(&Explored, &Position<Cancelers>) -> bool; 5] =
            [holds_always::<0>, holds_always::<1>, holds_always::<2>, holds_always::<3>, holds_always::<4>];
        const SOMETIMES: [fn(&Explored, &Position<Cancelers>) -> bool; 5] = [
            holds_sometimes::<0>,
            holds_sometimes::<1>,
            holds_sometimes::<2>,
            holds_sometimes::<3>,
            holds_sometimes::<4>,
        ];
        let always = always::<Cancelers>().into_iter().zip(ALWAYS);
        let sometimes = sometimes::<Cancelers>(&self.protocol).into_iter().zip(SOMETIMES);
        let always = always.map(|(property, holds)| StaterightProperty::always(property.name, holds));
        always
            .chain(sometimes.map(|(property, holds)| StaterightProperty::sometimes(property.name, holds)))
            .collect()
    }
}

fn holds_always<const PLACE: usize>(model: &Explored, at: &Position<Cancelers>) -> bool {
    (always::<Cancelers>()[PLACE].holds)(&model.protocol, at)
}

fn holds_sometimes<const PLACE: usize>(model: &Explored, at: &Position<Cancelers>) -> bool {
    (sometimes::<Cancelers>(&model.protocol)[PLACE].holds)(&model.protocol, at)
}

impl Representative for Position<Cancelers> {
    /// The same position with the cancelers in a fixed order.
    fn representative(&self) -> Self {
        Position { crowd: self.crowd.sorted(), ..*self }
    }
}

/// Exhausts the protocol breadth first, in `threads` threads.
///
/// The ways to what is found are not taken from here, because stateright keeps the latest and not the shortest.
#[must_use]
pub fn exhaust(explored: Explored, threads: usize) -> Findings {
    explore_up_to(explored, threads, usize::MAX)
}

/// As [`exhaust`], but stops after about `moves` moves, and says so.
#[must_use]
pub fn explore_up_to(explored: Explored, threads: usize, moves: usize) -> Findings {
    let begun = Instant::now();
    // Always to the end, so that the counts mean something.
    let never = HasDiscoveries::AllOf(std::iter::once("no property has this name").collect());
    let builder = explored.checker().threads(threads).finish_when(never);
    let checker = builder.target_state_count(moves).spawn_bfs().join();
    let time = begun.elapsed();
    let found = checker.discoveries();
    let properties = always::<Cancelers>().into_iter().chain(sometimes(&explored.protocol));
    let properties = properties.map(|property| Finding {
        name: property.name,
        meaning: property.meaning,
        demand: property.demand,
        is_found: found.contains_key(property.name),
    });
    Findings {
        positions: checker.unique_state_count() as u64,
        moves: checker.state_count() as u64 - 1,
        depth: checker.max_depth() - 1,
        properties: properties.collect(),
        is_exhausted: checker.state_count() < moves,
        time,
    }
}
