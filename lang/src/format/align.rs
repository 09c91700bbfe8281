//! Rows that stand one below the other: what belongs together is moved to one column.

use super::WIDTH;

/// Maximum width of an aligned name, in columns. A longer name is not aligned.
const WIDEST: usize = 40;

/// A place in a row that is aligned with those of other rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    /// The byte at which blanks may be put in.
    pub(super) at: usize,
    /// Its column, with nothing aligned.
    pub(super) column: usize,
}

/// How a row relates to the one above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Neighbour {
    /// There is no row right above.
    None,
    /// There is one, of another family.
    Other,
    /// There is one of the same family.
    Same,
}

/// An entry on one line.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub(super) marks: [Option<Mark>; 2],
    indent: usize,
    /// Columns that it takes, indentation included, with nothing aligned.
    pub(super) width: usize,
    /// The byte at which the comment at its end begins, the blank before it included.
    comment: Option<usize>,
    /// Blanks that go before each mark, and before the comment.
    padding: [usize; 2],
    comment_padding: usize,
    /// Whether it begins a group of rows that are aligned.
    begins_group: bool,
    /// Whether there is no row right above.
    is_alone: bool,
}

impl Row {
    pub(super) fn new(indent: usize) -> Self {
        Self { indent, ..Self::default() }
    }

    /// Columns before the first mark, and between the two.
    fn cells(&self) -> [Option<usize>; 2] {
        let [first, second] = self.marks;
        let start = first.map_or(self.indent, |first| first.column);
        [
            first.map(|first| first.column.saturating_sub(self.indent)),
            second.map(|second| second.column.saturating_sub(start)),
        ]
    }

    fn is_wide(&self) -> bool {
        self.cells().into_iter().flatten().any(|cell| cell > WIDEST)
    }

    fn aligned_width(&self) -> usize {
        self.width + self.padding.iter().sum::<usize>()
    }

    /// Where blanks go, and how many.
    fn insertions(&self) -> impl Iterator<Item = (usize, usize)> {
        let marks = self.marks.into_iter().zip(self.padding);
        let marks = marks.filter_map(|(mark, padding)| mark.map(|mark| (mark.at, padding)));
        marks.chain(self.comment.map(|at| (at, self.comment_padding)))
    }
}

/// The rows of a text, in order.
#[derive(Debug, Default)]
pub(super) struct Rows {
    rows: Vec<Row>,
}

impl Rows {
    pub(super) fn push(&mut self, mut row: Row, above: Neighbour) {
        row.is_alone = above == Neighbour::None;
        let is_wide = row.is_wide() || self.rows.last().is_some_and(Row::is_wide);
        row.begins_group = above != Neighbour::Same || is_wide;
        self.rows.push(row);
    }

    /// The row that was added last ends with a comment.
    pub(super) fn comment(&mut self, at: usize) {
        if let Some(row) = self.rows.last_mut() {
            row.comment = Some(at);
        }
    }

    /// `text`, which has the rows in it, with everything aligned.
    pub(super) fn align(mut self, text: &str) -> String {
        self.rows.chunk_by_mut(|_, next| !next.begins_group).for_each(align_marks);
        self.rows
            .chunk_by_mut(|row, next| row.comment.is_some() && next.comment.is_some() && !next.is_alone)
            .for_each(align_comments);
        let insertions = || self.rows.iter().flat_map(Row::insertions);
        let more: usize = insertions().map(|(_, blanks)| blanks).sum();
        let mut aligned = String::with_capacity(text.len() + more);
        let mut done = 0;
        for (at, blanks) in insertions().filter(|(_, blanks)| *blanks > 0) {
            aligned.push_str(text.get(done..at).unwrap_or(""));
            aligned.extend(std::iter::repeat_n(' ', blanks));
            done = at;
        }
        aligned.push_str(text.get(done..).unwrap_or(""));
        aligned
    }
}

fn align_marks(rows: &mut [Row]) {
    if rows.len() < 2 {
        return;
    }
    let mut widest = [0, 0];
    for row in &*rows {
        for (widest, cell) in widest.iter_mut().zip(row.cells()) {
            *widest = cell.unwrap_or(0).max(*widest);
        }
    }
    for row in &mut *rows {
        let cells = row.cells();
        for ((padding, cell), widest) in row.padding.iter_mut().zip(cells).zip(widest) {
            *padding = cell.map_or(0, |cell| widest - cell);
        }
    }
    // Nothing is aligned that would not fit any more.
    if rows.iter().any(|row| row.aligned_width() > WIDTH && row.width <= WIDTH) {
        for row in rows {
            row.padding = [0, 0];
        }
    }
}

fn align_comments(rows: &mut [Row]) {
    let widest = rows.iter().map(Row::aligned_width).max().unwrap_or(0);
    for row in rows {
        row.comment_padding = widest - row.aligned_width();
    }
}
