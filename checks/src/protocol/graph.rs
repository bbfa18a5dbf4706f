//! The explored protocol as a graph that is kept: every position, every move.
//!
//! Stateright keeps a fingerprint of each position and no moves, which is what makes it large. Liveness needs the
//! moves, so here they are, exactly and without hashes in the place of positions.

use rustc_hash::FxHashMap;

use super::crowd::{Cancelers, Crowd};
use super::moves::{self, Act, Actor, Move};
use super::{Position, Protocol};

/// Every position that can be reached, in breadth-first order, and every move between them.
#[derive(Debug)]
pub struct Graph<C: Crowd> {
    /// The protocol that was explored.
    pub protocol: Protocol,
    /// The positions; those without a parent in `parents` are where it begins.
    pub positions: Vec<Position<C>>,
    /// The moves of all positions, those of one position next to each other.
    edges: Vec<Edge<C::Who>>,
    /// Where the moves of each position begin in `edges`, and one more entry for the end.
    begins: Vec<usize>,
    /// The move by which each position was first reached, by its position in `edges`, and from where.
    parents: Vec<Option<(u32, usize)>>,
}

/// One move of the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge<W> {
    /// Who makes it.
    pub actor: Actor<W>,
    /// The request it is about.
    pub request: u8,
    /// What is done.
    pub act: Act,
    /// Whether the thread must make a move sooner or later.
    pub is_obliged: bool,
    /// The position it leads to.
    pub to: u32,
}

/// The protocol has more positions than were asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "more than {limit} positions, so nothing is decided; take fewer cancelers or requests, or raise --positions"
)]
pub struct TooLarge {
    /// What was asked for.
    pub limit: usize,
}

impl Graph<Cancelers> {
    /// Explores the protocol with each of its cancelers by itself.
    ///
    /// # Errors
    ///
    /// Returns that there are more than `limit` positions, if so.
    pub fn explore(protocol: Protocol, limit: usize) -> Result<Self, TooLarge> {
        Graph::explore_from(protocol, vec![protocol.start(Cancelers::of(&protocol))], limit)
    }
}

impl<C: Crowd> Graph<C> {
    /// Explores the protocol from these positions on.
    ///
    /// # Errors
    ///
    /// Returns that there are more than `limit` positions, if so.
    pub fn explore_from(
        protocol: Protocol,
        starts: Vec<Position<C>>,
        limit: usize,
    ) -> Result<Self, TooLarge> {
        let mut numbers: FxHashMap<Position<C>, u32> = FxHashMap::default();
        numbers.extend(starts.iter().enumerate().map(|(number, start)| (*start, number as u32)));
        let mut graph = Graph {
            protocol,
            parents: vec![None; starts.len()],
            positions: starts,
            edges: Vec::new(),
            begins: vec![0],
        };
        let mut next = 0;
        while next < graph.positions.len() {
            let at = graph.positions[next];
            let (positions, parents, edges) = (&mut graph.positions, &mut graph.parents, &mut graph.edges);
            moves::each(&protocol, &at, &mut |step: Move<C>| {
                let to = *numbers.entry(step.next).or_insert_with(|| {
                    positions.push(step.next);
                    parents.push(Some((next as u32, edges.len())));
                    (positions.len() - 1) as u32
                });
                let Move { actor, request, act, is_obliged, .. } = step;
                edges.push(Edge { actor, request, act, is_obliged, to });
            });
            graph.begins.push(graph.edges.len());
            if graph.positions.len() > limit {
                return Err(TooLarge { limit });
            }
            next += 1;
        }
        Ok(graph)
    }

    /// The moves that are possible in the position of that number.
    #[must_use]
    pub fn edges(&self, position: u32) -> &[Edge<C::Who>] {
        let position = position as usize;
        &self.edges[self.begins[position]..self.begins[position + 1]]
    }

    /// The number of moves.
    #[must_use]
    pub fn moves(&self) -> usize {
        self.edges.len()
    }

    /// The shortest way from a beginning to the position of that number.
    #[must_use]
    pub fn way_to(&self, position: u32) -> Vec<Edge<C::Who>> {
        let mut way = Vec::new();
        let mut at = position;
        while let Some((from, edge)) = self.parents[at as usize] {
            way.push(self.edges[edge]);
            at = from;
        }
        way.reverse();
        way
    }

    /// The moves as text, one a line, numbered from `first` on.
    #[must_use]
    pub fn describe(&self, moves: &[Edge<C::Who>], first: usize) -> String {
        let line = |(number, edge): (usize, &Edge<C::Who>)| {
            let after = &self.positions[edge.to as usize];
            let who = match edge.actor {
                Actor::Driver(_) => "driver".to_owned(),
                Actor::Canceler(who) => after.crowd.describe(who),
            };
            let of = if self.protocol.requests > 1 {
                format!("request {}, ", edge.request)
            } else {
                String::new()
            };
            let state = after.requests[usize::from(edge.request)].state;
            format!("  {number:>3}  {who:<16}{of}{:<46}{state}\n", edge.act.to_string())
        };
        moves.iter().enumerate().map(|(place, edge)| line((first + place, edge))).collect()
    }

    /// The threads that are obliged to go on in that position and can.
    pub(super) fn pressed(&self, position: u32) -> u32 {
        let obliged = self.edges(position).iter().filter(|edge| edge.is_obliged);
        obliged.fold(0, |set, edge| set | edge.actor.bit(C::number))
    }
}
