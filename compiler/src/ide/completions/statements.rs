//! What may be typed in a statement of a policy.

use asiaq_iam::table::{self, KeyType};

use super::{CompletionKind, Offers, Rank};
use crate::library::kinds;
use crate::model::OBJECTS;

/// What is expected at a place of a statement.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part<'t> {
    /// An action; the text is what is typed of it.
    Action(&'t str),
    /// A resource, behind the word of its kind if there is one.
    Resource(Option<&'t str>),
    /// A principal, behind the word of its kind if there is one.
    Principal(Option<&'t str>),
    /// A condition key; the text is what is typed of it.
    Key(&'t str),
    /// One of these words.
    Word(&'static [&'static str]),
}

/// Bytes before the cursor in which a statement is looked for.
const LONGEST: usize = 4096;

const OPERATORS: &[&str] = &[
    "exists",
    "is",
    "is absent",
    "is not",
    "like",
    "not like",
    "<",
    "<=",
    ">",
    ">=",
    "StringEqualsIgnoreCase",
];

/// What is expected at byte `at`, where that is in a statement. There may be no tree of it yet.
pub(super) fn find(text: &str, at: usize) -> Option<Part<'_>> {
    let start = (at.saturating_sub(LONGEST)..=at).find(|start| text.is_char_boundary(*start))?;
    let before = text.get(start..at)?;
    let typed_from = before.rfind(is_separator).map_or(0, |last| last + 1);
    let (before, typed) = before.split_at_checked(typed_from)?;
    let statement = ["allow ", "deny "].iter().filter_map(|word| starts(before, word)).max();
    let from = statement.max(claim(before))?;
    let words = Words::read(before.get(from..)?)?;
    words.part(typed)
}

/// Where a word was last the first one of something.
fn starts(text: &str, word: &str) -> Option<usize> {
    let is_start = |at: &usize| {
        let before = text.get(..*at).unwrap_or_default();
        before.is_empty() || before.ends_with(|c: char| c.is_whitespace() || matches!(c, '{' | ',' | ')'))
    };
    text.rmatch_indices(word).map(|(at, _)| at).find(is_start)
}

/// Where `can` or `cannot` was last said of a role, group or user.
fn claim(text: &str) -> Option<usize> {
    let (at, _) = [" can ", " cannot "].iter().filter_map(|word| text.rmatch_indices(word).next()).max()?;
    let who = text.get(..at)?.rsplit(['\n', '{', ',']).next()?.trim_start();
    let is_one = who.split_once(' ').is_some_and(|(kind, _)| is_identity(kind));
    (is_one || who.ends_with(']')).then_some(at + 1)
}

fn is_separator(c: char) -> bool {
    c.is_ascii_whitespace() || matches!(c, ',' | '[' | ']' | '{' | '}' | '"' | '=')
}

/// The words of a statement up to the cursor, a closed list being one.
struct Words<'t> {
    said: Vec<&'t str>,
    /// Whether the cursor is in a list.
    in_list: bool,
    /// Whether the cursor is on a line that may begin something else.
    is_fresh: bool,
}

impl<'t> Words<'t> {
    /// Nothing if the text has more than a statement, or ends in a string or comment.
    fn read(text: &'t str) -> Option<Self> {
        const GO_ON: &[&str] = &["and", "from", "not", "on", "when"];
        if text.contains(['{', '}', '=']) || text.contains("//") || text.matches('"').count() % 2 == 1 {
            return None;
        }
        let (mut words, mut in_list, mut is_fresh) = (Vec::new(), false, false);
        for line in text.split('\n') {
            let mut is_first = !words.is_empty();
            for word in line.split_inclusive(is_separator) {
                let end = word.chars().next_back().filter(|last| is_separator(*last));
                let plain = word.trim_end_matches(is_separator);
                if !plain.is_empty() && !in_list {
                    let goes_on = words.last().is_some_and(|last| GO_ON.contains(last));
                    if std::mem::replace(&mut is_first, false) && !goes_on && !GO_ON.contains(&plain) {
                        return None;
                    }
                    words.push(plain);
                }
                match end {
                    Some('[') => in_list = true,
                    Some(']') => {
                        in_list = false;
                        words.push("]");
                    }
                    // A comma outside a list ends the statement.
                    Some(',') if !in_list => return None,
                    _ => {}
                }
            }
            is_fresh = is_first && !in_list && !words.last().is_some_and(|last| GO_ON.contains(last));
        }
        Some(Self { said: words, in_list, is_fresh })
    }

