//! The manifest of the copy: the published one, but for where loom comes from and for what no test of it uses.

use std::path::Path;

use toml_edit::{ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value, value};

/// What the manifest of a copy is to say.
pub(crate) struct Wanted<'a> {
    /// The folder of the facade; without it loom comes from the registry.
    pub(crate) facade: Option<&'a Path>,
    /// The folder of the repository's crates, if the paths of the standard library were exchanged.
    pub(crate) redirected: Option<&'a Path>,
    /// Whether a test target of the caller's is added.
    pub(crate) has_own_test: bool,
    /// The text of all sources, to tell which development dependencies are used.
    pub(crate) sources: &'a str,
}

/// The name of the caller's test target.
pub(crate) const OWN_TEST: &str = "adopted";

const KINDS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// The manifest of the copy; the published one is TOML, since cargo has read it.
pub(crate) fn of_copy(published: &str, wanted: &Wanted) -> Result<String, toml_edit::TomlError> {
    let mut manifest: DocumentMut = published.parse()?;
    manifest.insert("workspace", Item::Table(Table::new()));
    for key in ["profile", "bench", "example"] {
        manifest.remove(key);
    }
    if let Some(package) = manifest.get_mut("package").and_then(Item::as_table_like_mut) {
        package.remove("workspace");
        package.insert("autobenches", value(false));
        package.insert("autoexamples", value(false));
        if wanted.redirected.is_some()
            && package.get("edition").and_then(Item::as_str).unwrap_or("2015") == "2015"
        {
            // Since 2018 a path begins with the name of a crate, as what is redirected needs.
            package.insert("edition", value("2018"));
        }
    }
    each_table(manifest.as_table_mut(), &mut |kind, dependencies| {
        if kind == "dev-dependencies" {
            retain_used(dependencies, wanted.sources);
        }
        if let Some(loom) = dependencies.get_mut("loom") {
            from(loom, wanted.facade);
        }
    });
    if let Some(checks) = wanted.redirected {
        depend(&mut manifest, "dependencies", "cancelproof-engines", &checks.join("engines"));
        depend(&mut manifest, "dev-dependencies", "cancelproof", checks);
    }
    if wanted.has_own_test {
        add_test(&mut manifest);
    }
    Ok(manifest.to_string())
}

/// Each table of dependencies, those under conditions too.
fn each_table(manifest: &mut Table, change: &mut impl FnMut(&str, &mut dyn TableLike)) {
    let mut of = |table: &mut dyn TableLike| {
        for kind in KINDS {
            if let Some(dependencies) = table.get_mut(kind).and_then(Item::as_table_like_mut) {
                change(kind, dependencies);
            }
        }
    };
    of(manifest);
    let Some(targets) = manifest.get_mut("target").and_then(Item::as_table_like_mut) else { return };
    for (_, target) in targets.iter_mut() {
        if let Some(table) = target.as_table_like_mut() {
            of(table);
        }
    }
}

/// Takes away what no source names: it would be built for nothing.
fn retain_used(dependencies: &mut dyn TableLike, sources: &str) {
    let names: Vec<String> = dependencies.iter().map(|(name, _)| name.to_owned()).collect();
    for name in names {
        if !sources.contains(&name.replace('-', "_")) {
            dependencies.remove(&name);
        }
    }
}

/// Lets loom come from here, as the version that the facade stands for; its features and conditions stay.
fn from(loom: &mut Item, facade: Option<&Path>) {
    if !loom.is_table_like() {
        *loom = value(InlineTable::new());
    }
    let Some(loom) = loom.as_table_like_mut() else { return };
    for key in ["git", "rev", "branch", "path", "registry-index"] {
        loom.remove(key);
    }
    loom.insert("version", value("0.7"));
    if let Some(facade) = facade {
        loom.insert("path", value(facade.display().to_string()));
    }
}

fn depend(manifest: &mut DocumentMut, kind: &str, name: &str, path: &Path) {
    let table = manifest.entry(kind).or_insert_with(|| Item::Table(Table::new()));
    let Some(table) = table.as_table_like_mut() else { return };
    let mut dependency = InlineTable::new();
    dependency.insert("path", Value::from(path.display().to_string()));
    dependency.insert("default-features", Value::from(false));
    table.insert(name, value(dependency));
}

fn add_test(manifest: &mut DocumentMut) {
    let tests = manifest.entry("test").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    let Some(tests) = tests.as_array_of_tables_mut() else { return };
    let mut target = Table::new();
    target.insert("name", value(OWN_TEST));
    target.insert("path", value(format!("tests/{OWN_TEST}.rs")));
    tests.push(target);
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLISHED: &str = r#"
[package]
name = "some"
edition = "2015"
[dependencies]
libc = "0.2"
[dev-dependencies]
criterion = "0.5"
waker-fn = "1"
[[bench]]
name = "fast"
[target."cfg(loom)".dependencies.loom]
version = "0.5"
features = ["checkpoint"]
optional = true
"#;

    fn copy(redirected: Option<&Path>) -> DocumentMut {
        let facade = Some(Path::new("/f/loom"));
        let wanted = Wanted {
            facade,
            redirected,
            has_own_test: redirected.is_some(),
            sources: "use waker_fn::waker_fn;",
        };
        of_copy(PUBLISHED, &wanted).unwrap().parse().unwrap()
    }

    #[test]
    fn loom_comes_from_the_facade_and_what_is_not_used_is_not_built() {
        let manifest = copy(None);
        let loom = &manifest["target"]["cfg(loom)"]["dependencies"]["loom"];
        assert_eq!(loom["version"].as_str(), Some("0.7"));
        assert_eq!(loom["path"].as_str(), Some("/f/loom"));
        assert_eq!(loom["optional"].as_bool(), Some(true));
        assert!(manifest["dev-dependencies"].get("criterion").is_none());
        assert!(manifest["dev-dependencies"].get("waker-fn").is_some());
        assert!(manifest.get("bench").is_none() && manifest.get("workspace").is_some());
        assert_eq!(manifest["package"]["edition"].as_str(), Some("2015"));
    }

    #[test]
    fn what_is_redirected_depends_on_the_engines() {
        let manifest = copy(Some(Path::new("/f")));
        assert_eq!(manifest["dependencies"]["cancelproof-engines"]["path"].as_str(), Some("/f/engines"));
        assert_eq!(manifest["dependencies"]["libc"].as_str(), Some("0.2"));
        assert_eq!(manifest["package"]["edition"].as_str(), Some("2018"));
        let tests = manifest["test"].as_array_of_tables().unwrap();
        assert_eq!(tests.get(0).unwrap()["name"].as_str(), Some(OWN_TEST));
    }
}
