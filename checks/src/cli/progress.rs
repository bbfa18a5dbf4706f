//! The progress of long work, on standard error, where there is a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over a number of jobs. It draws nothing when standard error is no terminal.
pub(super) fn bar(jobs: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed}, {eta} left: {wide_msg}")
        // The template is constant, and a test parses it.
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(jobs).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_understood() {
        assert!(
            ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed}, {eta} left: {wide_msg}").is_ok()
        );
        assert_eq!(bar(3).length(), Some(3));
    }
}
