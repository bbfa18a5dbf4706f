//! The rooms of each crate and the imports between them: no circle, and ARCHITECTURE's picture of them is not stale.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

const BEGIN: &str = "<!-- rooms: drawn from the imports; `REWRITE=1 cargo test --test specification house` draws them anew -->\n";
const END: &str = "<!-- end of rooms -->";

/// The crates with rooms, from the ground up, with the folders of their sources.
const CRATES: [(&str, &str); 5] = [
    ("cancelproof-machine", "model/machine/src"),
    ("cancelproof-references", "model/references/src"),
    ("cancelproof-engines", "checks/engines/src"),
    ("cancelproof-judge", "checks/judge/src"),
    ("cancelproof", "checks/src"),
];

/// The rooms of a crate, each with the rooms that it imports from.
type Rooms = BTreeMap<String, BTreeSet<String>>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every Rust file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// The part of a file that is built without its tests, and without comments.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    text.lines().filter(is_code).collect::<Vec<_>>().join("\n")
}

/// The names that stand first after `crate::`, of a group as well.
fn imports(code: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (place, _) in code.match_indices("crate::") {
        let rest = &code[place + "crate::".len()..];
        let Some(group) = rest.strip_prefix('{') else {
            names.insert(first_word(rest));
            continue;
        };
        let mut depth = 0;
        let mut begin = 0;
        for (at, character) in group.char_indices() {
            match character {
                '{' => depth += 1,
                '}' | ',' if depth == 0 => {
                    names.insert(first_word(group[begin..at].trim()));
                    begin = at + 1;
                    if character == '}' {
                        break;
                    }
                }
                '}' => depth -= 1,
                _ => {}
            }
        }
    }
    names
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect()
}

/// The rooms below a folder of sources. What `lib.rs` re-exports is no import.
fn rooms(folder: &Path) -> Rooms {
    let mut rooms = Rooms::new();
    for file in files(folder) {
        let inside = file.strip_prefix(folder).unwrap();
        let room = inside.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
        let room = room.trim_end_matches(".rs").to_owned();
        let is_of_tests = inside.ends_with("tests.rs");
        if ["lib", "bin"].contains(&room.as_str()) || is_of_tests {
            continue;
        }
        rooms.entry(room).or_default().extend(imports(&code(&fs::read_to_string(&file).unwrap())));
    }
    let names: BTreeSet<String> = rooms.keys().cloned().collect();
    for (room, imported) in &mut rooms {
        imported.retain(|name| names.contains(name) && name != room);
    }
    rooms
}

/// The floor of each room: one above the highest room that it imports from.
///
/// # Errors
///
/// Returns the rooms that lie on no floor: those of a circle, and those above them.
fn floors(rooms: &Rooms) -> Result<BTreeMap<String, usize>, Vec<String>> {
    let mut floors: BTreeMap<String, usize> = BTreeMap::new();
    loop {
        let next = rooms.iter().find_map(|(room, imported)| {
            let below: Option<Vec<usize>> = imported.iter().map(|name| floors.get(name).copied()).collect();
            let floor = below?.into_iter().max().map_or(0, |highest| highest + 1);
            (!floors.contains_key(room)).then(|| (room.clone(), floor))
        });
        match next {
            Some((room, floor)) => floors.insert(room, floor),
            None if floors.len() == rooms.len() => return Ok(floors),
            None => return Err(rooms.keys().filter(|room| !floors.contains_key(*room)).cloned().collect()),
        };
    }
}

fn picture() -> String {
    let mut text = String::from("```text\n");
    for (name, folder) in CRATES {
        let rooms = rooms(&root().join(folder));
        let floors = floors(&rooms).unwrap_or_else(|circle| panic!("{name} has a circle among {circle:?}"));
        let _ = writeln!(text, "{name}: {} rooms", rooms.len());
        let top = floors.values().copied().max().unwrap_or_default();
        for floor in (0..=top).rev() {
            let here = floors.iter().filter(|(_, on)| **on == floor).map(|(room, _)| room.as_str());
            let _ = writeln!(text, "  {floor:>2}  {}", here.collect::<Vec<_>>().join(" "));
        }
    }
    text.push_str("```\n");
    text
}

#[test]
fn the_picture_of_the_rooms_is_drawn_from_their_imports() {
    let path = root().join("ARCHITECTURE.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).expect("the page has the first mark");
    let (kept, after) = rest.split_once(END).expect("the page has the last mark");
    let drawn = picture();
    if std::env::var_os("REWRITE").is_some() {
        fs::write(path, format!("{before}{BEGIN}{drawn}{END}{after}")).unwrap();
        return;
    }
    assert!(
        kept == drawn,
        "an import between rooms came or went; run this test with REWRITE=1 and review it:\n{drawn}"
    );
}

#[test]
fn a_circle_is_found_and_what_only_points_at_it_lies_above_it() {
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<String>>();
    let mut rooms = Rooms::from([
        ("a".to_owned(), set(&["b"])),
        ("b".to_owned(), set(&["c"])),
        ("c".to_owned(), set(&[])),
    ]);
    let expected = [("a", 2), ("b", 1), ("c", 0)].map(|(room, floor)| (room.to_owned(), floor));
    assert_eq!(floors(&rooms), Ok(BTreeMap::from(expected)));
    rooms.insert("c".to_owned(), set(&["b"]));
    assert_eq!(floors(&rooms), Err(vec!["a".to_owned(), "b".to_owned(), "c".to_owned()]));
}

#[test]
fn imports_are_read_one_by_one_and_in_groups() {
    let text = "use crate::a::B;\nuse crate::{c::{d, e}, f};\n// use crate::g;\nfn x() { crate::h::i(); }\n#[cfg(test)]\nmod tests {\nuse crate::j;\n}";
    let found = imports(&code(text));
    assert_eq!(found.into_iter().collect::<Vec<_>>(), ["a", "c", "f", "h"]);
}

/// How many crates the author of a program builds, by the lock file; loom and shuttle are most of them.
#[test]
fn an_author_builds_neither_the_command_line_nor_what_only_it_needs() {
    let crates = |package: &str, features: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO"));
        command.current_dir(root()).args(["tree", "--offline", "--edges", "normal", "--prefix", "none"]);
        let output = command.args(["--package", package]).args(features).output().expect("cargo runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).expect("names are text");
        let name = |line: &str| line.split_whitespace().next().map(str::to_owned);
        text.lines().filter_map(name).collect::<BTreeSet<String>>()
    };
    let author = crates("cancelproof", &[]);
    assert!(author.len() <= 85, "an author builds {}: {author:?}", author.len());
    for heavy in
        ["clap_complete", "comfy-table", "indicatif", "minijinja", "proptest", "quick-junit", "stateright"]
    {
        assert!(!author.contains(heavy), "an author builds {heavy}");
    }
    let engines = crates("cancelproof-engines", &["--no-default-features"]);
    assert!(engines.len() <= 22, "{engines:?}");
    assert_eq!(crates("cancelproof-runtime", &[]).len(), 1);
}
