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
    let mut tally = Tally { is_verbose: arguments.verbose, ..Tally::default() };
    for subject in families.iter().flat_map(|family| family.members.iter().copied()) {
        if !subject.runs_on(Platform::Controlled) {
            writeln!(out, "{}: does not run on the executor of this suite", subject.name())?;
            continue;
        }
        let before = tally.counts;
        for party in fuse::parties_of(subject) {
            tally.add(&mut out, "cancel", &fuse::cancel_at_every_point(subject, party))?;
            tally.add(&mut out, "crash", &fuse::crash_at_every_point(subject, party))?;
        }
        tally.close(subject.name(), before);
    }
    writeln!(
        out,
        "{}",
        table::figures(&["request", "grids", "points", "executions", "broken at"], tally.rows())
    )?;
    for violation in &tally.violations {
        writeln!(out, "{violation}")?;
    }
    writeln!(
        out,
        "{} grids, {} points, {} executions, {} points at which a demand was broken, in {:.1} s",
        tally.counts.grids,
        tally.counts.points,
        table::count(tally.counts.executions),
        tally.violations.len(),
        begin.elapsed().as_secs_f64()
    )?;
    if !arguments.verbose {
        writeln!(out, "what came of it at each point: cancelproof fuse --request NAME --verbose")?;
    }
    Ok(if tally.violations.is_empty() { Exit::Proved } else { Exit::Refuted })
}

#[derive(Clone, Copy, Default)]
struct Counts {
    grids: usize,
    points: usize,
    executions: u64,
    violations: usize,
}

#[derive(Default)]
struct Tally {
    is_verbose: bool,
    counts: Counts,
    requests: Vec<(String, Counts)>,
    violations: Vec<String>,
}

impl Tally {
    fn add(&mut self, out: &mut impl Write, what: &str, grid: &Grid) -> io::Result<()> {
        self.counts.grids += 1;
        self.counts.points += grid.reaches.len();
        self.counts.executions += grid.executions();
        self.violations.extend(grid.violations().map(|violation| format!("{what}: {violation}")));
        self.counts.violations = self.violations.len();
        if !self.is_verbose {
            return Ok(());
        }
        let (header, rows) = grid.to_table();
        writeln!(out, "{}: {what} at every point of {}\n", grid.request, grid.party)?;
        writeln!(out, "{}", table::figures(&header, rows))?;
        writeln!(out, "reached nowhere: {}\n", grid.unreached().join("; "))
    }

    /// Ends the grids of a request, which began at `before`.
    fn close(&mut self, request: &str, before: Counts) {
        let now = self.counts;
        let of_request = Counts {
            grids: now.grids - before.grids,
            points: now.points - before.points,
            executions: now.executions - before.executions,
            violations: now.violations - before.violations,
        };
        self.requests.push((request.to_owned(), of_request));
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let row = |(request, counts): &(String, Counts)| {
            vec![
                request.clone(),
                counts.grids.to_string(),
                counts.points.to_string(),
                table::count(counts.executions),
                counts.violations.to_string(),
            ]
        };
        self.requests.iter().map(row).collect()
    }
}
