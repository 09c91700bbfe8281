//! Patterns with `*` (any text), `?` (any character) and variables (a text that is not known yet).

/// One part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Token {
    /// This character.
    Char(char),
    /// Any one character.
    One,
    /// Any text, also none.
    Many,
    /// The value of a key of the request, or a value in its place.
    Variable(Box<Variable>),
}

/// A key of a request, and the value for requests without it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Variable {
    /// In lower case.
    pub(crate) key: String,
    pub(crate) default: Option<String>,
}

impl Token {
    /// A character of a text in which `*` and `?` are wildcards.
    pub(crate) fn wild(found: char) -> Self {
        match found {
            '*' => Self::Many,
            '?' => Self::One,
            other => Self::Char(other),
        }
    }

    /// Whether it is the value of a key.
    pub(crate) fn is_variable(&self) -> bool {
        matches!(self, Self::Variable(_))
    }
}

/// The tokens of a text in which `*` and `?` are wildcards and nothing is a variable.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    text.chars().map(Token::wild).collect()
}

/// The tokens of a text in which every character is itself.
pub(crate) fn literal(text: &str) -> Vec<Token> {
    text.chars().map(Token::Char).collect()
}

/// The text of tokens that are characters only.
pub(crate) fn plain(tokens: &[Token]) -> Option<String> {
    let letter = |token: &Token| match token {
        Token::Char(letter) => Some(*letter),
        _ => None,
    };
    tokens.iter().map(letter).collect()
}

/// Whether a pattern without variables matches a text.
pub(crate) fn matches(pattern: &[Token], text: &str) -> bool {
    covers(pattern, &literal(text))
}

/// Whether a pattern with `*` and `?` matches a text, without regard to the case of ASCII letters.
pub(crate) fn matches_ignoring_case(pattern: &str, text: &str) -> bool {
    if !pattern.contains(['*', '?']) {
        return pattern.eq_ignore_ascii_case(text);
    }
    if pattern.is_ascii() && text.is_ascii() {
        return fits(
            pattern.as_bytes(),
            text.as_bytes(),
            |token| *token == b'*',
            |token, letter| *token == b'?' || token.eq_ignore_ascii_case(letter),
        );
    }
    matches(&tokens(&pattern.to_ascii_lowercase()), &text.to_ascii_lowercase())
}

/// Whether everything that `inner` matches is matched by `outer`. False where that is not plain: `?*` is not seen to cover
/// `*?`.
pub(crate) fn covers(outer: &[Token], inner: &[Token]) -> bool {
    let is_covered = |outer: &Token, inner: &Token| match (outer, inner) {
        (Token::One, Token::Char(_) | Token::One) => true,
        (Token::Char(_) | Token::Variable(..), other) => outer == other,
        _ => false,
    };
    fits(outer, inner, |token| *token == Token::Many, is_covered)
}

/// Whether a text fits a pattern.
///
/// It takes at most as many steps as the product of the lengths: after a mismatch only the last `*` takes more text.
fn fits<T, U>(
    pattern: &[T],
    text: &[U],
    is_many: impl Fn(&T) -> bool,
    is_same: impl Fn(&T, &U) -> bool,
) -> bool {
    let (mut at, mut read) = (0, 0);
    let mut last: Option<(usize, usize)> = None;
    loop {
        match (pattern.get(at), text.get(read)) {
            (None, None) => return true,
            (Some(token), _) if is_many(token) => {
                at += 1;
                last = Some((at, read));
                continue;
            }
            (Some(token), Some(letter)) if is_same(token, letter) => {
                at += 1;
                read += 1;
                continue;
            }
            _ => {}
        }
        match last {
            Some((behind, from)) if from < text.len() => {
                last = Some((behind, from + 1));
                (at, read) = (behind, from + 1);
            }
            _ => return false,
        }
    }
}

