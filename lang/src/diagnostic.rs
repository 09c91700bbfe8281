//! Diagnostics as data. The binary draws them.

use serde::{Deserialize, Serialize};

use crate::{Code, Severity, Span};

/// One mistake, with its place and how to fix it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Which mistake it is.
    pub code: Code,
    /// Whether the program is refused for it.
    pub severity: Severity,
    /// Headline, complete without the label.
    pub message: String,
    /// The smallest place that is wrong.
    pub primary: Span,
    /// The message at the primary place; absent if the headline covers it.
    pub label: Option<String>,
    /// Other places that contributed.
    pub related: Vec<Related>,
    /// How to fix it.
    pub help: Option<String>,
    /// A change that fixes it.
    pub fix: Option<Fix>,
}

/// Another place that contributed to a mistake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Related {
    /// The place.
    pub span: Span,
    /// Its part in it, as in "allocated here".
    pub message: String,
}

/// A change of the source that fixes a mistake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// Title, as in "write `10.1.0.0/16`".
    pub title: String,
    /// Whether it may be applied without review.
    pub applicability: Applicability,
    /// The edits, in order, none overlapping.
    pub edits: Vec<Edit>,
}

/// Whether a fix may be applied without review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Applicability {
    /// Without review: the text has only this meaning.
    Safe,
    /// After review: the text could have another meaning.
    Suggested,
}

/// One replacement of text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// The text to replace.
    pub span: Span,
    /// The new text.
    pub text: String,
}

impl Diagnostic {
    /// The diagnostic `code` at `primary`.
    pub fn new(code: Code, primary: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            message: message.into(),
            primary,
            label: None,
            related: Vec::new(),
            help: None,
            fix: None,
        }
    }

    /// With a label at the primary place.
    #[must_use]
    pub fn label(mut self, message: impl Into<String>) -> Self {
        self.label = Some(message.into());
        self
    }

    /// With another place.
    #[must_use]
    pub fn related(mut self, span: Span, message: impl Into<String>) -> Self {
        self.related.push(Related { span, message: message.into() });
        self
    }

    /// With a help text.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With a suggested fix: `text` in place of `span`.
    #[must_use]
    pub fn fix(self, title: impl Into<String>, span: Span, text: impl Into<String>) -> Self {
        self.edits(Applicability::Suggested, title, [(span, text.into())])
    }

    /// With a safe fix: `text` in place of `span`.
    #[must_use]
    pub fn safe_fix(self, title: impl Into<String>, span: Span, text: impl Into<String>) -> Self {
        self.edits(Applicability::Safe, title, [(span, text.into())])
    }

    /// With a change at several places, in order.
    #[must_use]
    pub fn edits(
        mut self,
        applicability: Applicability,
        title: impl Into<String>,
        edits: impl IntoIterator<Item = (Span, String)>,
    ) -> Self {
        let edits = edits.into_iter().map(|(span, text)| Edit { span, text }).collect();
        self.fix = Some(Fix { title: title.into(), applicability, edits });
        self
    }

    /// Whether the program is refused for it.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
