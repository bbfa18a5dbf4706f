//! The state diagram with what was seen, and the edges as a table.

use std::collections::BTreeMap;

use cancelproof_machine::Contract;
use cancelproof_machine::machine::State;
use serde::Serialize;

use crate::coverage::{self, Coverage};
use crate::film::DIAGRAM;
use crate::ledger::Ledger;

/// An edge of the machine, and who has gone along it.
#[derive(Serialize)]
pub(super) struct Edge {
    words: String,
    /// How many of the requests whose machine has it.
    seen: usize,
    of: usize,
}

/// The diagram, in which the states that some request has reached are marked.
pub(super) fn diagram(ledger: &Ledger) -> String {
    let mut all = Coverage::default();
    for result in ledger.results.iter().filter(|result| result.expected.is_none()) {
        all.add(&ledger.coverage(result));
    }
    let seen = all.states();
    // The names are those of the machine and no texts of the ledger.
    State::ALL.iter().map(ToString::to_string).filter(|state| seen.contains(state.as_str())).fold(
        DIAGRAM.to_owned(),
        |diagram, state| {
            let place = format!("data-state=\"{state}\"");
            diagram.replace(&format!("class=\"node\" {place}"), &format!("class=\"node seen\" {place}"))
        },
    )
}

/// Every edge that a machine of the judged requests has.
pub(super) fn edges(ledger: &Ledger) -> Vec<Edge> {
    let mut edges: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for request in ledger.requests.iter().filter(|request| request.breaks.is_none()) {
        let mut seen = Coverage::default();
        for result in ledger.results.iter().filter(|result| result.request == request.name) {
            seen.add(&ledger.coverage(result));
        }
        let contract = Contract::PRESETS.into_iter().find(|contract| contract.name == request.contract);
        let possible = contract.map_or_else(|| seen.clone(), |contract| coverage::possible(&contract));
        for edge in possible.edges() {
            let (times, of) = edges.entry(edge.to_string()).or_default();
            *times += usize::from(seen.edges().any(|known| known == edge));
            *of += 1;
        }
    }
    edges.into_iter().map(|(words, (seen, of))| Edge { words, seen, of }).collect()
}
