//! The text around a site, where it can be read: what a place is called.

use std::fs;
use std::path::Path;

/// The name of the function that the line is in, if the file can be read from here. Lines move with every edit, names
/// do not, so whatever is kept in a file speaks of names.
#[must_use]
pub fn step_at(file: &str, line: u32) -> Option<String> {
    // The compiler names files from the root of the workspace; tests run one level below.
    let text = fs::read_to_string(file).or_else(|_| fs::read_to_string(Path::new("..").join(file))).ok()?;
    let lines: Vec<&str> = text.lines().take(line as usize).collect();
    lines.iter().rev().find_map(|line| function_of(line))
}

fn function_of(line: &str) -> Option<String> {
    let (before, rest) = line.split_once("fn ")?;
    let is_item = before.split_whitespace().all(|word| {
        matches!(word, "pub" | "pub(crate)" | "pub(super)" | "const" | "async" | "unsafe" | "extern")
    });
    let name: String = rest.chars().take_while(|char| char.is_alphanumeric() || *char == '_').collect();
    (is_item && !name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_known_by_its_first_line() {
        assert_eq!(function_of("    pub(crate) fn leave(&self) {").as_deref(), Some("leave"));
        assert_eq!(function_of("    fn end<R: Runtime>() {").as_deref(), Some("end"));
        assert_eq!(function_of("    let x = f(|fn_pointer| 1);"), None);
        assert_eq!(function_of("    // a fn of this kind"), None);
    }

    #[test]
    fn the_step_of_this_line_is_found() {
        let here = step_at(file!(), line!());
        assert_eq!(here.as_deref(), Some("the_step_of_this_line_is_found"));
    }
}
