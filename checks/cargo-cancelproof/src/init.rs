//! Sets a crate up: a test target that passes as it stands, its entries in the manifest, a workflow for CI.

use std::fs;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use crate::manifest::{self, ManifestError};

/// What is to be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shape {
    /// A type with mark, unmark, cancel and complete
    Request,
    /// A cancellation token: register, cancel, is-canceled
    Token,
    /// Registrations that end with their guard: register, cancel, drop
    Registration,
    /// Any code with assertions of its own
    Closure,
}

const REQUEST: &str = include_str!("templates/request.rs");
const TOKEN: &str = include_str!("templates/token.rs");
const REGISTRATION: &str = include_str!("templates/registration.rs");
const CLOSURE: &str = include_str!("templates/closure.rs");
const WORKFLOW: &str = include_str!("templates/workflow.yml");
const WORKFLOW_FILE: &str = ".github/workflows/cancelproof.yml";

impl Shape {
    /// The name of the test target.
    fn target(self) -> &'static str {
        match self {
            Shape::Request => "cancel",
            Shape::Token => "token",
            Shape::Registration => "registration",
            Shape::Closure => "model",
        }
    }

    fn template(self) -> &'static str {
        match self {
            Shape::Request => REQUEST,
            Shape::Token => TOKEN,
            Shape::Registration => REGISTRATION,
            Shape::Closure => CLOSURE,
        }
    }

    /// Whether the tests are functions that cargo's own harness runs.
    fn has_harness(self) -> bool {
        self == Shape::Closure
    }
}

/// Why a crate cannot be set up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InitError {
    #[error("there is no Cargo.toml in {}: make a crate first, with `cargo new --lib NAME`", folder.display())]
    NoCrate { folder: PathBuf },
    #[error("{} is there already, and is not overwritten: move it away, or name another shape", file.display())]
    Exists { file: PathBuf },
    #[error("{} is not the folder of the crate cancelproof: it has no Cargo.toml of that name", folder.display())]
    NotCancelproof { folder: PathBuf },
    #[error("{} cannot be read or written: {error}", file.display())]
    File { file: PathBuf, error: std::io::Error },
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}

/// Sets up the crate in `folder`, and tells what was written, a line each.
///
/// Nothing is written before all of it is known to be possible.
pub(crate) fn init(
    folder: &Path,
    shape: Shape,
    cancelproof: Option<&Path>,
) -> Result<Vec<String>, InitError> {
    let manifest_file = folder.join("Cargo.toml");
    if !manifest_file.is_file() {
        return Err(InitError::NoCrate { folder: folder.to_owned() });
    }
    let test_file = folder.join("tests").join(format!("{}.rs", shape.target()));
    if test_file.exists() {
        return Err(InitError::Exists { file: test_file });
    }
    let source = match cancelproof {
        Some(source) if is_cancelproof(source) => Some(source.to_owned()),
        Some(source) if is_cancelproof(&source.join("checks")) => Some(source.join("checks")),
        Some(source) => return Err(InitError::NotCancelproof { folder: source.to_owned() }),
        None => beside_this_program(),
    };
    let read = fs::read_to_string(&manifest_file);
    let text = read.map_err(|error| InitError::File { file: manifest_file.clone(), error })?;
    // A path in a manifest is relative to the manifest, and what was given is relative to the working folder.
    let source = source.map(|source| fs::canonicalize(&source).unwrap_or(source));
    let name = manifest_file.display().to_string();
    let (text, added) = manifest::add(&text, &name, shape.target(), shape.has_harness(), source.as_deref())?;
    write(&manifest_file, &text)?;
    write(&test_file, shape.template())?;
    let mut lines: Vec<String> = added.into_iter().map(|what| format!("Cargo.toml: {what}")).collect();
    let shown = test_file.strip_prefix(".").unwrap_or(&test_file);
    lines.push(format!("{}: passes as it stands; put your own type in", shown.display()));
    let workflow = folder.join(WORKFLOW_FILE);
    if folder.join(".git").exists() && !workflow.exists() {
        write(&workflow, WORKFLOW)?;
        lines.push(format!("{WORKFLOW_FILE}: runs it for each change"));
    }
    lines.push(format!("next: cargo test --test {}", shape.target()));
    Ok(lines)
}

fn write(file: &Path, text: &str) -> Result<(), InitError> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(file, text));
    written.map_err(|error| InitError::File { file: file.to_owned(), error })
}

fn is_cancelproof(folder: &Path) -> bool {
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    manifest.lines().any(|line| line == "name = \"cancelproof\"")
}

/// The crate in the repository that this program was built from, as long as that is there.
fn beside_this_program() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    is_cancelproof(folder).then(|| folder.to_owned())
}

#[cfg(test)]
mod tests {
    use saphyr::LoadableYamlNode;

    use super::*;

    fn new_crate() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let manifest = "[package]\nname = \"mine\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
        fs::write(folder.path().join("Cargo.toml"), manifest).expect("it can be written");
        folder
    }

    #[test]
    fn every_shape_is_written_once_and_never_over_a_file() {
        let folder = new_crate();
        fs::create_dir(folder.path().join(".git")).expect("a folder can be made");
        for shape in Shape::value_variants() {
            let lines = init(folder.path(), *shape, None).expect("the crate can be set up");
            let next = format!("next: cargo test --test {}", shape.target());
            assert_eq!(lines.last(), Some(&next));
            let file = folder.path().join(format!("tests/{}.rs", shape.target()));
            assert_eq!(fs::read_to_string(&file).expect("it was written"), shape.template());
            let error = init(folder.path(), *shape, None).expect_err("the file is there").to_string();
            assert!(error.contains("is not overwritten") && !error.contains('\n'), "{error}");
        }
        assert!(folder.path().join(WORKFLOW_FILE).is_file());
    }

    #[test]
    fn wrong_folders_are_told_in_one_line_and_nothing_is_written() {
        let empty = tempfile::tempdir().expect("a folder can be made");
        let error = init(empty.path(), Shape::Request, None).expect_err("no crate is here").to_string();
        assert!(error.contains("cargo new --lib NAME") && !error.contains('\n'), "{error}");
        let folder = new_crate();
        let error =
            init(folder.path(), Shape::Request, Some(empty.path())).expect_err("it is empty").to_string();
        assert!(error.contains("is not the folder of the crate cancelproof"), "{error}");
        assert!(!folder.path().join("tests").exists());
    }

    #[test]
    fn the_workflow_is_yaml_and_runs_the_tests() {
        let workflow = saphyr::Yaml::load_from_str(WORKFLOW).expect("it is YAML");
        assert_eq!(workflow.len(), 1);
        assert!(WORKFLOW.contains("run: cargo test"));
    }
}
