//! The learned state diagram, beside the reference.

use std::collections::BTreeSet;
use std::process::Command;

use cancelproof::model::Contract;
use cancelproof::model::machine::{Call, CancelBit, State};
use cancelproof::protocol::graph::Graph;
use cancelproof::protocol::{Act, Canceler, Client, Crowd, Protocol};
use cancelproof::staircase::{Edge, reference};

fn diagram(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_cancelproof")).arg("diagram").args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_diagram_of_a_correct_request_has_no_extra_edge() {
    let (code, out, notes) = diagram(&["word"]);
    assert_eq!(code, Some(0));
    assert!(!notes.contains("extra:"), "{notes}");
    insta::assert_snapshot!("word", format!("{out}\n{notes}"));
    let (code, out, _) = diagram(&["word", "--form", "dot"]);
    assert_eq!(code, Some(0));
    insta::assert_snapshot!("word_dot", out);
}

#[test]
fn the_diagram_of_a_fault_shows_where_it_leaves() {
    let (code, out, notes) = diagram(&["locked-fires-twice"]);
    assert_eq!(code, Some(1));
    assert!(out.contains("✗ callback starts"), "{out}");
    assert!(notes.contains("extra: "), "{notes}");
}

/// The staircase has two floors: what the explored clients do is among the edges to which real code is held.
#[test]
fn the_explored_protocol_takes_only_edges_of_the_reference() {
    for contract in Contract::PRESETS.into_iter().filter(Protocol::speaks_of) {
        let reference = reference::edges(&contract);
        let mut taken = BTreeSet::new();
        for client in Client::ALL {
            let graph = Graph::explore(Protocol { client, ..Protocol::new(contract, 3) }, 1 << 16).unwrap();
            for (number, at) in graph.positions.iter().enumerate() {
                let asked = at.crowd.members().any(|(_, canceler)| matches!(canceler, Canceler::Asked(_)));
                for edge in graph.edges(number as u32) {
                    let from = at.requests[0].state;
                    let to = graph.positions[edge.to as usize].requests[0].state;
                    if let Act::Call(call, reply) = edge.act {
                        taken.insert(Edge { from, call, reply, to });
                    }
                    if edge.act == Act::MarkClaimed {
                        assert!(asked);
                        let from = State::Pending(CancelBit::Claiming);
                        assert!(
                            reference
                                .iter()
                                .any(|edge| (edge.from, edge.call, edge.to) == (from, Call::Mark, to))
                        );
                    }
                }
            }
        }
        assert!(
            taken.is_subset(&reference),
            "{contract}: {:?}",
            taken.difference(&reference).collect::<Vec<_>>()
        );
        let states = |edges: &BTreeSet<Edge>| {
            edges.iter().flat_map(|edge| [edge.from, edge.to]).collect::<BTreeSet<_>>()
        };
        let unexplored: Vec<State> = states(&reference).difference(&states(&taken)).copied().collect();
        assert_eq!(unexplored, left_out(&contract), "{contract}");
    }
}

/// The states of the reference that no position of the protocol has. Cancelers make no promises: who has asked may claim
/// the next mark, or not. And a canceler claims what it finds marked when it asks, also where the contract lets it claim
/// later.
fn left_out(contract: &Contract) -> Vec<State> {
    let claiming = State::Pending(CancelBit::Claiming);
    if contract.cancel_asks_first() { vec![claiming, State::Asked] } else { vec![claiming] }
}
