//! Scripts of instances: files beside the program, and texts in it.

use std::sync::Arc;

use asiaq_lang::ast::{Expr, ExprKind, Name, StringPart};
use asiaq_lang::{Diagnostic, Span};

use super::{Typer, VARIABLES, has_interpolation, plain};
use crate::errors;
use crate::types::Ty;
use crate::value::{Script, Spanned, Value};

/// First lines of scripts: a program, and what cloud-init knows by a word.
const STARTS: &[&str] = &["#!", "#cloud-config", "#cloud-boothook"];

impl Typer<'_, '_> {
    /// A script, or a list of scripts.
    pub(super) fn scripts(&mut self, expr: &Expr, site: Span) -> Value {
        let mut scripts = Vec::new();
        if self.script_list(expr, site, &mut scripts) { Value::List(scripts) } else { Value::Error }
    }

    fn script_list(&mut self, expr: &Expr, site: Span, into: &mut Vec<Spanned<Value>>) -> bool {
        let Some(behind) = self.behind_lets(expr).cloned() else { return false };
        let script = match &behind.kind {
            ExprKind::List(items) => return self.every(items, site, into, Self::script_list),
            ExprKind::Phrase(word, path) if word.text == "file" => self.file(word, path),
            ExprKind::String(parts) => self.inline(behind.span, parts),
            ExprKind::Error => None,
            _ => {
                self.mismatch(&behind, &Ty::Script, site);
                None
            }
        };
        let Some(script) = script else { return false };
        into.push(Spanned::new(Value::Script(script), site));
        true
    }

    /// `file "boot.sh"`. Its text is taken as it is: a shell has `${…}` of its own.
    fn file(&mut self, word: &Name, path: &Expr) -> Option<Script> {
        let (written, text) = self.read_file(word, path)?;
        let name = written.rsplit('/').next().unwrap_or_default().to_owned();
        self.check_script(path.span, Some(&name), &text).then_some(Script { file: Some(name), text })
    }

    /// The path in `file "boot.sh"`, and the text of the file.
    pub(super) fn read_file(&mut self, word: &Name, path: &Expr) -> Option<(String, Arc<str>)> {
        let ExprKind::String(parts) = &path.kind else {
            self.diagnostics.push(errors::file_without_quotes(path.span));
            return None;
        };
        if has_interpolation(parts) {
            self.diagnostics.push(errors::file_with_variable(path.span));
            return None;
        }
        let written = plain(parts);
        match self.names.file(word.span.file, &written)? {
            Ok(text) => Some((written, Arc::clone(text))),
            Err(why) => {
                self.diagnostics.push(errors::unreadable_script(path.span, why));
                None
            }
        }
    }

    /// `dir "root"`: the path of the folder for commands.
    pub(super) fn folder(&mut self, word: &Name, path: &Expr) -> Value {
        let ExprKind::String(parts) = &path.kind else {
            return self.report(errors::folder_without_quotes(path.span));
        };
        if has_interpolation(parts) {
            return self.report(errors::folder_with_variable(path.span));
        }
        match self.names.folder(word.span.file, &plain(parts)) {
            Some(Ok(path)) => Value::Text(path.clone()),
            Some(Err(why)) => self.report(errors::no_folder(path.span, why)),
            None => Value::Error,
        }
    }

    /// A script in the text of the program.
    fn inline(&mut self, span: Span, parts: &[StringPart]) -> Option<Script> {
        let told = self.diagnostics.len();
        for part in parts {
            if let StringPart::Interpolation(path) = part
                && !VARIABLES.contains(&path.text.as_str())
            {
                self.diagnostics.push(errors::variable_of_shell(path, VARIABLES));
            }
        }
        if told < self.diagnostics.len() {
            return None;
        }
        let text: Arc<str> = self.text(parts)?.into();
        let is_whole = self.variables.is_some() || !has_interpolation(parts);
        if is_whole && !self.check_script(span, None, &text) {
            return None;
        }
        Some(Script { file: None, text })
    }

