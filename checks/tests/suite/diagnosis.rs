//! Wrong contracts are named: each reference behaviour under each declared contract.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use cancelproof::diagnosis::{self, Mismatch};
use cancelproof::model::Contract;
use cancelproof::registry;
use cancelproof::subject::{Declared, Subject};

/// What each reference request of a preset keeps is told of it: the preset that it was made for, or one that says more.
#[test]
fn every_reference_behaviour_is_recognised() {
    let mut wrong = Vec::new();
    for behaviour in registry::of_presets() {
        let (declared, kept) = (behaviour.contract(), kept_by(behaviour));
        assert!(kept.iter().any(|contract| contract.is_within(&declared)), "{}: {kept:?}", behaviour.name());
        let names: Vec<&str> = kept.iter().map(|contract| contract.name).collect();
        if names != told(behaviour) {
            wrong.push((behaviour.name(), names));
        }
    }
    assert_eq!(wrong, []);
}

/// The presets that a reference request keeps: found once, since that takes every scenario under every preset.
fn kept_by(behaviour: &'static dyn Subject) -> Vec<Contract> {
    static KEPT: OnceLock<BTreeMap<&str, Vec<Contract>>> = OnceLock::new();
    let all = KEPT.get_or_init(|| {
        let of = |behaviour: &'static dyn Subject| (behaviour.name(), diagnosis::behaves_like(behaviour));
        registry::of_presets().map(of).collect()
    });
    all[behaviour.name()].clone()
}

/// The names that are told of a reference request: its own, but for those below.
fn told(behaviour: &dyn Subject) -> Vec<&'static str> {
    match behaviour.name() {
        "locked-stop-source" | "locked-stdexec" => vec!["STOP_SOURCE", "STDEXEC"],
        // Whose reference keeps more than they ask: it says whether a cancel claimed, calls back in the call, interrupts nothing
        // that executes, and so on.
        "locked-abort-handle" => vec!["UMDF_1"],
        "locked-io-uring" => vec!["ASYNC_CANCEL"],
        "locked-io-uring-deferred" => vec!["THREADPOOL_IO"],
        "locked-urb" | "locked-kill-urb" | "locked-kiocb" => vec!["ASYNC_CANCEL", "KILL_URB", "KIOCB"],
        _ => vec![behaviour.contract().name],
    }
}

/// The matrix of declared against kept contracts: whoever declares what it does not keep is told what it does, and nobody else is
/// told anything.
#[test]
fn every_declaration_is_held_against_what_is_kept() {
    for behaviour in Contract::PRESETS.map(first_that_keeps) {
        let kept = kept_by(behaviour);
        for declared in Contract::PRESETS {
            let expected = !kept.iter().any(|contract| contract.is_within(&declared));
            let told = Mismatch::between(declared, kept.clone());
            assert_eq!(told.is_some(), expected, "{} as {declared}", behaviour.name());
            if let Some(mismatch) = told {
                assert!(mismatch.kept.iter().any(|contract| contract.is_within(&behaviour.contract())));
                assert!(!mismatch.kept[0].differences(&declared).is_empty(), "{mismatch}");
            }
        }
    }
    let behaviour = first_that_keeps(Contract::KMDF_EX);
    let declared: &'static Declared =
        Box::leak(Box::new(Declared { subject: behaviour, contract: Contract::KMDF }));
    let told = diagnosis::explain(declared).expect("it keeps another one");
    assert_eq!((told.declared, told.kept), (Contract::KMDF, vec![Contract::KMDF_EX]));
}

fn first_that_keeps(contract: Contract) -> &'static dyn Subject {
    registry::of_presets().find(|subject| subject.contract() == contract).expect("each preset has a request")
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

#[test]
fn what_a_request_behaves_like_is_told_whether_or_not_it_is_wrong() {
    let right = diagnosis::infer(first_that_keeps(Contract::KMDF_EX)).expect("it runs on dpor");
    assert!(right.is_declared_kept);
    assert_eq!(right.presets, [Contract::KMDF_EX]);
    assert!(!right.points.contains(&Contract { name: "KMDF_EX", ..Contract::KMDF }), "{right:?}");
    let declared: &'static Declared = Box::leak(Box::new(Declared {
        subject: first_that_keeps(Contract::KMDF_EX),
        contract: Contract::KMDF,
    }));
    let wrong = diagnosis::infer(declared).expect("it runs on dpor");
    assert!(!wrong.is_declared_kept);
    assert_eq!(wrong.presets, [Contract::KMDF_EX]);
    assert_eq!(wrong.points, [Contract { name: "KMDF", ..Contract::KMDF_EX }]);
}
