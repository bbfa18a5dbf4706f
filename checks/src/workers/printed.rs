//! What a worker process has printed, as far as it is kept: its beginning and its end.

use std::fmt;

use crate::plain;

/// How much of the beginning and of the end is kept, in bytes.
const HEAD_MAX: usize = 4 << 10;
const TAIL_MAX: usize = 2 << 10;

/// How many lines are shown, and how much of each, in characters.
const LINES_MAX: usize = 20;
const LINE_MAX: usize = 200;

/// Standard output and error of a worker process, in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Printed {
    head: Vec<u8>,
    /// The end, where that is not part of the beginning.
    tail: Vec<u8>,
    /// How much there was, in bytes.
    bytes: u64,
}

impl Printed {
    /// Adds what was printed next.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        let (head, rest) = bytes.split_at(bytes.len().min(HEAD_MAX - self.head.len()));
        self.head.extend(head);
        self.tail.extend(&rest[rest.len().saturating_sub(TAIL_MAX)..]);
        let spare = self.tail.len().saturating_sub(TAIL_MAX);
        self.tail.drain(..spare);
    }

    /// How much was printed, in bytes.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The last line that is not empty.
    pub(super) fn last_line(&self) -> String {
        let lines = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes);
            let last = text.lines().rfind(|line| !line.trim().is_empty());
            last.map(|line| plain::line(line.trim(), LINE_MAX))
        };
        lines(&self.tail).or_else(|| lines(&self.head)).unwrap_or_else(|| "nothing".to_owned())
    }

    /// Whether the end contains this text.
    pub(super) fn ends_with_words(&self, words: &str) -> bool {
        let contains = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains(words);
        contains(&self.tail) || contains(&self.head)
    }
}

impl fmt::Display for Printed {
    /// Some lines of it, each behind a bar; nothing if nothing was printed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.bytes == 0 {
            return Ok(());
        }
        write!(f, "\nthe request printed {} bytes:", self.bytes)?;
        let (head, tail) = (String::from_utf8_lossy(&self.head), String::from_utf8_lossy(&self.tail));
        let most = if self.tail.is_empty() { LINES_MAX } else { LINES_MAX / 2 };
        let heads: Vec<&str> = head.lines().collect();
        for line in heads.iter().take(most) {
            write!(f, "\n  | {}", plain::line(line, LINE_MAX))?;
        }
        let tails: Vec<&str> = tail.lines().collect();
        if heads.len() > most || !tails.is_empty() {
            f.write_str("\n  | …")?;
        }
        for line in tails.iter().skip(tails.len().saturating_sub(most)) {
            write!(f, "\n  | {}", plain::line(line, LINE_MAX))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(text: &str) -> Printed {
        let mut printed = Printed::default();
        text.as_bytes().chunks(7).for_each(|bytes| printed.add(bytes));
        printed
    }

    #[test]
    fn little_is_shown_whole_and_much_is_cut_in_bytes_lines_and_characters() {
        assert_eq!(printed("").to_string(), "");
        assert_eq!(printed("one\ntwo\n").to_string(), "\nthe request printed 8 bytes:\n  | one\n  | two");
        let much = printed(&"y\n".repeat(100_000)).to_string();
        assert!(much.lines().count() <= LINES_MAX + 4 && much.contains("printed 200000 bytes"), "{much}");
        let wide = printed(&"z".repeat(1 << 20)).to_string();
        assert!(wide.chars().count() < 3 * LINE_MAX, "{wide}");
    }

    #[test]
    fn nothing_that_is_shown_speaks_to_the_terminal() {
        let shown = printed("\u{1b}[31mred\u{7}\u{202e}back").to_string();
        assert!(shown.contains("\\u{1b}[31mred\\u{7}\\u{202e}back"), "{shown}");
    }

    #[test]
    fn the_last_line_is_that_which_says_something() {
        assert_eq!(printed("").last_line(), "nothing");
        assert_eq!(printed("one\ntwo\n \n\n").last_line(), "two");
        assert_eq!(printed(&format!("{}\nthe end\n", "x".repeat(9_000))).last_line(), "the end");
    }
}
