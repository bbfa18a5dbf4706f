//! What `init` adds to a manifest, with everything else of it left as it was.

use std::path::Path;

use toml_edit::{ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value, value};

/// Why a manifest cannot be added to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ManifestError {
    #[error("{file} is no TOML: {}", error.message())]
    Syntax { file: String, error: Box<toml_edit::TomlError> },
    #[error("{file} has no [package]: run this in the folder of a crate")]
    NoPackage { file: String },
    #[error("{file} has `{key}` in a form that is not a table: add the entries by hand")]
    Form { file: String, key: &'static str },
}

/// The manifest with the dependency, the test target `name` and, where the crate is the root of its workspace, the
/// profile; and what was added, a line each. `source` is the folder of cancelproof, if it does not come from the
/// registry.
pub(crate) fn add(
    text: &str,
    file: &str,
    name: &str,
    has_harness: bool,
    source: Option<&Path>,
) -> Result<(String, Vec<String>), ManifestError> {
    let mut manifest: DocumentMut = text
        .parse()
        .map_err(|error| ManifestError::Syntax { file: file.to_owned(), error: Box::new(error) })?;
    if !manifest.contains_key("package") {
        return Err(ManifestError::NoPackage { file: file.to_owned() });
    }
    let form = |key| ManifestError::Form { file: file.to_owned(), key };
    let mut added = Vec::new();
    let dependencies = manifest
        .entry("dev-dependencies")
        .or_insert_with(|| Item::Table(Table::new()))
        .as_table_like_mut()
        .ok_or_else(|| form("dev-dependencies"))?;
    if !dependencies.contains_key("cancelproof") {
        dependencies.insert("cancelproof", dependency(source));
        added.push("[dev-dependencies] cancelproof".to_owned());
    }
    let tests = manifest
        .entry("test")
        .or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()))
        .as_array_of_tables_mut()
        .ok_or_else(|| form("test"))?;
    let is_there = tests.iter().any(|test| test.get("name").and_then(Item::as_str) == Some(name));
    if !is_there && !has_harness {
        let mut target = Table::new();
        target.insert("name", value(name));
        target.insert("harness", value(false));
        tests.push(target);
        added.push(format!("[[test]] {name}"));
    }
    if tests.is_empty() {
        manifest.remove("test");
    }
    let is_optimised =
        manifest.get("profile").and_then(|profile| profile.get("dev")?.get("opt-level")).is_some();
    if !is_optimised {
        let profile = manifest.entry("profile").or_insert_with(|| {
            let mut table = Table::new();
            table.set_implicit(true);
            Item::Table(table)
        });
        let profile = profile.as_table_like_mut().ok_or_else(|| form("profile"))?;
        let dev = profile.entry("dev").or_insert_with(|| Item::Table(Table::new()));
        let dev = dev.as_table_like_mut().ok_or_else(|| form("profile.dev"))?;
        dev.insert("opt-level", value(1));
        added.push("[profile.dev] opt-level = 1: the engines run your code many thousand times".to_owned());
    }
    Ok((manifest.to_string(), added))
}

fn dependency(source: Option<&Path>) -> Item {
    match source {
        Some(folder) => {
            let mut table = InlineTable::new();
            table.insert("path", Value::from(folder.display().to_string()));
            value(table)
        }
        None => value(env!("CARGO_PKG_VERSION")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "[package]\nname = \"mine\" # kept\nversion = \"0.1.0\"\n";

    #[test]
    fn what_is_missing_is_added_once_and_the_rest_is_kept() {
        let (first, added) = add(PLAIN, "Cargo.toml", "cancel", false, None).expect("it can be added");
        assert_eq!(added.len(), 3, "{added:?}");
        assert!(first.starts_with(PLAIN), "{first}");
        for part in [
            "[dev-dependencies]\ncancelproof = \"",
            "[[test]]\nname = \"cancel\"\nharness = false\n",
            "[profile.dev]\nopt-level = 1\n",
        ] {
            assert!(first.contains(part), "{part} is not in {first}");
        }
        let (second, added) = add(&first, "Cargo.toml", "cancel", false, None).expect("it can be added");
        assert_eq!((second, added), (first, Vec::new()));
        let (with_harness, _) =
            add(PLAIN, "Cargo.toml", "model", true, Some(Path::new("../cancelproof/checks")))
                .expect("it can be added");
        assert!(!with_harness.contains("[[test]]"), "{with_harness}");
        assert!(
            with_harness.contains("cancelproof = { path = \"../cancelproof/checks\" }"),
            "{with_harness}"
        );
    }

    #[test]
    fn a_manifest_that_cannot_be_added_to_is_named() {
        for (text, part) in [
            ("[package", "is no TOML"),
            ("[workspace]\n", "has no [package]"),
            ("test = 1\n[package]\nname = \"mine\"\n", "`test`"),
        ] {
            let error = add(text, "Cargo.toml", "cancel", false, None).expect_err("it cannot").to_string();
            assert!(error.contains(part) && error.contains("Cargo.toml") && !error.contains('\n'), "{error}");
        }
    }
}