    fn part(&self, typed: &'t str) -> Option<Part<'t>> {
        const KEYWORDS: &[&str] = &["allow", "deny", "can", "cannot", "on", "from", "when", "and"];
        let is_claim = self.said.first().is_some_and(|first| first.starts_with("can"));
        let last = self.said.iter().rposition(|word| KEYWORDS.contains(word))?;
        let after: Vec<&str> = self
            .said
            .get(last + 1..)?
            .iter()
            .copied()
            .filter(|word| *word != "not" || is_test(self.said.get(last)))
            .collect();
        let is_open = after.is_empty() || self.in_list;
        // `role deployer`: the kind is one word, and the name is typed.
        let kind = || after.last().copied().filter(|word| is_kind(word));
        let part = match *self.said.get(last)? {
            "can" | "cannot" if after.contains(&"reach") => return None,
            "allow" | "deny" | "can" | "cannot" if is_open => Part::Action(typed),
            "allow" | "deny" => Part::Word(&["from", "on", "when"]),
            "can" | "cannot" => Part::Word(&["on", "when"]),
            "on" if is_open || kind().is_some() => Part::Resource(kind()),
            "on" if is_claim => Part::Word(&["when"]),
            "on" => Part::Word(&["from", "when"]),
            "from" if is_open || kind().is_some() => Part::Principal(kind()),
            "from" => Part::Word(&["when"]),
            _ => match after.as_slice() {
                [] | ["all" | "any", "of"] => Part::Key(typed),
                ["all" | "any"] => Part::Word(&["of"]),
                [_] | ["all" | "any", "of", _] => Part::Word(OPERATORS),
                _ if self.in_list => return None,
                [.., "exists" | "absent"] => Part::Word(&["and"]),
                [_, "is" | "like"] => Part::Word(&["false", "true"]),
                _ => Part::Word(&["and", "if present"]),
            },
        };
        let goes_on = match &part {
            Part::Word(words) => !typed.is_empty() && words.iter().any(|word| word.starts_with(typed)),
            _ => false,
        };
        (!self.is_fresh || goes_on).then_some(part)
    }
}

fn is_test(keyword: Option<&&str>) -> bool {
    matches!(keyword, Some(&("when" | "and")))
}

/// Whether a word stands before the name of someone who makes requests, in a claim.
pub(super) fn is_identity(word: &str) -> bool {
    matches!(word, kinds::GROUP | kinds::ROLE | kinds::USER)
}

fn is_kind(word: &str) -> bool {
    word == kinds::ACCOUNT || kinds::OF_ACCOUNTS.contains(&word)
}

impl Offers<'_> {
    pub(super) fn statement(&mut self, part: &Part<'_>) {
        match part {
            Part::Action(typed) => self.actions(typed),
            Part::Key(typed) => self.condition_keys(typed),
            Part::Resource(kind) => {
                let is_of_bucket = |heading: &[&str]| heading.first() == Some(&kinds::BUCKET);
                if kind.is_none() && self.cursor.frames.iter().any(|frame| is_of_bucket(&frame.heading)) {
                    self.plain(Rank::First, CompletionKind::Word, OBJECTS, None);
                }
                self.in_accounts(*kind, kinds::OF_ACCOUNTS);
            }
            Part::Principal(kind) => {
                const PRINCIPALS: &[&str] = &[kinds::ROLE, kinds::SAML, kinds::USER];
                if kind.is_none() {
                    for word in [kinds::ACCOUNT, kinds::ROLE, kinds::SAML, "service", kinds::USER] {
                        self.plain(Rank::First, CompletionKind::Keyword, word, None);
                    }
                }
                self.in_accounts(*kind, kind.map_or(&[], |_| PRINCIPALS));
            }
            Part::Word(words) => {
                for word in *words {
                    self.plain(Rank::First, CompletionKind::Keyword, word, None);
                }
            }
        }
    }

    /// Declarations of this kind, or of all these kinds and `all`.
    pub(super) fn in_accounts(&mut self, kind: Option<&str>, all: &[&str]) {
        if kind.is_none() {
            self.plain(Rank::First, CompletionKind::Word, "all", None);
        }
        if kind == Some(kinds::ACCOUNT) {
            for name in self.names.of_kind(kinds::ACCOUNT) {
                self.plain(Rank::First, CompletionKind::Declaration, name, Some(kinds::ACCOUNT.to_owned()));
            }
        }
        for of in all.iter().filter(|of| kind.is_none_or(|kind| kind == **of)) {
            for name in self.names.in_accounts(of) {
                self.plain(Rank::Second, CompletionKind::Declaration, name, Some((*of).to_owned()));
            }
        }
    }

