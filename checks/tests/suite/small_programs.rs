//! All small programs on every reference request: no false alarm, and the faults that fell through the catalogue once are
//! among what they find.

use std::thread;

use cancelproof::judge::{Engine, Settings, judge};
use cancelproof::registry;
use cancelproof::scenario::ad_hoc;
use cancelproof::scenario::groups::{Group, Size};
use cancelproof::subject::Subject;
use cancelproof::verdict::Verdict;

/// The programs in which `subject` fails, with what became of it, as they are found.
fn failures(subject: &'static dyn Subject, engine: Engine) -> impl Iterator<Item = String> {
    let contract = subject.contract();
    let programs =
        Group::all(&Size::SMALL, &contract).into_iter().flat_map(move |group| group.programs(&contract));
    let judged = programs.map(move |program| {
        let judgement = judge(subject, &ad_hoc(program.clone()), engine, Settings::default());
        (program, judgement.expect("programs are of the contract").verdict)
    });
    let failed = judged.filter(|(_, verdict)| !matches!(verdict, Verdict::Proved | Verdict::Vacuous { .. }));
    failed.map(move |(program, verdict)| format!("{} in {program}: {verdict}", subject.name()))
}

/// The subjects, each on a thread of its own.
fn failures_of_all(subjects: &[&'static dyn Subject], engine: Engine) -> Vec<String> {
    thread::scope(|scope| {
        let running: Vec<_> = subjects
            .iter()
            .map(|&subject| scope.spawn(move || failures(subject, engine).collect::<Vec<_>>()))
            .collect();
        running.into_iter().flat_map(|failures| failures.join().expect("no request panics here")).collect()
    })
}

#[test]
fn no_small_program_refutes_a_reference_request_in_any_order() {
    let references: Vec<&'static dyn Subject> = registry::references().collect();
    assert_eq!(failures_of_all(&references, Engine::Dpor), Vec::<String>::new());
}

#[test]
fn no_small_program_refutes_a_reference_request_under_weak_memory() {
    assert_eq!(failures_of_all(&registry::REFERENCES[..3], Engine::Rc11), Vec::<String>::new());
}

#[test]
fn small_programs_alone_find_what_fell_through_the_catalogue_once() {
    for name in [
        "locked-calls-back-the-dead",
        "locked-clears-what-it-tells",
        "locked-stops-twice",
        "exchange-tells-once",
        "exchange-calls-back-on-the-third",
        "locked-claims-at-the-next",
        "locked-completes-under-the-callback",
    ] {
        let fault = registry::fault(name).expect("it is registered");
        assert!(failures(fault.subject, Engine::Dpor).next().is_some(), "{name}");
    }
}
