//! The outer form of filter patterns of CloudWatch Logs (Amazon CloudWatch Logs user guide, "Filter pattern syntax for metric
//! filters"). What is inside a comparison is left to AWS: a pattern that AWS takes is never refused here.

/// A pattern, as far as a metric refers to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pattern<'p> {
    /// `ERROR -debug`: words, quoted text, regular expressions.
    Terms,
    /// `{ $.status = 401 }`
    Json,
    /// `[ip, user, …, size]`, with the names of its fields.
    Fields(Vec<&'p str>),
}

/// Why CloudWatch Logs refuses a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mistake {
    /// It begins with this bracket and does not end with its counterpart.
    Open(char),
    /// A bracket, quote or `%` inside has no counterpart.
    Unbalanced(char),
    /// This is compared in JSON, and is no selector.
    Selector(String),
    /// This selector is compared with nothing.
    Comparison(String),
    /// This is no name of a field.
    Field(String),
    /// This term has characters that need quotes.
    Term(String),
}

/// Characters of a term that need quotes. Others that may, such as a dot, are left to AWS.
const SPECIAL: &[char] = &[
    ':', '/', '@', '(', ')', '[', ']', '{', '}', '=', ',', ';', '\'', '<', '>', '&', '|', '!', '#', '$',
    '\\', '"', '%',
];

impl<'p> Pattern<'p> {
    pub(crate) fn read(text: &'p str) -> Result<Self, Mistake> {
        let text = text.trim();
        if let Some(inner) = text.strip_prefix('{') {
            let inner = inner.strip_suffix('}').ok_or(Mistake::Open('{'))?;
            json(&tokens(inner)?)?;
            return Ok(Self::Json);
        }
        if let Some(inner) = text.strip_prefix('[') {
            let inner = inner.strip_suffix(']').ok_or(Mistake::Open('['))?;
            return fields(&tokens(inner)?).map(Self::Fields);
        }
        for token in tokens(text)? {
            if let Token::Word(word) = token
                && let term = word.trim_start_matches(['?', '-'])
                && term.contains(SPECIAL)
            {
                return Err(Mistake::Term(word.to_owned()));
            }
        }
        Ok(Self::Terms)
    }

    /// Whether the value of a metric is a number, or a field that a matching event has.
    pub(crate) fn has(&self, value: &str) -> bool {
        let Some(field) = value.strip_prefix('$') else { return true };
        match self {
            Self::Terms => false,
            Self::Json => field.starts_with(['.', '[']),
            Self::Fields(names) => names.contains(&field),
        }
    }

    /// The names of its fields, if fields have names in it.
    pub(crate) fn fields(&self) -> Option<Vec<&'p str>> {
        match self {
            Self::Fields(names) => Some(names.clone()),
            Self::Terms | Self::Json => None,
        }
    }
}

/// A part of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'p> {
    /// Anything without blanks, marks and quotes.
    Word(&'p str),
    /// `"text"` or `%regular expression%`, perhaps after `?` or `-`.
    Quoted,
    /// `=`, `!=`, `<`, `<=`, `>`, `>=`
    Compare,
    /// `&&`, `||`
    Join,
    /// `,`
    Comma,
    /// `(`, `)`, `!`
    Mark(char),
}

/// The parts of a pattern. Text in quotes and regular expressions is not looked into.
fn tokens(text: &str) -> Result<Vec<Token<'_>>, Mistake> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '"' | '%' => (Token::Quoted, quoted(rest, first)?),
            '?' | '-' if rest.get(1..).is_some_and(|rest| rest.starts_with(['"', '%'])) => {
                let mark = rest.chars().nth(1).unwrap_or('"');
                (Token::Quoted, 1 + quoted(rest.get(1..).unwrap_or_default(), mark)?)
            }
            ',' => (Token::Comma, 1),
            '(' | ')' => (Token::Mark(first), 1),
            '=' => (Token::Compare, 1),
            '<' | '>' => (Token::Compare, if rest.get(1..2) == Some("=") { 2 } else { 1 }),
            '!' if rest.get(1..2) == Some("=") => (Token::Compare, 2),
            '!' => (Token::Mark('!'), 1),
            '&' if rest.starts_with("&&") => (Token::Join, 2),
            '|' if rest.starts_with("||") => (Token::Join, 2),
            _ => {
                let length = word(rest);
                (Token::Word(rest.get(..length).unwrap_or(rest)), length)
            }
        };
        found.push(token);
        rest = rest.get(length..).unwrap_or_default().trim_start();
    }
    Ok(found)
}

