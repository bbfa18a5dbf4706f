//! The hash of source files.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::hexadecimal;

/// The hash of these files and of the modules below each of them; `None` if one cannot be read or there is none.
pub(super) fn hash(files: &BTreeSet<String>, root: &Path) -> Option<String> {
    let mut all = BTreeSet::new();
    for file in files {
        all.insert(PathBuf::from(file));
        add_modules(&PathBuf::from(file).with_extension(""), root, &mut all);
    }
    let mut hash = Sha256::new();
    for file in &all {
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
