//! The edit that allows a warning with `allow(CODE)`.

use asiaq_lang::ast::{Body, Decl, Item, Member};
use asiaq_lang::{Edit, Span, parse};

use crate::lsp::snapshot::Snapshot;

/// The edit that allows `code` at `place`: a line before the innermost field, block or declaration around it.
/// If that does not start its line, `allow` is put before it on the same line.
pub(super) fn allow(snapshot: &Snapshot, place: Span, code: &str) -> Option<Edit> {
    let text = snapshot.text(place.file);
    let items = parse(place.file, text).tree.items;
    let covered = items.iter().filter_map(|item| innermost_of_item(item, place)).next_back()?;
    let line = snapshot.start_of_line(place.file, covered.start);
    let indent = text.get(line as usize..covered.start as usize)?;
    let gap = if indent.trim().is_empty() { format!("\n{indent}") } else { " ".to_owned() };
    let span = Span { end: covered.start, ..covered };
    Some(Edit { span, text: format!("allow({code}){gap}") })
}

fn innermost_of_item(item: &Item, place: Span) -> Option<Span> {
    match item {
        Item::Let(found) => around(found.span, place),
        Item::Expect(found) => around(found.span, place),
        Item::Moved(found) => around(found.span, place),
        Item::Decl(decl) => innermost_of_decl(decl, place),
        Item::Use(found) => around(found.span, place),
        Item::Kind(_) => None,
    }
}

fn innermost_of_decl(decl: &Decl, place: Span) -> Option<Span> {
    around(decl.span, place).map(|outer| innermost_of_body(&decl.body, place).unwrap_or(outer))
}

fn innermost_of_body(body: &Body, place: Span) -> Option<Span> {
    body.members.iter().find_map(|member| match member {
        Member::Field(field) => around(field.span, place),
        Member::Decl(decl) => innermost_of_decl(decl, place),
        Member::Statement(statement) => around(statement.span, place),
        Member::Override(block) => {
            around(block.span, place).map(|outer| innermost_of_body(&block.body, place).unwrap_or(outer))
        }
    })
}

fn around(outer: Span, place: Span) -> Option<Span> {
    (outer.start <= place.start && place.end <= outer.end).then_some(outer)
}