/// The length of a quoted text with its marks.
fn quoted(text: &str, mark: char) -> Result<usize, Mistake> {
    let mut is_escaped = false;
    for (at, char) in text.char_indices().skip(1) {
        if char == mark && !is_escaped {
            return Ok(at + mark.len_utf8());
        }
        is_escaped = char == '\\' && !is_escaped;
    }
    Err(Mistake::Unbalanced(mark))
}

/// The length of a word. Brackets in it, as in `$.users[0].id` or `$.['a b']`, hold anything.
fn word(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, char) in text.char_indices() {
        match char {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            ' ' | '\t' | '\n' | '\r' | ',' | '(' | ')' | '=' | '<' | '>' | '"' if depth == 0 && at > 0 => {
                return at;
            }
            '!' if depth == 0 && at > 0 && text.get(at + 1..).is_some_and(|rest| rest.starts_with('=')) => {
                return at;
            }
            '&' | '|'
                if depth == 0
                    && at > 0
                    && text.get(at..at + 2).is_some_and(|two| two == "&&" || two == "||") =>
            {
                return at;
            }
            _ => {}
        }
    }
    text.len()
}

/// `$.a = 1 && ($.b NOT EXISTS || …)`: every comparison has a selector on its left.
fn json(tokens: &[Token<'_>]) -> Result<(), Mistake> {
    let mut depth = 0_usize;
    let mut atom: Vec<Token<'_>> = Vec::new();
    for token in tokens {
        match token {
            Token::Mark('(') => depth += 1,
            Token::Mark(')') => depth = depth.checked_sub(1).ok_or(Mistake::Unbalanced(')'))?,
            Token::Mark(_) => {}
            Token::Join => comparison(&std::mem::take(&mut atom))?,
            Token::Word(_) | Token::Quoted | Token::Compare | Token::Comma => atom.push(*token),
        }
    }
    if depth > 0 {
        return Err(Mistake::Unbalanced('('));
    }
    comparison(&atom)
}

fn comparison(atom: &[Token<'_>]) -> Result<(), Mistake> {
    match atom {
        [Token::Word(selector), rest @ ..] => {
            if !selector.starts_with("$.") && !selector.starts_with("$[") {
                return Err(Mistake::Selector((*selector).to_owned()));
            }
            match rest {
                [Token::Compare, _, ..] | [Token::Word(_), ..] => Ok(()),
                _ => Err(Mistake::Comparison((*selector).to_owned())),
            }
        }
        [Token::Quoted, ..] => Err(Mistake::Selector("a text in quotes".to_owned())),
        _ => Err(Mistake::Comparison("{ }".to_owned())),
    }
}

/// `ip, user, …, status = 4*, size`: the names of the fields.
fn fields<'p>(tokens: &[Token<'p>]) -> Result<Vec<&'p str>, Mistake> {
    let mut depth = 0_usize;
    for token in tokens {
        match token {
            Token::Mark('(') => depth += 1,
            Token::Mark(')') => depth = depth.checked_sub(1).ok_or(Mistake::Unbalanced(')'))?,
            _ => {}
        }
    }
    if depth > 0 {
        return Err(Mistake::Unbalanced('('));
    }
    let mut names = Vec::new();
    for part in tokens.split(|token| matches!(token, Token::Comma | Token::Join)) {
        let mut part = part.iter().filter(|token| !matches!(token, Token::Mark(_)));
        match part.next() {
            Some(Token::Word(name)) => {
                let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '*');
                if !name.chars().all(is_name) {
                    return Err(Mistake::Field((*name).to_owned()));
                }
                names.push(*name);
            }
            // A field without a name, or a value that is compared with without one.
            Some(Token::Quoted | Token::Compare | Token::Comma | Token::Join | Token::Mark(_)) | None => {}
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the user guide, and from templates of AWS.
    #[test]
    fn patterns_that_cloudwatch_takes_are_taken() {
        for text in [
            "",
            " ",
            "ERROR",
            "ERROR ARGUMENTS",
            "?ERROR ?ARGUMENTS",
            "ERROR -ARGUMENTS",
            "\"INTERNAL SERVER ERROR\"",
            "?\"a b\" -\"c d\"",
            "\"[ERROR]: {x}\" -\"a \\\"b\\\"\"",
            "%AUTHORIZED%",
            "?%[a-z]+=x% -debug",
            "task_1 10.0.0.5 user-name *",
            "{ $.status = 401 }",
            "{$.eventType = \"UpdateTrail\"}",
            "{ ($.errorCode = \"*UnauthorizedOperation\") || ($.errorCode = \"AccessDenied*\") }",
            "{ $.userIdentity.type = \"Root\" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != \"AwsServiceEvent\" }",
            "{ $.arrayKey[0] = \"value\" }",
            "{ $.['cluster.name'] = \"c\" }",
            "{ $.objectList[1].flag IS TRUE }",
            "{ $.SomeObject IS NULL }",
            "{ $.latency > 1e3 && ($.name = %ab[c-d]+% || $.n >= -2.5) }",
            "{ $.sourceIPAddress != 123.123.* }",
            "{ !($.a = 1) }",
            "[ip, user, username, timestamp, request, status_code, bytes > 1000]",
            "[..., status_code = 4*, bytes]",
            "[ip, user, username, timestamp, request =*.html*, status_code = 4*, bytes]",
            "[w1=ERROR, w2]",
            "[w1 != %ERROR%, w2]",
            "[ip, user_id, username, timestamp, request, status = 404 || status = 410, bytes]",
            "[(w1 = \"a\" || w1 = \"b, c\") && w2 > 5, w3]",
            "[timestamp=*Z && request_id=\"*-*\" && type, event=\"{*\"]",
            "[r=RESULT*, , x]",
            "[]",
        ] {
            assert!(Pattern::read(text).is_ok(), "{text}: {:?}", Pattern::read(text));
        }
    }

    #[test]
    fn patterns_that_cloudwatch_refuses_are_told() {
        let word = str::to_owned;
        for (text, mistake) in [
            ("[ip, user, size", Mistake::Open('[')),
            ("{ $.level = ERROR", Mistake::Open('{')),
            ("{ status = 401 }", Mistake::Selector(word("status"))),
            ("{ $.a = 1 && level = \"x\" }", Mistake::Selector(word("level"))),
            ("{ $status = 401 }", Mistake::Selector(word("$status"))),
            ("{ $.status }", Mistake::Comparison(word("$.status"))),
            ("{ $.status = }", Mistake::Comparison(word("$.status"))),
            ("{ }", Mistake::Comparison(word("{ }"))),
            ("{ ($.a = 1 }", Mistake::Unbalanced('(')),
            ("{ $.a = 1) }", Mistake::Unbalanced(')')),
            ("{ $.a = \"x }", Mistake::Unbalanced('"')),
            ("\"ERROR", Mistake::Unbalanced('"')),
            ("%ERROR", Mistake::Unbalanced('%')),
            ("ERROR: failed", Mistake::Term(word("ERROR:"))),
            ("-user@example.com", Mistake::Term(word("-user@example.com"))),
            ("[ip, $user, size]", Mistake::Field(word("$user"))),
        ] {
            assert_eq!(Pattern::read(text), Err(mistake), "{text}");
        }
    }

    #[test]
    fn a_value_is_a_field_of_its_pattern() {
        let has = |pattern: &str, value: &str| Pattern::read(pattern).unwrap().has(value);
        assert!(has("ERROR", "1") && has("ERROR", "-1.5"));
        assert!(has("[ip, user, status = 404 || status = 410, size]", "$size"));
        assert!(has("[ip, user, status = 4*, size > 5]", "$status"));
        assert!(has("{ $.size > 0 }", "$.size") && has("{ $.size > 0 }", "$.other[0].x"));
        assert!(!has("ERROR", "$size") && !has("", "$.size"));
        assert!(!has("[ip, user]", "$size") && !has("[ip, user]", "$.user"));
        assert!(!has("{ $.size > 0 }", "$size"));
    }
}