/// Whether some text is matched by both patterns, whatever the values of variables.
pub(crate) fn overlap(one: &[Token], other: &[Token]) -> bool {
    let is_any = |token: &Token| matches!(token, Token::Many | Token::Variable(..));
    let is_char = |one: &Token, other: &Token| match (one, other) {
        (Token::Char(one), Token::Char(other)) => one == other,
        _ => true,
    };
    // Most pairs differ before their first wildcard.
    let start = one.iter().zip(other).take_while(|(one, other)| !is_any(one) && !is_any(other));
    if start.into_iter().any(|(one, other)| !is_char(one, other)) {
        return false;
    }
    // `behind[at]`: whether the rest of `one` behind the present token and `other` from `at` on have a text in common.
    let ends = |rest: &[Token]| rest.iter().all(is_any);
    let mut behind: Vec<bool> = (0..=other.len()).map(|at| other.get(at..).is_some_and(ends)).collect();
    for (number, token) in one.iter().enumerate().rev() {
        let mut here = vec![false; other.len() + 1];
        let mut next = one.get(number..).is_some_and(ends);
        if let Some(last) = here.last_mut() {
            *last = next;
        }
        for (at, found) in other.iter().enumerate().rev() {
            let below = behind.get(at).copied().unwrap_or_default();
            let across = behind.get(at + 1).copied().unwrap_or_default();
            // `next` is the same token of `one` with `other` from `at + 1` on.
            next = match (is_any(token), is_any(found)) {
                (true, _) if below => true,
                (true, false) => next,
                (_, true) => next || below,
                (false, false) => is_char(token, found) && across,
            };
            if let Some(slot) = here.get_mut(at) {
                *slot = next;
            }
        }
        behind = here;
    }
    behind.first().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Written as the definition reads, with as much backtracking as that needs.
    fn naive(pattern: &[char], text: &[char]) -> bool {
        match pattern {
            [] => text.is_empty(),
            ['*', rest @ ..] => (0..=text.len()).any(|taken| naive(rest, &text[taken..])),
            ['?', rest @ ..] => !text.is_empty() && naive(rest, &text[1..]),
            [first, rest @ ..] => text.first() == Some(first) && naive(rest, &text[1..]),
        }
    }

    /// All texts of up to four letters of an alphabet of two.
    fn texts() -> Vec<String> {
        let mut all = vec![String::new()];
        let mut last = all.clone();
        for _ in 0..4 {
            last = last.iter().flat_map(|text| ["a", "b"].map(|letter| format!("{text}{letter}"))).collect();
            all.extend(last.clone());
        }
        all
    }

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    proptest! {
        #[test]
        fn matching_is_what_the_definition_says(pattern in "[ab*?]{0,7}", text in "[ab]{0,7}") {
            let found = naive(&chars(&pattern), &chars(&text));
            prop_assert_eq!(matches(&tokens(&pattern), &text), found);
            prop_assert_eq!(matches_ignoring_case(&pattern.to_uppercase(), &text), found);
        }

        #[test]
        fn overlap_is_a_text_in_common(one in "[ab*?]{0,4}", other in "[ab*?]{0,4}") {
            // Two patterns of four letters that have a text in common have one of eight at most; with two letters and
            // these patterns one of four is enough to refute, and longer ones are made of the patterns themselves.
            let common = texts().iter().any(|text| naive(&chars(&one), &chars(text)) && naive(&chars(&other), &chars(text)));
            let found = overlap(&tokens(&one), &tokens(&other));
            prop_assert!(found || !common, "{one} {other}");
            if found && one.len() + other.len() <= 4 {
                prop_assert!(common, "{one} {other}");
            }
            prop_assert_eq!(found, overlap(&tokens(&other), &tokens(&one)));
        }

        #[test]
        fn what_is_covered_is_matched(outer in "[ab*?]{0,5}", inner in "[ab*?]{0,5}") {
            if covers(&tokens(&outer), &tokens(&inner)) {
                for text in texts().iter().filter(|text| naive(&chars(&inner), &chars(text))) {
                    prop_assert!(naive(&chars(&outer), &chars(text)), "{outer} {inner} {text}");
                }
            }
        }
    }

    #[test]
    fn plain_cases_are_covered() {
        for (outer, inner, is_covered) in [
            ("*", "anything*", true),
            ("arn:aws:s3:::b/*", "arn:aws:s3:::b/x/*", true),
            ("a*c", "a*b*c", true),
            ("a?", "ab", true),
            ("ab", "a?", false),
            ("a*", "*", false),
        ] {
            assert_eq!(covers(&tokens(outer), &tokens(inner)), is_covered, "{outer} {inner}");
        }
        let variable = [
            Token::Char('a'),
            Token::Variable(Box::new(Variable { key: "aws:username".to_owned(), default: None })),
        ];
        assert!(covers(&variable, &variable) && covers(&tokens("a*"), &variable));
        assert!(!covers(&tokens("ab"), &variable) && overlap(&tokens("ab"), &variable));
        assert!(!overlap(&tokens("b"), &variable));
    }

    /// A matcher that goes back to every star would take more steps here than there are atoms.
    #[test]
    fn many_stars_do_not_take_for_ever() {
        let stars = "a*".repeat(60) + "b";
        let text = "a".repeat(3_000);
        assert!(!matches(&tokens(&stars), &text));
        assert!(!covers(&tokens(&stars), &tokens(&"*a".repeat(300))));
        assert!(!overlap(&tokens(&stars), &tokens(&format!("{}c", "a*".repeat(60)))));
    }
}
