//! What is wrong, as data; drawing it is the binary's business.

use serde::{Deserialize, Serialize};

use crate::{Code, Severity, Span};

/// One mistake, with its place and the way out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Which mistake it is.
    pub code: Code,
    /// Whether the program is refused for it.
    pub severity: Severity,
    /// Headline that stands alone.
    pub message: String,
    /// The smallest place that is wrong.
    pub primary: Span,
    /// What to say at the primary place; the headline is enough where absent.
    pub label: Option<String>,
    /// Other places that contributed.
    pub related: Vec<Related>,
    /// What to do.
    pub help: Option<String>,
    /// A change that mends it.
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

/// A change of the source that mends a mistake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// What it does, as in "write `10.1.0.0/16`".
    pub title: String,
    /// Who may apply it.
    pub applicability: Applicability,
    /// The edits, in order, none overlapping.
    pub edits: Vec<Edit>,
}

/// Who may apply a fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Applicability {
    /// Anything: it says what the text can only have meant.
    Safe,
    /// A person who has read it: it is likely, but there are other readings.
    Suggested,
}

/// One replacement of text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// What goes.
    pub span: Span,
    /// What comes.
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

    /// With words at the primary place.
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

    /// With a way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With a change that probably mends it: it puts `text` where `span` is, once a person has agreed.
    #[must_use]
    pub fn fix(self, title: impl Into<String>, span: Span, text: impl Into<String>) -> Self {
        self.edits(Applicability::Suggested, title, [(span, text.into())])
    }

    /// With a change that says what the text can only have meant: it puts `text` where `span` is.
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
