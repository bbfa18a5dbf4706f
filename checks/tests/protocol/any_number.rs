//! Any number of cancelers: settled, and checked against each small number.

use std::collections::HashSet;

use cancelproof::model::Contract;
use cancelproof::protocol::any_number::{AnyNumber, abstracted, settle};
use cancelproof::protocol::graph::Graph;
use cancelproof::protocol::{Act, Client, Counted, Insistence, Position, Protocol};

type Step = (Position<Counted>, Act, Position<Counted>);

#[test]
fn every_contract_and_every_client_is_settled_for_any_number_of_cancelers() {
    for contract in Contract::PRESETS.into_iter().filter(Protocol::speaks_of) {
        for client in Client::ALL {
            for insistence in [Insistence::Once, Insistence::Again] {
                let protocol = Protocol { client, insistence, ..Protocol::new(contract, 0) };
                let settled = settle(protocol, 1 << 20).unwrap();
                assert!(settled.is_settled(), "{protocol}: {:?}", settled.properties);
            }
        }
    }
}

#[test]
fn two_requests_are_settled_for_any_number_of_cancelers() {
    let protocol = Protocol { requests: 2, ..Protocol::new(Contract::UMDF_1, 0) };
    let settled = settle(protocol, 1 << 20).unwrap();
    assert!(settled.is_settled(), "{:?}", settled.properties);
    assert_eq!((settled.graph.positions.len(), settled.graph.moves()), (57_015, 406_140));
}

#[test]
fn the_abstraction_is_what_small_numbers_have_in_common() {
    for client in Client::ALL {
        let common = |insistence, most| {
            let protocol = Protocol { client, insistence, ..Protocol::new(Contract::UMDF_1, 0) };
            left_over(protocol, most)
        };
        // Of those that repeat, six are enough to have many everywhere and still one that moves.
        assert_eq!(common(Insistence::Again, 6), (0, 0), "{client}");
        // Those that end need eight, so of five only the positions and moves themselves are looked at.
        common(Insistence::Once, 5);
    }
}

#[test]
#[ignore = "takes a few seconds; run by `make proofs`"]
fn longest_proofs_the_abstraction_is_what_up_to_eight_cancelers_have_in_common() {
    for client in Client::ALL {
        let protocol = Protocol { client, ..Protocol::new(Contract::UMDF_1, 0) };
        assert_eq!(left_over(protocol, 8), (0, 0), "{client}");
    }
}

/// Demands that every position and every move of each number of cancelers is one of the abstraction, which is what
/// makes it sound; and returns how many positions and moves of the abstraction none of these numbers has.
fn left_over(protocol: Protocol, most: usize) -> (usize, usize) {
    let (positions, moves) = parts(&settle(protocol, 1 << 20).unwrap());
    let mut seen = HashSet::new();
    let mut made = HashSet::new();
    for cancelers in 0..=most {
        let graph = Graph::explore(Protocol { cancelers, ..protocol }, 1 << 20).unwrap();
        for (number, from) in graph.positions.iter().enumerate() {
            let from = abstracted(from);
            seen.insert(from);
            let edges = graph.edges(number as u32).iter();
            made.extend(edges.map(|edge| (from, edge.act, abstracted(&graph.positions[edge.to as usize]))));
        }
        assert!(seen.is_subset(&positions), "{protocol}: a position of {cancelers} is missing");
        assert!(made.is_subset(&moves), "{protocol}: a move of {cancelers} is missing");
    }
    (positions.difference(&seen).count(), moves.difference(&made).count())
}

fn parts(settled: &AnyNumber) -> (HashSet<Position<Counted>>, HashSet<Step>) {
    let graph = &settled.graph;
    let positions: HashSet<_> = graph.positions.iter().copied().collect();
    let moves = graph.positions.iter().enumerate().flat_map(|(number, from)| {
        let edges = graph.edges(number as u32).iter();
        edges.map(|edge| (*from, edge.act, graph.positions[edge.to as usize]))
    });
    let moves = moves.collect();
    (positions, moves)
}
