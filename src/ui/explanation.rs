//! The source lines of values.

use std::fmt::Write as _;

use asiaq_compiler::{Explanation, Place};
use asiaq_ir::{Address, Node, Origin};
use serde_json::Value;

use super::table::{self, Cell};
use super::text::{self, BOLD, DIM, GOOD, PLAIN, paint};
use super::width::width;

/// Each value with the source lines that set it, the effective one first and marked.
pub(crate) fn values(explanations: &[Explanation]) -> String {
    let mut text = String::new();
    for explanation in explanations {
        text.push_str(&paint(BOLD, &explanation.path));
        text.push('\n');
        let rows: Vec<Vec<Cell>> = explanation.places.iter().map(place).collect();
        for line in table::fitted(&rows, 1, width().saturating_sub(2), 5).concat() {
            let _ = writeln!(text, "  {line}");
        }
    }
    text
}

fn place(place: &Place) -> Vec<Cell> {
    let (mark, style) = if place.wins { ("=", PLAIN) } else { (" ", DIM) };
    vec![
        Cell::new(GOOD, mark),
        Cell::new(style, place.text.split_whitespace().collect::<Vec<_>>().join(" ")),
        Cell::new(DIM, format!("{}:{}", place.file, place.line)),
    ]
}

/// A resource with the source lines that decided each field.
pub(crate) fn resource(address: &Address, node: &Node) -> String {
    let kind = node.resource.kind().name();
    let head = [Cell::new(BOLD, address.as_str()), Cell::plain(format!("{kind} in {}", node.region))];
    let value = node.resource.to_value();
    let mut rows = Vec::new();
    for (field, value) in value.as_object().into_iter().flatten().filter(|(field, _)| *field != "kind") {
        match value {
            Value::Array(elements) if !elements.is_empty() => {
                let kind = node.resource.kind();
                rows.extend(elements.iter().enumerate().map(|(at, element)| {
                    let key = asiaq_ir::Resource::element_key(kind, field, element);
                    let said = text::element(field, element, address.scope().as_str());
                    row(if at == 0 { field } else { "" }, said, &[node.cite(field, Some(&key))])
                }));
            }
            _ => rows.push(row(field, text::value(value), &chain(node, field))),
        }
    }
    rows.extend(
        node.tags.iter().enumerate().map(|(at, (key, value))| {
            row(if at == 0 { "tags" } else { "" }, format!("{key} = {value:?}"), &[])
        }),
    );
    rows.extend(node.after.iter().map(|after| row("after", after.to_string(), &[])));
    let head = [head.to_vec(), vec![Cell::new(DIM, node.origin.to_string())]].concat();
    let head = table::fitted(&[head], 0, width(), 2).concat();
    let body = table::fitted(&rows, 1, width().saturating_sub(2), 4).concat();
    let body = body.into_iter().map(|line| format!("  {line}"));
    head.into_iter().chain(body).map(|line| line + "\n").collect()
}

fn row(field: &str, value: String, origins: &[&Origin]) -> Vec<Cell> {
    let mut places = origins.iter().map(ToString::to_string);
    let winner = places.next().unwrap_or_default();
    let losers: Vec<String> = places.collect();
    let losers = if losers.is_empty() { String::new() } else { format!("over {}", losers.join(", ")) };
    vec![Cell::new(DIM, field), Cell::plain(value), Cell::plain(winner), Cell::new(DIM, losers)]
}

fn chain<'n>(node: &'n Node, field: &str) -> Vec<&'n Origin> {
    node.provenance.get(field).map(|chain| chain.iter().collect()).unwrap_or_default()
}
