//! `cancelproof mutate`: every operation of a request changed, one at a time.

use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use super::arguments::{Form, Mutate};
use super::{Exit, UsageError, failure, output, progress, show, system as of_system, table};
use crate::judge::{self, Engine, Settings};
use crate::mutation::{self, Alteration, Explained, Family, Fate, Kill, Row, Survey};
use crate::registry;
use crate::report::{Section, Tables};
use crate::scenario::{Scenario, ad_hoc, catalogue};
use crate::system;

pub(super) fn run(arguments: &Mutate) -> Result<Exit, UsageError> {
    let mut families = families(&arguments.request)?;
    let (of_systems, scenarios) = scenarios(&arguments.scenario)?;
    if !arguments.scenario.is_empty() {
        for family in families.iter_mut().filter(|family| family.members.is_empty()) {
            let system = system::registry::named(&family.name);
            let restricted = system.map(|system| Family::of_system(system, of_systems.clone()));
            *family = restricted.unwrap_or_else(|| family.clone());
        }
    }
    let engine = engine(&arguments.engine)?;
    let mut out = output::coloured();
    if let Err(blind) = judge::check_canary(engine, Settings::default()) {
        writeln!(out, "{blind}")?;
        return Ok(Exit::ToolFailure);
    }
    let mut exit = Exit::Proved;
    let mut sections = Vec::new();
    for family in &families {
        let (found, section) = mutate(&mut out, family, &scenarios, engine, arguments)?;
        exit = exit.max(found);
        sections.extend(section);
    }
    keep(arguments.keep.as_deref(), sections)?;
    Ok(exit)
}

/// Keeps tables for a report, if that is wanted.
pub(super) fn keep(path: Option<&Path>, sections: Vec<Section>) -> Result<(), UsageError> {
    let Some(path) = path else { return Ok(()) };
    let unwritable = |error| UsageError::Unwritable { path: path.to_owned(), option: "--keep", error };
    Tables::new(sections).write(path).map_err(unwritable)
}

/// The requests of these names, or all reference requests.
pub(super) fn families(names: &[String]) -> Result<Vec<Family>, UsageError> {
    if names.is_empty() {
        return Ok(Family::references());
    }
    let find = |name: &String| {
        let known = registry::names().into_iter().chain(system::registry::names());
        Family::named(name).ok_or_else(|| UsageError::unknown("request", name, known))
    };
    names.iter().map(find).collect()
}

/// The scenarios of these names or programs: those of systems, and those of requests. Without a name, all of requests.
fn scenarios(names: &[String]) -> Result<(Vec<system::Scenario>, Vec<Scenario>), UsageError> {
    if names.is_empty() {
        return Ok((Vec::new(), catalogue::all()));
    }
    let (mut of_systems, mut of_requests) = (Vec::new(), Vec::new());
    for name in names {
        if let Some(scenario) = system::catalogue::named(name) {
            of_systems.push(scenario);
        } else if let Some(program) = of_system::program(name)? {
            // What the reference does not keep is said of it as it is, unchanged.
            of_systems.push(system::counterexample::ad_hoc(program).unwrap_or_else(|broken| *broken));
        } else if let Some(scenario) = catalogue::named(name) {
            of_requests.push(scenario);
        } else {
            of_requests.push(ad_hoc(show::parse_program(name)?));
        }
    }
    Ok((of_systems, of_requests))
}

/// The engine of that name, which must run on our own executor.
pub(super) fn engine(name: &str) -> Result<Engine, UsageError> {
    let ours = [Engine::Dpor, Engine::Rc11];
    ours.into_iter()
        .find(|engine| engine.name() == name)
        .ok_or_else(|| UsageError::unknown("engine on our own executor", name, ours.map(Engine::name)))
}

fn mutate(
    out: &mut impl Write,
    family: &Family,
    scenarios: &[Scenario],
    engine: Engine,
    arguments: &Mutate,
) -> Result<(Exit, Option<Section>), UsageError> {
    let begin = Instant::now();
    let survey = survey(family, scenarios, engine);
    if let Some(exit) = write_failing(out, &survey)? {
        return Ok((exit, None));
    }
    let mut alterations = mutation::alterations(&survey);
    alterations.extend(mutation::sections(&survey));
    let bar = progress::bar(alterations.len() as u64);
    let rows = mutation::run(&survey, &alterations, |number| {
        bar.inc(1);
        bar.set_message(alterations[number].site.to_string());
    });
    bar.finish_and_clear();
    write(out, family, &survey, &rows, begin.elapsed())?;
    if arguments.counterexamples {
        for Row { alteration, fate } in &rows {
            if let Fate::Killed(kill) = fate {
                draw(out, &survey, *alteration, kill)?;
            }
        }
    }
    let section = Section {
        title: family.name.clone(),
        sentence: format!("{}.", sentence(&survey, &rows)),
        header: HEADER.map(str::to_owned).to_vec(),
        rows: rows.iter().map(cells).collect(),
    };
    Ok((exit_of(&rows, arguments.deny_survivors), Some(section)))
}

