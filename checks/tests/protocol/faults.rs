//! Each faulty protocol breaks the property that it is made for, and the whole set of what falls with it is reviewed.

use std::fmt::Write as _;

use cancelproof::model::Contract;
use cancelproof::protocol::any_number::{Settled, settle};
use cancelproof::protocol::explorer::Explored;
use cancelproof::protocol::graph::Graph;
use cancelproof::protocol::liveness::refute;
use cancelproof::protocol::properties::{always, leads_to, sometimes};
use cancelproof::protocol::verification::{Decision, verify};
use cancelproof::protocol::{Cancelers, Client, Fault, Insistence, Protocol};

fn faulty(fault: Fault, cancelers: usize) -> Protocol {
    Protocol { client: fault.client(), fault: Some(fault), ..Protocol::new(Contract::UMDF_1, cancelers) }
}

#[test]
fn each_fault_breaks_its_property() {
    let mut report = String::new();
    for fault in Fault::ALL {
        let verification = verify(Explored { protocol: faulty(fault, 2), symmetry: false }, 1 << 20);
        let unmet = verification.unmet();
        assert!(unmet.contains(&fault.breaks()), "{} breaks {unmet:?}", fault.name());
        writeln!(report, "{}: {}", fault.name(), unmet.join(", ")).unwrap();
        for (name, way) in &verification.failing {
            write!(report, " {name}\n{way}").unwrap();
        }
        for property in verification.liveness {
            if let Decision::Fails { lasso } = property.verdict {
                write!(report, " {}\n{lasso}", property.name).unwrap();
            }
        }
    }
    insta::assert_snapshot!("what_each_fault_breaks", report);
}

/// Every property but those about what must be possible has a fault of its own, and those have one that shows that
/// the demand can fail at all.
#[test]
fn every_property_is_broken_by_a_fault() {
    let correct = Protocol::new(Contract::UMDF_1, 2);
    let demanded = always::<Cancelers>().into_iter().map(|property| property.name);
    let demanded = demanded.chain(leads_to::<Cancelers>().into_iter().map(|property| property.name));
    for name in demanded {
        assert!(Fault::ALL.iter().any(|fault| fault.breaks() == name), "no fault breaks {name}");
    }
    let possible = sometimes::<Cancelers>(&correct);
    let unreached: Vec<&str> = Fault::ALL
        .into_iter()
        .flat_map(|fault| {
            let findings = verify(Explored { protocol: faulty(fault, 2), symmetry: false }, 0).findings;
            findings.properties.into_iter().filter(|finding| !finding.is_met()).map(|finding| finding.name)
        })
        .filter(|name| possible.iter().any(|property| property.name == *name))
        .collect();
    assert!(unreached.contains(&"a-canceler-calls-back"));
    assert!(unreached.contains(&"a-mark-calls-back"));
    assert!(unreached.contains(&"an-unmark-is-granted"));
}

/// What fails for some number of cancelers is not claimed for any number.
#[test]
fn the_abstraction_proves_no_faulty_protocol() {
    for fault in Fault::ALL {
        let settled = settle(faulty(fault, 0), 1 << 20).unwrap();
        assert!(!settled.is_settled(), "{}", fault.name());
        for cancelers in 0..=3 {
            let unmet =
                verify(Explored { protocol: faulty(fault, cancelers), symmetry: false }, 1 << 20).unmet();
            for (name, verdict) in &settled.properties {
                assert!(
                    *verdict != Settled::ForAny || !unmet.contains(name),
                    "{}: {name} fails for {cancelers} cancelers and was claimed for any number",
                    fault.name()
                );
            }
        }
    }
}

/// Without fairness nothing would ever have to happen; with too much of it, a driver that rearms for ever would be said
/// to complete. The decision lies between: where the work may never arrive, completion is promised only to who asks.
#[test]
fn completion_is_not_promised_where_the_work_may_never_arrive() {
    let completed =
        leads_to::<Cancelers>().into_iter().find(|property| property.name == "every-request-is-completed");
    let completed = completed.unwrap();
    for client in [Client::Waits, Client::Rearms] {
        let protocol =
            Protocol { client, insistence: Insistence::Once, ..Protocol::new(Contract::UMDF_1, 1) };
        assert!(!(completed.applies)(&protocol));
        let graph = Graph::explore(protocol, 1 << 10).unwrap();
        let lasso = refute(&graph, &completed).unwrap();
        assert_eq!(lasso.stem.len(), 1, "mark, and nothing ever happens");
        assert_eq!(lasso.cycle.is_empty(), client == Client::Waits, "{client}");
    }
}
