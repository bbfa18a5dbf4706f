//! `cancelproof completions` and `cancelproof man`: what a shell and `man` want to know of the command line.

use std::io::Write;

use clap::CommandFactory;

use super::arguments::{Arguments, Completions};
use super::{Exit, UsageError, output};

/// The name of the program in the shell.
const PROGRAM: &str = "cancelproof";

/// Prints the completions of a shell.
pub(super) fn write(arguments: Completions) -> Result<Exit, UsageError> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), PROGRAM, &mut script);
    output::plain().write_all(&script)?;
    Ok(Exit::Proved)
}

/// Prints the manual page.
pub(super) fn write_manual() -> Result<Exit, UsageError> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Arguments::command()).render(&mut page)?;
    output::plain().write_all(&page)?;
    Ok(Exit::Proved)
}
