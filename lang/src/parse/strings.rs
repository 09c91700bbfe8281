//! Strings: escapes and interpolation.

use super::{Builder, Node};
use crate::{
    ast::{ExprKind, Name, StringPart},
    errors,
};

impl<'t> Builder<'t> {
    pub(super) fn string(&mut self, node: &Node<'t>) -> ExprKind {
        let start = node.as_span().start();
        if self.repaired.is_broken(self.between(start, start)) {
            return ExprKind::Error;
        }
        let inner = node.as_str();
        let inner = inner.strip_prefix('"').unwrap_or(inner);
        let inner = inner.strip_suffix('"').unwrap_or(inner);
        if !inner.contains(['\\', '$']) {
            return ExprKind::String(match inner {
                "" => Vec::new(),
                text => vec![StringPart::Text(text.to_owned())],
            });
        }
        let told = self.diagnostics.len();
        let parts = self.string_parts(inner, start + 1);
        if told < self.diagnostics.len() { ExprKind::Error } else { ExprKind::String(parts) }
    }

    /// The parts of the text between the quotes, which starts at byte `base` of the chunk.
    fn string_parts(&mut self, inner: &str, base: usize) -> Vec<StringPart> {
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut rest = inner;
        while let Some(next) = rest.find(['\\', '$']) {
            let (plain, special) = rest.split_at(next);
            text.push_str(plain);
            let at = base + inner.len() - special.len();
            if let Some(body) = special.strip_prefix("${") {
                let Some((name, after)) = body.split_once('}') else {
                    self.report(errors::unclosed_interpolation(self.between(at, at + 2)));
                    text.push_str(special);
                    rest = "";
                    continue;
                };
                if !text.is_empty() {
                    parts.push(StringPart::Text(std::mem::take(&mut text)));
                }
                parts.push(StringPart::Interpolation(self.interpolation(name, at + 2)));
                rest = after;
                continue;
            }
            let mut characters = special.chars();
            match (characters.next(), characters.next()) {
                (Some('\\'), Some('n')) => text.push('\n'),
                (Some('\\'), Some('t')) => text.push('\t'),
                (Some('\\'), Some(escaped @ ('"' | '\\' | '$'))) => text.push(escaped),
                (Some('\\'), Some(other)) => {
                    let place = self.between(at, at + 1 + other.len_utf8());
                    self.report(errors::unknown_escape(place, other));
                    text.push(other);
                }
                (first, _) => {
                    text.extend(first);
                    characters = special.chars();
                    characters.next();
                }
            }
            rest = characters.as_str();
        }
        text.push_str(rest);
        if !text.is_empty() {
            parts.push(StringPart::Text(text));
        }
        parts
    }

    /// The name between `${` and `}`, which starts at byte `base` of the chunk.
    fn interpolation(&mut self, inner: &str, base: usize) -> Name {
        let name = inner.trim();
        let start = base + inner.len() - inner.trim_start().len();
        let span = self.between(start, start + name.len());
        let proper = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
        };
        if !name.split('.').all(proper) {
            self.report(errors::expected_interpolation(self.between(base - 2, base + inner.len() + 1)));
        }
        Name { text: name.to_owned(), span }
    }
}
