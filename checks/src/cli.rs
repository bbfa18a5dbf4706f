//! The command line: `cancelproof gate`, `list`, `show`, `replay`, `film`.
//!
//! Results go to standard output, progress and errors to standard error. Bad input gets one line and the exit code
//! [`Exit::Usage`]. A reader that goes away, as `head` does, changes neither what a command does nor its exit code.

mod arguments;
mod audit;
mod completions;
mod events;
mod failure;
mod film;
mod fuse;
mod gate;
mod gauntlet;
mod hunt;
mod infer;
mod kept;
mod list;
mod litmus;
mod mutate;
mod orderings;
mod output;
mod programs;
mod progress;
mod protocol;
mod replay;
mod report;
mod show;
mod staircase;
mod system;
mod table;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use crate::counterexample::TokenError;
use crate::hunt::LogError;
use crate::ledger::FileError;
use crate::registry;
use crate::workers;
use arguments::{Arguments, Command};

/// What the process tells its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// All was proved, or bounded or sampled where the caller allowed it, and every fault was refuted.
    Proved = 0,
    /// A request was refuted.
    Refuted = 1,
    /// The arguments, or a file that was given, are wrong.
    Usage = 2,
    /// A scenario did not do what it is about.
    Vacuous = 3,
    /// The suite failed: a canary was missed, a planted fault was not refuted, a worker crashed.
    ToolFailure = 4,
    /// The budget ran out before what was promised had been explored.
    OutOfBudget = 5,
    /// What a ledger says is not what is found now.
    Differs = 6,
}

impl Exit {
    /// What it means, in a few words.
    fn meaning(self) -> &'static str {
        match self {
            Exit::Proved => "nothing is wrong",
            Exit::Refuted => "a request was refuted",
            Exit::Usage => "wrong arguments or input",
            Exit::Vacuous => "vacuous",
            Exit::ToolFailure => "tool failure",
            Exit::OutOfBudget => "the budget ran out before the promised bound",
            Exit::Differs => "a ledger differs",
        }
    }
}

