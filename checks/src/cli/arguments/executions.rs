//! The arguments of what shows single executions and programs.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(in crate::cli) struct Show {
    /// The name of a request, scenario, rule, engine or fault, or a program such as "mark finish | cancel"
    pub(in crate::cli) name: String,
    /// The request whose outcomes are shown
    #[arg(long, value_name = "NAME", default_value = "word")]
    pub(in crate::cli) request: String,
    /// The engine that finds them [default: shuttle, and dpor for a scenario of systems]
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) engine: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) form: Form,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Replay {
    /// The token that was printed with the failure; by default that in the environment variable `CANCELPROOF_REPLAY`
    #[arg(env = crate::counterexample::REPLAY_VARIABLE, hide_env = true)]
    pub(in crate::cli) token: String,
    #[command(flatten)]
    pub(in crate::cli) form: Form,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Film {
    /// A fault or a replay token, whose failure is filmed; or a scenario or a program, of which one that passes is
    pub(in crate::cli) name: String,
    /// The page to write
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) output: PathBuf,
    /// The request that runs the scenario or program
    #[arg(long, value_name = "NAME", default_value = "word")]
    pub(in crate::cli) request: String,
    /// Only an execution with this outcome, as `cancelproof show` prints it
    #[arg(long, value_name = "OUTCOME")]
    pub(in crate::cli) outcome: Option<String>,
}

/// In which form a counterexample is printed.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(in crate::cli) struct Form {
    /// Print every step, however many lines that takes
    #[arg(long)]
    pub(in crate::cli) full: bool,
    /// Print a Mermaid sequence diagram, for an issue tracker
    #[arg(long, conflicts_with = "full")]
    pub(in crate::cli) mermaid: bool,
}

#[derive(Clone, Copy, Debug, Args)]
pub(in crate::cli) struct Litmus {
    /// Print the page of the documentation, which also has every program with its outcomes
    #[arg(long)]
    pub(in crate::cli) markdown: bool,
    /// Print a row for each program on which an engine differs
    #[arg(long, short, conflicts_with = "markdown")]
    pub(in crate::cli) verbose: bool,
}
