//! Combines tokens and units: the start of each entry, the spacing between tokens on one line, and the text that
//! stays unchanged because it has a mistake.

use crate::{Diagnostic, scan::Bracket};

use super::{
    alignment_points::{AlignmentPoints, Family},
    mistakes::mistaken,
    tokens::{Kind, Token},
    units::{Shape, Unit, Units},
};

/// The separator before a token on the same line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lead {
    Nothing,
    Blank,
    Comma,
}

/// A token with its place in the layout. Its `breaks` are those that the layout keeps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) token: Token,
    pub(super) lead: Lead,
    /// The entry that it begins.
    pub(super) entry: Option<usize>,
}

/// A unit on a line of its own, or between commas.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'t> {
    /// Index of the piece after its last one.
    pub(super) end: usize,
    /// Entries of one family, one below the other, are aligned.
    pub(super) family: Option<(Family, &'t str)>,
    /// Indices of the pieces that are aligned.
    pub(super) stops: [Option<usize>; 2],
}

/// Everything that is laid out.
#[derive(Debug, Default)]
pub(super) struct Gathered<'t> {
    pub(super) pieces: Vec<Piece>,
    pub(super) entries: Vec<Entry<'t>>,
}

/// Combines the tokens of a text with the units of its tree.
pub(super) fn gather<'t>(
    text: &'t str,
    tokens: &[Token],
    units: &Units,
    diagnostics: &[Diagnostic],
) -> Gathered<'t> {
    let (pieces, entries) = (Vec::with_capacity(tokens.len()), Vec::with_capacity(units.all.len()));
    let mut breaks = Vec::with_capacity(tokens.len());
    let mut sum = 0;
    for token in tokens {
        sum += token.breaks;
        breaks.push(sum);
    }
    let (mistaken, joined) = mistaken(tokens, diagnostics);
    let mut ends: Vec<usize> = diagnostics.iter().map(|found| found.primary.range().end).collect();
    ends.sort_unstable();
    let mut gatherer = Gatherer {
        text,
        tokens,
        units: Ahead::new(&units.all),
        alone: Ahead::new(&units.alone),
        listed: Ahead::new(&units.listed),
        tight: Ahead::new(&units.tight),
        whole: Ahead::new(&units.whole),
        mistaken,
        joined,
        ends,
        breaks,
        gathered: Gathered { pieces, entries },
    };
    // Lines of their own take every mistake.
    let _ = gatherer.sequence(0, tokens.len(), Lines::Several);
    gatherer.gathered
}

/// A sorted list that is asked for one place after the other.
struct Ahead<'a, T> {
    rest: &'a [T],
}

impl<'a, T: Copy> Ahead<'a, T> {
    fn new(rest: &'a [T]) -> Self {
        Self { rest }
    }

    /// The unit at a place. Places must be asked for in ascending order.
    fn at(&mut self, place: usize, start: impl Fn(&T) -> usize) -> Option<T> {
        while let Some((first, rest)) = self.rest.split_first()
            && start(first) <= place
        {
            if start(first) == place {
                return Some(*first);
            }
            self.rest = rest;
        }
        None
    }
}

impl Ahead<'_, (usize, usize)> {
    /// Whether a place is inside one of the stretches, and not at its start. Places must be asked for in ascending
    /// order.
    fn around(&mut self, place: usize) -> bool {
        while let Some(((start, end), rest)) = self.rest.split_first() {
            if place < *end {
                return *start < place;
            }
            self.rest = rest;
        }
        false
    }
}

/// How the entries in brackets stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lines {
    /// On several lines: what has a mistake stays as it is there.
    Several,
    /// On one line: a mistake prevents a break around it.
    One,
    /// On one line, even if the text has line breaks.
    Joined,
}

/// Something has a mistake, or is nothing that the tree knows.
struct Mistaken;

struct Gatherer<'t, 'a> {
    text: &'t str,
    tokens: &'a [Token],
    units: Ahead<'a, Unit>,
    alone: Ahead<'a, usize>,
    listed: Ahead<'a, usize>,
    tight: Ahead<'a, usize>,
    whole: Ahead<'a, (usize, usize)>,
    /// For each token, whether a mistake lies in it.
    mistaken: Vec<bool>,
    /// For each token, whether it is the same one as in the token before.
    joined: Vec<bool>,
    /// Where mistakes end, in order.
    ends: Vec<usize>,
    /// For each token, the line breaks up to it.
    breaks: Vec<usize>,
    gathered: Gathered<'t>,
}

impl Gatherer<'_, '_> {
    fn token(&self, at: usize, end: usize) -> Option<Token> {
        self.tokens.get(at).copied().filter(|_| at < end)
    }

    fn unit_at(&mut self, place: usize) -> Option<Unit> {
        self.units.at(place, |unit| unit.start)
    }

