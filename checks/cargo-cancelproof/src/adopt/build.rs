//! A copy of a crate, built with its tests beside the facade or beside loom.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::manifest::{OWN_TEST, Wanted, of_copy};
use super::package::{Package, cargo, copy, metadata, write};
use super::{Adopt, AdoptError, cfgs, redirect, wrapper};

/// Which loom a crate is built with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loom {
    Facade,
    Published,
}

/// What was built.
pub(crate) struct Build {
    pub(crate) root: PathBuf,
    /// The test targets, and the programs that they became.
    pub(crate) programs: Vec<PathBuf>,
    /// What no engine sees, by name.
    unseen: Vec<String>,
}

/// A copy on its way to being built.
struct Plan<'a> {
    adopt: &'a Adopt,
    package: &'a Package,
    checks: &'a Path,
    loom: Loom,
    root: PathBuf,
    /// The `--cfg` by which it asks for loom; without one its paths are exchanged.
    cfg: Option<String>,
    left: Vec<String>,
}

impl Build {
    /// Copies the sources, writes a manifest and compiles the tests.
    pub(crate) fn prepare(
        adopt: &Adopt,
        package: &Package,
        folder: &Path,
        checks: &Path,
        loom: Loom,
    ) -> Result<Build, AdoptError> {
        let cfg = adopt.cfg.clone().or_else(|| cfgs::of(&package.described));
        let own = adopt.test.as_deref().map(Path::new).filter(|path| path.is_file());
        if cfg.is_none() && own.is_none() {
            return Err(AdoptError::KnowsNoLoom { name: package.to_string() });
        }
        let kind = match loom {
            Loom::Facade => "facade",
            Loom::Published => "loom",
        };
        // What was built by one `--cfg` says nothing of another.
        let mark = adopt.cfg.as_ref().map_or(String::new(), |cfg| format!("+{cfg}"));
        let root = folder.join(kind).join(format!("{}-{}{mark}", package.name, package.version));
        let mut plan = Plan { adopt, package, checks, loom, root, cfg, left: Vec::new() };
        plan.copy(own)?;
        plan.build(own.is_some(), &folder.join(format!("target-{kind}")))
    }

    /// What no engine sees: crates with atomics, locks or threads of their own, and places that were not redirected.
    pub(crate) fn unseen(&self) -> Vec<String> {
        self.unseen.clone()
    }
}

