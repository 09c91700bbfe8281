//! Pieces written down: which brackets go over several lines, and how far a line is indented.

use crate::scan::Bracket;

use super::{
    INDENT, WIDTH,
    align::{Mark, Neighbour, Row, Rows},
    alignment_points::Family,
    gather::{Entry, Gathered, Lead, Piece},
    tokens::Kind,
};

/// The text of everything that was gathered.
pub(super) fn layout(text: &str, gathered: &Gathered<'_>) -> String {
    let mut measures = Vec::with_capacity(gathered.pieces.len());
    let mut sum = Measure::default();
    for piece in &gathered.pieces {
        sum.lines += usize::from(piece.token.breaks > 0 || piece.token.kind.is_comment());
        sum.end += lead(piece).len() + width(slice(text, piece));
        measures.push(sum);
    }
    let out = String::with_capacity(text.len() + text.len() / 8);
    let mut writer =
        Writer { text, gathered, measures, out, column: 0, broken: false, rows: Rows::default() };
    writer.sequence(0, gathered.pieces.len(), 0);
    let Writer { mut out, rows, .. } = writer;
    if !out.is_empty() {
        out.push('\n');
    }
    rows.align(&out)
}

/// The measures of the text up to the end of a piece.
#[derive(Clone, Copy, Default)]
struct Measure {
    /// Pieces that begin a line, or end one.
    lines: usize,
    /// The column, if everything stood on one line.
    end: usize,
}

fn slice<'t>(text: &'t str, piece: &Piece) -> &'t str {
    text.get(piece.token.start..piece.token.end).unwrap_or("")
}

fn lead(piece: &Piece) -> &'static str {
    match piece.lead {
        Lead::Nothing => "",
        Lead::Blank => " ",
        Lead::Comma => ", ",
    }
}

/// Columns that a text takes.
fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().count() }
}

struct Writer<'t, 'g> {
    text: &'t str,
    gathered: &'g Gathered<'t>,
    measures: Vec<Measure>,
    out: String,
    column: usize,
    /// Whether the current entry takes several lines.
    broken: bool,
    rows: Rows,
}

