//! `cancelproof film`: one execution as a page for a browser.

use std::fs;
use std::io::{self, Write};

use super::arguments::Film;
use super::{Exit, UsageError, output, show};
use crate::counterexample::{self, Replayed, Token, TokenError};
use crate::film;
use crate::history::Outcome;
use crate::job;
use crate::registry::{self, FaultyRequest};
use crate::scenario::catalogue;
use crate::system::{self, counterexample as of_systems, matrix};
use crate::trace::Trace;
use cancelproof_machine::Rule;

pub(super) fn run(arguments: &Film) -> Result<Exit, UsageError> {
    let trace = find(arguments)?;
    fs::write(&arguments.output, film::html(&trace)).map_err(|error| UsageError::Unwritable {
        path: arguments.output.clone(),
        option: "--output",
        error,
    })?;
    let verdict = trace.header.broken.as_ref().map_or("no rule", |broken| &broken.rule);
    writeln!(
        output::plain(),
        "{}: {} breaks {verdict} in \"{}\", {} steps",
        arguments.output.display(),
        trace.header.request,
        trace.header.program,
        trace.steps.len()
    )?;
    Ok(Exit::Proved)
}

fn find(arguments: &Film) -> Result<Trace, UsageError> {
    let name = arguments.name.as_str();
    if let Some(fault) = registry::fault(name) {
        return failing(fault);
    }
    if let Some(fault) = system::registry::fault(name) {
        let found = of_systems::find(&fault.system, &matrix::scenario_of(fault), Some(fault.about.breaks));
        return found.map(|found| found.trace).ok_or_else(|| no_failure(name));
    }
    let listed = system::catalogue::named(name);
    let of_program = match (&listed, super::system::program(name)?) {
        (None, Some(program)) => of_systems::ad_hoc(program).ok(),
        _ => None,
    };
    if let Some(scenario) = listed.or(of_program) {
        let outcome = arguments.outcome.as_deref().map(Outcome::from_text);
        return of_systems::passing(&scenario, outcome.as_ref())
            .ok_or_else(|| none_passes(arguments, "the system"));
    }
    match name.parse::<Token>() {
        Ok(token) => replayed(&token),
        Err(TokenError::OtherKind(_)) => {
            let token: of_systems::Token = name.parse()?;
            filmed(of_systems::replay(&token), token.rule)
        }
        Err(TokenError::Foreign(_)) => passing(arguments),
        Err(error) => Err(error.into()),
    }
}

fn failing(fault: &FaultyRequest) -> Result<Trace, UsageError> {
    let about = &fault.about;
    let scenario = catalogue::named(about.scenario);
    scenario
        .and_then(|scenario| counterexample::find(fault.subject, &scenario, Some(about.breaks)))
        .map(|found| found.trace)
        .ok_or_else(|| no_failure(about.name))
}

fn no_failure(name: &str) -> UsageError {
    nothing(&format!("dpor finds no failing execution of {name}"))
}

fn replayed(token: &Token) -> Result<Trace, UsageError> {
    let subject = registry::subject(&token.request)
        .ok_or_else(|| UsageError::unknown("request", &token.request, registry::names()))?;
    filmed(counterexample::replay(subject, token), token.rule)
}

fn filmed<T>(replayed: Replayed<T>, rule: Rule) -> Result<Trace, UsageError> {
    match replayed {
        Replayed::Fails(found) => Ok(found.trace),
        Replayed::Changed { place, again: Some(found) } => {
            writeln!(
                io::stderr(),
                "the token does not fit any more: {place}; filmed is what a search from there found"
            )?;
            Ok(found.trace)
        }
        Replayed::Changed { again: None, .. } | Replayed::Passes => {
            Err(nothing(&format!("no execution of the program breaks {rule} any more")))
        }
        Replayed::Impossible { reason } => Err(UsageError::Replay(reason)),
    }
}

fn passing(arguments: &Film) -> Result<Trace, UsageError> {
    let scenario = match catalogue::named(&arguments.name) {
        Some(scenario) => scenario,
        None => job::ad_hoc(show::parse_program(&arguments.name)?),
    };
    let subject = registry::subject(&arguments.request)
        .ok_or_else(|| UsageError::unknown("request", &arguments.request, registry::names()))?;
    let outcome = arguments.outcome.as_deref().map(Outcome::from_text);
    counterexample::passing(subject, &scenario, outcome.as_ref())
        .ok_or_else(|| none_passes(arguments, &arguments.request))
}

fn none_passes(arguments: &Film, by: &str) -> UsageError {
    let outcome = arguments.outcome.as_ref().map(|outcome| format!(" has the outcome {outcome:?} and"));
    nothing(&format!(
        "no execution of {} by {by}{} keeps every rule; `cancelproof show` lists the outcomes",
        arguments.name,
        outcome.unwrap_or_default()
    ))
}

fn nothing(reason: &str) -> UsageError {
    UsageError::NothingToFilm(format!("nothing to film: {reason}"))
}
