//! Everything about one protocol: the properties of its positions and of its runs.

use super::crowd::Cancelers;
use super::explorer::{Explored, Findings, explore_up_to};
use super::graph::Graph;
use super::liveness::refute;
use super::properties::{Demand, always, leads_to};

/// What was found about one protocol.
#[derive(Debug)]
pub struct Verification {
    /// What stateright has found.
    pub findings: Findings,
    /// Our own graph's positions and moves, if it was kept.
    pub graph: Option<(usize, usize)>,
    /// Every property that must hold always and fails, with a shortest way to where it does.
    pub failing: Vec<(&'static str, String)>,
    /// Every property of runs that the protocol promises.
    pub liveness: Vec<Liveness>,
}

/// What was found about one property of runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Liveness {
    /// The name of the property.
    pub name: &'static str,
    /// What it demands.
    pub meaning: &'static str,
    /// Whether it holds.
    pub verdict: Decision,
}

/// Whether a property of runs holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Every fair run has it.
    Holds,
    /// A fair run has not.
    Fails {
        /// The run, as text.
        lasso: String,
    },
    /// The moves were not kept.
    NotDecided,
}

/// Moves that stateright may make for each position whose moves may be kept: it needs less memory for each.
const MOVES_BY_POSITION: usize = 25;

/// So few moves are made in any case.
const MOVES_MIN: usize = 1 << 16;

/// Exhausts the protocol by stateright, as far as 25 moves for each of `limit` positions go; and, if it has at most `limit`
/// positions and cancelers are told apart, decides its liveness on a graph of our own.
#[must_use]
pub fn verify(explored: Explored, limit: usize) -> Verification {
    let findings = explore_up_to(explored, 1, limit.saturating_mul(MOVES_BY_POSITION).max(MOVES_MIN));
    let fits = findings.is_exhausted && findings.positions <= limit as u64 && !explored.symmetry;
    let graph = if fits { Graph::explore(explored.protocol, limit).ok() } else { None };
    let failing =
        findings.properties.iter().filter(|finding| finding.demand == Demand::Always && !finding.is_met());
    let failing = failing.map(|finding| {
        (finding.name, graph.as_ref().map_or_else(String::new, |graph| way_to_failure(graph, finding.name)))
    });
    let liveness = leads_to::<Cancelers>()
        .into_iter()
        .filter(|property| (property.applies)(&explored.protocol))
        .map(|property| {
            let verdict = graph.as_ref().map_or(Decision::NotDecided, |graph| {
                refute(graph, &property)
                    .map_or(Decision::Holds, |lasso| Decision::Fails { lasso: lasso.describe(graph) })
            });
            Liveness { name: property.name, meaning: property.meaning, verdict }
        });
    Verification {
        failing: failing.collect(),
        liveness: liveness.collect(),
        graph: graph.as_ref().map(|graph| (graph.positions.len(), graph.moves())),
        findings,
    }
}

/// A shortest way: positions are numbered breadth first.
fn way_to_failure(graph: &Graph<Cancelers>, name: &str) -> String {
    let property = always::<Cancelers>().into_iter().find(|property| property.name == name);
    let failing = property
        .and_then(|property| graph.positions.iter().position(|at| !(property.holds)(&graph.protocol, at)));
    failing.map_or_else(String::new, |at| graph.describe(&graph.way_to(at as u32), 1))
}

impl Verification {
    /// Every property that fails, by name, those that must be possible and are not included.
    #[must_use]
    pub fn unmet(&self) -> Vec<&'static str> {
        let findings = self.findings.properties.iter().filter(|finding| !finding.is_met());
        let lassos =
            self.liveness.iter().filter(|property| matches!(property.verdict, Decision::Fails { .. }));
        findings.map(|finding| finding.name).chain(lassos.map(|property| property.name)).collect()
    }
}
