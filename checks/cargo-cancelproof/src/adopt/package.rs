//! A published crate: where cargo has unpacked it, and what its manifest says.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::AdoptError;

/// A crate as it was published.
#[derive(Clone, Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// Its sources, which are read and never written.
    pub(crate) source: PathBuf,
    /// As `cargo metadata` describes it.
    pub(crate) described: Value,
}

impl fmt::Display for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

impl Package {
    /// Lets cargo fetch a crate.
    pub(crate) fn fetch(folder: &Path, name: &str, version: &str) -> Result<Package, AdoptError> {
        let asks = folder.join("fetched").join(format!("{name}-{version}"));
        fs::create_dir_all(&asks)?;
        let manifest = asks.join("Cargo.toml");
        fs::write(asks.join("lib.rs"), "")?;
        fs::write(
            &manifest,
            format!(
                "[workspace]\n[package]\nname = \"fetched\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\
                 [lib]\npath = \"lib.rs\"\n[dependencies]\nadopted = {{ package = {name:?}, version = {:?} }}\n",
                format!("={version}")
            ),
        )?;
        let error = |words: String| AdoptError::Fetch { name: format!("{name} {version}"), words };
        let described = metadata(&mut cargo(), &manifest, &[]).map_err(error)?;
        let packages = described["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
        let described = packages
            .iter()
            .find(|package| package["name"] == name && package["version"] == version)
            .ok_or_else(|| error("cargo describes no such crate".to_owned()))?;
        let path = PathBuf::from(described["manifest_path"].as_str().unwrap_or_default());
        let source = path.parent().map(Path::to_owned).unwrap_or_default();
        Ok(Package {
            name: name.to_owned(),
            version: version.to_owned(),
            source,
            described: described.clone(),
        })
    }

    pub(crate) fn has_feature(&self, name: &str) -> bool {
        self.described["features"].get(name).is_some()
    }

    /// The names of its integration tests.
    pub(crate) fn tests(&self) -> Vec<String> {
        let targets = self.described["targets"].as_array().map(Vec::as_slice).unwrap_or_default();
        let is_test = |target: &&Value| {
            target["kind"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "test"))
        };
        targets
            .iter()
            .filter(is_test)
            .filter_map(|target| target["name"].as_str().map(str::to_owned))
            .collect()
    }
}

/// cargo, as it calls this program.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // Of a cargo that has started this one.
    command.env_remove("CARGO_PKG_NAME").env_remove("CARGO_MANIFEST_DIR");
    command
}

/// What cargo says of a manifest with these features, given as arguments, or the line in which it complains.
pub(crate) fn metadata(cargo: &mut Command, manifest: &Path, features: &[String]) -> Result<Value, String> {
    let output = cargo
        .args(["metadata", "--format-version", "1", "--manifest-path"])
        .arg(manifest)
        .args(features)
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let line = said.lines().find(|line| line.starts_with("error")).unwrap_or("cargo gives no reason");
        return Err(line.trim_start_matches("error: ").to_owned());
    }
    serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())
}

/// Copies a folder with all that is in it; what is text goes through `change` with its place in the folder.
pub(crate) fn copy(
    from: &Path,
    to: &Path,
    change: &mut impl FnMut(&Path, String) -> String,
) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let place = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy(&path, &place, change)?;
            continue;
        }
        let bytes = match String::from_utf8(fs::read(&path)?) {
            Ok(text) => change(&path, text).into_bytes(),
            Err(error) => error.into_bytes(),
        };
        write(&place, &bytes)?;
    }
    Ok(())
}

/// Writes a file if it says something else: cargo would build anew what was written anew.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if fs::read(path).is_ok_and(|before| before == bytes) { Ok(()) } else { fs::write(path, bytes) }
}
