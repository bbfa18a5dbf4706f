//! `cancelproof gauntlet`: every fault against every engine.

use std::io::{self, Write};
use std::path::Path;

use cancelproof_real_bugs::{self as real, kernels};

use super::arguments::{FaultsOf, Gauntlet};
use super::{Exit, UsageError, output, progress, table};
use crate::closure::Model;
use crate::gauntlet::race::{self, Heat};
use crate::gauntlet::{self, Cell, Matrix};
use crate::judge::{Engine, Settings};
use crate::registry::FAULTS;
use crate::system::{ENGINES, matrix, registry as of_systems};

pub(super) fn run(arguments: &Gauntlet) -> Result<Exit, UsageError> {
    if arguments.compare {
        return compare();
    }
    if let Some(folder) = &arguments.films {
        return films(folder);
    }
    if arguments.of == Some(FaultsOf::Real) {
        return run_real(arguments);
    }
    let engines = engines(arguments)?;
    let mut exit = Exit::Proved;
    if arguments.of != Some(FaultsOf::Systems) {
        exit = exit.max(run_requests(arguments, &engines)?);
    }
    if arguments.of != Some(FaultsOf::Requests) && (arguments.of.is_some() || !arguments.markdown) {
        exit = exit.max(run_systems(arguments, &engines)?);
    }
    Ok(exit)
}

fn run_requests(arguments: &Gauntlet, engines: &[Engine]) -> Result<Exit, UsageError> {
    let bar = progress::bar((FAULTS.len() * engines.len()) as u64);
    let settings = Settings { seed: arguments.seed, samples: arguments.samples, ..Settings::default() };
    let matrix = gauntlet::run(engines, settings, |now| {
        bar.set_position(now.done as u64);
        bar.set_message(format!("{} under {}", now.fault, now.engine));
    });
    bar.finish_and_clear();
    write(&mut output::plain(), &matrix, arguments.markdown)?;
    Ok(if matrix.is_clean() { Exit::Proved } else { Exit::ToolFailure })
}

/// Real bugs, each beside its twin. Which engines run them, and how far, is part of the benchmark.
fn run_real(arguments: &Gauntlet) -> Result<Exit, UsageError> {
    if !arguments.engine.is_empty() {
        return Err(UsageError::EnginesOfRealBugs { engines: arguments.engine.join(", ") });
    }
    let bar = progress::bar(kernels::all().count() as u64);
    let matrix = real::Matrix::run(|now| {
        bar.set_position(now.done as u64);
        bar.set_message(now.bug);
    });
    bar.finish_and_clear();
    write_real(&mut output::plain(), &matrix, arguments.markdown)?;
    Ok(if matrix.is_clean() { Exit::Proved } else { Exit::Refuted })
}

/// Films of the real bugs that the page tells, each by the first own engine that refutes it.
fn films(folder: &Path) -> Result<Exit, UsageError> {
    let unwritable =
        |file: &Path, error| UsageError::Unwritable { path: file.to_owned(), option: "--films", error };
    std::fs::create_dir_all(folder).map_err(|error| unwritable(folder, error))?;
    for kernel in real::instructive() {
        let name = kernel.bug.name;
        let page =
            Model::named(name).explore(kernel.broken.controlled).err().and_then(|failed| failed.film());
        let Some(page) = page else {
            writeln!(output::plain(), "{name}: no own engine refutes it")?;
            return Ok(Exit::ToolFailure);
        };
        let target = folder.join(format!("{name}.html"));
        std::fs::write(&target, page).map_err(|error| unwritable(&target, error))?;
        writeln!(output::plain(), "{} shows {}", target.display(), kernel.bug.reference)?;
    }
    Ok(Exit::Proved)
}

fn write_real(out: &mut impl Write, matrix: &real::Matrix, markdown: bool) -> io::Result<()> {
    if markdown {
        return write!(out, "{}", matrix.to_markdown());
    }
    let (header, rows) = matrix.to_table();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    writeln!(out, "{}\n", table::figures(&header, rows))?;
    for complaint in matrix.complaints() {
        writeln!(out, "{complaint}")?;
    }
    writeln!(out, "{}", matrix.summary())
}