    /// The entries and comments of the tokens `at..end`.
    fn sequence(&mut self, mut at: usize, end: usize, lines: Lines) -> Result<(), Mistaken> {
        let mut is_first = true;
        let mut after_allow = false;
        while let Some(token) = self.token(at, end) {
            if token.kind.is_comment() {
                self.gathered.pieces.push(Piece { token, lead: Lead::Blank, entry: None });
                at += 1;
                continue;
            }
            let lead = match self.gathered.pieces.last().map(|piece| piece.token.kind) {
                Some(Kind::Open(Bracket::Square)) | None if is_first => Lead::Nothing,
                _ if is_first || after_allow => Lead::Blank,
                _ => Lead::Comma,
            };
            is_first = false;
            let (pieces, entries) = (self.gathered.pieces.len(), self.gathered.entries.len());
            let unit = self.unit_at(token.start);
            after_allow = unit.is_some_and(|unit| unit.shape == Shape::Allow);
            let done = match unit {
                Some(unit) if token.kind != Kind::Verbatim => self.entry(at, end, unit, lead, lines),
                _ => Err(Mistaken),
            };
            at = match done {
                Ok(next) => next,
                Err(Mistaken) if lines == Lines::Several => {
                    self.gathered.pieces.truncate(pieces);
                    self.gathered.entries.truncate(entries);
                    self.verbatim(at, end, unit)
                }
                Err(Mistaken) => return Err(Mistaken),
            };
        }
        Ok(())
    }

    /// The entry that begins at a token; gives the index of the token after it.
    fn entry(
        &mut self,
        first: usize,
        end: usize,
        unit: Unit,
        lead: Lead,
        lines: Lines,
    ) -> Result<usize, Mistaken> {
        let index = self.gathered.entries.len();
        self.gathered.entries.push(Entry { end: 0, family: None, stops: [None; 2] });
        let mut stops = AlignmentPoints::new(unit.shape);
        let mut at = first;
        let mut last_end = unit.start;
        while let Some(mut token) = self.token(at, end).filter(|token| token.start < unit.end) {
            if self.mistaken.get(at).is_some_and(|is| *is) || token.kind == Kind::Torn {
                return Err(Mistaken);
            }
            last_end = token.end;
            let mut piece = Piece { token, lead: self.lead(token, unit.shape), entry: None };
            if at == first {
                (piece.lead, piece.entry) = (lead, Some(index));
                if lines == Lines::Joined {
                    piece.token.breaks = 0;
                }
            } else if !token.kind.is_comment() {
                piece.token.breaks = 0;
            }
            stops.see(token, at, self.gathered.pieces.len());
            if let Kind::Open(_) = token.kind {
                self.brackets(at, piece)?;
                at = token.partner + 1;
                token = self.token(token.partner, end).ok_or(Mistaken)?;
                last_end = token.end;
            } else {
                self.gathered.pieces.push(piece);
                at += 1;
            }
        }
        // The text was cut otherwise than the parser cuts it, or something follows without a separator.
        let next = self.token(at, end).filter(|next| !next.kind.is_comment());
        let rest = self.text.get(last_end..unit.end);
        let is_cut = rest.is_none_or(|rest| !rest.bytes().all(|byte| matches!(byte, b' ' | b'\t')));
        let needs_separator = !matches!(unit.shape, Shape::Allow | Shape::Name);
        if is_cut || next.is_some_and(|next| needs_separator && !is_apart(next)) {
            return Err(Mistaken);
        }
        let after = self.gathered.pieces.len();
        let word =
            self.tokens.get(first).and_then(|token| self.text.get(token.start..token.end)).unwrap_or("");
        if let Some(entry) = self.gathered.entries.get_mut(index) {
            *entry = Entry { end: after, family: stops.family(word), stops: stops.found };
        }
        Ok(at)
    }

    /// The bracket `opening`, its content, and its closing bracket.
    fn brackets(&mut self, at: usize, opening: Piece) -> Result<(), Mistaken> {
        let partner = opening.token.partner;
        let comments = if opening.entry.is_none() { self.comments_before() } else { Vec::new() };
        let opened = self.gathered.pieces.len();
        self.gathered.pieces.push(opening);
        self.gathered.pieces.extend(comments);
        let lines = self.lines(at, opening.token);
        self.sequence(at + 1, partner, lines)?;

        let mut token = self.token(partner, usize::MAX).ok_or(Mistaken)?;
        if self.mistaken.get(partner).is_some_and(|is| *is) {
            return Err(Mistaken);
        }
        let closing = self.gathered.pieces.len();
        let is_empty = closing == opened + 1;
        if is_empty || lines == Lines::Joined {
            token.breaks = 0;
        }
        let lead = match token.kind {
            Kind::Close(Bracket::Brace) if !is_empty => Lead::Blank,
            _ => Lead::Nothing,
        };
        self.gathered.pieces.push(Piece { token, lead, entry: None });
        if let Some(piece) = self.gathered.pieces.get_mut(opened) {
            piece.token.partner = closing;
        }
        Ok(())
    }

