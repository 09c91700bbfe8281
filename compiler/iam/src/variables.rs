//! Variables in texts of policies: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`, and `${*}` for a `*` that is
//! no wildcard ("IAM policy elements: Variables and tags").

use crate::document::Version;
use crate::pattern::{Token, Variable};

/// What is wrong with a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Slip {
    /// `${` without `}`.
    Open,
    /// What is between the braces is no key, nor a key with a value in quotes behind a comma.
    NoKey(String),
}

/// The parts of a text, and what is wrong with its variables; a variable that is wrong is text. Version 2008 has none.
/// `*` and `?` are wildcards if the caller says so.
pub(crate) fn parts(text: &str, version: Version, wildcards: Wildcards) -> (Vec<Token>, Vec<Slip>) {
    let mut tokens = Vec::new();
    let mut slips = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if version == Version::V2012
            && let Some(inner) = rest.strip_prefix("${")
        {
            let found = inner.split_once('}').map(|(inner, behind)| (variable(inner), inner, behind));
            match found {
                Some((Some(token), _, behind)) => {
                    tokens.push(token);
                    rest = behind;
                    continue;
                }
                Some((None, inner, _)) => slips.push(Slip::NoKey(inner.to_owned())),
                None => slips.push(Slip::Open),
            }
        }
        tokens.push(match wildcards {
            Wildcards::Any => Token::wild(first),
            Wildcards::None => Token::Char(first),
        });
        rest = rest.get(first.len_utf8()..).unwrap_or_default();
    }
    (tokens, slips)
}

/// Whether `*` and `?` stand for other text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wildcards {
    /// They do.
    Any,
    /// They are themselves.
    None,
}

/// What is between the braces.
fn variable(inner: &str) -> Option<Token> {
    match inner {
        "*" | "?" | "$" => return inner.chars().next().map(Token::Char),
        _ => {}
    }
    let (key, default) = inner.split_once(',').map_or((inner, None), |(key, default)| (key, Some(default)));
    let default = match default.map(str::trim) {
        None => None,
        Some(text) => Some(text.strip_prefix('\'')?.strip_suffix('\'')?.to_owned()),
    };
    let key = key.trim();
    let is_key = key.split_once(':').is_some_and(|(prefix, name)| !prefix.is_empty() && !name.is_empty());
    let is_plain =
        key.chars().all(|letter| !letter.is_whitespace() && !matches!(letter, '$' | '{' | '*' | '?'));
    (is_key && is_plain)
        .then(|| Token::Variable(Box::new(Variable { key: key.to_ascii_lowercase(), default })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> (Vec<Token>, Vec<Slip>) {
        parts(text, Version::V2012, Wildcards::Any)
    }

    #[test]
    fn variables_are_found_and_signs_behind_a_dollar_are_themselves() {
        let of_key =
            |key: &str, default| Token::Variable(Box::new(Variable { key: key.to_owned(), default }));
        let user = of_key("aws:username", None);
        assert_eq!(of("a${aws:UserName}*"), (vec![Token::Char('a'), user, Token::Many], vec![]));
        let team = of_key("aws:principaltag/team", Some("no, one".to_owned()));
        assert_eq!(of("${aws:PrincipalTag/team, 'no, one'}"), (vec![team], vec![]));
        let signs = ['*', '?', '$'].map(Token::Char).to_vec();
        assert_eq!(of("${*}${?}${$}"), (signs, vec![]));
        assert_eq!(parts("${*}", Version::V2008, Wildcards::None).0.len(), 4);
        assert_eq!(parts("*", Version::V2012, Wildcards::None).0, [Token::Char('*')]);
    }

    #[test]
    fn what_is_no_variable_is_text() {
        assert_eq!(of("${aws:username").1, [Slip::Open]);
        assert_eq!(of("$").1, []);
        for wrong in ["", "username", "aws:", ":x", "aws:x, y", "aws:x, 'y", "aws: x"] {
            let text = format!("${{{wrong}}}");
            let (tokens, slips) = of(&text);
            assert_eq!(slips, [Slip::NoKey(wrong.to_owned())]);
            assert!(!tokens.iter().any(Token::is_variable), "{wrong}");
        }
    }
}
