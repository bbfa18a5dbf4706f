//! Any number of cancelers, settled at once.
//!
//! The protocol is explored over [`Counted`] crowds, which know of each point only whether nobody, one or many
//! cancelers have come to it. `docs/any-number.md` has the argument why what holds there holds for every number.

use super::crowd::{Cancelers, Counted, Many};
use super::graph::{Graph, TooLarge};
use super::liveness::{Endless, Lasso, refute_with};
use super::properties::{Demand, LeadsTo, always, leads_to, sometimes};
use super::{Insistence, Position, Protocol};

/// What was found for any number of cancelers.
#[derive(Debug)]
pub struct AnyNumber {
    /// The graph over counted cancelers.
    pub graph: Graph<Counted>,
    /// Every property, in order, with what was found.
    pub properties: Vec<(&'static str, Settled)>,
}

/// What the abstraction says about one property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It holds for every number of cancelers.
    ForAny,
    /// It fails in the abstraction, so nothing is claimed: the way there may be no number's.
    Open {
        /// What happens, in text.
        run: String,
    },
    /// A position in which what must be possible is so exists in the abstraction; for real numbers the concrete
    /// graphs say it.
    Possible,
    /// What must be possible is so for no number of cancelers.
    Never,
}

/// Explores the protocol for none, one and many cancelers; the number in `protocol` is not looked at.
///
/// # Errors
///
/// Returns that there are more than `limit` positions, if so.
pub fn settle(protocol: Protocol, limit: usize) -> Result<AnyNumber, TooLarge> {
    let starts = [Many::None, Many::One, Many::Many].map(|many| protocol.start(Counted::ready(many)));
    let graph = Graph::explore_from(protocol, starts.to_vec(), limit)?;
    let mut properties = Vec::new();
    for property in always::<Counted>() {
        let failing = graph.positions.iter().position(|at| !(property.holds)(&protocol, at));
        let settled = failing.map_or(Settled::ForAny, |at| Settled::Open { run: way(&graph, at as u32) });
        properties.push((property.name, settled));
    }
    for property in sometimes::<Counted>(&Protocol { cancelers: 1, ..protocol }) {
        debug_assert_eq!(property.demand, Demand::Sometimes);
        let is_possible = graph.positions.iter().any(|at| (property.holds)(&protocol, at));
        properties.push((property.name, if is_possible { Settled::Possible } else { Settled::Never }));
    }
    for property in leads_to::<Counted>().iter().filter(|property| (property.applies)(&protocol)) {
        let settled = refute(&graph, property)
            .map_or(Settled::ForAny, |lasso| Settled::Open { run: lasso.describe(&graph) });
        properties.push((property.name, settled));
    }
    Ok(AnyNumber { graph, properties })
}

/// A canceler that goes through the requests once makes finitely many moves, so no run repeats them for ever. Where
/// cancelers begin again and again, any move may be repeated.
fn refute(graph: &Graph<Counted>, property: &LeadsTo<Counted>) -> Option<Lasso<Counted>> {
    let endless = match graph.protocol.insistence {
        Insistence::Once => Endless::NotGettingOn,
        Insistence::Again => Endless::AnyMove,
    };
    refute_with(graph, property, endless)
}

fn way(graph: &Graph<Counted>, to: u32) -> String {
    graph.describe(&graph.way_to(to), 1)
}

/// The position over counted cancelers that stands for a position over known ones.
#[must_use]
pub fn abstracted(at: &Position<Cancelers>) -> Position<Counted> {
    Position { requests: at.requests, crowd: at.crowd.counted() }
}

impl AnyNumber {
    /// Whether every property holds, and everything that must be possible is.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.properties.iter().all(|(_, settled)| matches!(settled, Settled::ForAny | Settled::Possible))
    }
}

/// The highest number that stands for a point in a set of threads must leave room for the drivers.
const _: () = assert!(5 * super::REQUESTS_MAX + 1 + super::REQUESTS_MAX <= u32::BITS as usize);
