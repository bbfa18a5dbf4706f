//! `cancelproof report`: reports from kept result files.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::arguments::{Format, Report};
use super::{Exit, UsageError, output};
use crate::report::{self, Results};

pub(super) fn run(arguments: &Report) -> Result<Exit, UsageError> {
    let results = Results::read_all(&arguments.from)?;
    let text = match arguments.format {
        Format::Junit => report::junit(&results),
        Format::Sarif => report::sarif(&results),
        Format::Github => report::github(&results),
        Format::Markdown => report::markdown(&results),
        Format::Html => return write_page(&results, arguments.output.as_deref()),
    };
    match &arguments.output {
        None => output::plain().write_all(text.as_bytes())?,
        Some(path) => write(path, &text)?,
    }
    Ok(Exit::Proved)
}

/// The page with its films beside it.
fn write_page(results: &Results, output: Option<&Path>) -> Result<Exit, UsageError> {
    let path = output.unwrap_or(Path::new("cancelproof.html"));
    let name = path.file_stem().map_or_else(|| "report".into(), |name| name.to_string_lossy().into_owned());
    let page = report::html(results, &name);
    for (film, text) in &page.films {
        write(&path.with_file_name(film), text)?;
    }
    write(path, &page.html)?;
    let films = match page.films.len() {
        0 => String::new(),
        1 => ", with 1 film beside it".to_owned(),
        more => format!(", with {more} films beside it"),
    };
    writeln!(output::plain(), "{}{films}", path.display())?;
    Ok(Exit::Proved)
}

fn write(path: &Path, text: &str) -> Result<(), UsageError> {
    let unwritable = |error| UsageError::Unwritable { path: PathBuf::from(path), option: "--output", error };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(unwritable)?;
    }
    fs::write(path, text).map_err(unwritable)
}
