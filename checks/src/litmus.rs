//! The litmus programs of the engines, and their table for the terminal.

pub use cancelproof_engines::litmus::*;
use comfy_table::Table;

/// A table of every difference between an engine and rc11.
#[must_use]
pub fn render(rows: &[Row]) -> Table {
    let mut table = Table::new();
    table.set_header(["program", "engine", "missing", "impossible", "who is right"]);
    table.add_rows(by_program(rows));
    table
}
