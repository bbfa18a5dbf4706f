//! What of the abstract machine a set of executions has gone along: states, and edges between them.
//!
//! A history shows calls and answers; the run of the machine that explains them is found by the rule *linearizable*,
//! and that run's edges are what counts as seen. Where several runs explain a history, the first that the search finds
//! counts, so that the coverage is the same in every run. It says what was exercised; it proves nothing.

use std::collections::BTreeSet;
use std::fmt;

use cancelproof_machine::Contract;
use cancelproof_machine::machine::{Call, Reply, State, step};
use serde::{Deserialize, Serialize};

/// One step of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edge {
    /// The state before.
    pub from: State,
    /// The call.
    pub call: Call,
    /// Its answer.
    pub reply: Reply,
    /// The state after.
    pub to: State,
}

/// An edge in the words of the machine: the state before, the call, its answer, the state after.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Named(pub String, pub String, pub String, pub String);

/// The edges that were gone along.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    edges: BTreeSet<Named>,
}

impl Coverage {
    /// The edges, in the order of their words.
    pub fn edges(&self) -> impl Iterator<Item = &Named> {
        self.edges.iter()
    }

    /// The states at the ends of the edges.
    #[must_use]
    pub fn states(&self) -> BTreeSet<&str> {
        self.edges.iter().flat_map(|Named(from, _, _, to)| [from.as_str(), to.as_str()]).collect()
    }

    /// Adds what another set of executions has gone along.
    pub fn add(&mut self, other: &Coverage) {
        self.edges.extend(other.edges.iter().cloned());
    }

    /// How many edges there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.edges.len()
    }

    /// Whether nothing was gone along.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.edges.is_empty()
    }
}

impl FromIterator<Edge> for Coverage {
    fn from_iter<T: IntoIterator<Item = Edge>>(edges: T) -> Self {
        edges.into_iter().map(Named::from).collect()
    }
}

impl FromIterator<Named> for Coverage {
    fn from_iter<T: IntoIterator<Item = Named>>(edges: T) -> Self {
        Coverage { edges: edges.into_iter().collect() }
    }
}

impl From<Edge> for Named {
    fn from(edge: Edge) -> Self {
        Named(edge.from.to_string(), edge.call.to_string(), edge.reply.to_string(), edge.to.to_string())
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Named(from, call, reply, to) = self;
        let answer = if reply.is_empty() { String::new() } else { format!(" = {reply}") };
        write!(f, "{from}: {call}{answer} → {to}")
    }
}

/// Every edge that a run of the machine under `contract` can go along.
///
/// # Example
///
/// ```
/// use cancelproof_judge::coverage::possible;
/// use cancelproof_machine::Contract;
///
/// let all = possible(&Contract::UMDF_1);
/// assert!(all.states().contains("cancelable"));
/// assert!(all.edges().any(|edge| edge.to_string() == "cancelable: unmark = unmarked → pending"));
/// ```
#[must_use]
pub fn possible(contract: &Contract) -> Coverage {
    let mut states = vec![State::INITIAL];
    let mut edges = BTreeSet::new();
    let mut next = 0;
    while let Some(&from) = states.get(next) {
        next += 1;
        for call in Call::ALL {
            for outcome in step(contract, from, call).iter() {
                edges.insert(Edge { from, call, reply: outcome.reply, to: outcome.state });
                if !states.contains(&outcome.state) {
                    states.push(outcome.state);
                }
            }
        }
    }
    edges.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_of_the_table_can_be_reached_and_no_edge_is_invented() {
        for contract in Contract::PRESETS {
            let all = possible(&contract);
            // Without a bit there are no states that differ by it, and one that is claiming only where answers tell of it; where the
            // cancel ends the request, nothing is completed once a callback has started, unless one may come after the end.
            let claims_later = contract.cancel_tells_claims() || contract.cancel_is_untold();
            let late = contract.calls_back_after_completion();
            let missing = 2 * usize::from(contract.forgets_cancel())
                + usize::from(!(contract.forgets_cancel() || contract.remembers_cancel() && claims_later))
                + 2 * usize::from(contract.cancel_completes() && !late)
                + usize::from(!contract.cancel_asks_first())
                + usize::from(contract.completion_waits() && !late);
            assert_eq!(all.states().len(), State::ALL.len() - missing, "{contract}");
            let in_table: usize = State::ALL
                .iter()
                .filter(|state| all.states().contains(state.to_string().as_str()))
                .flat_map(|&state| Call::ALL.map(|call| step(&contract, state, call).iter().count()))
                .sum();
            assert_eq!(all.len(), in_table, "{contract}");
        }
    }
}
