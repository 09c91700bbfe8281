//! Tables.

mod flow;

use anstyle::Style;

use super::text::{DIM, PLAIN, paint};
use super::width::width;
use flow::Flow;

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

/// A space at which a line is not broken, if possible.
pub(super) const KEPT: &str = "\u{a0}";

/// Spaces between two columns.
const GAP: usize = 2;

/// One line per row. Columns are as wide as their widest cell, two spaces apart; empty columns are left out.
pub(super) fn lines(rows: &[Vec<Cell>]) -> Vec<String> {
    let widths = widths(rows.iter());
    rows.iter().map(|row| line(row, &widths)).collect()
}

/// A line for each row, below the headings. A row that does not fit is wrapped; the first `head` columns stay aligned.
pub(super) fn listing(headings: &[&str], rows: impl IntoIterator<Item = Vec<Cell>>, head: usize) -> String {
    let headings = headings.iter().map(|heading| Cell::new(DIM, *heading)).collect();
    let rows: Vec<Vec<Cell>> = std::iter::once(headings).chain(rows).collect();
    fitted(&rows, head, width(), 4).concat().into_iter().map(|line| line + "\n").collect()
}

/// The lines of each row, none wider than `width`.
///
/// If not all rows fit, columns are aligned among neighbours that agree in the first `head` columns, and a row that
/// still does not fit is wrapped, its further lines indented by `hang` spaces.
pub(super) fn fitted(rows: &[Vec<Cell>], head: usize, width: usize, hang: usize) -> Vec<Vec<String>> {
    let all = widths(rows.iter());
    if total(&all) <= width {
        return rows.iter().map(|row| vec![line(row, &all)]).collect();
    }
    let head: Vec<usize> = all.into_iter().take(head).collect();
    let (fitting, widths) = aligned(rows, &head, width);
    if fitting * 2 > rows.len() {
        return drawn(rows, &widths, &head, width, hang);
    }
    let same = |a: &Vec<Cell>, b: &Vec<Cell>| a.iter().take(head.len()).eq(b.iter().take(head.len()));
    let run = |run| drawn(run, &aligned(run, &head, width).1, &head, width, hang);
    rows.chunk_by(same).flat_map(run).collect()
}

/// `text` in lines of at most `width` characters, the further ones indented by `hang` spaces.
pub(super) fn wrapped(style: Style, text: &str, width: usize, hang: usize) -> Vec<String> {
    let mut flow = Flow::new(width, hang);
    flow.cell(&Cell::new(style, text), 0);
    flow.lines()
}

/// How many rows, the shortest ones, can be aligned with each other, and the widths of their columns.
fn aligned(rows: &[Vec<Cell>], head: &[usize], width: usize) -> (usize, Vec<usize>) {
    let mut shortest_first: Vec<&Vec<Cell>> = rows.iter().collect();
    shortest_first.sort_by_key(|row| row.iter().map(Cell::width).sum::<usize>());
    let of = |count: usize| {
        let mut widths = widths(shortest_first.iter().take(count).copied());
        widths.iter_mut().zip(head).for_each(|(width, head)| *width = *head);
        widths
    };
    // The more rows are aligned, the wider is the table.
    let counts: Vec<usize> = (1..=rows.len()).collect();
    let fitting = counts.partition_point(|count| total(&of(*count)) <= width);
    (fitting, of(fitting))
}

/// The rows that fit into columns in columns, the others wrapped.
fn drawn(
    rows: &[Vec<Cell>],
    widths: &[usize],
    head: &[usize],
    width: usize,
    hang: usize,
) -> Vec<Vec<String>> {
    let fits = |row: &[Cell]| {
        row.len() <= widths.len() && row.iter().zip(widths).all(|(cell, width)| cell.width() <= *width)
    };
    rows.iter()
        .map(|row| if fits(row) { vec![line(row, widths)] } else { flowing(row, head, width, hang) })
        .collect()
}