impl Plan<'_> {
    fn copy(&mut self, own: Option<&Path>) -> Result<(), AdoptError> {
        let is_redirected = self.cfg.is_none();
        let (root, source) = (self.root.clone(), &self.package.source);
        let (mut sources, mut left) = (String::new(), Vec::new());
        let mut change = |path: &Path, text: String| {
            if path.extension().is_none_or(|extension| extension != "rs") {
                return text;
            }
            sources.push_str(&text);
            let inside = path.strip_prefix(source).unwrap_or(path);
            if !is_redirected || !inside.starts_with("src") {
                return text;
            }
            let text = redirect::redirected(&text);
            left.extend(redirect::left(inside, &text));
            text
        };
        for part in ["src", "tests"] {
            if source.join(part).is_dir() {
                copy(&source.join(part), &root.join(part), &mut change)?;
            }
        }
        for file in ["build.rs", "README.md"] {
            if source.join(file).is_file() {
                write(&root.join(file), &fs::read(source.join(file))?)?;
            }
        }
        if let Some(own) = own {
            fs::create_dir_all(root.join("tests"))?;
            let text = fs::read_to_string(own)?;
            sources.push_str(&text);
            write(&root.join(format!("tests/{OWN_TEST}.rs")), text.as_bytes())?;
        }
        let facade = self.checks.join("loom");
        let wanted = Wanted {
            facade: (self.loom == Loom::Facade).then_some(facade.as_path()),
            redirected: is_redirected.then_some(self.checks),
            has_own_test: own.is_some(),
            sources: &sources,
        };
        let published = fs::read_to_string(source.join("Cargo.toml"))?;
        let manifest = of_copy(&published, &wanted).map_err(|error| self.complaint(&error.to_string()))?;
        write(&root.join("Cargo.toml"), manifest.as_bytes())?;
        self.left = left;
        Ok(())
    }

    fn build(&self, has_own: bool, target: &Path) -> Result<Build, AdoptError> {
        let manifest = self.root.join("Cargo.toml");
        let described = metadata(&mut self.cargo(""), &manifest, &self.features())
            .map_err(|words| AdoptError::Fetch { name: self.package.to_string(), words })?;
        let cfgs = self.cfgs(&described);
        let output = self
            .cargo(&cfgs)
            .args(["test", "--no-run", "--message-format", "json", "--manifest-path"])
            .arg(&manifest)
            .arg("--target-dir")
            .arg(target)
            .args(["--config", "profile.dev.opt-level=1", "--config", "profile.dev.debug='line-tables-only'"])
            .args(self.features())
            .args(self.targets(has_own)?)
            .output()?;
        let messages: Vec<Value> = output
            .stdout
            .split(|byte| *byte == b'\n')
            .filter_map(|line| serde_json::from_slice(line).ok())
            .collect();
        if !output.status.success() {
            return Err(self.complaint(&first_error(&messages, &String::from_utf8_lossy(&output.stderr))));
        }
        let is_ours = |message: &&Value| {
            message["profile"]["test"] == true && message["manifest_path"] == *manifest.to_string_lossy()
        };
        let program = |message: &Value| message["executable"].as_str().map(PathBuf::from);
        let programs = messages.iter().filter(is_ours).filter_map(program).collect();
        Ok(Build { root: self.root.clone(), programs, unseen: self.unseen(&described, &messages) })
    }

    /// cargo with this program in the place of the compiler.
    fn cargo(&self, cfgs: &str) -> Command {
        let mut command = cargo();
        if self.loom == Loom::Facade {
            let facade = toml_edit::Value::from(self.checks.join("loom").display().to_string());
            command.arg("--config").arg(format!("patch.crates-io.loom.path={facade}"));
        }
        if let Ok(this) = std::env::current_exe() {
            command.env("RUSTC_WRAPPER", this);
        }
        // What the compiler says of its `cfg`s depends on a variable, of which cargo's cache knows nothing.
        command.env(wrapper::VARIABLE, cfgs).env("CARGO_CACHE_RUSTC_INFO", "0");
        command
    }

    fn features(&self) -> Vec<String> {
        let mut features = self.adopt.features.clone();
        if self.cfg.is_some() && self.package.has_feature("loom") {
            features.push("loom".to_owned());
        }
        if features.is_empty() { Vec::new() } else { vec!["--features".to_owned(), features.join(",")] }
    }

    /// The targets that are built, as arguments.
    fn targets(&self, has_own: bool) -> Result<Vec<String>, AdoptError> {
        let known = self.package.tests();
        let of = |name: &str| vec!["--test".to_owned(), name.to_owned()];
        if has_own {
            return Ok(of(OWN_TEST));
        }
        if let Some(asked) = &self.adopt.test {
            let missing = || AdoptError::NoTest { name: self.package.to_string(), asked: asked.clone() };
            return if known.contains(asked) { Ok(of(asked)) } else { Err(missing()) };
        }
        let looms: Vec<String> =
            known.iter().filter(|name| name.contains("loom")).flat_map(|name| of(name)).collect();
        Ok(if looms.is_empty() { vec!["--lib".to_owned()] } else { looms })
    }

    /// For each crate of the graph that asks for loom, by which `--cfg`.
    fn cfgs(&self, described: &Value) -> String {
        let mut cfgs: BTreeMap<String, String> = BTreeMap::new();
        let knowing = asking_for_loom(described);
        for package in described["packages"].as_array().into_iter().flatten() {
            let name = package["name"].as_str().unwrap_or_default();
            if knowing.contains(package["id"].as_str().unwrap_or_default())
                && let Some(cfg) = cfgs::of(package)
            {
                cfgs.insert(name.to_owned(), cfg);
            }
        }
        if let Some(cfg) = &self.cfg {
            cfgs.insert(self.package.name.clone(), cfg.clone());
        }
        cfgs.iter().map(|(name, cfg)| format!("{name}={cfg}")).collect::<Vec<_>>().join(" ")
    }

    /// The crates that were built below the adopted one, know no loom, and have atomics, locks or threads of the standard
    /// library; then what is left of the crate itself.
    fn unseen(&self, described: &Value, messages: &[Value]) -> Vec<String> {
        let knowing = asking_for_loom(described);
        let built: BTreeSet<&str> =
            messages.iter().filter_map(|message| message["package_id"].as_str()).collect();
        let is_library = |package: &&Value| {
            let targets = package["targets"].as_array().into_iter().flatten();
            targets
                .flat_map(|target| target["kind"].as_array().into_iter().flatten())
                .any(|kind| kind == "lib")
        };
        let below = reachable(described);
        let mut unseen = BTreeSet::new();
        for package in described["packages"].as_array().into_iter().flatten().filter(is_library) {
            let id = package["id"].as_str().unwrap_or_default();
            let is_other = below.contains(id) && built.contains(id) && !knowing.contains(id);
            let folder = package["manifest_path"].as_str().and_then(|path| Path::new(path).parent());
            if is_other && folder.is_some_and(|folder| synchronises(&folder.join("src"))) {
                unseen.insert(format!("crate {}", package["name"].as_str().unwrap_or_default()));
            }
        }
        unseen.into_iter().chain(self.left.iter().cloned()).collect()
    }

    fn complaint(&self, words: &str) -> AdoptError {
        AdoptError::Build { name: self.package.to_string(), loom: self.loom, words: words.to_owned() }
    }
}

