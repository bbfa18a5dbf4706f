//! Wrong contracts are named: each reference behaviour under each declared contract.

use cancelproof::diagnosis::{self, Mismatch};
use cancelproof::model::Contract;
use cancelproof::registry;
use cancelproof::subject::{Declared, Subject};

#[test]
fn every_reference_behaviour_is_recognised_under_every_declaration() {
    for behaviour in registry::references() {
        let kept = diagnosis::behaves_like(behaviour);
        assert_eq!(kept, [behaviour.contract()], "{}", behaviour.name());
    }
    // One of each contract, declared as each.
    for behaviour in Contract::PRESETS.map(first_that_keeps) {
        for contract in Contract::PRESETS {
            let declared: &'static Declared = Box::leak(Box::new(Declared { subject: behaviour, contract }));
            let expected = (contract != behaviour.contract())
                .then(|| Mismatch { declared: contract, kept: vec![behaviour.contract()] });
            assert_eq!(diagnosis::explain(declared), expected, "{} as {contract}", behaviour.name());
        }
    }
}

fn first_that_keeps(contract: Contract) -> &'static dyn Subject {
    registry::references().find(|subject| subject.contract() == contract).expect("each preset has a request")
}

#[test]
fn the_difference_is_told_point_by_point() {
    let mismatch = Mismatch { declared: Contract::KMDF, kept: vec![Contract::KMDF_EX] };
    assert_eq!(
        mismatch.to_string(),
        "your request behaves like KMDF_EX; you declared KMDF\n  \
         mark after cancel: KMDF says CallsBack, KMDF_EX says Refuses"
    );
}

#[test]
fn a_request_that_is_wrong_is_like_no_contract() {
    for fault in ["locked-fires-twice", "word-claims-relaxed", "exchange-looks-before-publishing"] {
        let subject = registry::subject(fault).expect("it is registered");
        assert_eq!(diagnosis::explain(subject), None, "{fault}");
    }
}
