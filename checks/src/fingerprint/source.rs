//! The hash of source files.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::hexadecimal;

/// Where sources may lie that the compiler was given relative to a workspace: here and above, and above this program.
#[must_use]
pub fn roots() -> Vec<PathBuf> {
    let here = env::current_dir().unwrap_or_default();
    let program = env::current_exe().unwrap_or_default();
    here.ancestors().chain(program.ancestors().skip(1)).map(Path::to_owned).collect()
}

/// The hash of these files and of the modules below each of them, from the first root below which they all lie; `None`
/// if there is none.
pub(super) fn hash(files: &BTreeSet<String>, roots: &[PathBuf]) -> Option<String> {
    let root =
        roots.iter().find(|root| !files.is_empty() && files.iter().all(|file| root.join(file).is_file()))?;
    let mut all = BTreeSet::new();
    for file in files {
        all.insert(PathBuf::from(file));
        add_modules(&PathBuf::from(file).with_extension(""), root, &mut all);
    }
    hash_all(&all, root)
}

/// The hash of the sources of the suite itself, without those of the requests that it judges; `None` if they cannot be
/// read from here.
#[must_use]
pub fn suite(roots: &[PathBuf]) -> Option<String> {
    let lies_in = |root: &&PathBuf| root.join("checks/judge/src/judge.rs").is_file();
    let root = roots.iter().find(lies_in)?;
    let mut all = BTreeSet::new();
    for folder in [
        "checks/engines/src",
        "checks/judge/src",
        "checks/src",
        "model/machine/src",
        "model/references/src",
        "model/runtime/src",
    ] {
        add_modules(Path::new(folder), root, &mut all);
    }
    let is_judged = |file: &PathBuf| {
        ["requests", "faults"].iter().any(|part| file.starts_with(format!("model/references/src/{part}")))
    };
    all.retain(|file| !is_judged(file));
    hash_all(&all, root)
}

fn hash_all(all: &BTreeSet<PathBuf>, root: &Path) -> Option<String> {
    let mut hash = Sha256::new();
    for file in all {
        let text = fs::read(root.join(file)).ok()?;
        hash.update(file.to_string_lossy().as_bytes());
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(&text);
    }
    (!all.is_empty()).then(|| hexadecimal(&hash.finalize()))
}

/// Adds the source files in a folder and below it, if it is one.
fn add_modules(folder: &Path, root: &Path, all: &mut BTreeSet<PathBuf>) {
    let Ok(entries) = fs::read_dir(root.join(folder)) else { return };
    for entry in entries.flatten() {
        let path = folder.join(entry.file_name());
        if root.join(&path).is_dir() {
            add_modules(&path, root, all);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            all.insert(path);
        }
    }
}
