//! The arguments of the commands about the protocol.

use std::net::SocketAddr;

use clap::{Args, ValueEnum};

use crate::protocol::{CANCELERS_MAX, REQUESTS_MAX};

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 every property holds; 1 one fails; 3 something that must be possible is not; 5 the \
                        protocol has more positions than --positions, so liveness is not decided"
)]
pub(in crate::cli) struct Protocol {
    /// Requests, each with a driver of its own
    #[arg(long, value_name = "NUMBER", default_value_t = 1,
          value_parser = clap::value_parser!(u8).range(1..=REQUESTS_MAX as i64))]
    pub(in crate::cli) requests: u8,
    /// Threads that cancel
    #[arg(long, value_name = "NUMBER", default_value_t = 4,
          value_parser = clap::value_parser!(u8).range(0..=CANCELERS_MAX as i64))]
    pub(in crate::cli) cancelers: u8,
    /// What the drivers do: waits, finishes, rearms or meets
    #[arg(long, value_name = "NAME", default_value = "finishes")]
    pub(in crate::cli) client: String,
    /// The rules of the framework, by the contract's name
    #[arg(long, value_name = "NAME", default_value = "UMDF_1")]
    pub(in crate::cli) contract: String,
    /// Cancelers cancel again and again
    #[arg(long)]
    pub(in crate::cli) again: bool,
    /// Take cancelers that have done the same for the same; liveness is then decided by --any-number only
    #[arg(long)]
    pub(in crate::cli) symmetry: bool,
    /// Make the protocol wrong in this way; `list protocol-faults` has the names
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) fault: Option<String>,
    /// Settle it for any number of cancelers as well
    #[arg(long)]
    pub(in crate::cli) any_number: bool,
    /// The most positions whose moves are kept in memory to decide liveness, about 200 bytes each; without liveness,
    /// 25 moves for each are explored
    #[arg(long, value_name = "NUMBER", default_value_t = 4_000_000)]
    pub(in crate::cli) positions: usize,
    /// Show the protocol in a browser instead, at this address of this machine
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "127.0.0.1:3000")]
    pub(in crate::cli) serve: Option<SocketAddr>,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 every execution is a walk through the protocol; 1 one is not; 4 an engine stopped \
                        for a reason of its own; 5 an engine was stopped before it had explored everything"
)]
pub(in crate::cli) struct Staircase {
    /// Walk only this request or fault; may be given several times [default: all reference requests]
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) request: Vec<String>,
    /// Only in this scenario; may be given several times [default: all whose answers are judged; of a fault its own]
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) scenario: Vec<String>,
    /// The engine
    #[arg(long, value_name = "NAME", default_value = "dpor")]
    pub(in crate::cli) engine: String,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Diagram {
    /// The request or fault
    pub(in crate::cli) request: String,
    /// The engine by which it is learned
    #[arg(long, value_name = "NAME", default_value = "dpor")]
    pub(in crate::cli) engine: String,
    /// The form of the diagram
    #[arg(long, value_enum, default_value_t = DiagramForm::Mermaid)]
    pub(in crate::cli) form: DiagramForm,
}

/// In which form a diagram is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum DiagramForm {
    /// Mermaid, for an issue tracker
    Mermaid,
    /// DOT, for Graphviz
    Dot,
}
