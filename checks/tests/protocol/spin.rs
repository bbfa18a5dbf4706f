//! The protocol against the same protocol in Promela: SPIN stores exactly as many states and makes as many moves.

use cancelproof::model::Contract;
use cancelproof::protocol::Protocol;
use cancelproof::protocol::graph::Graph;

#[path = "../fixtures/spin.rs"]
mod fixture;

#[test]
fn spin_has_the_same_states() {
    if !fixture::is_installed() {
        println!("skipped: spin or cc is not installed");
        return;
    }
    for (cancelers, requests) in [(1, 1), (4, 1), (2, 2)] {
        let protocol = Protocol { requests, ..Protocol::new(Contract::UMDF_1, cancelers) };
        let graph = Graph::explore(protocol, 1 << 20).unwrap();
        let spun = fixture::spin(cancelers, requests);
        assert_eq!(spun.errors, 0, "{protocol}");
        let ours = (graph.positions.len() as u64, graph.moves() as u64);
        // SPIN counts its beginning as a transition.
        assert_eq!((spun.states, spun.transitions - 1), ours, "{protocol}");
    }
}
