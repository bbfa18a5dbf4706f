//! Texts of others, made fit to be shown: what they say may be anything, and a terminal, a log or a report reads it.

use core::fmt::Write as _;

use std::any::Any;
use std::mem;
use std::panic::{self, AssertUnwindSafe};

/// The longest text of somebody else's that is kept whole, in bytes.
const TEXT_MAX: usize = 4_000;

/// One line of at most `most` characters: what a terminal would obey or not show is spelt out, and what is cut is said.
#[must_use]
pub fn line(text: &str, most: usize) -> String {
    let mut shown = String::new();
    let mut characters = text.chars();
    for character in characters.by_ref().take(most) {
        push(&mut shown, character, false);
    }
    match characters.count() {
        0 => shown,
        left => format!("{shown}… ({left} characters more)"),
    }
}

/// A text of several lines likewise, whatever its length, such as an error that quotes what it was given.
#[must_use]
pub fn whole(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        push(&mut shown, character, true);
    }
    shown
}

/// A text of several lines, such as the message of a panic, likewise; what is very long is cut.
#[must_use]
pub fn text(text: &str) -> String {
    let end = (0..=text.len().min(TEXT_MAX)).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    let mut shown = whole(&text[..end]);
    if end < text.len() {
        // Writing to a text never fails.
        let _ = write!(shown, "… ({} bytes more)", text.len() - end);
    }
    shown
}

/// Adds a character, or its number if it is not to be obeyed.
fn push(shown: &mut String, character: char, has_lines: bool) {
    let is_layout = has_lines && matches!(character, '\n' | '\t');
    // These turn the direction of what follows, so that a text reads as another one.
    let turns =
        matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if turns || (character.is_control() && !is_layout) {
        shown.extend(character.escape_unicode());
    } else {
        shown.push(character);
    }
}

/// The message of a panic, fit to be shown, and cut if it is very long.
#[must_use]
pub fn message(payload: &(dyn Any + Send)) -> String {
    let known = payload.downcast_ref::<&str>().copied();
    match known.or_else(|| payload.downcast_ref::<String>().map(String::as_str)) {
        Some(known) => text(known),
        None => "a panic whose payload is no text".to_owned(),
    }
}

/// The message of a panic that is over. The payload is the author's, and may panic when it is dropped: then it is left alone.
#[must_use]
pub fn said(payload: Box<dyn Any + Send>) -> String {
    let message = message(&*payload);
    if let Err(another) = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        mem::forget(another);
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_spelt_out_and_what_is_long_is_cut() {
        assert_eq!(line("plain, \u{e9}", 20), "plain, \u{e9}");
        assert_eq!(line("a\u{1b}[2Jb\nc", 20), "a\\u{1b}[2Jb\\u{a}c");
        assert_eq!(line("abcdef", 4), "abcd… (2 characters more)");
        assert_eq!(text("left\n\tright\r"), "left\n\tright\\u{d}");
        let long = text(&"\u{e9}".repeat(50_000_000 / 2));
        assert!(long.len() < 5_000 && long.ends_with("… (49996000 bytes more)"), "{}", long.len());
    }
}
