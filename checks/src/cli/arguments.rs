//! What the command line accepts.

mod executions;
mod protocol;
mod values;

use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(super) use executions::{Film, Form, Litmus, Replay, Show};
pub(super) use protocol::{Diagram, DiagramForm, Protocol, Staircase};
pub(super) use values::Size;
use values::parse_time;

/// Judge cancelable requests under every interleaving.
#[derive(Debug, Parser)]
#[command(name = "cancelproof", version, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = "Exit codes: 0 all proved, 1 refuted, 2 wrong arguments or input, 3 vacuous, \
                        4 tool failure, 5 the budget ran out before the promised bound, 6 a ledger differs")]
pub(super) struct Arguments {
    /// When to colour what is printed
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub(super) color: Color,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Prove every reference request and refute every fault: the main job
    Gate(Gate),
    /// Find everything again that a ledger of the gate says, and compare
    Audit(Audit),
    /// Search for failures for as long as it is given, in ever larger programs
    Hunt(Hunt),
    /// Make a report from a ledger, without running anything again
    Report(Report),
    /// Run every fault against every engine: who sees what, and how soon
    Gauntlet(Gauntlet),
    /// Exhaust every small program on every reference request
    Programs(Programs),
    /// Change every operation of a request, one at a time, and see which check notices
    Mutate(Mutate),
    /// Find the weakest memory ordering that each operation of a request needs
    Orderings(Orderings),
    /// Cancel, and crash, at every point of what the other party does
    Fuse(Fuse),
    /// Say which preset, or which point of a contract, a request behaves like, whatever it declares
    Infer(Infer),
    /// List what the suite knows by name
    List(List),
    /// Explain a scenario, rule, engine or fault; of a scenario, show every outcome
    Show(Show),
    /// Run one failing execution again, from its token
    Replay(Replay),
    /// Show where loom and shuttle differ from rc11 on the litmus programs, and who is right
    Litmus(Litmus),
    /// Write one execution as a page for a browser, to be stepped through
    Film(Film),
    /// Exhaust the protocol of many cancelers and several requests, and decide its liveness
    Protocol(Protocol),
    /// Hold every execution of a request to the protocol, and name the step at which the code leaves it
    Staircase(Staircase),
    /// Draw the state diagram that was learned of a request, beside that of the protocol
    Diagram(Diagram),
    /// Print the completions of a shell: put them where that shell looks for them
    Completions(Completions),
    /// Print the manual page, for `man -l -`
    Man,
    /// Do jobs from standard input (what the gate starts)
    #[command(hide = true)]
    Worker,
}

#[derive(Clone, Debug, Args)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is an option of the command line, independent of the others"
)]
pub(super) struct Gate {
    /// Judge only this request or fault, or the system; may be given several times
    #[arg(long, value_name = "NAME")]
    pub(super) request: Vec<String>,
    /// Judge only in this scenario, of requests or of systems; may be given several times
    #[arg(long, value_name = "NAME")]
    pub(super) scenario: Vec<String>,
    /// Judge only by this engine; may be given several times [default: all but threads]
    #[arg(long, value_name = "NAME")]
    pub(super) engine: Vec<String>,
    /// What every random draw follows from
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(super) seed: u64,
    /// Executions for each engine that samples
    #[arg(long, value_name = "NUMBER", default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) samples: u64,
    /// Time for each request in each scenario by each engine, such as 90s or 5m; none by default
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub(super) time: Option<Duration>,
    /// Time for the whole gate, such as 30s or 5m: proves what fits, bounds and samples with the rest; without it the
    /// gate does its fixed work, however long that takes
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub(super) budget: Option<Duration>,
    /// Exit with 0 also when an exhaustive engine was stopped by --time or --budget
    #[arg(long)]
    pub(super) allow_bounded: bool,
    /// Let loom and shuttle go on without their budgets of executions, and rc11 judge the system (takes many times longer)
    #[arg(long)]
    pub(super) thorough: bool,
    /// Go on with the judgements of loom and shuttle where the last thorough gate was stopped, killed or out of time
    #[arg(long, requires = "thorough")]
    pub(super) resume: bool,
    /// Processes to work in; one for each core by default
    #[arg(long, value_name = "NUMBER")]
    pub(super) workers: Option<NonZero<usize>>,
    /// Judge only requests that do something else than in the last ledger, by a hash of what they do in small programs
    #[arg(long)]
    pub(super) changed: bool,
    /// Where the ledger is kept, with everything that was found and what it rests on [default:
    /// target/cancelproof/ledger.json, or ledger-selection.json beside it when only some is judged]
    #[arg(long, value_name = "FILE")]
    pub(super) ledger: Option<PathBuf>,
    /// What standard output is for
    #[arg(long, value_enum, default_value_t)]
    pub(super) message_format: MessageFormat,
    /// Print a table for each request and every failure, and not only a line for each request and one for each cause
    #[arg(long, short)]
    pub(super) verbose: bool,
    /// Accept that judgements which the last ledger has are not made any more
    #[arg(long)]
    pub(super) accept_removals: bool,
    /// The file of kept failures, which are judged first
    #[arg(long, value_name = "FILE", default_value = "proptest-regressions/kept-failures.txt")]
    pub(super) kept: PathBuf,
}

