//! The test target of a crate that depends on cancelproof.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// The target that `init` writes, and the one that is meant where several could be.
const USUAL: &str = "cancel";

/// A test target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) package: String,
    pub(crate) name: String,
}

/// Why no target was found.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TargetError {
    #[error("cargo cannot be run: {0}")]
    Cargo(#[from] std::io::Error),
    #[error("cargo does not describe this crate: {0}")]
    Metadata(String),
    #[error("no crate here has cancelproof among its dependencies; `cargo cancelproof init` sets one up")]
    NoDependent,
    #[error("no test target is called {asked}; there are: {}", known.join(", "))]
    Unknown { asked: String, known: Vec<String> },
    #[error("several test targets could be meant; say which with --test: {}", known.join(", "))]
    Ambiguous { known: Vec<String> },
    #[error("the crate has no test target; `cargo cancelproof init` writes one")]
    NoTarget,
}

/// Asks cargo for the test targets, and chooses the one that is meant.
pub(crate) fn find(
    cargo: &OsStr,
    manifest: Option<&Path>,
    asked: Option<&str>,
) -> Result<Target, TargetError> {
    let mut command = Command::new(cargo);
    command.args(["metadata", "--no-deps", "--format-version", "1"]);
    if let Some(manifest) = manifest {
        command.arg("--manifest-path").arg(manifest);
    }
    let output = command.output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let line = said.lines().find(|line| line.starts_with("error")).unwrap_or("it gives no reason");
        return Err(TargetError::Metadata(line.trim_start_matches("error: ").to_owned()));
    }
    let described: Value =
        serde_json::from_slice(&output.stdout).map_err(|error| TargetError::Metadata(error.to_string()))?;
    choose(&described, asked)
}

fn choose(described: &Value, asked: Option<&str>) -> Result<Target, TargetError> {
    let packages = described["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let depends = |package: &&Value| {
        let dependencies = package["dependencies"].as_array().map(Vec::as_slice).unwrap_or_default();
        dependencies.iter().any(|dependency| dependency["name"] == "cancelproof")
    };
    let dependents: Vec<&Value> = packages.iter().filter(depends).collect();
    if dependents.is_empty() {
        return Err(TargetError::NoDependent);
    }
    let targets: Vec<Target> = dependents.into_iter().flat_map(tests_of).collect();
    let named = |name: &str| targets.iter().filter(|target| target.name == name).collect::<Vec<_>>();
    let known = || targets.iter().map(|target| target.name.clone()).collect();
    let meant = match asked {
        Some(name) if named(name).is_empty() => {
            return Err(TargetError::Unknown { asked: name.to_owned(), known: known() });
        }
        Some(name) => named(name),
        None if targets.len() > 1 => named(USUAL),
        None => targets.iter().collect(),
    };
    match meant.as_slice() {
        [target] => Ok((*target).clone()),
        [] if targets.is_empty() => Err(TargetError::NoTarget),
        _ => Err(TargetError::Ambiguous { known: known() }),
    }
}

fn tests_of(package: &Value) -> Vec<Target> {
    let targets = package["targets"].as_array().map(Vec::as_slice).unwrap_or_default();
    let is_test = |target: &&Value| {
        target["kind"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "test"))
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    targets
        .iter()
        .filter(is_test)
        .map(|target| Target { package: text(&package["name"]), name: text(&target["name"]) })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn crate_with(dependency: &str, tests: &[&str]) -> Value {
        let targets: Vec<Value> =
            tests.iter().map(|name| json!({ "kind": ["test"], "name": name })).collect();
        json!({ "packages": [{ "name": "mine", "dependencies": [{ "name": dependency }], "targets": targets }] })
    }

    #[test]
    fn the_target_that_is_meant_is_chosen_or_the_choice_is_named() {
        let name = |tests: &[&str], asked| {
            choose(&crate_with("cancelproof", tests), asked).map(|target| target.name)
        };
        assert_eq!(name(&["only"], None).expect("there is one"), "only");
        assert_eq!(name(&["a", "cancel"], None).expect("the usual one"), "cancel");
        assert_eq!(name(&["a", "cancel"], Some("a")).expect("it was asked for"), "a");
        for (tests, asked, part) in [
            (&["a", "b"][..], None, "say which with --test: a, b"),
            (&["a"], Some("b"), "no test target is called b; there are: a"),
            (&[], None, "has no test target"),
        ] {
            let error = name(tests, asked).expect_err("nothing can be chosen").to_string();
            assert!(error.contains(part), "{error}");
        }
        let other = choose(&crate_with("serde", &["a"]), None).expect_err("it does not depend on us");
        assert!(other.to_string().contains("cargo cancelproof init"), "{other}");
    }
}
