//! `cancelproof infer`: what a request behaves like, whatever it declares.

use std::io::{self, Write};

use super::arguments::Infer;
use super::{Exit, UsageError, output, table};
use crate::diagnosis::{self, Inferred};
use crate::registry;
use crate::subject::Subject;

pub(super) fn run(arguments: &Infer) -> Result<Exit, UsageError> {
    let mut out = output::plain();
    if arguments.request.is_empty() {
        return Ok(write_all(&mut out)?);
    }
    let mut exit = Exit::Proved;
    for name in &arguments.request {
        let subject =
            registry::subject(name).ok_or_else(|| UsageError::unknown("request", name, registry::names()))?;
        match diagnosis::infer(subject) {
            Some(found) => {
                write_one(&mut out, subject.name(), &found)?;
                exit = exit.max(exit_of(&found));
            }
            None => writeln!(
                out,
                "{name}: runs on no engine that explores every order, so nothing is known of it"
            )?,
        }
    }
    Ok(exit)
}

fn exit_of(found: &Inferred) -> Exit {
    let names_it =
        found.presets.is_empty() || found.presets.iter().any(|kept| kept.is_within(&found.declared));
    if found.is_declared_kept && names_it { Exit::Proved } else { Exit::Refuted }
}

fn write_one(out: &mut impl Write, name: &str, found: &Inferred) -> io::Result<()> {
    let Inferred { declared, is_declared_kept, presets, points } = found;
    let kept = if *is_declared_kept { "keeps it" } else { "does not keep it" };
    writeln!(out, "{name} declares {declared}, and {kept} in every scenario of up to two threads")?;
    if presets.is_empty() {
        writeln!(out, "it behaves like no preset")?;
    }
    for preset in presets {
        writeln!(out, "it behaves like {preset}")?;
        for (point, declares, says) in declared.differences(preset) {
            writeln!(out, "  {point}: {preset} says {says}, {declared} says {declares}")?;
        }
    }
    for other in points {
        for (point, declares, says) in declared.differences(other) {
            writeln!(out, "it also keeps {declared} if \"{point}\" is {says} instead of {declares}")?;
        }
    }
    if !is_declared_kept && presets.is_empty() && points.is_empty() {
        writeln!(out, "it is wrong, or its contract differs from {declared} in more than one point")?;
    }
    Ok(())
}

/// The table of all reference requests: what each declares, and what it behaves like.
fn write_all(out: &mut impl Write) -> io::Result<Exit> {
    let mut exit = Exit::Proved;
    let row = |subject: &'static dyn Subject| {
        let presets = diagnosis::behaves_like(subject);
        let declared = subject.contract();
        let is_named = presets.iter().any(|kept| kept.is_within(&declared));
        let names: Vec<&str> = presets.iter().map(|kept| kept.name).collect();
        let words = if is_named { "yes" } else { "no" };
        (
            is_named,
            vec![subject.name().to_owned(), declared.name.to_owned(), names.join(", "), words.to_owned()],
        )
    };
    let subjects: Vec<_> = registry::of_presets().collect();
    let rows = crate::pool::map(&subjects, |_, &subject| row(subject));
    if rows.iter().any(|(is_named, _)| !is_named) {
        exit = Exit::ToolFailure;
    }
    let rows = rows.into_iter().map(|(_, row)| row).collect();
    writeln!(
        out,
        "{}",
        table::plain(&["request", "declares", "behaves like", "so keeps what it declares"], rows)
    )?;
    Ok(exit)
}
