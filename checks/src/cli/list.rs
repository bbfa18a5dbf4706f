//! `cancelproof list`: everything that has a name.

use std::io::{self, Write};

use cancelproof_machine::Rule;
use clap::ValueEnum;

use super::arguments::{Kind, List};
use super::table;
use super::{Exit, UsageError, output, system};
use crate::judge::Engine;
use crate::protocol::Fault;
use crate::registry;
use crate::scenario::catalogue;

pub(super) fn run(arguments: &List) -> Result<Exit, UsageError> {
    let mut out = output::plain();
    match arguments.kind {
        Some(kind) => write_kind(&mut out, kind)?,
        None => write_overview(&mut out)?,
    }
    Ok(Exit::Proved)
}

/// How many there are of each kind, so that the answer fits a screen; the kind's own list has the names.
fn write_overview(out: &mut impl Write) -> io::Result<()> {
    let rows = Kind::value_variants().iter().map(|kind| {
        let (_, rows) = contents(*kind);
        let value = kind.to_possible_value().unwrap_or_default();
        let about = value.get_help().map(ToString::to_string).unwrap_or_default();
        let first = rows.first().map(|row| row[0].clone()).unwrap_or_default();
        vec![value.get_name().to_owned(), rows.len().to_string(), about, first]
    });
    writeln!(
        out,
        "{}\n",
        table::plain(&["kind", "how many", "what they are", "for example"], rows.collect())
    )?;
    writeln!(
        out,
        "names and meanings of a kind: cancelproof list KIND\none of them explained:       cancelproof show NAME"
    )
}

fn write_kind(out: &mut impl Write, kind: Kind) -> io::Result<()> {
    let (header, rows) = contents(kind);
    writeln!(out, "{}\n", table::plain(header, rows))
}

/// The header and the rows of a kind's list.
fn contents(kind: Kind) -> (&'static [&'static str], Vec<Vec<String>>) {
    match kind {
        Kind::Requests => (&["request", "contract"], requests()),
        Kind::Faults => (&["fault", "breaks", "scenario", "the edit"], faults()),
        Kind::Scenarios => (&["scenario", "of", "program", "situation"], scenarios()),
        Kind::Engines => (&["engine", "explores"], engines()),
        Kind::Rules => (&["rule", "demands"], rules()),
        Kind::ProtocolFaults => (&["protocol fault", "breaks", "the edit"], protocol_faults()),
    }
}

fn requests() -> Vec<Vec<String>> {
    registry::references()
        .map(|subject| vec![subject.name().to_owned(), subject.contract().to_string()])
        .collect()
}

fn faults() -> Vec<Vec<String>> {
    registry::FAULTS
        .iter()
        .map(|fault| &fault.about)
        .map(|about| {
            [about.name, about.breaks.name(), about.scenario, about.edit].map(str::to_owned).to_vec()
        })
        .chain(system::faults())
        .collect()
}

fn scenarios() -> Vec<Vec<String>> {
    catalogue::all()
        .into_iter()
        .map(|scenario| vec![scenario.name, scenario.source, scenario.program.to_string(), scenario.about])
        .chain(system::scenarios())
        .collect()
}

fn engines() -> Vec<Vec<String>> {
    Engine::ALL.iter().map(|engine| vec![engine.name().to_owned(), engine.about().to_owned()]).collect()
}

fn protocol_faults() -> Vec<Vec<String>> {
    let row = |fault: Fault| [fault.name(), fault.breaks(), fault.about()].map(str::to_owned).to_vec();
    Fault::ALL.into_iter().map(row).collect()
}

fn rules() -> Vec<Vec<String>> {
    let rules = Rule::ALL.into_iter().chain(Rule::OF_SYSTEMS).chain(Rule::OF_SHAPES).chain(Rule::OF_MEMORY);
    rules.map(|rule| vec![rule.name().to_owned(), rule.meaning().to_owned()]).collect()
}
