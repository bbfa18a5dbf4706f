//! What tests have shown, kept between processes in folders.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::exploration::Bound;
use crate::judge::Engine;
use crate::plain;

/// What a test has shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The request.
    pub request: String,
    /// What was judged: a scenario, or a check of the request as such.
    pub what: String,
    /// By which engine.
    pub engine: Engine,
    /// In one word: that of the verdict, or `failed`.
    pub word: String,
    /// What was covered, if the engine did not get to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<Bound>,
}

/// Keeps what a test has shown in a folder, for runs in which each test has a process or a machine of its own.
///
/// # Errors
///
/// Returns the error of writing.
pub(in crate::front_door) fn keep(folder: &Path, shown: &Shown) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let name = plain::file_name(&format!("{}.{}.{}", shown.request, shown.what, shown.engine)) + ".json";
    fs::write(folder.join(name), serde_json::to_string(shown)?)
}

/// Everything that was kept in some folders.
///
/// # Errors
///
/// Returns the error of reading, with the path.
pub(in crate::front_door) fn kept(folders: &[String]) -> io::Result<Vec<Shown>> {
    let mut all = Vec::new();
    for folder in folders {
        let with_path = |error: io::Error| io::Error::new(error.kind(), format!("{folder}: {error}"));
        for entry in fs::read_dir(folder).map_err(with_path)? {
            let text = fs::read_to_string(entry?.path()).map_err(with_path)?;
            all.push(serde_json::from_str(&text)?);
        }
    }
    Ok(all)
}
