//! Names of resources, and patterns of them.

use crate::document::Version;
use crate::pattern::{Token, covers, literal, overlap, plain};
use crate::variables::{Wildcards, parts};

/// A pattern of resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Arns {
    /// All (`*`).
    All,
    /// The six parts of an ARN: `arn`, partition, service, region, account and the rest. A wildcard is within a part.
    Parts(Vec<Vec<Token>>),
    /// No ARN; it matches nothing.
    Malformed,
}

/// Reads a pattern of a statement.
pub(crate) fn arns(text: &str, version: Version) -> Arns {
    of_tokens(parts(text, version, Wildcards::Any).0)
}

/// A pattern of which the variables may be filled in already.
pub(crate) fn of_tokens(tokens: Vec<Token>) -> Arns {
    if tokens == [Token::Many] {
        return Arns::All;
    }
    let mut found: Vec<Vec<Token>> = vec![Vec::new()];
    for token in tokens {
        if token == Token::Char(':') && found.len() < 6 {
            found.push(Vec::new());
        } else if let Some(last) = found.last_mut() {
            last.push(token);
        }
    }
    let is_arn = found.len() == 6 && found.first().is_some_and(|first| *first == literal("arn"));
    if is_arn { Arns::Parts(found) } else { Arns::Malformed }
}

impl Arns {
    /// Whether all resources of the other pattern are of this one. False where that is not plain.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::All, _) => true,
            (Self::Parts(mine), Self::Parts(others)) => {
                mine.iter().zip(others).all(|(mine, other)| covers(mine, other))
            }
            _ => false,
        }
    }

    /// Whether some resource is of both patterns.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Malformed, _) | (_, Self::Malformed) => false,
            (Self::All, _) | (_, Self::All) => true,
            (Self::Parts(mine), Self::Parts(others)) => {
                mine.iter().zip(others).all(|(mine, other)| overlap(mine, other))
            }
        }
    }

    /// The account that all its resources are in, if it names one.
    pub(crate) fn account(&self) -> Option<String> {
        let Self::Parts(parts) = self else { return None };
        let account = plain(parts.get(4)?)?;
        is_account_id(&account).then_some(account)
    }

    /// Whether all its resources have a slash in their last part.
    pub(crate) fn has_slash(&self) -> bool {
        let last = match self {
            Self::Parts(parts) => parts.last(),
            Self::All | Self::Malformed => None,
        };
        last.is_some_and(|rest| rest.contains(&Token::Char('/')))
    }

    /// Whether it is a service's resources of any kind and name, as `arn:aws:s3:::*`.
    pub(crate) fn is_whole_service(&self) -> bool {
        match self {
            Self::All => true,
            Self::Parts(parts) => parts.last().is_some_and(|rest| *rest == [Token::Many]),
            Self::Malformed => false,
        }
    }
}

/// Whether a text is the id of an account: twelve digits.
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_do_not_leave_their_part() {
        let of = |text: &str| arns(text, Version::V2012);
        for (outer, inner, is_covered) in [
            ("*", "arn:aws:s3:::b", true),
            ("arn:aws:s3:::*", "arn:aws:s3:::b/k:x", true),
            ("arn:*:sns:*:*:t", "arn:aws:sns:us-east-1:111111111111:t", true),
            ("arn:aws:*:t:u:v", "arn:aws:sns:us-east-1:t:u:v", false),
            ("arn:aws:s3:::B", "arn:aws:s3:::b", false),
            ("arn:aws:s3*", "arn:aws:s3:::b", false),
        ] {
            assert_eq!(of(outer).covers(&of(inner)), is_covered, "{outer} {inner}");
        }
        assert!(of("arn:aws:s3:::a*").overlaps(&of("arn:aws:s3:::*b")));
        assert!(!of("arn:aws:s3:::a*").overlaps(&of("arn:aws:s3:::b*")));
        for wrong in ["", "b", "arn:aws:s3", "ARN:aws:s3:::b", "arn:aws:s3:b"] {
            assert_eq!(of(wrong), Arns::Malformed, "{wrong}");
        }
    }
}
