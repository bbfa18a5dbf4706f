//! Tables that other commands keep for a report: what `mutate` and `orderings` print.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::ledger::FileError;

/// The version of the layout. A reader refuses a later one.
const LAYOUT: u32 = 1;

/// Some tables, each with a sentence that sums it up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tables {
    layout: u32,
    /// The tables.
    pub sections: Vec<Section>,
}

/// One table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// What it is about: a family of requests.
    pub title: String,
    /// What the whole says.
    pub sentence: String,
    /// The names of the columns.
    pub header: Vec<String>,
    /// The rows, each as long as the header.
    pub rows: Vec<Vec<String>>,
}

impl Tables {
    /// These tables.
    #[must_use]
    pub fn new(sections: Vec<Section>) -> Self {
        Tables { layout: LAYOUT, sections }
    }

    /// Reads what was kept; `None` if nothing was.
    ///
    /// # Errors
    ///
    /// Refuses a file that cannot be read, is damaged, or was written by a later version.
    pub fn read(path: &Path) -> Result<Option<Self>, FileError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(FileError::Unreadable { path: path.to_owned(), error }),
        };
        let value: serde_json::Value = serde_json::from_str(&text)
            .map_err(|error| FileError::Corrupt { path: path.to_owned(), error })?;
        let found = value.get("layout").and_then(serde_json::Value::as_u64).unwrap_or_default();
        if found > u64::from(LAYOUT) {
            return Err(FileError::Future { path: path.to_owned(), found: found as u32 });
        }
        serde_json::from_value(value)
            .map(Some)
            .map_err(|error| FileError::Corrupt { path: path.to_owned(), error })
    }

    /// Writes the tables.
    ///
    /// # Errors
    ///
    /// Returns why they cannot be written.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        // Plain data with text keys always has a JSON form.
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, text + "\n")
    }
}
