//! Tables.

use anstyle::Style;

use super::text::{PLAIN, paint};

/// A piece of text in one style.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    pub(super) fn new(style: Style, text: impl Into<String>) -> Self {
        Self { text: text.into(), style }
    }

    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self::new(PLAIN, text)
    }

    pub(super) fn width(&self) -> usize {
        self.text.chars().count()
    }
}

/// One line per row. Columns are as wide as their widest cell, two spaces apart; empty columns are left out.
pub(super) fn lines(rows: &[Vec<Cell>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(Cell::width).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    rows.iter().map(|row| line(row, &widths)).collect()
}

fn line(row: &[Cell], widths: &[usize]) -> String {
    let mut text = String::new();
    let mut gap = 0;
    for (cell, width) in row.iter().zip(widths).filter(|(_, width)| **width > 0) {
        if !cell.text.is_empty() {
            text.push_str(&" ".repeat(gap));
            text.push_str(&paint(cell.style, &cell.text));
            gap = 0;
        }
        gap += width - cell.width() * usize::from(!cell.text.is_empty()) + 2;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_nothing_trails() {
        let rows = [["a", "", "x"], ["bbb", "", ""], ["", "", "z"]];
        let rows: Vec<Vec<Cell>> =
            rows.iter().map(|row| row.iter().map(|cell| Cell::plain(*cell)).collect()).collect();
        assert_eq!(lines(&rows), ["a    x", "bbb", "     z"]);
    }
}
