//! Codes of diagnostics, with what holds for all diagnostics of a code.

use std::{cmp::Ordering, fmt, ops::Deref};

use serde::{Deserialize, Serialize, Serializer};

/// Which mistake a diagnostic is about. The codes of a crate are declared by [`declare_diagnostics`].
///
/// [`declare_diagnostics`]: crate::declare_diagnostics
#[derive(Clone, Copy, Debug)]
pub struct Code {
    name: &'static str,
    severity: Severity,
    tags: &'static [Tag],
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The program is refused.
    Error,
    /// The program is taken.
    Warning,
}

/// A property of a code that other parts of asiaq act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// A bracket lacks its partner: other diagnostics near it are not reliable.
    Delimiter,
    /// The code that it points at has no effect. Editors show it faded.
    Unnecessary,
    /// The fields of a declaration do not fit together: a mistake in one of them may be the cause.
    WholeBlock,
    /// A claim of the program does not hold, and the program means something without it.
    Claim,
    /// Only found with the facts of an AWS account, so never by `asiaq check`.
    AccountFacts,
}

impl Code {
    /// A code; used by [`declare_diagnostics`](crate::declare_diagnostics).
    pub const fn new(name: &'static str, severity: Severity, tags: &'static [Tag]) -> Self {
        Self { name, severity, tags }
    }

    /// In kebab-case, as in `host-bits-set`.
    pub const fn as_str(self) -> &'static str {
        self.name
    }

    /// Whether a program with such a diagnostic is refused.
    pub const fn severity(self) -> Severity {
        self.severity
    }

    /// Whether the code has `tag`.
    pub fn has(self, tag: Tag) -> bool {
        self.tags.contains(&tag)
    }
}

impl Deref for Code {
    type Target = str;

    fn deref(&self) -> &str {
        self.name
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Code {}

impl PartialOrd for Code {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Code {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name.cmp(other.name)
    }
}

impl PartialEq<&str> for Code {
    fn eq(&self, other: &&str) -> bool {
        self.name == *other
    }
}

impl PartialEq<Code> for &str {
    fn eq(&self, other: &Code) -> bool {
        *self == other.name
    }
}

/// Declares the diagnostics of a crate: a constant for each, and `ALL` of them. A line is
/// `NAME = "code", SEVERITY, TAG…;`, after the visibility of the constants.
#[macro_export]
macro_rules! declare_diagnostics {
    ($vis:vis $($name:ident = $code:literal, $severity:ident $(, $tag:ident)*;)*) => {
        $(
            #[doc = concat!("`", $code, "`")]
            $vis const $name: $crate::Code =
                $crate::Code::new($code, $crate::Severity::$severity, &[$($crate::Tag::$tag),*]);
        )*

        /// Every diagnostic that is declared here, in order of code.
        $vis const ALL: &[$crate::Code] = &[$($name),*];
    };
}
