//! Which engine claims to see which fault, and why not.

use cancelproof_references::faults::About;

use crate::judge::Engine;
use crate::scenario::Scenario;

/// Why `engine` does not claim to find a fault in `scenario`, or `None` if it claims it.
#[must_use]
pub fn why_not_claimed(engine: Engine, about: &About, scenario: &Scenario) -> Option<String> {
    if engine == Engine::Threads {
        return Some("faults do not run on real threads: their data races would be real".to_owned());
    }
    if let Some(unseen) = about.unseen_by.iter().find(|unseen| unseen.engine == engine.name()) {
        return Some(unseen.because.to_owned());
    }
    if !engine.claims(about.needs) {
        return Some(about.needs.why_unseen().to_owned());
    }
    let found = scenario.program.threads.len();
    let most = engine.threads_max().filter(|&most| found > most)?;
    Some(format!("it runs at most {most} threads, the scenario has {found}"))
}