/// What a command could not do because of what it was given.
#[derive(Debug, thiserror::Error)]
pub enum UsageError {
    /// A name that nothing has.
    #[error("unknown {kind} {name:?}{}; see `cancelproof list`", suggest(.nearest.as_ref()))]
    Unknown {
        /// What was looked for.
        kind: &'static str,
        /// The name.
        name: String,
        /// The name that was perhaps meant.
        nearest: Option<String>,
    },
    /// A program without a step.
    #[error(
        "the program is empty; write steps such as \"mark finish | cancel\", or a name from `cancelproof list`"
    )]
    NoProgram,
    /// A system that is to be judged by engines that do not judge systems.
    #[error("{system} is a system, and systems are judged by loom, shuttle, dpor and rc11, not by {engines}")]
    NoEngine {
        /// The system.
        system: String,
        /// What was asked for.
        engines: String,
    },
    /// Real bugs that are to be run by a choice of engines.
    #[error("real bugs are run by all engines but threads, and not by {engines} alone; leave out --engine")]
    EnginesOfRealBugs {
        /// What was asked for.
        engines: String,
    },
    /// A selection that is empty, although each of its names is known.
    #[error(
        "nothing is to be judged: none of these scenarios applies to these requests by these engines; see `cancelproof list`"
    )]
    NothingToJudge,
    /// A folder or file for results that cannot be written.
    #[error("cannot write {}: {error}; choose another place with {option}", .path.display())]
    Unwritable {
        /// The place.
        path: PathBuf,
        /// The option that names it.
        option: &'static str,
        /// Why not.
        error: io::Error,
    },
    /// The file of kept failures cannot be understood.
    #[error("{}:{line}: {reason}; mend or remove the line, nothing was changed", .path.display())]
    CorruptKept {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// A file that cannot be read.
    #[error("cannot read {}: {error}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// A ledger that cannot be read or written.
    #[error(transparent)]
    Ledger(#[from] FileError),
    /// The log of a hunt that cannot be read or written.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A hunt that cannot be resumed.
    #[error("{0}")]
    NothingToResume(String),
    /// A replay token that cannot be replayed.
    #[error("{0}")]
    Token(#[from] TokenError),
    /// A replay token that names what this program does not have.
    #[error("the replay token cannot be replayed: {0}")]
    Replay(String),
    /// An execution that was asked for and does not exist.
    #[error("{0}")]
    NothingToFilm(String),
    /// A web page that cannot be served.
    #[error("cannot serve at {address}: {error}; choose another address with --serve")]
    Unservable {
        /// The address.
        address: SocketAddr,
        /// Why not.
        error: io::Error,
    },
    /// A worker process cannot be started.
    #[error("cannot start a worker process: {0}")]
    NoWorker(io::Error),
    /// A result cannot be printed.
    #[error("cannot print: {0}")]
    Unprintable(#[from] io::Error),
}

fn suggest(nearest: Option<&String>) -> String {
    nearest.map_or_else(String::new, |name| format!(", did you mean {name:?}"))
}

impl UsageError {
    /// The error of an unknown name, with the nearest of the known ones if one is near.
    fn unknown<'a>(kind: &'static str, name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let distance = |known: &str| strsim::jaro_winkler(known, name);
        let nearest = known
            .into_iter()
            .max_by(|a, b| distance(a).total_cmp(&distance(b)))
            .filter(|nearest| distance(nearest) > 0.8)
            .map(str::to_owned);
        UsageError::Unknown { kind, name: name.to_owned(), nearest }
    }
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    run_with(std::env::args().skip(1))
}

/// Runs the command line with these arguments, as if they had been given to `cancelproof`.
#[must_use]
pub fn run_with(arguments: impl IntoIterator<Item = String>) -> ExitCode {
    let arguments = std::iter::once("cancelproof".to_owned()).chain(arguments);
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return explain(&error),
    };
    output::choose_colour(arguments.color);
    match run(arguments.command) {
        Ok(exit) => ExitCode::from(exit as u8),
        // Whoever gave a worker its jobs has gone: there is nobody left to tell.
        Err(UsageError::Unprintable(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::from(Exit::Proved as u8)
        }
        Err(error) => {
            output::say(format_args!("error: {error}"));
            ExitCode::from(Exit::Usage as u8)
        }
    }
}

fn run(command: Command) -> Result<Exit, UsageError> {
    match command {
        Command::Gate(arguments) => gate::run(&arguments),
        Command::Audit(arguments) => audit::run(&arguments),
        Command::Gauntlet(arguments) => gauntlet::run(&arguments),
        Command::Programs(arguments) => programs::run(&arguments),
        Command::Mutate(arguments) => mutate::run(&arguments),
        Command::Orderings(arguments) => orderings::run(&arguments),
        Command::Fuse(arguments) => fuse::run(&arguments),
        Command::Infer(arguments) => infer::run(&arguments),
        Command::List(arguments) => list::run(&arguments),
        Command::Show(arguments) => show::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Hunt(arguments) => hunt::run(&arguments),
        Command::Report(arguments) => report::run(&arguments),
        Command::Litmus(arguments) => litmus::run(arguments),
        Command::Film(arguments) => film::run(&arguments),
        Command::Protocol(arguments) => protocol::run(&arguments),
        Command::Staircase(arguments) => staircase::run(&arguments),
        Command::Diagram(arguments) => staircase::draw(&arguments),
        Command::Completions(arguments) => completions::write(arguments),
        Command::Man => completions::write_manual(),
        Command::Worker => {
            workers::work(registry::subject, io::stdin().lock(), io::stdout().lock())?;
            Ok(Exit::Proved)
        }
    }
}

/// Help and version go out as they are; an error is cut to its one line that says what was wrong, and where to look.
fn explain(error: &clap::Error) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        // If even the help cannot be printed there is nothing better to say.
        let _ = error.print();
        return ExitCode::from(Exit::Proved as u8);
    }
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        // A call without a command asks which commands there are.
        let _ = error.print();
        return ExitCode::from(Exit::Usage as u8);
    }
    output::say(format_args!("{}; see `cancelproof --help`", one_line(&error.render().to_string())));
    ExitCode::from(Exit::Usage as u8)
}

/// The parser's message as one line: what was wrong, with the values that are possible and the name that was perhaps
/// meant, and without the usage.
fn one_line(text: &str) -> String {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut words = lines.next().unwrap_or("error: wrong arguments").to_owned();
    for line in lines.take_while(|line| !line.starts_with("Usage") && !line.starts_with("For more")) {
        words.push_str(if words.ends_with(':') { " " } else { "; " });
        words.push_str(line.trim_start_matches("tip: "));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn an_error_of_the_parser_is_one_line_that_keeps_what_helps() {
        let text = "error: unrecognized subcommand 'gat'\n\n  tip: a similar subcommand exists: 'gate'\n\nUsage: x\n";
        assert_eq!(
            one_line(text),
            "error: unrecognized subcommand 'gat'; a similar subcommand exists: 'gate'"
        );
        let text = "error: invalid value 'dogs' for '[KIND]'\n  [possible values: requests, faults]\n\nFor more information";
        assert_eq!(
            one_line(text),
            "error: invalid value 'dogs' for '[KIND]'; [possible values: requests, faults]"
        );
        let text = "error: the following required arguments were not provided:\n  <NAME>\n\nUsage: y";
        assert_eq!(one_line(text), "error: the following required arguments were not provided: <NAME>");
    }
}
