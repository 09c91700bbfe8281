//! Line ends: a text keeps those that it has.

use std::borrow::Cow;

/// How the lines of a text end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineEnds {
    /// `\n`
    Unix,
    /// `\r\n`
    Windows,
}

impl LineEnds {
    /// The line ends of most lines of `text`; `\n` if it has as many of both.
    pub(super) fn of(text: &str) -> Self {
        let windows = text.matches("\r\n").count();
        let unix = text.bytes().filter(|byte| *byte == b'\n').count() - windows;
        if windows > unix { Self::Windows } else { Self::Unix }
    }

    /// `text`, whose lines end in `\n`, with these line ends.
    pub(super) fn restore(self, text: String) -> String {
        match self {
            Self::Unix => text,
            Self::Windows => text.replace('\n', "\r\n"),
        }
    }
}

/// `text` with `\n` in place of `\r\n`.
pub(super) fn unix(text: &str) -> Cow<'_, str> {
    if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n")) } else { Cow::Borrowed(text) }
}
