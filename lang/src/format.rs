//! Tree to text: the one layout of `.asq`.
//!
//! The text is cut into tokens, and the tree says which of them begin something of its own (a field, a
//! declaration, an item of a list). Only what stands between tokens changes: blanks, line breaks and the commas
//! between neighbours. So no comment can get lost, and what the tree does not know stays as it is written.

mod align;
mod gather;
mod layout;
mod tokens;
mod units;

use crate::{FileId, parse};

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
    let (laid_out, mistakes) = once(text);
    if mistakes.is_empty() {
        return laid_out;
    }
    // How a mistake is read may hang on the layout around it, as indentation shows where a bracket is missing.
    // There, a layout that does not keep the mistakes as they are is none.
    let (again, mistakes_after) = once(&laid_out);
    if again == laid_out && mistakes_after == mistakes { laid_out } else { text.to_owned() }
}

/// The layout of a text, and the codes of its mistakes.
fn once(text: &str) -> (String, Vec<String>) {
    let parsed = parse(FileId::default(), text);
    let codes: Vec<String> = parsed.diagnostics.iter().map(|found| found.code.clone()).collect();
    // From there on, mistakes have no place.
    if codes.iter().any(|code| code == "too-many-mistakes") {
        return (text.to_owned(), codes);
    }
    let tokens = tokens(text);
    let units = Units::of(&parsed.tree);
    let gathered = gather(text, &tokens, &units, &parsed.diagnostics);
    (layout(text, &gathered), codes)
}
