//! The command line of the suite, as a package of its own: `cargo run` builds it with everything that it asks for, and an
//! author's tests do not.

use std::process::ExitCode;

fn main() -> ExitCode {
    cancelproof::cli::main()
}
