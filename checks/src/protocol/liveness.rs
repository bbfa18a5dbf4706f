//! Whether one thing always leads to another, decided exactly on the graph under weak fairness.
//!
//! A run breaks "P leads to Q" if P holds at some position from which on Q never does. From there on it stays in the
//! part of the graph without Q, and what it visits infinitely often lies within one strongly connected component of that
//! part. A run that stands still is a component of one position.
//!
//! The run must be fair: a thread that is obliged to go on and can, at every position from some point on, goes on. So in
//! the component each thread must either make a move or find a position at which it is not obliged or cannot go on. As
//! a run may visit all of a component again and again, the converse holds too: if each thread has such a move or
//! position, then there is a fair run that stays. So the property fails exactly if such a component can be reached. The
//! run is then shown as a *lasso*: the way into the component, and a cycle through what every thread needs.
//!
//! Source: Lichtenstein and Pnueli, "Checking that finite state concurrent programs satisfy their linear
//! specification", 1985.

use std::collections::VecDeque;

use rustc_hash::{FxHashMap, FxHashSet};

use super::components::strongly_connected;
use super::crowd::Crowd;
use super::graph::{Edge, Graph};
use super::moves::{Act, Actor};
use super::properties::LeadsTo;

/// A fair run that never comes to what it must lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lasso<C: Crowd> {
    /// The request for which the property fails.
    pub request: usize,
    /// From the beginning to where the cycle starts.
    pub stem: Vec<Edge<C::Who>>,
    /// What is repeated for ever; empty if the run stands still.
    pub cycle: Vec<Edge<C::Who>>,
    /// Where the cycle starts.
    pub at: u32,
}

/// Which moves an infinite run may repeat without end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endless {
    /// Any.
    AnyMove,
    /// Not those by which a canceler gets on: each canceler makes finitely many of them.
    NotGettingOn,
}

/// The lasso that breaks the property, for the lowest-numbered request for which there is one; `None` if it holds.
#[must_use]
pub fn refute<C: Crowd>(graph: &Graph<C>, property: &LeadsTo<C>) -> Option<Lasso<C>> {
    refute_with(graph, property, Endless::AnyMove)
}

pub(super) fn refute_with<C: Crowd>(
    graph: &Graph<C>,
    property: &LeadsTo<C>,
    endless: Endless,
) -> Option<Lasso<C>> {
    (0..graph.protocol.requests).find_map(|request| Search { graph, property, request, endless }.lasso())
}

struct Search<'a, C: Crowd> {
    graph: &'a Graph<C>,
    property: &'a LeadsTo<C>,
    request: usize,
    endless: Endless,
}

