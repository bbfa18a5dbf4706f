//! `cancelproof list`: everything that has a name.

use std::io::{self, Write};

use cancelproof_model::Rule;

use super::arguments::{Kind, List};
use super::table;
use super::{Exit, UsageError, output, system};
use crate::judge::Engine;
use crate::protocol::Fault;
use crate::registry;
use crate::scenario::catalogue;

pub(super) fn run(arguments: &List) -> Result<Exit, UsageError> {
    let mut out = output::plain();
    let kinds =
        [Kind::Requests, Kind::Faults, Kind::Scenarios, Kind::Engines, Kind::Rules, Kind::ProtocolFaults];
    for kind in kinds {
        if arguments.kind.is_none_or(|only| only == kind) {
            write_kind(&mut out, kind)?;
        }
    }
    Ok(Exit::Proved)
}

fn write_kind(out: &mut impl Write, kind: Kind) -> io::Result<()> {
    let (header, rows): (&[&str], _) = match kind {
        Kind::Requests => (&["request", "contract"], requests()),
        Kind::Faults => (&["fault", "breaks", "scenario", "the edit"], faults()),
        Kind::Scenarios => (&["scenario", "of", "program", "situation"], scenarios()),
        Kind::Engines => (&["engine", "explores"], engines()),
        Kind::Rules => (&["rule", "demands"], rules()),
        Kind::ProtocolFaults => (&["protocol fault", "breaks", "the edit"], protocol_faults()),
    };
    writeln!(out, "{}\n", table::plain(header, rows))
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
    let rules = Rule::ALL.into_iter().chain(Rule::OF_SYSTEMS);
    rules.map(|rule| vec![rule.name().to_owned(), rule.meaning().to_owned()]).collect()
}
