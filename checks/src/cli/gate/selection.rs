//! What the arguments select: engines, scenarios and requests, each by name.

use crate::cli::UsageError;
use crate::cli::arguments::Gate;
use crate::judge::Engine;
use crate::registry::{self, FaultyRequest};
use crate::scenario::{Scenario, catalogue};
use crate::subject::Subject;
use crate::system::registry::{FaultySystem, REFERENCE};
use crate::system::{self, JUDGES};

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

/// The scenarios that are asked for; those of systems have names of their own, which are let pass.
pub(super) fn scenarios(arguments: &Gate) -> Result<Vec<Scenario>, UsageError> {
    let all = catalogue::all();
    let of_systems = system::catalogue::all();
    for name in &arguments.scenario {
        let known = || {
            let of_requests = all.iter().map(|scenario| scenario.name.as_str());
            of_requests.chain(of_systems.iter().map(|scenario| scenario.name))
        };
        if known().all(|known| known != name) {
            return Err(UsageError::unknown("scenario", name, known()));
        }
    }
    let is_wanted =
        |scenario: &Scenario| arguments.scenario.is_empty() || arguments.scenario.contains(&scenario.name);
    Ok(all.into_iter().filter(is_wanted).collect())
}

/// For how many executions an engine judges a request or a system in a scenario. There is no limit for a scenario that is named, nor
/// in a gate that is thorough or has limits of its own.
pub(super) fn executions(arguments: &Gate, engine: Engine, request: &str, scenario: &str) -> Option<u64> {
    let is_named = arguments.scenario.iter().any(|name| name == scenario);
    let is_whole = is_named || arguments.thorough || arguments.time.is_some();
    if is_whole { None } else { engine.usual_executions_in(request, scenario) }
}

pub(super) type Requests = (Vec<&'static dyn Subject>, Vec<&'static FaultyRequest>);

/// The requests that are to be proved and those that are to be refuted.
pub(super) fn requests(arguments: &Gate) -> Result<Requests, UsageError> {
    for name in &arguments.request {
        if registry::subject(name).is_none() && system::registry::named(name).is_none() {
            let systems = system::registry::names();
            return Err(UsageError::unknown("request", name, registry::names().into_iter().chain(systems)));
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

/// What of the systems is judged, and by which engines.
pub(super) struct Systems {
    /// The scenarios of the system as it should be.
    pub(super) scenarios: Vec<system::Scenario>,
    /// Those that are to be refuted: only what is asked for by name, as the gauntlet has all.
    pub(super) faults: Vec<&'static FaultySystem>,
    pub(super) engines: Vec<Engine>,
}

/// What is asked for of the systems. Whoever names no engine gets all that repeat, but `rc11` only with `--thorough`: loom has
/// a weak memory of its own.
pub(super) fn systems(arguments: &Gate, engines: &[Engine]) -> Result<Systems, UsageError> {
    let is_named = |name: &str| arguments.request.iter().any(|wanted| wanted == name);
    let is_wanted = |scenario: &system::Scenario| {
        arguments.scenario.is_empty() || arguments.scenario.iter().any(|wanted| wanted == scenario.name)
    };
    let all = if arguments.request.is_empty() || is_named(REFERENCE.name) {
        system::catalogue::all()
    } else {
        Vec::new()
    };
    let faults = system::registry::FAULTS.iter().filter(|fault| is_named(fault.about.name)).collect();
    let is_usual = |engine: &Engine| *engine != Engine::Rc11 || arguments.thorough;
    let judging = engines.iter().copied().filter(|engine| JUDGES.contains(engine));
    let judging: Vec<Engine> =
        judging.filter(|engine| !arguments.engine.is_empty() || is_usual(engine)).collect();
    if judging.is_empty()
        && let Some(name) = arguments.request.iter().find(|name| system::registry::named(name).is_some())
    {
        return Err(UsageError::NoEngine { system: name.clone(), engines: arguments.engine.join(", ") });
    }
    Ok(Systems { scenarios: all.into_iter().filter(is_wanted).collect(), faults, engines: judging })
}
