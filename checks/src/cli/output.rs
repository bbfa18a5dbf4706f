//! What a command says, and that it does its work whether or not anybody reads it.
//!
//! `cancelproof gate | head` closes standard output long before the gate is done. What was found then still has to be kept,
//! and the exit code has to say it; so a reader that has gone is no error.

use std::fmt;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use anstream::ColorChoice;

use super::arguments::Color;
use crate::plain;

/// Whether the reader of standard output has gone.
static HAS_GONE: AtomicBool = AtomicBool::new(false);

/// Standard output, or what stands before it. What nobody reads is dropped.
#[derive(Debug)]
pub(super) struct Output<W>(W);

/// Standard output as it is.
pub(super) fn plain() -> Output<io::Stdout> {
    Output(io::stdout())
}

/// Standard output with colours where the terminal has them.
pub(super) fn coloured() -> Output<anstream::Stdout> {
    Output(anstream::stdout())
}

/// Colours everything that this process prints from now on as `color` says.
pub(super) fn choose_colour(color: Color) {
    match color {
        // The stream itself looks for a terminal and for `NO_COLOR`.
        Color::Auto => {}
        Color::Always => ColorChoice::Always.write_global(),
        Color::Never => ColorChoice::Never.write_global(),
    }
}

/// Whether nobody reads standard output any more, as far as was noticed.
pub(super) fn has_gone() -> bool {
    HAS_GONE.load(Ordering::Relaxed)
}

/// Says something on standard error, if anybody reads that. What it quotes may be anybody's, so the terminal obeys none of it.
pub(super) fn say(words: fmt::Arguments<'_>) {
    // If not even an error can be told there is nobody left to tell that.
    let _ = writeln!(io::stderr(), "{}", plain::whole(&words.to_string()));
}

impl<W: Write> Write for Output<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        drop_unread(self.0.write(bytes), bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        drop_unread(self.0.flush(), ())
    }
}

/// The result of writing, or `dropped` if nobody reads.
fn drop_unread<T>(result: io::Result<T>, dropped: T) -> io::Result<T> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            HAS_GONE.store(true, Ordering::Relaxed);
            Ok(dropped)
        }
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Failing(io::ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(self.0.into())
        }
    }

    #[test]
    fn what_nobody_reads_is_dropped_and_any_other_error_is_told() {
        let mut unread = Output(Failing(io::ErrorKind::BrokenPipe));
        writeln!(unread, "something").and_then(|()| unread.flush()).expect("it is no error");
        assert!(has_gone());
        let full = writeln!(Output(Failing(io::ErrorKind::StorageFull)), "something");
        assert_eq!(full.map_err(|error| error.kind()), Err(io::ErrorKind::StorageFull));
    }
}
