//! JSON values with their places.

use std::collections::BTreeMap;

use jsonc_parser::ast::{ObjectProp, Value};
use jsonc_parser::common::Ranged;

use super::Bytes;
use crate::document::Text;
use crate::near;
use crate::problem::{Code, Problem};

/// A value of a document.
#[derive(Clone, Copy, Debug)]
pub(super) struct Json<'t>(&'t Value<'t>);

/// The members of an object.
pub(super) struct Members<'t>(Vec<(Text<Bytes>, Json<'t>)>);

/// Reads a text. `serde_json` has the last word: `jsonc_parser` accepts line breaks in strings.
pub(super) fn parse<'t>(text: &'t str, problems: &mut Vec<Problem<Bytes>>) -> Option<Value<'t>> {
    let parsed = match crate::json::strict(text) {
        Ok(parsed) => parsed,
        Err((range, words)) => {
            problems.push(not_json(range, &words));
            return None;
        }
    };
    let Some(value) = parsed else {
        problems.push(not_json(0..text.len(), "the document is empty"));
        return None;
    };
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) {
        let at = byte(text, error.line(), error.column());
        let words = error.to_string();
        let words = words.rsplit_once(" at line ").map_or(words.as_str(), |(words, _)| words);
        problems.push(not_json(at..at, words));
        return None;
    }
    Some(value)
}

fn not_json(place: Bytes, words: &str) -> Problem<Bytes> {
    Problem::new(Code::NotJson, place, format!("the document is not JSON: {words}"))
        .help("names and texts are in double quotes, a comma is between two parts and behind none, and there are no comments")
}

/// The byte at a line and column in bytes, which count from one.
fn byte(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let at = (before + column.saturating_sub(1)).min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

impl<'t> Json<'t> {
    pub(super) fn new(value: &'t Value<'t>) -> Self {
        Self(value)
    }

    pub(super) fn place(self) -> Bytes {
        let range = self.0.range();
        range.start..range.end
    }

    /// What kind of value it is, as in "a list".
    fn kind(self) -> &'static str {
        match self.0 {
            Value::StringLit(_) => "a text",
            Value::NumberLit(_) => "a number",
            Value::BooleanLit(_) => "true or false",
            Value::Object(_) => "an object",
            Value::Array(_) => "a list",
            Value::NullKeyword(_) => "null",
        }
    }

    pub(super) fn wrong(self, what: &str, wanted: &str) -> Problem<Bytes> {
        let message = format!("{what} is {wanted}, and this is {}", self.kind());
        let help = match wanted {
            "an object" => "write it as `{ … }`",
            _ => "write it in double quotes",
        };
        Problem::new(Code::WrongShape, self.place(), message).help(help)
    }

    /// The members; a key that is there twice is a problem, and the first counts.
    pub(super) fn object(self, what: &str, problems: &mut Vec<Problem<Bytes>>) -> Option<Members<'t>> {
        let Value::Object(object) = self.0 else {
            problems.push(self.wrong(what, "an object"));
            return None;
        };
        let mut seen: BTreeMap<String, Bytes> = BTreeMap::new();
        let mut members = Vec::new();
        for ObjectProp { name, value, .. } in &object.properties {
            let range = name.range();
            let name = Text::new(range.start..range.end, name.as_str());
            if let Some(first) = seen.get(&name.value) {
                let message = format!("{what} has `{}` twice", name.value);
                problems.push(
                    Problem::new(Code::Repeated, name.place, message)
                        .help("keep one of them, with the values of both")
                        .related(first.clone(), "it is here already"),
                );
                continue;
            }
            seen.insert(name.value.clone(), name.place.clone());
            members.push((name, Json(value)));
        }
        Some(Members(members))
    }

    /// The elements of a list; a value that is no list is a list of one.
    pub(super) fn one_or_more(self) -> Vec<Self> {
        match self.0 {
            Value::Array(list) => list.elements.iter().map(Json).collect(),
            _ => vec![self],
        }
    }

    pub(super) fn text(self, what: &str, problems: &mut Vec<Problem<Bytes>>) -> Option<Text<Bytes>> {
        if let Value::StringLit(text) = self.0 {
            return Some(Text::new(self.place(), text.value.clone()));
        }
        problems.push(self.wrong(what, "a text"));
        None
    }

    /// The texts of a list, or a text by itself.
    pub(super) fn texts(self, what: &str, problems: &mut Vec<Problem<Bytes>>) -> Vec<Text<Bytes>> {
        let found = self.one_or_more();
        if found.is_empty() {
            problems.push(self.empty(what));
        }
        found.into_iter().filter_map(|one| one.text(what, problems)).collect()
    }

    /// The values of a condition: texts, numbers and truth values, which IAM keeps as texts.
    pub(super) fn scalars(self, what: &str, problems: &mut Vec<Problem<Bytes>>) -> Vec<Text<Bytes>> {
        let found = self.one_or_more();
        if found.is_empty() {
            problems.push(self.empty(what));
        }
        let scalar = |one: Self| match one.0 {
            Value::NumberLit(number) => Some(Text::new(one.place(), number.value)),
            Value::BooleanLit(truth) => Some(Text::new(one.place(), truth.value.to_string())),
            _ => one.text(what, problems),
        };
        found.into_iter().filter_map(scalar).collect()
    }

    fn empty(self, what: &str) -> Problem<Bytes> {
        Problem::new(Code::WrongShape, self.place(), format!("{what} is an empty list"))
            .help("name one value at least, or leave the element out")
    }
}

impl<'t> Members<'t> {
    pub(super) fn get(&self, name: &str) -> Option<Json<'t>> {
        self.named(name).map(|(_, value)| *value)
    }

    pub(super) fn named(&self, name: &str) -> Option<&(Text<Bytes>, Json<'t>)> {
        self.0.iter().find(|(known, _)| known.value == name)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Text<Bytes>, Json<'t>)> {
        self.0.iter().map(|(name, value)| (name, *value))
    }

    /// Refuses members of other names than `known`; case counts.
    pub(super) fn refuse_others(&self, what: &str, known: &[&str], problems: &mut Vec<Problem<Bytes>>) {
        for (name, _) in self.iter().filter(|(name, _)| !known.contains(&name.value.as_str())) {
            let meant = near::slip(&name.value, known.iter().copied());
            let message = format!("{what} has no element `{}`", name.value);
            problems.push(
                Problem::new(Code::UnknownElement, name.place.clone(), message)
                    .help(format!("its elements are {}", listed(known)))
                    .instead(meant.map(|meant| format!("\"{meant}\""))),
            );
        }
    }
}

fn listed(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}
