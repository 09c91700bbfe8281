//! The marks of changes, and the lines below a row.

use anstyle::Style;
use asiaq_runtime::Action;

use crate::ui::text::{BAD, CHANGED, GOOD, REPLACED, WARNING, paint};

/// What a step does with its resource, or with a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    Plus,
    Minus,
    Changed,
    Replaced,
    /// Something stops for a while.
    Stops,
}

impl Mark {
    pub(super) fn of(action: &Action) -> Self {
        match action {
            Action::Create { .. } => Self::Plus,
            Action::Update { .. } => Self::Changed,
            Action::Replace { .. } => Self::Replaced,
            Action::Delete { .. } => Self::Minus,
        }
    }

    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Plus => "+",
            Self::Minus => "-",
            Self::Changed => "~",
            Self::Replaced => "±",
            Self::Stops => "!",
        }
    }

    pub(super) fn style(self) -> Style {
        match self {
            Self::Plus => GOOD,
            Self::Minus => BAD,
            Self::Changed => CHANGED,
            Self::Replaced => REPLACED,
            Self::Stops => WARNING,
        }
    }

    pub(super) fn painted(self) -> String {
        paint(self.style(), self.sign())
    }
}

/// A line below a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Detail {
    pub(super) mark: Mark,
    pub(super) text: String,
    /// The source line, or what is known about drift.
    pub(super) place: String,
}
