//! YAML, and JSON with it, as a tree with the place of each part.

use std::borrow::Cow;
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle};

/// Levels of lists and mappings in each other.
const DEEPEST: usize = 100;

/// What is wrong with a document.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::model::storage) struct Flaw {
    pub(in crate::model::storage) why: String,
    /// The bytes of the text that are wrong, if it is not all.
    pub(in crate::model::storage) at: Option<Range<usize>>,
}

/// A value of a document.
#[derive(Debug)]
pub(super) struct Node<'t> {
    pub(super) value: Value<'t>,
    /// Its bytes in the text.
    pub(super) at: Range<usize>,
}

#[derive(Debug)]
pub(super) enum Value<'t> {
    /// A text; whether it is in quotes.
    Text(Cow<'t, str>, bool),
    List(Vec<Node<'t>>),
    /// Keys with their values.
    Map(Vec<(Node<'t>, Node<'t>)>),
    /// What another place has, which is not looked up.
    Alias,
}

impl Value<'_> {
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text, _) => Some(text),
            Self::List(_) | Self::Map(_) | Self::Alias => None,
        }
    }
}

/// A list or mapping that is not closed yet.
struct Open<'t> {
    start: usize,
    is_map: bool,
    inside: Vec<Node<'t>>,
}

/// Reads a text that is one document.
pub(super) fn read(text: &str) -> Result<Node<'_>, Flaw> {
    // The parser counts characters.
    let bytes: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let byte = |index: usize| bytes.get(index).copied().unwrap_or(text.len());
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut root = None;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let at = byte(error.marker().index());
            Flaw { why: format!("it is not YAML: {}", error.info()), at: Some(at..at) }
        })?;
        let at = byte(span.start.index())..byte(span.end.index());
        let value = match event {
            Event::Scalar(text, style, ..) => Value::Text(text, style != ScalarStyle::Plain),
            Event::Alias(_) => Value::Alias,
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                if open.len() >= DEEPEST {
                    return Err(Flaw { why: "its lists and mappings are too deep".to_owned(), at: Some(at) });
                }
                let is_map = matches!(event, Event::MappingStart(..));
                open.push(Open { start: at.start, is_map, inside: Vec::new() });
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(closed) => {
                    let node = closed.node(at.end);
                    add(node, &mut open, &mut root);
                    continue;
                }
                None => continue,
            },
            Event::DocumentStart(_) if root.is_some() => {
                return Err(Flaw { why: "it is more than one document".to_owned(), at: Some(at) });
            }
            Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::StreamStart
            | Event::StreamEnd
            | Event::Nothing => continue,
        };
        add(Node { value, at }, &mut open, &mut root);
    }
    root.ok_or_else(|| Flaw { why: "it is empty".to_owned(), at: None })
}

/// Puts a node where it belongs: into what is open, or on top.
fn add<'t>(node: Node<'t>, open: &mut [Open<'t>], root: &mut Option<Node<'t>>) {
    match open.last_mut() {
        Some(around) => around.inside.push(node),
        None => *root = Some(node),
    }
}

impl<'t> Open<'t> {
    fn node(self, end: usize) -> Node<'t> {
        let at = self.start..end;
        if !self.is_map {
            return Node { value: Value::List(self.inside), at };
        }
        let mut pairs = Vec::new();
        let mut inside = self.inside.into_iter();
        while let (Some(key), Some(value)) = (inside.next(), inside.next()) {
            pairs.push((key, value));
        }
        Node { value: Value::Map(pairs), at }
    }
}
