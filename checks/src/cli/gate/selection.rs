//! What the arguments select: engines, scenarios and requests, each by name.

use crate::cli::UsageError;
use crate::cli::arguments::Gate;
use crate::judge::Engine;
use crate::registry::{self, FaultyRequest};
use crate::scenario::{Scenario, catalogue};
use crate::subject::Subject;

/// The engines that are asked for, or all that are repeatable.
pub(super) fn engines(arguments: &Gate) -> Result<Vec<Engine>, UsageError> {
    if arguments.engine.is_empty() {
        return Ok(Engine::ALL.into_iter().filter(|engine| engine.is_repeatable()).collect());
    }
    for name in &arguments.engine {
        let known = Engine::ALL.map(Engine::name);
        if !known.contains(&name.as_str()) {
            return Err(UsageError::unknown("engine", name, known));
        }
    }
    let is_wanted = |engine: &Engine| arguments.engine.iter().any(|name| name == engine.name());
    Ok(Engine::ALL.into_iter().filter(is_wanted).collect())
}

/// The scenarios that are asked for.
pub(super) fn scenarios(arguments: &Gate) -> Result<Vec<Scenario>, UsageError> {
    let all = catalogue::all();
    for name in &arguments.scenario {
        if all.iter().all(|scenario| scenario.name != *name) {
            let known = all.iter().map(|scenario| scenario.name.as_str());
            return Err(UsageError::unknown("scenario", name, known));
        }
    }
    let is_wanted =
        |scenario: &Scenario| arguments.scenario.is_empty() || arguments.scenario.contains(&scenario.name);
    Ok(all.into_iter().filter(is_wanted).collect())
}

pub(super) type Requests = (Vec<&'static dyn Subject>, Vec<&'static FaultyRequest>);

/// The requests that are to be proved and those that are to be refuted.
pub(super) fn requests(arguments: &Gate) -> Result<Requests, UsageError> {
    for name in &arguments.request {
        if registry::subject(name).is_none() {
            return Err(UsageError::unknown("request", name, registry::names()));
        }
    }
    let is_named = |name: &str| arguments.request.iter().any(|wanted| wanted == name);
    let all = arguments.request.is_empty();
    let references = registry::references();
    // A selection of scenarios says nothing about faults, each of which has a scenario of its own.
    let all_faults = all && arguments.scenario.is_empty();
    Ok((
        references.filter(|subject| all || is_named(subject.name())).collect(),
        registry::FAULTS.iter().filter(|fault| all_faults || is_named(fault.about.name)).collect(),
    ))
}
