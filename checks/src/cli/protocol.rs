//! `cancelproof protocol`: the protocol of many cancelers, exhausted, or shown in a browser.

use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};

use cancelproof_machine::Contract;

use super::arguments;
use super::table;
use super::{Exit, UsageError, output};
use crate::protocol::any_number::{AnyNumber, Settled, settle};
use crate::protocol::browse;
use crate::protocol::explorer::Explored;
use crate::protocol::properties::Demand;
use crate::protocol::verification::{Decision, Verification, verify};
use crate::protocol::{Client, Fault, Insistence, Protocol};

pub(super) fn run(arguments: &arguments::Protocol) -> Result<Exit, UsageError> {
    let protocol = protocol(arguments)?;
    let explored = Explored { protocol, symmetry: arguments.symmetry };
    if let Some(address) = arguments.serve {
        return serve(explored, address);
    }
    let mut out = output::plain();
    let verification = verify(explored, arguments.positions);
    write(&mut out, explored, &verification)?;
    let mut exit = exit_of(&verification, arguments.symmetry);
    if arguments.any_number {
        exit = exit.max(any_number(&mut out, protocol, arguments.positions)?);
    }
    Ok(exit)
}

fn protocol(arguments: &arguments::Protocol) -> Result<Protocol, UsageError> {
    let name = &arguments.client;
    let client = Client::named(name)
        .ok_or_else(|| UsageError::unknown("client", name, Client::ALL.map(Client::name)))?;
    let name = &arguments.contract;
    let contract = Contract::PRESETS.into_iter().find(|preset| preset.name == name);
    let contract = contract
        .ok_or_else(|| UsageError::unknown("contract", name, Contract::PRESETS.map(|preset| preset.name)))?;
    let fault = match &arguments.fault {
        None => None,
        Some(name) => Some(
            Fault::named(name)
                .ok_or_else(|| UsageError::unknown("protocol fault", name, Fault::ALL.map(Fault::name)))?,
        ),
    };
    Ok(Protocol {
        contract,
        requests: usize::from(arguments.requests),
        cancelers: usize::from(arguments.cancelers),
        client,
        insistence: if arguments.again { Insistence::Again } else { Insistence::Once },
        fault,
    })
}

fn serve(explored: Explored, address: SocketAddr) -> Result<Exit, UsageError> {
    if !address.ip().is_loopback() {
        let error = io::Error::new(io::ErrorKind::PermissionDenied, "only this machine may look (127.0.0.1)");
        return Err(UsageError::Unservable { address, error });
    }
    let unservable = |error| UsageError::Unservable { address, error };
    let listener = TcpListener::bind(address).map_err(unservable)?;
    let bound = listener.local_addr().map_err(unservable)?;
    writeln!(output::plain(), "{} at http://{bound}/ until this command is ended", explored.protocol)?;
    browse::serve(explored, listener).map_err(unservable)?;
    Ok(Exit::Proved)
}

