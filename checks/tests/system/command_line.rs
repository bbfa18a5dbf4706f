//! Systems as they are shown.

use crate::gate::{folder, run};

fn show(name: &str) -> String {
    let (code, printed) = run(folder().path(), &["show", name]);
    assert_eq!(code, Some(0), "{printed}");
    printed
}

#[test]
fn a_scenario_is_explained_with_its_steps_its_outcomes_and_the_faults_that_it_shows() {
    insta::assert_snapshot!(show("requeue-cancel-telling"));
}

#[test]
fn a_driver_that_waits_for_itself_is_shown_to_hang() {
    let shown = show("handler-awaits-its-callback");
    for expected in [
        "await:0             blocks until the callback of request 0 has returned",
        "no-deadlock is broken: no thread waits for ever",
        "dpor, execution 1, no preemption",
        " await:0 ",
        "the driver waits for itself here: that it is refuted is as it should be",
    ] {
        assert!(shown.contains(expected), "{expected} in\n{shown}");
    }
}

#[test]
fn a_fault_is_shown_with_its_shortest_execution() {
    insta::assert_snapshot!(show("queue-looks-before-publishing"));
}

#[test]
fn an_outcome_that_is_allowed_and_not_reached_is_shown_as_such() {
    let (code, printed) = run(folder().path(), &["show", "purge-finish", "--engine", "threads"]);
    assert_eq!(code, Some(0), "{printed}");
    assert!(
        printed.contains("not applicable: systems are judged by loom, shuttle, dpor and rc11"),
        "{printed}"
    );
    let (code, printed) = run(folder().path(), &["show", "queue-never-opens", "--mermaid"]);
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.contains("sequenceDiagram\n    participant T0 as thread 0\n"), "{printed}");
}