    /// Reports what cloud-init would not run, and what should not be in a script. Returns whether it runs.
    fn check_script(&mut self, span: Span, file: Option<&str>, text: &str) -> bool {
        let wrong: Option<Diagnostic> = if text.trim().is_empty() {
            Some(errors::empty_script(span))
        } else if text.starts_with('\u{feff}') {
            Some(errors::script_with_mark(span))
        } else if let Some(line) = line_of(text, '\r') {
            Some(errors::script_line_ends(span, line))
        } else if let Some((line, bad)) = control(text) {
            Some(errors::binary_script(span, line, bad))
        } else if STARTS.iter().any(|start| text.starts_with(start)) {
            None
        } else {
            Some(errors::script_start(span, file, text))
        };
        if let Some(wrong) = wrong {
            self.diagnostics.push(wrong);
            return false;
        }
        if let Some((line, what)) = secret(text) {
            self.diagnostics.push(errors::secret_in_script(span, line, what));
        }
        true
    }
}

/// The number of the line with the first `wanted`.
fn line_of(text: &str, wanted: char) -> Option<usize> {
    let (before, _) = text.split_once(wanted)?;
    Some(before.matches('\n').count() + 1)
}

/// The first control character that no text has, with its line.
fn control(text: &str) -> Option<(usize, char)> {
    let is_binary = |c: &char| c.is_control() && !matches!(c, '\n' | '\t' | '\u{1b}');
    let bad = text.chars().find(is_binary)?;
    Some((line_of(text, bad)?, bad))
}

/// The first line that looks like a secret, and what it looks like.
fn secret(text: &str) -> Option<(usize, &'static str)> {
    text.lines().zip(1..).find_map(|(line, number)| Some((number, looks_secret(line)?)))
}

fn looks_secret(line: &str) -> Option<&'static str> {
    if line.contains("-----BEGIN ") && line.contains("PRIVATE KEY") {
        return Some("a private key");
    }
    let words = || line.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '/' | '+')));
    // The example keys of AWS's manuals end with this word.
    let is_access_key = |word: &str| {
        word.len() == 20
            && (word.starts_with("AKIA") || word.starts_with("ASIA"))
            && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            && !word.ends_with("EXAMPLE")
    };
    if words().any(is_access_key) {
        return Some("an AWS access key");
    }
    let lower = line.to_ascii_lowercase();
    let is_secret_key = lower.contains("secret_access_key") || lower.contains("secretaccesskey");
    if is_secret_key && words().any(|word| word.len() == 40 && !word.ends_with("EXAMPLEKEY")) {
        return Some("an AWS secret access key");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{looks_secret, secret};

    #[test]
    fn keys_are_secrets_and_their_names_are_none() {
        for (line, expected) in [
            ("-----BEGIN RSA PRIVATE KEY-----", Some("a private key")),
            ("-----BEGIN OPENSSH PRIVATE KEY-----", Some("a private key")),
            ("-----BEGIN CERTIFICATE-----", None),
            ("export AWS_ACCESS_KEY_ID=AKIAQWERTYUIOPASDFGH", Some("an AWS access key")),
            ("export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE", None),
            ("key = \"ASIAQWERTYUIOPASDFGH\"", Some("an AWS access key")),
            ("export AWS_ACCESS_KEY_ID=$ID", None),
            (
                "aws_secret_access_key = abcdefghijABCDEFGHIJ0123456789/+abcdefgh",
                Some("an AWS secret access key"),
            ),
            ("aws_secret_access_key = ${SECRET}", None),
            ("git checkout 0123456789abcdef0123456789abcdef01234567", None),
        ] {
            assert_eq!(looks_secret(line), expected, "{line}");
        }
        assert_eq!(secret("#!/bin/sh\n\n-----BEGIN PRIVATE KEY-----\n"), Some((3, "a private key")));
    }
}
