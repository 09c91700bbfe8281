//! Formats a tree as text: the canonical layout of `.asq`.
//!
//! The text is cut into tokens, and the tree marks the tokens that begin a unit: a field, a declaration, an item of
//! a list. Only the text between tokens changes: blanks, line breaks and the commas between neighbours. So no
//! comment is lost, and text that the tree does not cover stays unchanged.

mod align;
mod alignment_points;
mod gather;
mod layout;
mod line_ends;
mod mistakes;
mod tokens;
mod units;

use crate::{Diagnostic, FileId, Parsed, Span, parse};

use self::{gather::gather, layout::layout, line_ends::LineEnds, tokens::tokens, units::Units};

/// Maximum columns of a line before its brackets are broken over several lines.
const WIDTH: usize = 110;

/// Blanks per level of indentation.
const INDENT: usize = 2;

/// Lays a text out: two blanks for each level, one field a line, commas on one line and none over several lines,
/// and what belongs together aligned.
///
/// It takes any text. Comments, documentation and groups between blank lines are kept, and the text means the
/// same. Whatever has a mistake is left as it is, byte for byte, and everything around it is laid out. To lay out
/// twice is to lay out once.
///
/// Lines end as most lines of the text do: in `\n`, or in `\r\n`.
pub fn format(text: &str) -> String {
    LineEnds::of(text).restore(format_unix(&line_ends::unix(text)))
}

fn format_unix(text: &str) -> String {
    let (laid_out, understood) = once(text);
    if understood.mistakes.is_empty() {
        return laid_out;
    }
    // The layout can decide how a mistake is parsed, because indentation shows where a bracket is missing. A layout
    // that changes the summary is rejected.
    let (again, understood_after) = once(&laid_out);
    if again == laid_out && understood_after == understood { laid_out } else { text.to_owned() }
}

/// A summary of a parsed text, without places, to compare two layouts.
#[derive(PartialEq)]
struct Understood {
    /// The codes of the mistakes, and the text that each is in.
    mistakes: Vec<(String, String)>,
    items: usize,
    comments: Vec<String>,
}

/// The layout of a text, and the summary of the parsed text.
fn once(text: &str) -> (String, Understood) {
    let Parsed { tree, diagnostics } = parse(FileId::default(), text);
    let mistake = |found: &Diagnostic| {
        let place = text.get(found.primary.range()).unwrap_or("");
        (found.code.to_string(), place.trim_end().to_owned())
    };
    let mistakes = diagnostics.iter().map(mistake).collect();
    let said = |comment: &Span| text.get(comment.range()).unwrap_or("").trim_end().to_owned();
    let comments = tree.comments.iter().map(said).collect();
    let understood = Understood { mistakes, items: tree.items.len(), comments };
    // From there on, mistakes have no place.
    if understood.mistakes.iter().any(|(code, _)| code == "too-many-mistakes") {
        return (text.to_owned(), understood);
    }
    let gathered = gather(text, &tokens(text), &Units::of(&tree), &diagnostics);
    (layout(text, &gathered), understood)
}