    /// Actions of the service whose prefix is typed, or prefixes.
    fn actions(&mut self, typed: &str) {
        let Some((prefix, _)) = typed.split_once(':') else {
            for prefix in table::services() {
                self.plain(Rank::First, CompletionKind::Word, &format!("{prefix}:"), None);
            }
            return;
        };
        for action in table::service(prefix).into_iter().flat_map(table::Service::actions) {
            let level = action.level().map(|level| format!("{level:?}").to_lowercase());
            self.plain(Rank::First, CompletionKind::Word, action.name, level);
        }
    }

    /// Keys of the prefix that is typed, or those of all services and the prefixes.
    fn condition_keys(&mut self, typed: &str) {
        let typed = typed.split_once(':').map(|(prefix, _)| prefix);
        let keys = |prefix: &str| {
            let keys = table::service(prefix).into_iter().flat_map(table::Service::keys);
            keys.collect::<Vec<(String, KeyType)>>()
        };
        for (name, kind) in keys(typed.unwrap_or("aws")) {
            // What varies in a key is typed by hand: `aws:ResourceTag/`.
            let name = name.split('*').next().unwrap_or_default();
            let rest = name.split_once(':').map_or(name, |(_, rest)| rest);
            let label = typed.map_or(name, |_| rest);
            self.plain(Rank::First, CompletionKind::Word, label, Some(format!("{kind:?}")));
        }
        if typed.is_none() {
            for word in ["all of", "any of"] {
                self.plain(Rank::Second, CompletionKind::Keyword, word, None);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is expected at the end of a text.
    fn at_end(text: &str) -> Option<Part<'_>> {
        find(text, text.len())
    }

    #[test]
    fn every_part_of_a_statement_is_known_by_the_words_before_it() {
        let policy = "policy p {\n  ";
        let cases = [
            ("allow s3:Ge", Some(Part::Action("s3:Ge"))),
            ("deny not [s3:Get*, iam:", Some(Part::Action("iam:"))),
            ("allow s3:GetObject ", Some(Part::Word(&["from", "on", "when"]))),
            ("allow [s3:GetObject] o", Some(Part::Word(&["from", "on", "when"]))),
            ("allow s3:GetObject on co", Some(Part::Resource(None))),
            ("allow s3:GetObject on [a, role ", Some(Part::Resource(None))),
            ("allow s3:GetObject on role ", Some(Part::Resource(Some("role")))),
            ("allow s3:GetObject on a from account ", Some(Part::Principal(Some("account")))),
            ("allow s3:GetObject on a\n    when aws:S", Some(Part::Key("aws:S"))),
            ("allow s3:GetObject on a when any of ", Some(Part::Key(""))),
            ("allow s3:GetObject on a when aws:SourceIp ", Some(Part::Word(OPERATORS))),
            ("allow s3:GetObject on a when aws:X exists ", Some(Part::Word(&["and"]))),
            ("allow s3:GetObject on a when aws:X is not b ", Some(Part::Word(&["and", "if present"]))),
            ("allow s3:GetObject on a\n  zones", None),
            ("allow s3:GetObject on a\n  wh", Some(Part::Word(&["from", "when"]))),
            ("allow s3:GetObject on \"arn:", None),
            ("path = ", None),
            ("allow(unused-nat", None),
            ("role web can iam:", Some(Part::Action("iam:"))),
            ("user a cannot [s3:Get*, ", Some(Part::Action(""))),
            ("[role web, role api] can ", Some(Part::Action(""))),
            ("group g cannot iam:* ", Some(Part::Word(&["on", "when"]))),
            ("role web can s3:GetObject on role ", Some(Part::Resource(Some("role")))),
            ("role web can s3:GetObject on all ", Some(Part::Word(&["when"]))),
            ("role web can s3:GetObject on all when ", Some(Part::Key(""))),
            ("web can ", None),
            ("hostclass web can reach ", None),
        ];
        for (text, expected) in cases {
            assert_eq!(at_end(&format!("{policy}{text}")), expected, "{text}");
        }
    }
}
