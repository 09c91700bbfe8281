//! Tree to text: the one layout of `.asq`.
//!
//! The text is cut into tokens, and the tree says which of them begin something of its own (a field, a
//! declaration, an item of a list). Only what stands between tokens changes: blanks, line breaks and the commas
//! between neighbours. So no comment can get lost, and what the tree does not know stays as it is written.

mod align;
mod alignment_points;
mod gather;
mod layout;
mod mistakes;
mod tokens;
mod units;

use crate::{Diagnostic, FileId, Parsed, Span, parse};

use self::{gather::gather, layout::layout, tokens::tokens, units::Units};

/// Columns that a line may take before what is in brackets on it goes over several lines.
const WIDTH: usize = 110;

/// Blanks by which what is in brackets over several lines is indented.
const INDENT: usize = 2;

/// Lays a text out: two blanks for each level, one field a line, commas on one line and none over several lines,
/// and what belongs together aligned.
///
/// It takes any text. Comments, documentation and groups between blank lines are kept, and the text means the
/// same. Whatever has a mistake is left as it is, byte for byte, and everything around it is laid out. To lay out
/// twice is to lay out once.
pub fn format(text: &str) -> String {
    let (laid_out, understood) = once(text);
    if understood.mistakes.is_empty() {
        return laid_out;
    }
    // How a mistake is read may hang on the layout around it, as indentation shows where a bracket is missing.
    // There, a layout that changes what is understood is none.
    let (again, understood_after) = once(&laid_out);
    if again == laid_out && understood_after == understood { laid_out } else { text.to_owned() }
}

/// What the parser made of a text, without places.
#[derive(PartialEq)]
struct Understood {
    /// The codes of the mistakes, and the text that each is in.
    mistakes: Vec<(String, String)>,
    items: usize,
    comments: Vec<String>,
}

/// The layout of a text, and what was understood of it.
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
