//! The packages around the published sources.

use std::collections::HashMap;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::suites::{SUITES, Suite};

/// Where cargo has unpacked the crates.
pub struct Sources(HashMap<String, Source>);

struct Source {
    folder: PathBuf,
    version: String,
    edition: String,
}

impl Sources {
    /// Asks cargo, which fetches what is not there.
    pub fn find(here: &Path) -> Result<Sources, Box<dyn Error>> {
        let output = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()))
            .args(["metadata", "--format-version", "1"])
            .current_dir(here)
            .output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
        }
        let metadata: Value = serde_json::from_slice(&output.stdout)?;
        let text = |package: &Value, field: &str| package[field].as_str().unwrap_or_default().to_owned();
        let packages = metadata["packages"].as_array().ok_or("cargo metadata names no packages")?;
        let source = |package: &Value| {
            let folder = PathBuf::from(text(package, "manifest_path")).parent()?.to_owned();
            let (version, edition) = (text(package, "version"), text(package, "edition"));
            Some((text(package, "name"), Source { folder, version, edition }))
        };
        Ok(Sources(packages.iter().filter_map(source).collect()))
    }

    fn of(&self, suite: &Suite) -> Result<&Source, Box<dyn Error>> {
        self.0
            .get(suite.published())
            .ok_or_else(|| format!("cargo knows no source of {}", suite.published()).into())
    }

    pub fn version(&self, suite: &Suite) -> &str {
        self.of(suite).map_or("", |source| &source.version)
    }
}

/// Writes a workspace with a package for each crate.
pub fn write_all(folder: &Path, here: &Path, sources: &Sources) -> Result<(), Box<dyn Error>> {
    let checks = here.join("../..").canonicalize()?;
    for suite in SUITES {
        let package = folder.join(suite.name);
        fs::create_dir_all(&package)?;
        let source = sources.of(suite)?;
        let library = if suite.is_redirected {
            redirect(suite, &source.folder.join("src"), &package.join("src"))?;
            package.join("src")
        } else {
            source.folder.join("src")
        };
        let tests = if suite.is_redirected { here.join("ours") } else { source.folder.join("tests") };
        write(&package.join("Cargo.toml"), &manifest(suite, source, &library, &tests, &checks)?)?;
        write(&package.join("build.rs"), &build_script(suite))?;
    }
    let members: Vec<String> = SUITES.iter().map(|suite| format!("{:?}", suite.name)).collect();
    let mut root = format!(
        "[workspace]\nresolver = \"3\"\nmembers = [{}]\n\n[profile.dev]\nopt-level = 1\ndebug = \"line-tables-only\"\n",
        members.join(", ")
    );
    // What only words a failure need not be fast, and builds sooner.
    for slow in ["cancelproof", "cancelproof-judge", "cancelproof-model", "cancelproof-references"] {
        writeln!(root, "\n[profile.dev.package.{slow}]\nopt-level = 0\ndebug = false")?;
    }
    write(&folder.join("Cargo.toml"), &root)?;
    // The versions that this repository has locked; cargo leaves out what is not needed.
    if !folder.join("Cargo.lock").exists() {
        fs::copy(here.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    }
    Ok(())
}

/// Writes a file if it says something else: cargo would build anew what was written anew.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if fs::read_to_string(path).is_ok_and(|before| before == text) { Ok(()) } else { fs::write(path, text) }
}

/// Copies a source with the paths of the alias modules, file by file.
fn redirect(suite: &Suite, from: &Path, to: &Path) -> std::io::Result<()> {
    const PATHS: [(&str, &str); 4] = [
        ("core::sync::atomic", "cancelproof_engines::sync::atomic"),
        ("std::sync::", "cancelproof_engines::sync::"),
        ("alloc::sync::Arc", "cancelproof_engines::sync::Arc"),
        // What a compiler of today warns of is no failure of theirs, as it is none where they are a dependency.
        ("#![deny(warnings)]", ""),
    ];
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let (path, copy) = {
            let entry = entry?;
            (entry.path(), to.join(entry.file_name()))
        };
        if path.is_dir() {
            redirect(suite, &path, &copy)?;
        } else {
            let text = fs::read_to_string(&path)?;
            let mut text = PATHS.iter().fold(text, |text, (std, ours)| text.replace(std, ours));
            for (_, right, wrong) in suite.wrong.iter().filter(|(file, ..)| path.ends_with(file)) {
                if !text.contains(right) {
                    return Err(std::io::Error::other(format!("{path:?} does not say {right}")));
                }
                text = text.replace(right, wrong);
            }
            write(&copy, &text)?;
        }
    }
    Ok(())
}

fn manifest(
    suite: &Suite,
    source: &Source,
    library: &Path,
    tests: &Path,
    checks: &Path,
) -> Result<String, Box<dyn Error>> {
    // Since 2018 a path begins with the name of a crate, as what is redirected needs.
    let edition = if source.edition == "2015" { "2018" } else { &source.edition };
    let mut text = format!(
        "[package]\nname = {:?}\nversion = {:?}\nedition = {edition:?}\npublish = false\nautotests = false\n\n[features]\n",
        suite.name, source.version
    );
    writeln!(text, "default = {:?}", suite.features)?;
    for feature in suite.features {
        writeln!(text, "{feature} = []")?;
    }
    let path = library.join("lib.rs");
    let library = suite.published().replace('-', "_");
    writeln!(text, "\n[lib]\nname = {library:?}\npath = {path:?}\ndoctest = false\n\n[dependencies]")?;
    if suite.is_redirected {
        // Of the suite they see the engines alone: another crate below it gives `usize` more to be compared with, and what their
        // code leaves to be inferred would not be.
        writeln!(
            text,
            "cancelproof-engines = {{ path = {:?}, default-features = false, features = [\"arena\"] }}",
            checks.join("engines")
        )?;
    } else {
        writeln!(text, "loom = {{ path = {:?} }}", checks.join("loom"))?;
    }
    for dependency in suite.dependencies {
        writeln!(text, "{dependency}")?;
    }
    if suite.is_redirected {
        writeln!(
            text,
            "\n[dev-dependencies]\ncancelproof = {{ path = {checks:?}, default-features = false }}"
        )?;
    }
    for test in suite.runs.iter().filter_map(|run| run.strip_prefix("--test ")) {
        let file = if suite.is_redirected { suite.published() } else { test };
        let path = tests.join(format!("{file}.rs"));
        writeln!(text, "\n[[test]]\nname = {test:?}\npath = {path:?}")?;
    }
    // Their lints are theirs, and the names of their `cfg`s are in their own manifests.
    writeln!(text, "\n[lints.rust]\nwarnings = \"allow\"\nunexpected_cfgs = \"allow\"")?;
    Ok(text)
}

/// A `--cfg` for this package alone: for the whole build it would reach crates that take it for a feature of theirs.
fn build_script(suite: &Suite) -> String {
    let cfg = |cfg: &&str| format!("    println!(\"cargo::rustc-cfg={cfg}\");\n");
    let cfgs: String = suite.cfgs.iter().map(cfg).collect();
    format!("fn main() {{\n    println!(\"cargo::rerun-if-changed=build.rs\");\n{cfgs}}}\n")
}