/// A row without columns, except for the first ones.
fn flowing(row: &[Cell], head: &[usize], width: usize, hang: usize) -> Vec<String> {
    let mut flow = Flow::new(width, hang);
    let mut gap = 0;
    for (at, cell) in row.iter().enumerate() {
        let column = head.get(at).copied();
        if cell.text.is_empty() && column.is_none_or(|column| column == 0) {
            continue;
        }
        flow.cell(cell, gap);
        gap = GAP + column.map_or(0, |column| column.saturating_sub(cell.width()));
    }
    flow.lines()
}

fn widths<'r>(rows: impl Iterator<Item = &'r Vec<Cell>>) -> Vec<usize> {
    let mut widths = Vec::new();
    for row in rows {
        if widths.len() < row.len() {
            widths.resize(row.len(), 0);
        }
        widths.iter_mut().zip(row).for_each(|(width, cell)| *width = cell.width().max(*width));
    }
    widths
}

/// The width of a line with all columns.
fn total(widths: &[usize]) -> usize {
    widths.iter().filter(|width| **width > 0).map(|width| width + GAP).sum::<usize>().saturating_sub(GAP)
}

fn line(row: &[Cell], widths: &[usize]) -> String {
    let mut text = String::new();
    let mut gap = 0;
    for (cell, width) in row.iter().zip(widths).filter(|(_, width)| **width > 0) {
        if !cell.text.is_empty() {
            text.push_str(&" ".repeat(gap));
            text.push_str(&paint(cell.style, &cell.text.replace(KEPT, " ")));
            gap = 0;
        }
        gap += width - cell.width() * usize::from(!cell.text.is_empty()) + GAP;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows<const N: usize>(rows: &[[&str; N]]) -> Vec<Vec<Cell>> {
        rows.iter().map(|row| row.iter().map(|cell| Cell::plain(*cell)).collect()).collect()
    }

    fn fit<const N: usize>(cells: &[[&str; N]], head: usize, width: usize) -> Vec<String> {
        fitted(&rows(cells), head, width, 4).concat()
    }

    #[test]
    fn columns_are_aligned_and_nothing_trails() {
        assert_eq!(
            lines(&rows(&[["a", "", "x"], ["bbb", "", ""], ["", "", "z"]])),
            ["a    x", "bbb", "     z"]
        );
    }

    #[test]
    fn neighbours_are_aligned_where_the_whole_does_not_fit() {
        let cells = [
            ["a", "long-name-1", "x"],
            ["a", "name", "y"],
            ["bbb", "1", "a-long-end"],
            ["bbb", "22", "a-long-en2"],
        ];
        assert_eq!(
            fit(&cells, 1, 40),
            [
                "a    long-name-1  x",
                "a    name         y",
                "bbb  1            a-long-end",
                "bbb  22           a-long-en2"
            ]
        );
        assert_eq!(
            fit(&cells, 1, 20),
            ["a    long-name-1  x", "a    name         y", "bbb  1   a-long-end", "bbb  22  a-long-en2"]
        );
    }

    #[test]
    fn a_row_that_is_too_long_is_wrapped_and_the_others_stay_aligned() {
        let cells =
            [["a", "b", "x"], ["a", "cc", "one two three"], ["a", "ddd", "y"], ["a", "a/long/name", "z"]];
        assert_eq!(
            fit(&cells, 1, 12),
            [
                "a  b    x",
                "a  cc  one",
                "    two",
                "    three",
                "a  ddd  y",
                "a",
                "    a/long/",
                "    name  z"
            ]
        );
    }

    #[test]
    fn nothing_is_wider_than_it_may_be() {
        let words = ["", "a", "bb cc", "a/path/that/is/long", "0123456789012345678901234567890123456789"];
        for width in [20, 33, 60] {
            let cells = words.iter().flat_map(|a| words.iter().map(move |b| ["kind", *a, *b, "file.asq:1"]));
            let cells: Vec<[&str; 4]> = cells.collect();
            for line in fit(&cells, 1, width) {
                assert!(line.chars().count() <= width, "{line}");
            }
        }
    }
}
