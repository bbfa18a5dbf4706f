//! Scenarios of programs that are in no catalogue.

use super::{Program, Reaches, Scenario, Scope};

/// The scenario that a program without a name stands for. It is judged by what the program contains: whether its
/// driver keeps the rules, and whether a callback can be expected.
#[must_use]
pub fn ad_hoc(program: Program) -> Scenario {
    let is_raw = program.steps().any(super::Step::is_raw);
    let happens = program.steps().any(|step| step.happening().is_some());
    let reaches = match (program.cancels() > 0, happens) {
        (true, _) => Reaches::Cancel,
        (_, true) => Reaches::End,
        _ => Reaches::Answer,
    };
    Scenario {
        name: "program".to_owned(),
        about: "a program that is in no catalogue".to_owned(),
        source: String::new(),
        scope: match (happens, is_raw) {
            // The driver's calls are its own, and come in any order.
            (true, _) => Scope::DriversRace,
            (_, true) => Scope::Misuse,
            _ => Scope::Lawful,
        },
        program,
        reaches,
        only: None,
    }
}
