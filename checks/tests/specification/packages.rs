//! Every package says what it is, has its licences inside, and its front page teaches by an example that runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The packages of the workspace, as cargo describes them.
fn packages() -> Vec<Value> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(root).args(["metadata", "--offline", "--no-deps", "--format-version", "1"]);
    let output = command.output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let described: Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    described["packages"].as_array().expect("there are packages").clone()
}

/// What is missing of a package before it can be published.
fn missing(package: &Value) -> Vec<String> {
    let name = package["name"].as_str().unwrap_or_default();
    let folder = PathBuf::from(package["manifest_path"].as_str().unwrap_or_default());
    let folder = folder.parent().expect("a manifest lies in a folder");
    let mut missing = Vec::new();
    for field in ["description", "license", "documentation", "readme", "rust_version"] {
        if package[field].as_str().is_none_or(str::is_empty) {
            missing.push(format!("{name}: {field}"));
        }
    }
    for (field, most) in [("keywords", 5), ("categories", 5)] {
        let words = package[field].as_array().map_or(0, Vec::len);
        if words == 0 || words > most {
            missing.push(format!("{name}: {words} {field}"));
        }
    }
    for file in ["LICENSE-APACHE", "LICENSE-MIT"] {
        if !folder.join(file).is_file() {
            missing.push(format!("{name}: {file}"));
        }
    }
    let readme = package["readme"].as_str().map(|readme| folder.join(readme));
    if !readme.is_some_and(|readme| readme.is_file()) {
        missing.push(format!("{name}: the file of its readme"));
    }
    missing
}

#[test]
fn every_package_can_be_published_as_far_as_its_manifest_goes() {
    let packages = packages();
    assert!(packages.len() > 8, "{}", packages.len());
    assert_eq!(packages.iter().flat_map(missing).collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn the_front_page_of_every_library_has_an_example_in_its_first_screen() {
    let first_screen = |page: &str| {
        let lines = page.lines().take_while(|line| line.starts_with("//!")).take(45);
        lines.filter(|line| line.trim_end().ends_with("```")).count() >= 2
    };
    let mut without = Vec::new();
    for package in packages() {
        for target in package["targets"].as_array().into_iter().flatten() {
            let is_library = target["kind"]
                .as_array()
                .is_some_and(|kinds| kinds.iter().any(|kind| kind == "lib" || kind == "proc-macro"));
            let path = target["src_path"].as_str().unwrap_or_default();
            let page = fs::read_to_string(path).unwrap_or_default();
            if is_library && !first_screen(&page) {
                without.push(path.to_owned());
            }
        }
    }
    assert_eq!(without, Vec::<String>::new());
}

#[test]
fn what_is_missing_is_named() {
    let mut package = packages().swap_remove(0);
    package["description"] = Value::Null;
    package["keywords"] = Value::Array(Vec::new());
    let missing = missing(&package);
    assert_eq!(missing.len(), 2, "{missing:?}");
    assert!(missing[0].ends_with(": description") && missing[1].ends_with(": 0 keywords"), "{missing:?}");
}
