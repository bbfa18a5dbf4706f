//! The five commonest compile errors of a wrong adapter, each pinned to the text that the compiler prints for it.
//!
//! The compiler is run on the library that this test is linked against, so that nothing is built for it. The texts are those
//! of the compiler that `TEXTS_OF` names; another one is told so, and only has to fail for the same reason. Rewrite them with
//! `REWRITE=1`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The compiler that printed the texts.
const TEXTS_OF: &str = "rustc 1.95";

/// Each adapter with the code of its error, or words of it where it has none.
const ADAPTERS: [(&str, &str); 5] = [
    ("missing-call", "E0046"),
    ("not-generic", "E0107"),
    ("not-shared", "E0277"),
    ("unknown-option", "E0599"),
    ("wrong-answer", "E0053"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/adapters")
}

/// The newest library of that name beside this test.
fn library() -> PathBuf {
    let deps =
        std::env::current_exe().expect("the test has a path").parent().expect("and a folder").to_owned();
    let files = fs::read_dir(deps).expect("the folder can be read").map_while(Result::ok);
    let is_ours = |name: &str| name.starts_with("libcancelproof-") && name.ends_with(".rlib");
    files
        .filter(|file| is_ours(&file.file_name().to_string_lossy()))
        .max_by_key(|file| file.metadata().and_then(|data| data.modified()).ok())
        .expect("the library was built before its test")
        .path()
}

/// What the compiler says of an adapter: whether it compiles, and its words.
fn compile(name: &str) -> (bool, String) {
    let library = library();
    let output = Command::new("rustc")
        .current_dir(folder())
        .args(["--edition", "2024", "--crate-type", "bin", "--emit", "metadata", "--color", "never"])
        .arg("--out-dir")
        .arg(env!("CARGO_TARGET_TMPDIR"))
        .arg("--extern")
        .arg(format!("cancelproof={}", library.display()))
        .arg("-L")
        .arg(format!("dependency={}", library.parent().expect("a file has a folder").display()))
        .arg(format!("{name}.rs"))
        .output()
        .expect("rustc can be run");
    (output.status.success(), tidy(&String::from_utf8_lossy(&output.stderr)))
}

/// What an author reads first of each error: its headline and the place. The notes below name other crates and their
/// sources, in words that differ from one build to another.
fn tidy(words: &str) -> String {
    let mut is_kept = false;
    let mut text = String::new();
    for line in words.lines() {
        let is_note =
            line.starts_with("note:") || line.starts_with("help:") || line.trim_start().starts_with("= ");
        is_kept = line.starts_with("error") || (is_kept && !is_note && !line.is_empty());
        if is_kept {
            text += with_fixed_margin(line).trim_end();
            text.push('\n');
        }
    }
    text
}

/// The line with a margin of four columns. The compiler makes it as wide as the longest number of a line that it shows, in the
/// notes too, which are left out here.
fn with_fixed_margin(line: &str) -> String {
    let is_margin = |text: &str| text.chars().all(|letter| letter == ' ' || letter.is_ascii_digit());
    match (line.split_once("-->"), line.split_once('|')) {
        (Some((margin, place)), _) if is_margin(margin) => format!("    -->{place}"),
        (_, Some((margin, source))) if is_margin(margin) => format!("{:>4} |{source}", margin.trim()),
        _ => line.to_owned(),
    }
}

#[test]
fn a_correct_adapter_compiles() {
    let (compiles, words) = compile("correct");
    assert!(compiles, "{words}");
}

#[test]
fn the_errors_of_wrong_adapters_are_those_that_are_pinned() {
    let version = Command::new("rustc").arg("--version").output().expect("rustc can be run").stdout;
    let is_pinned = String::from_utf8_lossy(&version).starts_with(TEXTS_OF);
    if !is_pinned {
        println!("the texts are those of {TEXTS_OF}: only the codes of the errors are compared");
    }
    for (name, code) in ADAPTERS {
        let (compiles, words) = compile(name);
        assert!(!compiles && words.contains(code), "{name}: expected {code}, got:\n{words}");
        let path = folder().join(format!("{name}.stderr"));
        if std::env::var_os("REWRITE").is_some() {
            fs::write(&path, &words).expect("the text can be written");
        }
        let pinned = fs::read_to_string(&path).unwrap_or_default();
        assert!(!is_pinned || words == pinned, "{name}: expected\n{pinned}\ngot\n{words}");
    }
}
