//! The author's own lines, read where they lie: what an operation says in the code, and the field it is called on.
//!
//! A trace has places and no text, and may have come from another machine. Where the file is not found, or is no Rust
//! source, the film shows the place alone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::trace::Place;

/// Characters of a line that are shown.
const WIDTH_MAX: usize = 120;

/// Lines above an operation in which the receiver of its chain of calls is looked for.
const CHAIN_MAX: usize = 4;

/// The source files that were looked into so far.
#[derive(Default)]
pub(super) struct Sources {
    files: BTreeMap<String, Option<Vec<String>>>,
}

impl Sources {
    /// The line of a place, without its indentation.
    pub(super) fn line(&mut self, place: &Place) -> Option<String> {
        let text = self.file(&place.file)?.get(place.line.checked_sub(1)? as usize)?.trim();
        let mut line: String = text.chars().take(WIDTH_MAX).collect();
        if line.len() < text.len() {
            line.push('…');
        }
        (!line.is_empty()).then_some(line)
    }

    /// The field or variable that the operation at a place is called on: `slot` in `self.slot.lock()`.
    pub(super) fn field(&mut self, place: &Place) -> Option<String> {
        let file = self.file(&place.file)?;
        let last = place.line.checked_sub(1)? as usize;
        let line: String = file.get(last)?.chars().take(place.column.checked_sub(1)? as usize).collect();
        let mut before = line;
        // A chain that the formatter has broken has its receiver on a line above.
        for above in (last.saturating_sub(CHAIN_MAX)..last).rev() {
            if !before.trim_matches(['.', ' ', '\t']).is_empty() {
                break;
            }
            before = format!("{}.", file[above].trim_end());
        }
        receiver(&before)
    }

    fn file(&mut self, name: &str) -> Option<&[String]> {
        self.files.entry(name.to_owned()).or_insert_with(|| read(name)).as_deref()
    }
}

/// The name in front of the last dot; tuple fields and `self` name nothing.
fn receiver(before: &str) -> Option<String> {
    let chain = before.trim_end().strip_suffix('.')?;
    let start = chain.rfind(|character: char| !character.is_alphanumeric() && character != '_');
    let name = &chain[start.map_or(0, |start| start + 1)..];
    let is_name = name.starts_with(|first: char| first.is_alphabetic() || first == '_');
    (is_name && name != "self").then(|| name.to_owned())
}

/// Compilers give paths that are relative to the workspace, in or below which tests run.
fn read(name: &str) -> Option<Vec<String>> {
    let path = Path::new(name);
    if path.extension()? != "rs" {
        return None;
    }
    let here = std::env::current_dir().ok()?;
    let candidates = here.ancestors().map(|folder| folder.join(path)).collect::<Vec<PathBuf>>();
    let text = candidates.iter().find_map(|candidate| std::fs::read_to_string(candidate).ok())?;
    Some(text.lines().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// This line, found by its own number.
    fn here() -> Place {
        Place { file: file!().to_owned(), line: line!(), column: 19 }
    }

    #[test]
    fn a_line_is_read_where_it_lies_and_nothing_but_rust() {
        let mut sources = Sources::default();
        assert!(sources.line(&here()).is_some_and(|line| line.starts_with("Place { file: file!()")));
        for file in ["no/such/file.rs", "/etc/passwd", "Cargo.toml"] {
            assert_eq!(sources.line(&Place { file: file.to_owned(), ..here() }), None, "{file}");
        }
        assert_eq!(sources.line(&Place { line: 100_000, ..here() }), None);
    }

    #[test]
    fn the_receiver_is_the_name_before_the_dot() {
        for (before, name) in [
            ("let old = self.word.", Some("word")),
            ("        slot.", Some("slot")),
            ("self.0.", None),
            ("self.", None),
            ("self.lock().", None),
            ("fence(", None),
        ] {
            assert_eq!(receiver(before).as_deref(), name, "{before}");
        }
    }
}