/// What standard output is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum MessageFormat {
    /// For people
    #[default]
    Human,
    /// For tools: one JSON object a line for each thing that happens
    Json,
}

#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 everything was found again as recorded; 6 something differs")]
pub(super) struct Audit {
    /// The ledger that a gate has written
    #[arg(value_name = "LEDGER", default_value = "target/cancelproof/ledger.json")]
    pub(super) ledger: PathBuf,
    /// Look only at this request; may be given several times [default: all in the ledger]
    #[arg(long, value_name = "NAME")]
    pub(super) request: Vec<String>,
    /// Look only at this engine; may be given several times [default: all in the ledger]
    #[arg(long, value_name = "NAME")]
    pub(super) engine: Vec<String>,
    /// Processes to work in; one for each core by default
    #[arg(long, value_name = "NUMBER")]
    pub(super) workers: Option<NonZero<usize>>,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing was found, which proves nothing; 1 a request was refuted; 4 a request \
                        took its process down or never came back"
)]
pub(super) struct Hunt {
    /// Hunt only in this request; may be given several times [default: all reference requests]
    #[arg(long, value_name = "NAME")]
    pub(super) request: Vec<String>,
    /// How long, such as 90s or 5m
    #[arg(long, value_name = "TIME", value_parser = parse_time, default_value = "10m")]
    pub(super) time: Duration,
    /// Go on with the last hunt where it was stopped or killed
    #[arg(long)]
    pub(super) resume: bool,
    /// What every draw follows from [default: 1, or that of the resumed hunt]
    #[arg(long, value_name = "NUMBER", conflicts_with = "resume")]
    pub(super) seed: Option<u64>,
    /// What standard output is for
    #[arg(long, value_enum, default_value_t)]
    pub(super) message_format: MessageFormat,
    /// The folder of the log, which has everything that was found
    #[arg(long, value_name = "FOLDER", default_value = "target/cancelproof/hunt")]
    pub(super) folder: PathBuf,
    /// The file of kept failures, to which findings are added
    #[arg(long, value_name = "FILE", default_value = "proptest-regressions/kept-failures.txt")]
    pub(super) kept: PathBuf,
    /// Processes to work in; one for each core by default
    #[arg(long, value_name = "NUMBER")]
    pub(super) workers: Option<NonZero<usize>>,
}

#[derive(Debug, Args)]
pub(super) struct Report {
    /// A ledger, or the folder in which it lies with what `mutate` and `orderings` have kept; several are put together
    #[arg(value_name = "FROM", default_value = "target/cancelproof")]
    pub(super) from: Vec<PathBuf>,
    /// The form of the report
    #[arg(long, value_enum)]
    pub(super) format: Format,
    /// The file to write [default: standard output, and for html cancelproof.html]
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}

/// The forms of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For test runners of continuous integration
    Junit,
    /// For code scanning, and editors that step through an interleaving
    Sarif,
    /// Annotations of GitHub's, beside the lines of a change
    Github,
    /// For the summary of a job
    Markdown,
    /// One page for people, which needs no network, with the films beside it
    Html,
}