impl<'t> Writer<'t, '_> {
    fn piece(&self, at: usize) -> Option<Piece> {
        self.gathered.pieces.get(at).copied()
    }

    fn measure(&self, at: usize) -> Measure {
        self.measures.get(at).copied().unwrap_or_default()
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += width(text);
    }

    fn new_line(&mut self, indent: usize) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.column = indent;
        self.broken = true;
    }

    /// Entries and comments, each on a line of its own.
    fn sequence(&mut self, start: usize, end: usize, indent: usize) {
        let mut at = start;
        let mut above = Above::Nothing;
        // Whether a comment would stand behind an entry, or behind the bracket.
        let mut takes_comment = start > 0;
        let mut is_first = true;
        while let Some(piece) = self.piece(at).filter(|_| at < end) {
            let is_comment = matches!(piece.token.kind, Kind::Comment | Kind::ForeignComment);
            if is_comment && piece.token.breaks == 0 && std::mem::take(&mut takes_comment) {
                self.trailing(&piece, above);
                at += 1;
                continue;
            }
            if piece.token.breaks > 1 && !std::mem::take(&mut is_first) {
                self.out.push('\n');
                above = Above::Nothing;
            }
            is_first = false;
            self.start_line(&piece, at, indent);
            takes_comment = piece.entry.is_some();
            if let Some(entry) = piece.entry.and_then(|entry| self.gathered.entries.get(entry)) {
                above = self.row(entry, at, indent, above);
                at = entry.end;
            } else {
                self.push(slice(self.text, &piece));
                above = Above::Nothing;
                at += 1;
            }
        }
    }

    /// The blanks before the first piece of a line; text that stays as it is keeps its own where it goes on over
    /// several lines, so that they stay one below the other.
    fn start_line(&mut self, piece: &Piece, at: usize, indent: usize) {
        let before = self.text.get(..piece.token.start).unwrap_or("");
        let own = before.len() - before.trim_end_matches([' ', '\t']).len();
        let starts_line = before.len() == own
            || before.get(..before.len() - own).is_some_and(|b| b.ends_with(['\n', '\r', '\u{feff}']));
        let is_kept = piece.token.kind == Kind::Verbatim
            && starts_line
            && slice(self.text, piece).contains(['\n', '\r']);
        if at > 0 {
            self.new_line(if is_kept { 0 } else { indent });
        }
        if is_kept {
            self.push(before.get(before.len() - own..).unwrap_or(""));
        }
    }

    /// A comment at the end of a line.
    fn trailing(&mut self, piece: &Piece, above: Above<'_>) {
        let before = self.text.get(..piece.token.start).unwrap_or("");
        if piece.token.kind == Kind::Comment || before.ends_with([' ', '\t']) {
            match above {
                Above::Row { .. } => self.rows.comment(self.out.len()),
                Above::Nothing => {}
            }
            self.push(" ");
        }
        self.push(slice(self.text, piece));
    }

    /// An entry that begins a line.
    fn row(&mut self, entry: &Entry<'t>, at: usize, indent: usize, above: Above<'t>) -> Above<'t> {
        self.broken = false;
        let mut row = Row::new(indent);
        self.entry(entry, at, indent, &mut row);
        let is_kept = self.piece(at).is_some_and(|piece| piece.token.kind == Kind::Verbatim);
        if std::mem::replace(&mut self.broken, true) || is_kept {
            return Above::Nothing;
        }
        row.width = self.column;
        let neighbour = match above {
            Above::Nothing => Neighbour::None,
            Above::Row { family } if family.is_some() && family == entry.family => Neighbour::Same,
            Above::Row { .. } => Neighbour::Other,
        };
        self.rows.push(row, neighbour);
        Above::Row { family: entry.family }
    }

    fn entry(&mut self, entry: &Entry<'t>, first: usize, indent: usize, row: &mut Row) {
        let mut indent = indent;
        let mut at = first;
        let mut after_comment = false;
        let mut goes_on = false;
        while let Some(piece) = self.piece(at).filter(|_| at < entry.end) {
            let is_comment = piece.token.kind.is_comment();
            if at == first {
                // The line has been started.
            } else if after_comment || is_comment && piece.token.breaks > 0 {
                indent += if std::mem::replace(&mut goes_on, true) { 0 } else { INDENT };
                self.new_line(indent);
            } else if is_comment && piece.lead == Lead::Comma {
                self.push(", ");
            } else {
                self.mark(entry, at, &piece, row);
                self.push(lead(&piece));
            }
            after_comment = is_comment;
            let closing = piece.token.partner;
            match piece.token.kind {
                Kind::Open(_) if closing > at + 1 && !self.fits(at, closing, entry.end) => {
                    self.push(slice(self.text, &piece));
                    self.sequence(at + 1, closing, indent + INDENT);
                    self.new_line(indent);
                    if let Some(piece) = self.piece(closing) {
                        self.push(slice(self.text, &piece));
                    }
                    at = closing + 1;
                }
                Kind::Open(_) => {
                    self.flat(at, closing, &piece);
                    at = closing + 1;
                }
                _ => {
                    self.push(slice(self.text, &piece));
                    at += 1;
                }
            }
        }
    }

    /// Everything from a bracket to its partner on this line.
    fn flat(&mut self, open: usize, close: usize, piece: &Piece) {
        self.push(slice(self.text, piece));
        for at in open + 1..=close {
            if let Some(piece) = self.piece(at) {
                self.push(lead(&piece));
                self.push(slice(self.text, &piece));
            }
        }
    }

    /// Remembers a place that is aligned with others.
    fn mark(&self, entry: &Entry<'t>, at: usize, piece: &Piece, row: &mut Row) {
        for (stop, mark) in entry.stops.iter().zip(&mut row.marks) {
            if *stop == Some(at) {
                // Of `+=`, the `=` is aligned.
                let extra =
                    if piece.token.kind == Kind::Assign { slice(self.text, piece).len() - 1 } else { 0 };
                *mark = Some(Mark { at: self.out.len(), column: self.column + extra });
            }
        }
    }

    /// Whether the content of the brackets fits on this line, with the text after them up to the next bracket.
    fn fits(&self, open: usize, close: usize, end: usize) -> bool {
        let (first, last) = (self.measure(open), self.measure(close));
        if first.lines != last.lines {
            return false;
        }
        let opens = |at: &usize| {
            self.piece(*at).is_some_and(|piece| {
                matches!(piece.token.kind, Kind::Open(Bracket::Brace | Bracket::Square))
                    && piece.token.partner > at + 1
            })
        };
        let next = (close + 1..end).find(opens).unwrap_or(end - 1);
        let opening = self.piece(open).map_or(0, |piece| slice(self.text, &piece).len());
        self.column + opening + self.measure(next).end - first.end <= WIDTH
    }
}

/// The kind of line above a line.
#[derive(Clone, Copy)]
enum Above<'t> {
    /// Nothing that is aligned.
    Nothing,
    /// An entry on one line.
    Row {
        /// Its family.
        family: Option<(Family, &'t str)>,
    },
}
