//! JSON, with the place of each part.

use asiaq_lang::{Diagnostic, FileId, Span};
use jsonc_parser::ast;
use jsonc_parser::common::Ranged as _;

use crate::codes;

/// A value with its place.
#[derive(Clone, Debug)]
pub(crate) struct Json {
    pub(crate) span: Span,
    pub(crate) value: Value,
}

#[derive(Clone, Debug)]
pub(crate) enum Value {
    Null,
    Truth(bool),
    Number(String),
    Text(String),
    List(Vec<Json>),
    Table(Vec<Member>),
}

/// A member of an object.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) name_span: Span,
    pub(crate) value: Json,
}

/// Levels of the deepest value that is read.
const DEEPEST: usize = 100;

/// Reads a text, or says what is wrong with it.
pub(crate) fn read(file: FileId, text: &str) -> Result<Json, Box<Diagnostic>> {
    let wrong = |span: Span, words: &str| {
        Diagnostic::new(codes::BAD_JSON, span, format!("this is not JSON: {words}"))
            .help("the original stops at the file")
    };
    let wrong = |span: Span, words: &str| Box::new(wrong(span, words));
    if let Some(at) = too_deep(text) {
        return Err(wrong(Span::new(file, at, at + 1), "it is nested too deeply"));
    }
    match asiaq_iam::json::strict(text) {
        Ok(Some(value)) => Ok(json(file, &value)),
        Ok(None) => Err(wrong(Span::new(file, 0, text.len().min(1)), "it is empty")),
        Err((range, words)) => {
            let (start, end) = (range.start.min(text.len()), range.end.min(text.len()));
            Err(wrong(Span::new(file, start, end.max(start)), &words))
        }
    }
}

/// Where a text is nested too deeply.
fn too_deep(text: &str) -> Option<usize> {
    let (mut depth, mut is_text, mut is_escaped) = (0_usize, false, false);
    for (at, sign) in text.char_indices() {
        match sign {
            _ if is_escaped => is_escaped = false,
            '\\' if is_text => is_escaped = true,
            '"' => is_text = !is_text,
            '[' | '{' if !is_text => {
                depth += 1;
                if depth > DEEPEST {
                    return Some(at);
                }
            }
            ']' | '}' if !is_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

fn json(file: FileId, value: &ast::Value<'_>) -> Json {
    let place = |range: jsonc_parser::common::Range| Span::new(file, range.start, range.end);
    let span = place(value.range());
    let value = match value {
        ast::Value::NullKeyword(_) => Value::Null,
        ast::Value::BooleanLit(truth) => Value::Truth(truth.value),
        ast::Value::NumberLit(number) => Value::Number(number.value.to_owned()),
        ast::Value::StringLit(text) => Value::Text(text.value.to_string()),
        ast::Value::Array(list) => Value::List(list.elements.iter().map(|item| json(file, item)).collect()),
        ast::Value::Object(table) => Value::Table(
            table
                .properties
                .iter()
                .map(|member| Member {
                    name: member.name.as_str().to_owned(),
                    name_span: place(member.name.range()),
                    value: json(file, &member.value),
                })
                .collect(),
        ),
    };
    Json { span, value }
}

impl Json {
    /// A member of an object: of two of one name, the last one.
    pub(crate) fn get(&self, name: &str) -> Option<&Json> {
        self.members().iter().rev().find(|member| member.name == name).map(|member| &member.value)
    }

    /// The members of an object.
    pub(crate) fn members(&self) -> &[Member] {
        match &self.value {
            Value::Table(members) => members,
            _ => &[],
        }
    }

    /// The items of a list.
    pub(crate) fn items(&self) -> &[Json] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A number, also one in quotes.
    pub(crate) fn number(&self) -> Option<u64> {
        match &self.value {
            Value::Number(text) => text.parse().ok(),
            _ => None,
        }
    }

    pub(crate) fn truth(&self) -> Option<bool> {
        match self.value {
            Value::Truth(truth) => Some(truth),
            _ => None,
        }
    }

    /// The same with another federated principal in the first statement.
    pub(crate) fn with_federated(&self, arn: &str) -> Self {
        let mut changed = self.clone();
        let Value::Table(members) = &mut changed.value else { return changed };
        for member in members.iter_mut().filter(|member| member.name == "Statement") {
            let first = match &mut member.value.value {
                Value::List(items) => items.first_mut(),
                _ => Some(&mut member.value),
            };
            let Some(Value::Table(parts)) = first.map(|first| &mut first.value) else { continue };
            for part in parts.iter_mut().filter(|part| part.name == "Principal") {
                let of = |name: &str, value: Value| Member {
                    name: name.to_owned(),
                    name_span: part.name_span,
                    value: Json { span: part.value.span, value },
                };
                let federated = of("Federated", Value::Text(arn.to_owned()));
                part.value.value = Value::Table(vec![federated]);
            }
        }
        changed
    }

    /// The same at one place.
    pub(crate) fn at(&self, span: Span) -> Self {
        let value = match &self.value {
            Value::List(items) => Value::List(items.iter().map(|item| item.at(span)).collect()),
            Value::Table(members) => {
                let member = |member: &Member| Member {
                    name: member.name.clone(),
                    name_span: span,
                    value: member.value.at(span),
                };
                Value::Table(members.iter().map(member).collect())
            }
            plain => plain.clone(),
        };
        Self { span, value }
    }

    /// On one line, without white space.
    pub(crate) fn written(&self) -> String {
        match &self.value {
            Value::Null => "null".to_owned(),
            Value::Truth(truth) => truth.to_string(),
            Value::Number(number) => number.clone(),
            Value::Text(text) => quoted(text),
            Value::List(items) => {
                format!("[{}]", items.iter().map(Self::written).collect::<Vec<_>>().join(","))
            }
            Value::Table(members) => {
                let member = |member: &Member| format!("{}:{}", quoted(&member.name), member.value.written());
                format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(","))
            }
        }
    }
}

fn quoted(text: &str) -> String {
    let mut written = String::from("\"");
    for sign in text.chars() {
        match sign {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\t' => written.push_str("\\t"),
            sign if sign.is_control() => written.extend(format!("\\u{:04x}", u32::from(sign)).chars()),
            sign => written.push(sign),
        }
    }
    written.push('"');
    written
}

#[cfg(test)]
mod tests;
