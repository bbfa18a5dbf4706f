//! Tables for the terminal.

use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, ContentLineStyle, LineStyle, Table, TableStyle,
    Width,
};

/// A line under the header and nothing else.
const STYLE: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::none().junction(' '))
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .content_lines(ContentLineStyle::none().junction(' '));

/// The width of a table that does not go to a terminal.
const WIDTH_WITHOUT_TERMINAL: u16 = 120;

/// No table is laid out for fewer columns, whatever the shell says.
const WIDTH_MIN: u16 = 20;

/// The columns of the terminal, also where what is printed goes through a pipe to a pager: then those of the terminal that
/// errors go to, or what the shell says of its own.
pub(super) fn width() -> usize {
    let of_errors = || Table::new().use_stderr().width();
    let of_shell = || std::env::var("COLUMNS").ok()?.parse().ok().filter(|columns| *columns >= WIDTH_MIN);
    usize::from(Table::new().width().or_else(of_errors).or_else(of_shell).unwrap_or(WIDTH_WITHOUT_TERMINAL))
}

/// A table of text that fits the terminal. A word is never broken: a name that is cut in two can be neither read nor copied.
pub(super) fn plain(header: &[&str], rows: Vec<Vec<String>>) -> Table {
    laid_out(header, rows, width())
}

fn laid_out(header: &[&str], rows: Vec<Vec<String>>, width: usize) -> Table {
    let longest_word =
        |text: &str| text.split_whitespace().map(|word| word.chars().count()).max().unwrap_or(0);
    let least: Vec<usize> = (0..header.len())
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column).map(String::as_str));
            cells.chain([header[column]]).map(longest_word).max().unwrap_or(0)
        })
        .collect();
    let mut table = Table::new();
    table
        .load_style(STYLE)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width).unwrap_or(u16::MAX))
        .set_header(header.iter().copied())
        .add_rows(rows);
    for (column, least) in table.column_iter_mut().zip(least) {
        let least = u16::try_from(least).unwrap_or(u16::MAX).saturating_add(column.padding_width());
        column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least)));
    }
    table
}

/// A table whose columns after the first hold figures.
pub(super) fn figures(header: &[&str], rows: Vec<Vec<String>>) -> Table {
    let mut table = plain(header, rows);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// A count with its thousands apart.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{count, laid_out};

    #[test]
    fn a_table_fits_the_width_and_breaks_no_word() {
        let row =
            ["locked-invoke-on-cancellation", "every call of a request that is canceled while it is marked"];
        let rows = || vec![row.map(str::to_owned).to_vec()];
        for width in [40, 60, 80, 120] {
            let text = laid_out(&["request", "what it is"], rows(), width).to_string();
            assert!(text.contains("locked-invoke-on-cancellation"), "{width}:\n{text}");
            for word in row[1].split(' ') {
                assert!(text.split_whitespace().any(|known| known == word), "{word} in {width}:\n{text}");
            }
            let widest = text.lines().map(|line| line.chars().count()).max().unwrap_or(0);
            assert!(width < 60 || widest <= width, "{widest} columns in {width}:\n{text}");
        }
        // What does not fit without breaking a word is wider instead.
        let narrow = laid_out(&["request", "what it is"], rows(), 20).to_string();
        assert!(narrow.contains("locked-invoke-on-cancellation") && narrow.contains("canceled"), "{narrow}");
    }

    #[test]
    fn thousands_are_apart() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
    }
}
