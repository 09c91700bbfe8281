//! True, false, or not known.

use std::ops::Not;

/// True, false, or not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "they say it")]
pub enum Truth {
    False,
    Unknown,
    True,
}

impl Truth {
    /// Whether both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// Whether one of them holds.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }

    /// Whether all hold; true for none.
    pub(crate) fn all(of: impl IntoIterator<Item = Self>) -> Self {
        of.into_iter().fold(Self::True, Self::and)
    }

    /// Whether one of them holds; false for none.
    pub(crate) fn any(of: impl IntoIterator<Item = Self>) -> Self {
        of.into_iter().fold(Self::False, Self::or)
    }

    /// What all say, and not known if they differ.
    pub(crate) fn agreed(of: impl IntoIterator<Item = Self>) -> Self {
        let same = |one: Option<Self>, other: Self| match one {
            None => Some(other),
            Some(one) if one == other => Some(one),
            Some(_) => Some(Self::Unknown),
        };
        of.into_iter().fold(None, same).unwrap_or(Self::Unknown)
    }
}

impl From<bool> for Truth {
    fn from(is_so: bool) -> Self {
        if is_so { Self::True } else { Self::False }
    }
}

impl Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::True => Self::False,
        }
    }
}
