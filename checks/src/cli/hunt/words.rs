//! What a hunt tells: while it goes on, at its end, and of each finding.

use std::io::{self, Write};
use std::path::Path;
use std::time::Instant;

use super::Hunter;
use super::stream::Stream;
use crate::cli::arguments::Form;
use crate::cli::{failure, output, table};
use crate::counterexample::Counterexample;
use crate::hunt::Found;

impl Hunter<'_> {
    /// The live line.
    pub(super) fn line(&self, stream: &Stream) -> String {
        let (seen, of) = self.edges(stream);
        let newest = self.newest.as_ref().map_or_else(
            || "nothing found".to_owned(),
            |(when, what)| format!("newest: {what}, {} s ago", when.elapsed().as_secs()),
        );
        let left = stream.deadline.saturating_duration_since(Instant::now()).as_secs();
        format!(
            "{} executions/s, {} states, {seen} of {of} edges, {newest}, {left} s left",
            table::count(self.rate()),
            self.coverage.values().map(|coverage| coverage.states().len()).sum::<usize>()
        )
    }

    pub(super) fn write_summary(&self, path: &Path, stream: &Stream) -> io::Result<()> {
        let (seen, of) = self.edges(stream);
        let broken: Vec<String> =
            self.known.iter().map(|(request, rule)| format!("{request} breaks {rule}")).collect();
        let found = match (broken.is_empty(), self.crashed.is_empty()) {
            (true, true) => "nothing was found, which proves nothing".to_owned(),
            (true, false) => format!("{} crashes", self.crashed.len()),
            (false, _) => broken.join(", "),
        };
        writeln!(
            output::plain(),
            "{found}\n{} executions, {} a second, {seen} of {of} edges of the machines, jobs up to {}\n\
             everything is in {}; go on with --resume",
            table::count(self.executions),
            table::count(self.rate()),
            stream.first_open(),
            path.display()
        )
    }
}

/// A finding as the terminal shows it.
pub(super) fn describe(found: &Found) -> String {
    let how = match (found.engine.as_str(), found.is_exact) {
        ("threads", true) => {
            "seen on real threads, and explained by this interleaving, which gives the same answers:\n"
        }
        ("threads", false) => {
            "seen on real threads; no interleaving with the same answers was found, this one breaks the same rule:\n"
        }
        _ => "",
    };
    let Ok(token) = found.token.parse() else { return String::new() };
    let text = failure::text(&Counterexample { trace: found.trace.clone(), token }, Form::default());
    format!("{how}{text}\n")
}
