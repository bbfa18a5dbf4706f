//! The edges of the explored protocol: what one request may do when anybody calls anything at any time.
//!
//! This is the protocol of the most general client and any number of cancelers, seen from the request: whatever the
//! clients of [`protocol`](crate::protocol) do is among it, and so are misuse and its refusals.

use std::collections::{BTreeSet, VecDeque};

use cancelproof_machine::Contract;
use cancelproof_machine::contract::{CompleteDuringCallback, UnmarkDuringCallback};
use cancelproof_machine::machine::{Call, State, step};

use super::Edge;

/// Every edge that can be reached from the initial state.
#[must_use]
pub fn edges(contract: &Contract) -> BTreeSet<Edge> {
    let mut edges = BTreeSet::new();
    let mut known = BTreeSet::from([State::INITIAL]);
    let mut queue = VecDeque::from([State::INITIAL]);
    while let Some(from) = queue.pop_front() {
        for call in Call::ALL {
            let alone = step(contract, from, call).iter();
            let inside = step(&inside_the_callback(contract), from, call).iter();
            for outcome in alone.chain(inside) {
                edges.insert(Edge { from, call, reply: outcome.reply, to: outcome.state });
                if known.insert(outcome.state) {
                    queue.push_back(outcome.state);
                }
            }
        }
    }
    edges
}

/// The contract for calls that the callback makes itself: unmark and completion do not wait for the callback that they are
/// called from.
#[must_use]
pub(super) fn inside_the_callback(contract: &Contract) -> Contract {
    Contract {
        unmark_during_callback: UnmarkDuringCallback::Answers,
        complete_during_callback: CompleteDuringCallback::Answers,
        ..*contract
    }
}
