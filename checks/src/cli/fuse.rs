//! `cancelproof fuse`: a cancel, and a crash, at every point.

use std::io::{self, Write};
use std::time::Instant;

use super::arguments::Fuse;
use super::{Exit, UsageError, mutate, output, table};
use crate::fuse::{self, Grid};
use crate::subject::Platform;

pub(super) fn run(arguments: &Fuse) -> Result<Exit, UsageError> {
    let families = mutate::families(&arguments.request)?;
    let mut out = output::plain();
    let begin = Instant::now();
    let mut tally = Tally::default();
    for subject in families.iter().flat_map(|family| family.members.iter().copied()) {
        if !subject.runs_on(Platform::Controlled) {
            writeln!(out, "{}: does not run on the executor of this suite", subject.name())?;
            continue;
        }
        for party in fuse::parties_of(subject) {
            tally.add(&mut out, "cancel", &fuse::cancel_at_every_point(subject, party))?;
            tally.add(&mut out, "crash", &fuse::crash_at_every_point(subject, party))?;
        }
    }
    for violation in &tally.violations {
        writeln!(out, "{violation}")?;
    }
    writeln!(
        out,
        "{} grids, {} points, {} executions, {} points at which a demand was broken, in {:.1} s",
        tally.grids,
        tally.points,
        table::count(tally.executions),
        tally.violations.len(),
        begin.elapsed().as_secs_f64()
    )?;
    Ok(if tally.violations.is_empty() { Exit::Proved } else { Exit::Refuted })
}

#[derive(Default)]
struct Tally {
    grids: usize,
    points: usize,
    executions: u64,
    violations: Vec<String>,
}

impl Tally {
    fn add(&mut self, out: &mut impl Write, what: &str, grid: &Grid) -> io::Result<()> {
        self.grids += 1;
        self.points += grid.reaches.len();
        self.executions += grid.executions();
        self.violations.extend(grid.violations().map(|violation| format!("{what}: {violation}")));
        let (header, rows) = grid.to_table();
        writeln!(out, "{}: {what} at every point of {}\n", grid.request, grid.party)?;
        writeln!(out, "{}", table::figures(&header, rows))?;
        writeln!(out, "reached nowhere: {}\n", grid.unreached().join("; "))
    }
}
