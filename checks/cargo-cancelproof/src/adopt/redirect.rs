//! A crate that knows no loom: the paths of what it takes from the standard library are exchanged, and no line moves.

use std::path::Path;

/// What stands in the source, and what stands there instead.
const PATHS: [(&str, &str); 5] = [
    ("core::sync::atomic", "cancelproof_engines::sync::atomic"),
    ("std::sync::", "cancelproof_engines::sync::"),
    ("alloc::sync::Arc", "cancelproof_engines::sync::Arc"),
    ("std::thread", "cancelproof_engines::thread"),
    ("core::hint::spin_loop", "cancelproof_engines::hint::spin_loop"),
];

/// What no engine sees where it is left: it was not written as a path that is exchanged.
const LEFT: [&str; 8] = [
    "std::sync",
    "core::sync",
    "alloc::sync",
    "std::cell::UnsafeCell",
    "core::cell::UnsafeCell",
    "std::{",
    "core::{",
    "asm!(",
];

/// The source with other paths.
pub(crate) fn redirected(text: &str) -> String {
    PATHS.iter().fold(text.to_owned(), |text, (std, ours)| text.replace(std, ours))
}

/// What is left in a redirected source, as `file:line: what`. Comments, and imports that name nothing of this kind, do not count.
pub(crate) fn left(file: &Path, text: &str) -> Vec<String> {
    let is_meant = |line: &str, path: &str| {
        let is_group = path.ends_with('{');
        let names = ["sync", "thread", "UnsafeCell", "atomic"];
        line.contains(path) && (!is_group || names.iter().any(|name| line.contains(name)))
    };
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("//") {
            continue;
        }
        if let Some(path) = LEFT.iter().find(|path| is_meant(line, path)) {
            found.push(format!(
                "{}:{}: {}",
                file.display(),
                number + 1,
                path.trim_end_matches(['{', '(', ':'])
            ));
        }
    }
    found
}

/// Whether a source has atomics, locks or threads of the standard library.
pub(crate) fn synchronises(text: &str) -> bool {
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    let paths = ["sync::atomic", "std::sync::", "std::thread", "sync::Mutex", "asm!("];
    text.lines().filter(is_code).any(|line| paths.iter().any(|path| line.contains(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_exchanged_and_lines_stay_where_they_are() {
        let text = "use core::sync::atomic::AtomicUsize;\nuse std::sync::{Arc, Mutex};\n\nfn f() { std::thread::yield_now() }\n";
        let ours = redirected(text);
        assert_eq!(ours.lines().count(), text.lines().count());
        assert!(ours.contains("use cancelproof_engines::sync::{Arc, Mutex};"));
        assert!(ours.contains("cancelproof_engines::thread::yield_now()"));
        assert_eq!(left(Path::new("lib.rs"), &ours), [""; 0]);
    }

    #[test]
    fn what_is_left_is_named_with_its_line() {
        let text = "// std::sync is said here\nuse std::{sync::Arc, fmt};\nuse std::{fmt, io};\nuse core::cell::UnsafeCell;\n";
        assert_eq!(left(Path::new("lib.rs"), text), ["lib.rs:2: std", "lib.rs:4: core::cell::UnsafeCell"]);
        assert!(synchronises("use std::sync::Mutex;") && !synchronises("/// `std::sync::Mutex`"));
    }
}