fn write(out: &mut impl Write, explored: Explored, verification: &Verification) -> io::Result<()> {
    let findings = &verification.findings;
    let symmetry = if explored.symmetry { ", up to who is who" } else { "" };
    let second = findings.time.as_secs_f64().max(1e-9);
    writeln!(out, "{}{symmetry}", explored.protocol)?;
    writeln!(
        out,
        "{} positions, {} moves, at most {} moves deep, {} by stateright in {second:.2} s ({:.0} positions/s)",
        table::count(findings.positions),
        table::count(findings.moves),
        findings.depth,
        if findings.is_exhausted { "exhausted" } else { "NOT EXHAUSTED, bounded by --positions," },
        findings.positions as f64 / second,
    )?;
    if let Some((positions, moves)) = verification.graph {
        let (positions, moves) = (table::count(positions as u64), table::count(moves as u64));
        writeln!(out, "{positions} positions and {moves} moves kept to decide liveness")?;
    }
    let mut rows: Vec<Vec<String>> = findings
        .properties
        .iter()
        .map(|finding| {
            let (demand, verdict) = match (finding.demand, finding.is_met(), findings.is_exhausted) {
                (Demand::Always, true, true) => ("always", "holds"),
                (Demand::Always, true, false) => ("always", "holds so far"),
                (Demand::Always, false, _) => ("always", "FAILS"),
                (Demand::Sometimes, true, _) => ("sometimes", "reached"),
                (Demand::Sometimes, false, true) => ("sometimes", "NEVER REACHED"),
                (Demand::Sometimes, false, false) => ("sometimes", "not reached so far"),
            };
            [finding.name, demand, verdict, finding.meaning].map(str::to_owned).to_vec()
        })
        .collect();
    rows.extend(verification.liveness.iter().map(|property| {
        let verdict = match property.verdict {
            Decision::Holds => "holds",
            Decision::Fails { .. } => "FAILS",
            Decision::NotDecided => "not decided",
        };
        [property.name, "leads to", verdict, property.meaning].map(str::to_owned).to_vec()
    }));
    writeln!(out, "\n{}", table::plain(&["property", "demand", "verdict", "meaning"], rows))?;
    write_failures(out, verification)
}

fn write_failures(out: &mut impl Write, verification: &Verification) -> io::Result<()> {
    for (name, way) in &verification.failing {
        writeln!(out, "\n{name} fails after")?;
        if way.is_empty() {
            writeln!(out, "  more moves than are kept; leave out --symmetry, or take fewer cancelers")?;
        }
        write!(out, "{way}")?;
    }
    for property in &verification.liveness {
        if let Decision::Fails { lasso } = &property.verdict {
            write!(out, "\n{} fails, although everybody who can goes on:\n{lasso}", property.name)?;
        }
    }
    Ok(())
}

fn exit_of(verification: &Verification, symmetry: bool) -> Exit {
    let is_undecided = |verdict: &Decision| *verdict == Decision::NotDecided;
    let lassos = verification.liveness.iter().map(|property| &property.verdict);
    let is_refuted = lassos.clone().any(|verdict| matches!(verdict, Decision::Fails { .. }));
    let is_vacuous = verification
        .findings
        .properties
        .iter()
        .any(|finding| finding.demand == Demand::Sometimes && !finding.is_met());
    if is_refuted || !verification.failing.is_empty() {
        Exit::Refuted
    } else if !verification.findings.is_exhausted {
        Exit::OutOfBudget
    } else if is_vacuous {
        Exit::Vacuous
    } else if !symmetry && lassos.clone().any(is_undecided) {
        Exit::OutOfBudget
    } else {
        Exit::Proved
    }
}

fn any_number(out: &mut impl Write, protocol: Protocol, limit: usize) -> io::Result<Exit> {
    let settled = match settle(protocol, limit) {
        Ok(settled) => settled,
        Err(error) => {
            writeln!(out, "\nany number of cancelers: {error}")?;
            return Ok(Exit::OutOfBudget);
        }
    };
    let AnyNumber { graph, properties } = &settled;
    writeln!(
        out,
        "\nany number of cancelers: {} positions and {} moves of none, one and many",
        table::count(graph.positions.len() as u64),
        table::count(graph.moves() as u64),
    )?;
    let rows = properties.iter().map(|(name, settled)| {
        let verdict = match settled {
            Settled::ForAny => "holds for any number",
            Settled::Possible => "reached",
            Settled::Never => "NEVER REACHED, for no number",
            Settled::Open { .. } => "not settled",
        };
        vec![(*name).to_owned(), verdict.to_owned()]
    });
    writeln!(out, "\n{}", table::plain(&["property", "verdict"], rows.collect()))?;
    for (name, settled) in properties {
        if let Settled::Open { run } = settled {
            write!(out, "\n{name} is not settled; this run may be no number's:\n{run}")?;
        }
    }
    Ok(if settled.is_settled() { Exit::Proved } else { Exit::Refuted })
}