/// What `family` is like when nothing is changed.
pub(super) fn survey(family: &Family, scenarios: &[Scenario], engine: Engine) -> Survey {
    let count = family.members.len() * scenarios.len() + family.systems.len();
    let bar = progress::bar(count as u64);
    let survey = Survey::of(family, scenarios, engine, |_| bar.inc(1));
    bar.finish_and_clear();
    survey
}

/// Says what is wrong with the request as it is; then there is no point in changing it.
pub(super) fn write_failing(out: &mut impl Write, survey: &Survey) -> io::Result<Option<Exit>> {
    for case in &survey.failing {
        let (request, scenario) = (case.asked.name(), case.asked.scenario());
        writeln!(out, "{request} / {scenario} / {}, unchanged: {}", survey.engine, case.verdict)?;
    }
    Ok(survey.failing.iter().map(|case| super::gate::exit_of(&case.verdict, false)).max())
}

/// Draws the counterexample of a change, if it has one.
pub(super) fn draw(
    out: &mut impl Write,
    survey: &Survey,
    alteration: Alteration,
    kill: &Kill,
) -> io::Result<()> {
    let drawn = mutation::of_change(&survey.cases, survey.engine, &[alteration], kill);
    let Some(counterexample) = drawn else { return Ok(()) };
    writeln!(out, "{}, {}:", alteration.site, alteration.change)?;
    writeln!(out, "{}\n", failure::text(&counterexample, Form::default()))
}

fn exit_of(rows: &[Row], deny_survivors: bool) -> Exit {
    if rows.iter().any(Row::is_broken_demand) {
        Exit::Refuted
    } else if rows.iter().any(|row| matches!(row.fate, Fate::NotJudged { .. })) {
        Exit::ToolFailure
    } else if deny_survivors && rows.iter().any(is_unexplained) {
        Exit::Refuted
    } else {
        Exit::Proved
    }
}

fn is_unexplained(row: &Row) -> bool {
    row.is_survivor() && Explained::of(&row.alteration).is_none()
}

fn write(
    out: &mut impl Write,
    family: &Family,
    survey: &Survey,
    rows: &[Row],
    elapsed: Duration,
) -> io::Result<()> {
    writeln!(out, "{}\n", table::plain(&HEADER, rows.iter().map(cells).collect()))?;
    for row in rows {
        write_reason(out, row)?;
    }
    writeln!(out, "{}: {}, in {:.1} s\n", family.name, sentence(survey, rows), elapsed.as_secs_f64())
}

/// The columns of the table.
const HEADER: [&str; 6] = ["site", "as written", "change", "fate", "in", "executions"];

/// The whole in a sentence.
fn sentence(survey: &Survey, rows: &[Row]) -> String {
    let survived = rows.iter().filter(|row| row.is_survivor()).count();
    let demands = rows.iter().filter(|row| row.fate.is_survival()).count() - survived;
    let unexplained = rows.iter().filter(|row| is_unexplained(row)).count();
    let failed = rows.iter().filter(|row| matches!(row.fate, Fate::NotJudged { .. })).count();
    format!(
        "{} sites, {} changes under {} in {} scenarios: {} killed, {demands} survived as they must, \
         {survived} survived ({unexplained} unexplained), {failed} not judged",
        survey.sites.len(),
        rows.len(),
        survey.engine,
        survey.cases.len(),
        rows.len() - survived - demands - failed
    )
}

fn cells(row: &Row) -> Vec<String> {
    let (fate, place, executions) = match &row.fate {
        Fate::Killed(kill) => {
            let word = if row.is_broken_demand() { "MUST SURVIVE" } else { "killed" };
            let place = format!("{} / {}", kill.request, kill.scenario);
            (format!("{word}: {}", kill.by), place, table::count(kill.executions))
        }
        Fate::Survived { scenarios, executions } => {
            let word = if row.is_survivor() { "survived" } else { "survived, as it must" };
            (word.to_owned(), format!("{scenarios} scenarios"), table::count(*executions))
        }
        Fate::NotJudged { scenario, .. } => ("NOT JUDGED".to_owned(), scenario.clone(), String::new()),
    };
    let site = row.alteration.site;
    vec![site.place(), site.written.to_string(), row.alteration.change.to_string(), fate, place, executions]
}

/// What a table has no room for.
fn write_reason(out: &mut impl Write, row: &Row) -> io::Result<()> {
    let Row { alteration, fate } = row;
    match fate {
        Fate::Killed(kill) if row.is_broken_demand() => {
            writeln!(out, "{}, {}: {}", alteration.site, alteration.change, kill.explanation)
        }
        Fate::Killed(_) => Ok(()),
        Fate::Survived { .. } if !row.is_survivor() => Ok(()),
        Fate::Survived { .. } => match Explained::of(alteration) {
            Some(explained) => {
                writeln!(out, "{}, {}: explained: {}", alteration.site, alteration.change, explained.because)
            }
            None => writeln!(
                out,
                "{}, {}: no check needs this line as it is: it is redundant, or the checks have a hole",
                alteration.site, alteration.change
            ),
        },
        Fate::NotJudged { scenario, reason } => {
            writeln!(out, "{}, {}: in {scenario}: {reason}", alteration.site, alteration.change)
        }
    }
}