#[derive(Debug, Args)]
pub(super) struct Gauntlet {
    /// Only the faults of these [default: both, and those of requests with --markdown or --compare]
    #[arg(long, value_enum)]
    pub(super) of: Option<FaultsOf>,
    /// Only this engine; may be given several times [default: all but threads]
    #[arg(long, value_name = "NAME")]
    pub(super) engine: Vec<String>,
    /// What every random draw follows from
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(super) seed: u64,
    /// Executions for each engine that samples
    #[arg(long, value_name = "NUMBER", default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) samples: u64,
    /// Print the page of the documentation instead of the table
    #[arg(long, conflicts_with = "engine")]
    pub(super) markdown: bool,
    /// Compare executions to the first failure instead: dpor and rc11 against the median of each sampling engine over
    /// twenty seeds
    #[arg(long, conflicts_with_all = ["engine", "markdown", "of"])]
    pub(super) compare: bool,
    /// Write the films of the ten most instructive real bugs to this folder instead
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["engine", "markdown", "compare"])]
    pub(super) films: Option<PathBuf>,
}

/// Of what faults are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FaultsOf {
    /// Wrong requests
    Requests,
    /// Wrong queues, applications, sent requests and objects
    Systems,
    /// Races between cancel and completion that public projects have had, by all engines but threads
    Real,
}

#[derive(Debug, Args)]
pub(super) struct Programs {
    /// Threads by calls of each, such as 2x4; may be given several times
    #[arg(long, value_name = "SIZE", default_values = ["2x4", "3x2"])]
    pub(super) size: Vec<Size>,
    /// Judge only this request; may be given several times [default: all reference requests]
    #[arg(long, value_name = "NAME")]
    pub(super) request: Vec<String>,
    /// The engine
    #[arg(long, value_name = "NAME", default_value = "dpor")]
    pub(super) engine: String,
    /// Processes to work in; one for each core by default
    #[arg(long, value_name = "NUMBER")]
    pub(super) workers: Option<NonZero<usize>>,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 every change was judged, whether it survived or not; 1 the request is refuted \
                        unchanged, or does not stand what it must, or with --deny-survivors a change survived \
                        unexplained; 4 a change could not be judged"
)]
pub(super) struct Mutate {
    /// Change only this request; may be given several times. The name of a reference request without a contract
    /// stands for it under every contract [default: all reference requests]
    #[arg(long, value_name = "NAME")]
    pub(super) request: Vec<String>,
    /// Judge only in this scenario; may be given several times [default: all that apply]
    #[arg(long, value_name = "NAME")]
    pub(super) scenario: Vec<String>,
    /// The engine: dpor or rc11
    #[arg(long, value_name = "NAME", default_value = "rc11")]
    pub(super) engine: String,
    /// Exit with 1 also when a change survives that nobody has explained
    #[arg(long)]
    pub(super) deny_survivors: bool,
    /// Draw the counterexample of every change that is killed by a rule
    #[arg(long)]
    pub(super) counterexamples: bool,
    /// Also keep the table here, for `cancelproof report`; target/cancelproof/mutants.json is where that looks
    #[arg(long, value_name = "FILE")]
    pub(super) keep: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Orderings {
    /// Advise only on this request; may be given several times. The name of a reference request without a contract
    /// stands for it under every contract [default: all reference requests]
    #[arg(long, value_name = "NAME")]
    pub(super) request: Vec<String>,
    /// Draw the counterexample of every ordering that is too weak
    #[arg(long)]
    pub(super) counterexamples: bool,
    /// Print the page of the documentation
    #[arg(long)]
    pub(super) markdown: bool,
    /// Also keep the table here, for `cancelproof report`; target/cancelproof/orderings.json is where that looks
    #[arg(long, value_name = "FILE")]
    pub(super) keep: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Fuse {
    /// Light fuses only at this request; may be given several times. The name of a reference request without a
    /// contract stands for it under every contract [default: all reference requests]
    #[arg(long, value_name = "NAME")]
    pub(super) request: Vec<String>,
    /// Print the table of every grid: what came of it at each point
    #[arg(long, short)]
    pub(super) verbose: bool,
}

#[derive(Debug, Args)]
pub(super) struct Infer {
    /// Ask only this request; may be given several times [default: a table of the reference request of each preset]
    #[arg(long, value_name = "NAME")]
    pub(super) request: Vec<String>,
}

#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(super) shell: clap_complete::Shell,
}

/// When colours are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// To a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Even to a pipe
    Always,
    /// Not even to a terminal
    Never,
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// The kind whose names are listed with what they mean [default: how many there are of each kind]
    #[arg(value_enum)]
    pub(super) kind: Option<Kind>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Kind {
    /// Reference requests
    Requests,
    /// Requests that are wrong in one documented way
    Faults,
    /// Named situations
    Scenarios,
    /// What explores
    Engines,
    /// What must hold
    Rules,
    /// Protocols that are wrong in one documented way
    ProtocolFaults,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
