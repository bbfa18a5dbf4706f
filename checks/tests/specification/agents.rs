//! The page for coding agents names every event that the commands print, with its keys.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

fn read(path: &str) -> String {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    fs::read_to_string(top.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// `JudgedTwice` as `judged-twice`.
fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.extend(letter.to_lowercase());
    }
    kebab
}

/// The events of the source, each with its fields.
fn events(source: &str) -> BTreeMap<String, Vec<String>> {
    let start = source.find("enum Event<'a> {").expect("the source has the events");
    let body = &source[start..];
    let body = &body[body.find('{').expect("it has a body") + 1..body.find("\n}").expect("it ends")];
    let plain: String = body.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    plain
        .split('}')
        .filter_map(|variant| variant.split_once('{'))
        .map(|(name, fields)| {
            let name = name.trim_matches([',', ' ']);
            let fields = fields.split(',').filter_map(|field| field.split_once(':'));
            (kebab(name), fields.map(|(field, _)| field.trim().to_owned()).collect())
        })
        .collect()
}

/// What the page does not say of the events.
fn missing(page: &str, events: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let mut missing = Vec::new();
    for (event, fields) in events {
        let Some(row) = page.lines().find(|line| line.starts_with(&format!("| `{event}` |"))) else {
            missing.push(event.clone());
            continue;
        };
        let unsaid = fields.iter().filter(|field| !row.contains(&format!("`{field}`")));
        missing.extend(unsaid.map(|field| format!("{event}: {field}")));
    }
    missing
}

#[test]
fn the_page_for_agents_names_every_event() {
    let events = events(&read("checks/src/cli/events.rs"));
    assert!(events.len() > 5 && events["found"].contains(&"token".to_owned()), "{events:?}");
    assert_eq!(missing(&read("AGENTS.md"), &events), Vec::<String>::new());
}

#[test]
fn an_event_that_is_not_named_is_found() {
    let events = events(
        "enum Event<'a> {\n    /// One.\n    Found { token: &'a str, rule: u8 },\n    Left { a: u8 },\n}",
    );
    assert_eq!(missing("| `found` | x | `token` |", &events), ["found: rule", "left"]);
}