/// The first error of the compiler, or what cargo says if there is none.
fn first_error(messages: &[Value], said: &str) -> String {
    let is_error = |message: &&Value| message["message"]["level"] == "error";
    let rendered = messages.iter().find(is_error).and_then(|message| message["message"]["rendered"].as_str());
    rendered.map_or_else(
        || said.lines().filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n"),
        str::to_owned,
    )
}

/// The nodes of the graph: a package, what it depends on by its name there, and whether a program with it has that in it.
fn edges(described: &Value) -> impl Iterator<Item = (&str, &Value, bool)> {
    let nodes = described["resolve"]["nodes"].as_array().into_iter().flatten();
    nodes.flat_map(|node| {
        let id = node["id"].as_str().unwrap_or_default();
        node["deps"].as_array().into_iter().flatten().map(move |dependency| {
            let kinds = dependency["dep_kinds"].as_array().into_iter().flatten();
            let is_normal = kinds.into_iter().any(|kind| kind["kind"].is_null());
            (id, dependency, is_normal)
        })
    })
}

/// The packages that depend on loom, but for what only their tests need.
fn asking_for_loom(described: &Value) -> BTreeSet<&str> {
    let asks = |(id, dependency, is_normal): (&'_ str, &'_ Value, bool)| {
        (is_normal && dependency["name"] == "loom").then_some(id.to_owned())
    };
    let ids: BTreeSet<String> = edges(described).filter_map(asks).collect();
    let known =
        described["packages"].as_array().into_iter().flatten().filter_map(|package| package["id"].as_str());
    known.filter(|id| ids.contains(*id)).collect()
}

/// The packages below the adopted one, without loom and what is below that alone.
fn reachable(described: &Value) -> BTreeSet<&str> {
    let root = described["resolve"]["root"].as_str().unwrap_or_default();
    let mut found = BTreeSet::new();
    let mut open = vec![root];
    while let Some(id) = open.pop() {
        for (_, dependency, _) in edges(described).filter(|(of, _, is_normal)| *of == id && *is_normal) {
            let next = dependency["pkg"].as_str().unwrap_or_default();
            let is_ours = dependency["name"] == "loom" || next.contains("cancelproof");
            if !is_ours && found.insert(next) {
                open.push(next);
            }
        }
    }
    found
}

fn synchronises(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(folder) else { return false };
    entries.flatten().map(|entry| entry.path()).any(|path| {
        if path.is_dir() {
            synchronises(&path)
        } else {
            path.extension().is_some_and(|extension| extension == "rs")
                && fs::read_to_string(&path).is_ok_and(|text| redirect::synchronises(&text))
        }
    })
}
