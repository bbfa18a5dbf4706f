//! No page for readers has a measured figure in its prose. What was measured stands in pages that are generated, since a
//! figure that somebody has typed is wrong after the next change.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The pages for readers: the README of the repository, the page about CI, the page for agents, and the book.
fn pages() -> Vec<PathBuf> {
    let book = fs::read_dir(root().join("checks/docs/book/src")).expect("the book is readable");
    let chapters = book.map(|entry| entry.expect("the entry is readable").path());
    let others =
        ["README.md", "AGENTS.md", "CONTRIBUTING.md", "checks/docs/ci.md", "checks/examples/README.md"];
    chapters
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .chain(others.map(|page| root().join(page)))
        .collect()
}

/// The oldest compiler that the manifest allows: the one figure that a reader is told.
fn oldest_compiler() -> String {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("the manifest is text");
    let line = manifest.lines().find_map(|line| line.strip_prefix("rust-version = "));
    line.expect("the manifest names a compiler").trim_matches('"').to_owned()
}

/// The prose of a page: without blocks of code, what stands between back quotes, targets of links, and generated parts.
fn prose(text: &str) -> Vec<(usize, String)> {
    let (mut is_code, mut is_generated) = (false, false);
    let mut prose = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.starts_with("<!--") {
            is_generated = !line.contains("end of ");
            continue;
        }
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
            continue;
        }
        if is_code || is_generated {
            continue;
        }
        // Every other piece between back quotes is code.
        let words = line.split('`').step_by(2).collect::<Vec<_>>().join(" ");
        let mut pieces = words.split("](");
        let mut kept = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            kept.push_str(piece.split_once(')').map_or("", |(_, rest)| rest));
        }
        prose.push((number + 1, kept));
    }
    prose
}

/// The figures of a piece of prose: numbers of more than one digit that stand alone or before a unit. One digit numbers a
/// step, a thread or an exit code; a digit within a name belongs to the name.
fn figures(words: &str) -> Vec<String> {
    let mut found = Vec::new();
    for word in words.split(|char: char| char.is_whitespace() || "()*|".contains(char)) {
        let word = word.trim_end_matches(['.', ',', ';', ':']);
        let digits = word.chars().filter(char::is_ascii_digit).count();
        let starts = word.starts_with(|char: char| char.is_ascii_digit());
        let unit = word.trim_start_matches(|char: char| char.is_ascii_digit() || ".,-".contains(char));
        let is_measured = ["", "%", "ms", "s", "x", "kB", "MB", "GiB", "lines"].contains(&unit);
        if starts && is_measured && (digits > 1 || !unit.is_empty()) {
            found.push(word.to_owned());
        }
    }
    found
}

#[test]
fn no_figure_stands_in_the_prose_of_a_page_for_readers() {
    let allowed = oldest_compiler();
    let mut found = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).expect("the page is text");
        for (line, words) in prose(&text) {
            // CONTRIBUTING says how long a file may be: a demand, which nothing can make stale.
            let figures = figures(&words).into_iter().filter(|figure| *figure != allowed && figure != "400");
            found.extend(figures.map(|figure| format!("{}:{line}: {figure}", page.display())));
        }
    }
    assert!(found.is_empty(), "measured figures belong in generated pages: {found:#?}");
}

#[test]
fn a_figure_in_prose_is_noticed_and_a_name_with_a_digit_is_not() {
    assert_eq!(figures("the gate takes 96.3 s for 13,125,554 executions"), ["96.3", "13,125,554"]);
    assert_eq!(figures("(354 kB before), 22% faster, 120ms a run"), ["354", "22%", "120ms"]);
    assert_eq!(figures("RC11 and C11 by thread 0, step 3, Apache-2.0, 2x4"), Vec::<String>::new());
    let page = "in 12 s, `96 s` and [see](a-77.md)\n```text\n88 s\n```\n<!-- x: generated -->\n44 s\n<!-- end of x -->\n";
    let found: Vec<String> = prose(page).iter().flat_map(|(_, words)| figures(words)).collect();
    assert_eq!(found, ["12"]);
}

#[test]
fn the_readme_fits_three_screens() {
    let readme = fs::read_to_string(root().join("README.md")).expect("the page is text");
    assert!(readme.lines().count() <= 150, "{} lines", readme.lines().count());
}
