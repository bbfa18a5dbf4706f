//! What the command line does with a request it does with a system, and with a program of a system that is given as text.

use std::fs;

use crate::gate::{folder, run};

#[test]
fn a_program_that_is_in_no_catalogue_is_shown_with_every_outcome_of_the_reference() {
    let folder = folder();
    let (code, text) = run(folder.path(), &["show", "mark:0 finish:0 | cancel:0 | is-canceled:0!"]);
    assert_eq!(code, Some(0), "{text}");
    for expected in [
        "a program that is in no catalogue",
        "the driver asks whether request 0 is canceled, whether or not it may",
        "system under dpor: proved",
        "every outcome of the reference, which keeps every rule",
    ] {
        assert!(text.contains(expected), "{expected:?} is missing:\n{text}");
    }
}

#[test]
fn a_program_in_which_the_reference_breaks_a_rule_proves_nothing() {
    let folder = folder();
    let (code, text) = run(folder.path(), &["show", "handler await:0 end | mark:0 cancel:0"]);
    assert!(code != Some(0) && text.contains("so the program proves nothing"), "{text}");
}

#[test]
fn a_program_that_is_not_whole_is_refused_with_the_reason() {
    let folder = folder();
    for (program, expected) in [
        ("mark:0 start:7", "start:7 in thread 0: only thread 0 starts threads"),
        ("close:9", "close:9 names no handle that there is"),
        ("merk:0", "unknown step \"merk:0\""),
        ("mark:0 end", "end in thread 0"),
    ] {
        for command in [&["show", program][..], &["film", program, "--output", "page.html"]] {
            let (code, text) = run(folder.path(), command);
            assert!(code == Some(2) && text.contains(expected), "{command:?}: {text}");
        }
    }
}

#[test]
fn an_execution_of_a_program_is_filmed() {
    let folder = folder();
    let (code, text) = run(folder.path(), &["film", "mark:0 | purge | cancel:0", "--output", "page.html"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("system breaks no rule"), "{text}");
    let page = fs::read_to_string(folder.path().join("page.html")).expect("it was written");
    assert!(page.contains("purge"), "the page has the steps");
}

#[test]
fn each_operation_of_a_system_is_changed_and_checks_notice() {
    let folder = folder();
    let scenarios = ["mark:0 finish:0 | cancel:0", "mark:0 finish:0 | purge"];
    let arguments = ["mutate", "--request", "system", "--engine", "rc11", "--scenario", scenarios[0]];
    let (code, text) = run(folder.path(), &[&arguments[..], &["--scenario", scenarios[1]]].concat());
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("framework"), "the sites are the framework's:\n{text}");
    assert!(!text.contains("execution/") && text.contains("killed: "), "{text}");
    let (_, wrong) =
        run(folder.path(), &["mutate", "--request", "queue-never-opens", "--scenario", "purge-and-open"]);
    assert!(!wrong.contains("panicked"), "{wrong}");
}

#[test]
fn a_name_that_is_near_that_of_a_system_is_suggested() {
    let folder = folder();
    let (code, text) = run(folder.path(), &["mutate", "--request", "sistem"]);
    assert!(
        code == Some(2) && text.contains("unknown request \"sistem\", did you mean \"system\""),
        "{text}"
    );
}