    /// The comments that stand before a bracket; they go behind it. Documentation would then be another's.
    fn comments_before(&mut self) -> Vec<Piece> {
        let pieces = &mut self.gathered.pieces;
        let is_comment = |piece: &&Piece| piece.token.kind.is_comment();
        let count = pieces.iter().rev().take_while(is_comment).count();
        let comments = pieces.split_off(pieces.len() - count);
        if comments.iter().any(|piece| piece.token.kind == Kind::Doc) {
            pieces.extend(comments);
            return Vec::new();
        }
        comments
    }

    fn lines(&mut self, at: usize, opening: Token) -> Lines {
        let partner = opening.partner;
        let inside = self.tokens.get(at..partner).unwrap_or_default();
        let is_tight = self.tight.at(opening.start, |place| *place).is_some();
        if is_tight && !inside.iter().any(|token| token.kind.is_comment()) {
            return Lines::Joined;
        }
        if self.breaks.get(at) == self.breaks.get(partner) { Lines::One } else { Lines::Several }
    }

    /// The separator before a token in the middle of an entry.
    fn lead(&mut self, token: Token, shape: Shape) -> Lead {
        let Some(before) = self.gathered.pieces.last().map(|piece| piece.token) else { return Lead::Nothing };
        if self.whole.around(token.start) {
            return Lead::Nothing;
        }
        if token.kind.is_comment() {
            return if token.comma { Lead::Comma } else { Lead::Blank };
        }
        if self.listed.at(token.start, |place| *place).is_some() && !before.kind.is_comment() {
            return Lead::Comma;
        }
        let spaced = matches!(shape, Shape::Block | Shape::Value);
        match (before.kind, token.kind) {
            (Kind::At | Kind::Dots | Kind::OpenParen, _)
            | (_, Kind::At | Kind::Dots | Kind::OpenParen | Kind::CloseParen | Kind::Question) => {
                Lead::Nothing
            }
            (_, Kind::Colon) if !spaced => Lead::Nothing,
            (Kind::Colon, _) if matches!(shape, Shape::Claim { .. }) => Lead::Nothing,
            (Kind::Sign, _) if self.alone.at(before.start, |place| *place).is_some() => Lead::Nothing,
            _ => Lead::Blank,
        }
    }

    /// Leaves the text from a token to the next separator unchanged. Returns the index of the token after it.
    fn verbatim(&mut self, first: usize, end: usize, unit: Option<Unit>) -> usize {
        let mut at = first;
        let mut unit = unit;
        let start = self.token(first, end);
        let mut last_end = 0;
        while let Some(token) = self.token(at, end) {
            let is_joined = self.joined.get(at).is_some_and(|is| *is);
            if at > first && !is_joined && (token.kind.is_comment() || is_apart(token)) {
                break;
            }
            let mut next = at + 1;
            if let Kind::Open(_) = token.kind {
                next = token.partner + 1;
            }
            if let Some(unit) = unit {
                while self.token(next, end).is_some_and(|token| token.start < unit.end) {
                    next = self.token(next, end).map_or(next + 1, |token| match token.kind {
                        Kind::Open(_) => token.partner + 1,
                        _ => next + 1,
                    });
                }
            }
            last_end = self.token(next - 1, end).map_or(last_end, |token| token.end);
            at = next;
            unit = self.token(at, end).and_then(|token| self.unit_at(token.start));
        }
        if let Some(token) = start {
            let next = self.token(at, usize::MAX).map_or(self.text.len(), |next| next.start);
            last_end = self.mistake_end(last_end, next);
            let breaks = token.breaks.max(1);
            let token = Token { kind: Kind::Verbatim, end: last_end, breaks, ..token };
            let entry = Some(self.gathered.entries.len());
            self.gathered.pieces.push(Piece { token, lead: Lead::Blank, entry });
            let end = self.gathered.pieces.len();
            self.gathered.entries.push(Entry { end, family: None, stops: [None; 2] });
        }
        at
    }

    /// Where a mistake ends that goes on over commas behind `end` and before `next`; `end` where there is none.
    fn mistake_end(&self, end: usize, next: usize) -> usize {
        let count = self.ends.partition_point(|mistake| *mistake <= next);
        let last = count.checked_sub(1).and_then(|last| self.ends.get(last)).copied().unwrap_or(end);
        end + self.text.get(end..last).map_or(0, |rest| rest.trim_end().len())
    }
}

/// Whether the token is separated from the text before it.
fn is_apart(token: Token) -> bool {
    token.comma || token.breaks > 0
}
