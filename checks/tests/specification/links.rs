//! Every link between the pages of this repository leads somewhere, and every chapter of the book is in its table of contents.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders without pages of ours: what cargo builds, and what version control keeps.
const LEFT_OUT: [&str; 3] = ["target", ".git", "node_modules"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The Markdown files below a folder.
fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder is readable") {
        let path = entry.expect("the entry is readable").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() && !LEFT_OUT.contains(&name) {
            pages(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

/// The targets of the inline links of a page, outside of code.
fn links(text: &str) -> Vec<String> {
    let mut links = Vec::new();
    let mut is_code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        }
        if is_code {
            continue;
        }
        // Every other piece between back quotes is code.
        let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join("``");
        for piece in prose.split("](").skip(1) {
            links.extend(piece.split(')').next().map(str::to_owned));
        }
    }
    links
}

/// The anchors of a page: its headings in lower case, with dashes for spaces and without punctuation.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let words = line.trim_start_matches('#').trim().to_lowercase();
            let kept = words.chars().filter(|char| char.is_alphanumeric() || matches!(char, ' ' | '-' | '_'));
            kept.collect::<String>().replace(' ', "-")
        })
        .collect()
}

/// What is wrong with a link of `page`, if anything is. Links to other hosts are not followed.
fn fault(page: &Path, link: &str) -> Option<String> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (file, anchor) = link.split_once('#').map_or((link, None), |(file, anchor)| (file, Some(anchor)));
    let target = if file.is_empty() { page.to_owned() } else { page.with_file_name("").join(file) };
    if !target.exists() {
        return Some(format!("{}: there is no {file}", page.display()));
    }
    let anchor = anchor?;
    let text = fs::read_to_string(&target).unwrap_or_default();
    (!anchors(&text).contains(anchor)).then(|| format!("{}: {file} has no heading {anchor}", page.display()))
}

#[test]
fn every_link_leads_somewhere() {
    let mut found = Vec::new();
    pages(&root(), &mut found);
    let mut count = 0;
    let mut faults = Vec::new();
    for page in &found {
        let text = fs::read_to_string(page).expect("the page is text");
        for link in links(&text) {
            count += 1;
            faults.extend(fault(page, &link));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(count >= 10, "the pages have links: {count}");
}

#[test]
fn a_link_that_leads_nowhere_is_noticed() {
    let page = root().join("checks/docs/book/src/index.md");
    assert_eq!(fault(&page, "not-proved.md"), None);
    assert!(fault(&page, "no-such-page.md").is_some());
    assert!(fault(&page, "glossary.md#no-such-heading").is_some());
    assert_eq!(fault(&page, "glossary.md#glossary"), None);
    assert_eq!(links("see [one](a.md) and `[two](b.md)`\n```\n[three](c.md)\n```\n"), ["a.md"]);
}

#[test]
fn every_chapter_is_in_the_table_of_contents() {
    let folder = root().join("checks/docs/book/src");
    let summary = fs::read_to_string(folder.join("SUMMARY.md")).expect("the book has a table of contents");
    let listed: BTreeSet<String> = links(&summary).into_iter().collect();
    let mut found = Vec::new();
    pages(&folder, &mut found);
    let names =
        found.iter().filter_map(|page| page.file_name()).map(|name| name.to_string_lossy().into_owned());
    let chapters: BTreeSet<String> = names.filter(|name| name != "SUMMARY.md").collect();
    assert_eq!(chapters, listed);
}
