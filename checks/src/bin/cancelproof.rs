//! The command line of the suite.

use std::process::ExitCode;

fn main() -> ExitCode {
    cancelproof::cli::main()
}