impl<C: Crowd> Search<'_, C> {
    fn lasso(&self) -> Option<Lasso<C>> {
        let open: Vec<bool> =
            self.graph.positions.iter().map(|at| !(self.property.to)(at, self.request)).collect();
        let begins: Vec<u32> = (0..self.graph.positions.len() as u32)
            .filter(|&number| {
                let at = &self.graph.positions[number as usize];
                open[number as usize] && (self.property.from)(at, self.request)
            })
            .collect();
        let reachable = self.reachable(&begins, &open);
        let components = strongly_connected(open.len(), &reachable, |from, targets| {
            let edges = self.graph.edges(from).iter().filter(|edge| self.is_endless(edge));
            targets.extend(edges.map(|edge| edge.to).filter(|&to| open[to as usize]));
        });
        // The first that was reached breadth first makes the shortest stem.
        let fair = components.into_iter().filter(|component| self.is_fair(component));
        let component = fair.min_by_key(|component| component.iter().min().copied())?;
        Some(self.show(&component, &begins, &open))
    }

    /// Everything that can be reached from `begins` within the part that is open.
    fn reachable(&self, begins: &[u32], open: &[bool]) -> Vec<u32> {
        let mut found = begins.to_vec();
        let mut is_found = vec![false; open.len()];
        for &begin in begins {
            is_found[begin as usize] = true;
        }
        let mut next = 0;
        while next < found.len() {
            for edge in self.graph.edges(found[next]) {
                let to = edge.to as usize;
                if open[to] && !is_found[to] {
                    is_found[to] = true;
                    found.push(edge.to);
                }
            }
            next += 1;
        }
        found
    }

    fn is_endless(&self, edge: &Edge<C::Who>) -> bool {
        match (self.endless, edge.actor) {
            (Endless::NotGettingOn, Actor::Canceler(_)) => edge.act == Act::LookAgain,
            _ => true,
        }
    }

    fn is_fair(&self, component: &[u32]) -> bool {
        let inside: FxHashSet<u32> = component.iter().copied().collect();
        let mut never_released = u32::MAX;
        let mut moving = 0;
        for &number in component {
            never_released &= self.graph.pressed(number);
            for edge in self.graph.edges(number) {
                if inside.contains(&edge.to) && self.is_endless(edge) {
                    moving |= edge.actor.bit(C::number);
                }
            }
        }
        never_released & !moving == 0
    }

    fn show(&self, component: &[u32], begins: &[u32], open: &[bool]) -> Lasso<C> {
        let inside = |number: u32| component.contains(&number);
        // Where the property begins to be owed, and from there into the component without meeting what it leads to.
        let (begin, path) =
            self.path(begins, inside, |edge| open[edge.to as usize]).unwrap_or((component[0], Vec::new()));
        let at = path.last().map_or(begin, |edge| edge.to);
        let mut stem = self.graph.way_to(begin);
        stem.extend(path);
        Lasso { request: self.request, stem, cycle: self.cycle(component, at), at }
    }

    /// A cycle from `at` through everything that makes the component fair.
    fn cycle(&self, component: &[u32], at: u32) -> Vec<Edge<C::Who>> {
        let members: FxHashSet<u32> = component.iter().copied().collect();
        let inside = |number: u32| members.contains(&number);
        let within = |edge: &Edge<C::Who>| inside(edge.to) && self.is_endless(edge);
        let path_to = |from: u32, wanted: &dyn Fn(u32) -> bool| {
            self.path(&[from], wanted, within).map(|(_, path)| path).unwrap_or_default()
        };
        let mut cycle: Vec<Edge<C::Who>> = Vec::new();
        let mut here = at;
        let pressed = component.iter().fold(0, |set, &number| set | self.graph.pressed(number));
        for thread in (0..u32::BITS).map(|bit| 1 << bit).filter(|bit| pressed & bit != 0) {
            let has_moved = cycle.iter().any(|edge| edge.actor.bit(C::number) == thread);
            let is_released = |number: u32| self.graph.pressed(number) & thread == 0;
            let was_released = is_released(here) || cycle.iter().any(|edge| is_released(edge.to));
            if has_moved || was_released {
                continue;
            }
            let moves = |number: u32| {
                let mut edges = self.graph.edges(number).iter();
                edges.find(|edge| edge.actor.bit(C::number) == thread && within(edge))
            };
            let wanted = |number: u32| is_released(number) || moves(number).is_some();
            cycle.extend(path_to(here, &wanted));
            here = cycle.last().map_or(at, |edge| edge.to);
            if let Some(step) = moves(here).filter(|_| !is_released(here)) {
                cycle.push(*step);
                here = step.to;
            }
        }
        if cycle.is_empty() && component.len() > 1 {
            // Nobody needs to move, but a run that does is easier to believe than one that stands still.
            let first = self.graph.edges(at).iter().find(|edge| within(edge));
            cycle.extend(first);
            here = first.map_or(at, |edge| edge.to);
        }
        cycle.extend(path_to(here, &|number| number == at));
        cycle
    }

    /// The shortest path from one of `begins` to a wanted position by moves that are allowed, and where it begins.
    fn path(
        &self,
        begins: &[u32],
        wanted: impl Fn(u32) -> bool,
        allowed: impl Fn(&Edge<C::Who>) -> bool,
    ) -> Option<(u32, Vec<Edge<C::Who>>)> {
        let mut reached: FxHashSet<u32> = begins.iter().copied().collect();
        let mut parents: FxHashMap<u32, (u32, Edge<C::Who>)> = FxHashMap::default();
        let mut queue: VecDeque<u32> = begins.iter().copied().collect();
        while let Some(here) = queue.pop_front() {
            if wanted(here) {
                let mut path = Vec::new();
                let mut at = here;
                while let Some(&(parent, edge)) = parents.get(&at) {
                    path.push(edge);
                    at = parent;
                }
                path.reverse();
                return Some((at, path));
            }
            for edge in self.graph.edges(here).iter().filter(|edge| allowed(edge)) {
                if reached.insert(edge.to) {
                    parents.insert(edge.to, (here, *edge));
                    queue.push_back(edge.to);
                }
            }
        }
        None
    }
}

impl<C: Crowd> Lasso<C> {
    /// The run as text, one move a line.
    #[must_use]
    pub fn describe(&self, graph: &Graph<C>) -> String {
        let mut text = graph.describe(&self.stem, 1);
        if self.cycle.is_empty() {
            text.push_str("and there it stays: nobody who is obliged to go on can\n");
        } else {
            text.push_str("and for ever again:\n");
            text.push_str(&graph.describe(&self.cycle, self.stem.len() + 1));
        }
        text
    }
}
