//! Text to tree: each chunk of the text goes through the grammar, and what comes out is built into the tree.

mod allows;
mod claims;
mod conditions;
mod error_values;
mod foreign_syntax;
mod grammar;
mod items;
mod members;
mod moves;
mod names;
mod phrases;
mod records;
mod schemas;
mod separation;
mod statements;
mod strings;
mod values;

use std::ops::Range;

use self::foreign_syntax::Section;
use self::grammar::{Node, Rule};
use crate::{
    Diagnostic, FileId, Span, ast, errors,
    recover::{self, Repaired},
    scan::{self, Chunk},
};

/// The children of a node, without white space.
fn inner(node: Node<'_>) -> impl Iterator<Item = Node<'_>> + Clone {
    node.into_inner().filter(|part| !matches!(part.as_rule(), Rule::gap | Rule::more))
}

/// Maximum number of diagnostics in one file. A file with more is probably not a program.
const MISTAKES: usize = 1000;

/// The result of [`parse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parsed {
    /// The tree, without the broken parts.
    pub tree: ast::File,
    /// The mistakes, in source order.
    pub diagnostics: Vec<Diagnostic>,
}

/// Parses the text of `file`. It always gives a tree: a broken field, item, block or declaration costs one
/// diagnostic, and everything around it is in the tree.
pub fn parse(file: FileId, text: &str) -> Parsed {
    let mut parsed = Parsed { tree: ast::File { file, ..ast::File::default() }, ..Parsed::default() };
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let original = text;
    let text = crate::foreign_syntax::characters::translate(file, original, start, &mut parsed.diagnostics);
    let text = text.as_ref();
    let scan = scan::scan(text, start..text.len());
    let chunks = if scan.balanced { scan.chunks } else { recovered_chunks(text, start..text.len()) };

    let mut documentation = Vec::new();
    let mut section = None;
    for chunk in chunks {
        if let Some(at) = chunk.too_deep {
            parsed.diagnostics.push(errors::nested_too_deeply(Span::new(file, at, at + 1)));
        } else if !chunk.torn {
            parse_chunk(
                &mut parsed,
                &mut documentation,
                &mut section,
                original,
                &Repaired::whole(text, chunk.range),
            );
        } else if let Some(repaired) = recover::repair(file, text, chunk.range, &mut parsed.diagnostics) {
            parse_chunk(&mut parsed, &mut documentation, &mut section, original, &repaired);
        }
    }
    if let Some(section) = section {
        parsed.diagnostics.push(section.reported());
    }
    for range in &scan.foreign {
        let comment = text.get(range.clone()).unwrap_or("");
        let place = Span::new(file, range.start, range.end);
        parsed.diagnostics.push(errors::foreign_comment(place, comment));
    }
    for found in &mut parsed.diagnostics {
        found.primary = whole_characters(original, found.primary);
        for related in &mut found.related {
            related.span = whole_characters(original, related.span);
        }
        for edit in found.fix.iter_mut().flat_map(|fix| &mut fix.edits) {
            edit.span = whole_characters(original, edit.span);
        }
    }
    parsed.tree.comments = undocumenting(file, &scan.comments, &documentation);
    parsed.diagnostics.sort_by_key(|diagnostic| (diagnostic.primary.start, diagnostic.primary.end));
    if let Some(first) = parsed.diagnostics.get(MISTAKES).map(|diagnostic| diagnostic.primary) {
        parsed.diagnostics.truncate(MISTAKES);
        parsed.diagnostics.push(errors::too_many_mistakes(first));
    }
    parsed
}

/// The chunks of a file whose brackets do not match.
fn recovered_chunks(text: &str, range: Range<usize>) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    for piece in recover::pieces(text, range) {
        let scan = scan::scan(text, piece.clone());
        if scan.balanced {
            chunks.extend(scan.chunks);
        } else {
            chunks.push(Chunk { range: piece, torn: true, too_deep: None });
        }
    }
    chunks
}

/// Adds the items of a chunk to the tree, and the lines of doc comments to `documentation`.
/// `section` is the section at the start of the chunk, and is set to the one at its end.
fn parse_chunk(
    parsed: &mut Parsed,
    documentation: &mut Vec<usize>,
    section: &mut Option<Section>,
    original: &str,
    repaired: &Repaired<'_>,
) {
    let file = parsed.tree.file;
    match grammar::parse(&repaired.text) {
        Some(nodes) => {
            let mut builder = Builder {
                file,
                original,
                repaired,
                diagnostics: Vec::new(),
                documentation: Vec::new(),
                allows: Vec::new(),
                section: section.take(),
                braces: Braces::Body,
                is_of_listeners: false,
            };
            builder.items(inner(nodes.root(&repaired.text)), &mut parsed.tree.items);
            *section = builder.section.take();
            // Where a bracket or a quote is missing, everything has been said.
            let told = builder.diagnostics.into_iter().filter(|found| !repaired.is_broken(found.primary));
            parsed.diagnostics.extend(told);
            documentation.append(&mut builder.documentation);
            parsed.tree.allows.append(&mut builder.allows);
        }
        // The grammar takes every text whose brackets match.
        None => parsed.diagnostics.push(errors::unreadable(Span::new(file, repaired.base, repaired.end))),
    }
}

/// Extends a place to whole characters. Recovery may have replaced a character by a shorter one.
fn whole_characters(text: &str, span: Span) -> Span {
    let is_boundary = |at: &u32| text.is_char_boundary(*at as usize);
    if is_boundary(&span.start) && is_boundary(&span.end) {
        return span;
    }
    let start = (0..=span.start).rev().find(is_boundary).unwrap_or(0);
    let end = (span.end..).take(4).find(is_boundary).unwrap_or(start);
    Span { start, end, ..span }
}

/// The comments that document nothing.
fn undocumenting(file: FileId, comments: &[Range<usize>], documentation: &[usize]) -> Vec<Span> {
    let mut documentation = documentation.iter().peekable();
    let mut found = Vec::with_capacity(comments.len().saturating_sub(documentation.len()));
    for comment in comments {
        if documentation.next_if(|at| **at == comment.start).is_none() {
            found.push(Span::new(file, comment.start, comment.end));
        }
    }
    found
}

/// Makes the tree of one chunk.
struct Builder<'t> {
    file: FileId,
    /// The whole file as it was written.
    original: &'t str,
    repaired: &'t Repaired<'t>,
    diagnostics: Vec<Diagnostic>,
    /// Where the lines start that document something.
    documentation: Vec<usize>,
    /// The `allow`s that cover something.
    allows: Vec<ast::Allow>,
    /// The section of an ini file that is being read.
    section: Option<Section>,
    /// What the innermost braces contain.
    braces: Braces,
    /// Whether the value that is being read has listeners.
    is_of_listeners: bool,
}

/// What braces contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Braces {
    /// Fields, declarations and overrides, whose names are words.
    Body,
    /// The fields of a record, whose names may be in quotes.
    Record,
}

impl Builder<'_> {
    /// Where a node is in the file.
    fn span(&self, node: &Node<'_>) -> Span {
        let span = node.as_span();
        let end = match node.as_rule() {
            Rule::junk => span.start() + node.as_str().trim_end().len(),
            _ => span.end(),
        };
        self.between(span.start(), end)
    }

    fn between(&self, start: usize, end: usize) -> Span {
        whole_characters(
            self.original,
            Span::new(self.file, self.repaired.place(start), self.repaired.place(end)),
        )
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }
}
