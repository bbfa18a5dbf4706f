//! `cargo cancelproof`: sets a crate up, and runs the commands of the suite on the crate's own types.
//!
//! `init` writes a test target that passes as it stands, `adopt` runs the loom tests of a published crate. Every other word goes to that target: `cargo cancelproof show
//! mark-cancel` is `cargo test --test cancel -- show mark-cancel`, with the target found by what depends on cancelproof.

mod adopt;
mod init;
mod manifest;
mod target;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use clap::{Parser, Subcommand};

use init::Shape;

/// Wrong arguments or input, as for `cancelproof`.
const WRONG_INPUT: u8 = 2;

/// Judge cancelable requests of a crate under every interleaving.
#[derive(Parser)]
#[command(name = "cargo cancelproof", bin_name = "cargo cancelproof", version)]
struct Arguments {
    /// The test target that is asked [default: the only one, or `cancel`]
    #[arg(long, value_name = "NAME")]
    test: Option<String>,
    /// The manifest of the crate, as for cargo
    #[arg(long, value_name = "FILE")]
    manifest_path: Option<PathBuf>,
    /// Build the test target with optimisations: for long hunts
    #[arg(long)]
    release: bool,
    #[command(subcommand)]
    command: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Write a test target that passes as it stands, its entries in Cargo.toml, and a workflow for CI
    Init {
        /// What is to be judged
        #[arg(long, value_enum, default_value_t = Shape::Request)]
        shape: Shape,
        /// The folder of the crate `cancelproof`, where it is not to come from the registry
        #[arg(long, value_name = "FOLDER")]
        cancelproof: Option<PathBuf>,
        /// The folder of the crate that is set up
        #[arg(default_value = ".")]
        folder: PathBuf,
    },
    /// Run the loom tests of a published crate, unedited, under dpor and rc11: 0 if all is proved, 1 if something is refuted, 3 if
    /// something is bounded, 2 for wrong input, 4 if the crate cannot be fetched or built
    Adopt(Box<adopt::Adopt>),
    /// Any command of the test target, such as `show`, `hunt` or `mutate`
    #[command(external_subcommand)]
    OfTheTarget(Vec<OsString>),
}

fn main() -> ExitCode {
    if let Some(code) = adopt::wrapper::asked() {
        return code;
    }
    // cargo passes the name of the subcommand on.
    let is_name = |(place, word): &(usize, OsString)| *place == 1 && word == "cancelproof";
    let words = std::env::args_os().enumerate().filter(|pair| !is_name(pair)).map(|(_, word)| word);
    let arguments = Arguments::parse_from(words);
    match run(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(WRONG_INPUT)
        }
    }
}

fn run(arguments: &Arguments) -> Result<ExitCode, Box<dyn std::error::Error>> {
    match &arguments.command {
        Action::Init { shape, cancelproof, folder } => {
            for line in init::init(folder, *shape, cancelproof.as_deref())? {
                println!("{line}");
            }
            Ok(ExitCode::SUCCESS)
        }
        Action::Adopt(adopt) => adopt::run(adopt).or_else(|error| {
            eprintln!("error: {error}");
            Ok(ExitCode::from(error.code()))
        }),
        Action::OfTheTarget(words) => forward(arguments, words),
    }
}

/// Runs the test target with the words, and ends as it ends.
fn forward(arguments: &Arguments, words: &[OsString]) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let target = target::find(&cargo, arguments.manifest_path.as_deref(), arguments.test.as_deref())?;
    let mut command = Command::new(cargo);
    command.args(["test", "--package", &target.package, "--test", &target.name]);
    if let Some(manifest) = &arguments.manifest_path {
        command.arg("--manifest-path").arg(manifest);
    }
    if arguments.release {
        command.arg("--release");
    }
    let status = command.arg("--").args(words).status()?;
    Ok(ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_sound_and_other_words_are_the_target_s() {
        Arguments::command().debug_assert();
        let words = ["cargo-cancelproof", "--test", "mine", "hunt", "--time", "1h"];
        let arguments = Arguments::parse_from(words);
        assert_eq!(arguments.test.as_deref(), Some("mine"));
        let Action::OfTheTarget(words) = arguments.command else { panic!("hunt is no word of ours") };
        assert_eq!(words, ["hunt", "--time", "1h"]);
    }
}
