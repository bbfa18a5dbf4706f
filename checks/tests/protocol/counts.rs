//! How large the protocol is. A count that changes means that a move came or went: say which in the commit message.

use cancelproof::model::Contract;
use cancelproof::protocol::explorer::{Explored, exhaust};
use cancelproof::protocol::graph::Graph;
use cancelproof::protocol::liveness::refute;
use cancelproof::protocol::properties::leads_to;
use cancelproof::protocol::{Client, Insistence, Protocol};
use stateright::{Checker, Model};

fn of(requests: usize, cancelers: usize) -> Protocol {
    Protocol { requests, ..Protocol::new(Contract::UMDF_1, cancelers) }
}

/// Exhausts the protocol, demands every property of it, and returns its positions and moves.
fn proved(protocol: Protocol, symmetry: bool) -> (u64, u64) {
    let findings = exhaust(Explored { protocol, symmetry }, 1);
    for finding in &findings.properties {
        assert!(finding.is_met(), "{protocol}: {} is not met", finding.name);
    }
    (findings.positions, findings.moves)
}

#[test]
fn eight_cancelers_with_one_request_are_exhausted() {
    assert_eq!(proved(of(1, 8), false), (164_531, 1_198_836));
}

#[test]
fn four_cancelers_with_three_requests_are_exhausted_up_to_who_is_who() {
    assert_eq!(proved(of(3, 4), true), (339_670, 2_120_104));
}

#[test]
#[ignore = "takes half a minute; run by `make proofs`"]
fn longest_proofs_four_cancelers_with_three_requests_are_exhausted() {
    assert_eq!(proved(of(3, 4), false), (4_918_043, 30_721_458));
}

#[test]
fn twelve_and_sixteen_cancelers_are_exhausted_up_to_who_is_who() {
    assert_eq!(proved(of(1, 12), true), (1_307, 14_256));
    assert_eq!(proved(of(1, 16), true), (2_221, 31_764));
}

#[test]
fn every_contract_and_every_client_keeps_every_property() {
    let mut counts = Vec::new();
    for contract in Contract::PRESETS.into_iter().filter(Protocol::speaks_of) {
        for client in Client::ALL {
            for insistence in [Insistence::Once, Insistence::Again] {
                let protocol = Protocol { client, insistence, ..Protocol::new(contract, 4) };
                counts.push((contract.name, client.name(), insistence, proved(protocol, false)));
                let graph = Graph::explore(protocol, 1 << 20).unwrap();
                for property in leads_to().iter().filter(|property| (property.applies)(&protocol)) {
                    let lasso = refute(&graph, property).map(|lasso| lasso.describe(&graph));
                    assert_eq!(lasso, None, "{protocol}: {}", property.name);
                }
            }
        }
    }
    insta::assert_debug_snapshot!("sizes_of_four_cancelers", counts);
}

/// Our graph keeps positions whole, stateright their fingerprints; and stateright's own reduction by symmetry, which it
/// does depth first, finds as many classes as sorting does.
#[test]
fn stateright_and_the_graph_agree() {
    for requests in 1..=2 {
        for cancelers in 0..=3 {
            let protocol = of(requests, cancelers);
            let graph = Graph::explore(protocol, 1 << 20).unwrap();
            let counts = proved_or_vacuous(protocol);
            assert_eq!((graph.positions.len() as u64, graph.moves() as u64), counts, "{protocol}");
            let sorted = exhaust(Explored { protocol, symmetry: true }, 1).positions;
            let explored = Explored { protocol, symmetry: false };
            let classes = explored.checker().symmetry().spawn_dfs().join().unique_state_count();
            assert_eq!(sorted, classes as u64, "{protocol}");
        }
    }
}

/// Without cancelers nothing is canceled, so only the counts are compared.
fn proved_or_vacuous(protocol: Protocol) -> (u64, u64) {
    let findings = exhaust(Explored { protocol, symmetry: false }, 1);
    (findings.positions, findings.moves)
}

#[test]
fn a_limit_ends_the_exploration_with_an_error() {
    let error = Graph::explore(of(1, 4), 1_000).unwrap_err();
    assert!(error.to_string().starts_with("more than 1000 positions, so nothing is decided"));
}
