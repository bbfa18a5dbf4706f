//! What the environment says of how closures are explored.

use std::str::FromStr;
use std::time::Duration;

use super::Model;
use crate::judge::Engine;

const ENGINE: &str = "CANCELPROOF_ENGINE";
const TIME: &str = "CANCELPROOF_TIME";
const EXECUTIONS: &str = "CANCELPROOF_EXECUTIONS";
const PREEMPTIONS: &str = "CANCELPROOF_PREEMPTIONS";

/// The model, with what the environment says instead of what the code says.
pub(super) fn read(mut model: Model) -> Model {
    if let Some(preemptions) = variable(PREEMPTIONS) {
        model = model.preemptions(preemptions);
    }
    if let Ok(names) = std::env::var(ENGINE) {
        let engine =
            |name: &str| name.trim().parse::<Engine>().unwrap_or_else(|error| panic!("{ENGINE}: {error}"));
        model = model.engines(names.split(',').map(engine));
    }
    if let Some(executions) = variable(EXECUTIONS) {
        model = model.executions(executions);
    }
    if let Some(seconds) = variable::<f64>(TIME) {
        let time = Duration::try_from_secs_f64(seconds);
        model = model.time(time.unwrap_or_else(|error| panic!("{TIME}: {error}")));
    }
    model
}

fn variable<T: FromStr>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok()?;
    let Ok(value) = text.trim().parse() else { panic!("{name}: {text:?} is no number") };
    Some(value)
}