/// The faults of systems, by those of the engines that judge systems.
fn run_systems(arguments: &Gauntlet, engines: &[Engine]) -> Result<Exit, UsageError> {
    let judging: Vec<Engine> = ENGINES.into_iter().filter(|engine| engines.contains(engine)).collect();
    if judging.is_empty() {
        return match arguments.of {
            Some(_) => Err(UsageError::NoEngine {
                system: "a wrong queue, application or object".to_owned(),
                engines: arguments.engine.join(", "),
            }),
            None => Ok(Exit::Proved),
        };
    }
    let bar = progress::bar(of_systems::FAULTS.len() as u64);
    let matrix = matrix::run(&judging, |fault| {
        bar.inc(1);
        bar.set_message(fault);
    });
    bar.finish_and_clear();
    write_systems(&mut output::plain(), &matrix, arguments)?;
    Ok(if matrix.is_clean() { Exit::Proved } else { Exit::ToolFailure })
}

fn write_systems(out: &mut impl Write, matrix: &matrix::Matrix, arguments: &Gauntlet) -> io::Result<()> {
    if arguments.markdown {
        return write!(out, "{}", matrix.to_markdown());
    }
    if arguments.of.is_none() {
        writeln!(out)?;
    }
    let (header, rows) = matrix.to_table();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    writeln!(out, "{}\n", table::figures(&header, rows))?;
    for complaint in matrix.complaints() {
        writeln!(out, "{complaint}")?;
    }
    let alive: Vec<&str> = matrix.alive().map(|row| row.fault).collect();
    write_sum(out, "faults of systems", matrix.rows.len(), &alive, matrix.complaints().count())
}

/// The last lines under a table: how many of its faults were refuted, and which were not.
fn write_sum(
    out: &mut impl Write,
    what: &str,
    faults: usize,
    alive: &[&str],
    broken: usize,
) -> io::Result<()> {
    writeln!(
        out,
        "{faults} {what}, {} refuted for their own rule by an exhaustive engine, {broken} broken claims",
        faults - alive.len(),
    )?;
    if alive.is_empty() { Ok(()) } else { writeln!(out, "still alive: {}", alive.join(", ")) }
}

/// Who finds each fault first.
fn compare() -> Result<Exit, UsageError> {
    let bar = progress::bar(FAULTS.len() as u64);
    let heats: Vec<Heat> = FAULTS
        .iter()
        .map(|fault| {
            bar.set_message(fault.about.name);
            let heat = Heat::run(fault, race::SEEDS);
            bar.inc(1);
            heat
        })
        .collect();
    bar.finish_and_clear();
    writeln!(output::plain(), "{}\n\n{}", race::render(&heats), race::summary(&heats))?;
    Ok(Exit::Proved)
}

/// The engines that were asked for, or all whose columns are the same on every run.
fn engines(arguments: &Gauntlet) -> Result<Vec<Engine>, UsageError> {
    if arguments.markdown {
        return Ok(Matrix::documented_engines());
    }
    if arguments.engine.is_empty() {
        return Ok(Engine::ALL.into_iter().filter(|engine| engine.is_repeatable()).collect());
    }
    let known = |name: &String| {
        name.parse().map_err(|_| UsageError::unknown("engine", name, Engine::ALL.map(Engine::name)))
    };
    arguments.engine.iter().map(known).collect()
}

fn write(out: &mut impl Write, matrix: &Matrix, markdown: bool) -> io::Result<()> {
    if markdown {
        return write!(out, "{}", matrix.to_markdown());
    }
    let (header, rows) = matrix.to_table();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    writeln!(out, "{}\n", table::figures(&header, rows))?;
    for (row, engine, cell) in matrix.broken() {
        let what = match cell {
            Cell::WrongRule { found, explanation } => format!("refuted as {found}: {explanation}"),
            Cell::Missed { verdict } => format!("claimed and missed: {verdict}"),
            _ => continue,
        };
        writeln!(out, "{} under {engine}, expected {}: {what}", row.fault, row.breaks)?;
    }
    let alive: Vec<&str> = matrix.alive().map(|row| row.fault).collect();
    write_sum(out, "faults", matrix.rows.len(), &alive, matrix.broken().count())
}
