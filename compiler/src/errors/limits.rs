//! Values that AWS does not accept.

use asiaq_ir::{Breach, Problem, Range, Shape};
use asiaq_lang::{Code, Diagnostic, Span};

use super::{codes, listed};

/// A value that AWS does not accept, and its place.
pub(crate) struct Offence<'a> {
    /// The value in words: "the name of an alarm".
    pub(crate) what: &'a str,
    pub(crate) span: Span,
    pub(crate) shape: &'a Shape,
    /// Whether the value is written at the place, and not put together from several.
    pub(crate) is_whole: bool,
}

/// A value in a resource. Some fields have codes of their own.
pub(crate) fn value_refused(what: &Offence<'_>, breach: &Breach<'_>) -> Option<Diagnostic> {
    let is_description =
        matches!(breach.sent.owner, "security group" | "group rule") && breach.sent.field == "description";
    match &breach.problem {
        Problem::Long { length, most, .. } if is_description && what.is_whole => {
            Some(too_long(codes::DESCRIPTION_TOO_LONG, what, *length, *most))
        }
        Problem::Character { character, is_first, .. } if is_description => {
            Some(bad_character(codes::DESCRIPTION_CHARACTER, what, *character, *is_first))
        }
        problem => refused(what, problem, breach.sent.field, breach.sent.owner),
    }
}

/// The key or the value of a tag.
pub(crate) fn tag_refused(what: &Offence<'_>, problem: &Problem<'_>) -> Option<Diagnostic> {
    let found = match problem {
        Problem::Long { length, most, .. } => too_long(codes::TAG_TOO_LONG, what, *length, *most),
        problem => refused(what, problem, "tags", "")?,
    };
    Some(if what.is_whole { found } else { found.label(format!("results in {}", what.what)) })
}

pub(crate) fn tags_over_limit(
    span: Span,
    owner: &str,
    count: usize,
    said: usize,
    shape: &Shape,
) -> Diagnostic {
    let most = shape.count.map_or(50, |range| range.most);
    let excess = i64::try_from(count).unwrap_or(i64::MAX).saturating_sub(most);
    let message = format!("{count} tags on {}, and AWS allows {most}", with_article(owner));
    Diagnostic::new(codes::TOO_MANY_TAGS, span, message)
        .label(format!("{said} tags are declared, and asiaq sets {} more", count.saturating_sub(said)))
        .help(format!("remove {excess} of them ({})", shape.page()))
}

fn refused(what: &Offence<'_>, problem: &Problem<'_>, field: &str, owner: &str) -> Option<Diagnostic> {
    Some(match problem {
        Problem::Long { text, length, most } if !what.is_whole => {
            let is_of_hostclass = matches!(owner, "launch template" | "Auto Scaling group");
            let code = if is_of_hostclass { codes::NAME_TOO_LONG } else { codes::NAME_OVER_LIMIT };
            name_over_limit(code, what, text, (*length, *most))
        }
        Problem::Long { length, most, .. } => too_long(codes::TOO_LONG, what, *length, *most),
        Problem::Short { length: 0, .. } => empty_value(what),
        Problem::Short { length, least, .. } => {
            let noun = if *length == 1 { "character" } else { "characters" };
            let message = format!("{} has {length} {noun}, and AWS requires {least}", what.what);
            Diagnostic::new(codes::TOO_SHORT, what.span, message)
                .label(format!("{length} {noun}"))
                .help(format!("write at least {least} characters ({})", what.shape.page()))
        }
        Problem::Character { text, .. } if what.is_whole && text.starts_with("arn:") => {
            arn_as_name(what, text)
        }
        Problem::Character { character, is_first, .. } => {
            bad_character(codes::BAD_CHARACTER, what, *character, *is_first)
        }
        Problem::Word { text } => Diagnostic::new(
            codes::UNKNOWN_WORD,
            what.span,
            format!("AWS does not know `{text}` as {}", what.what),
        )
        .label("unknown to AWS")
        .help(format!("write {}", listed(what.shape.words))),
        Problem::Number { value } => {
            let (low, high) = ends(what.shape.value?);
            let message = format!("{} is {value}, and AWS accepts {low} to {high}", what.what);
            Diagnostic::new(codes::OUT_OF_BOUNDS, what.span, message)
                .label("out of range")
                .help(format!("write a value from {low} to {high} ({})", what.shape.page()))
        }
        Problem::Count { count } => too_many(what, *count, field, owner)?,
        Problem::Bytes { text, most } if !matches!(field, "user_data" | "policy") => {
            let message = format!("{} has {} bytes, and AWS allows {most}", what.what, text.len());
            Diagnostic::new(codes::TOO_LONG, what.span, message).label(format!("{} bytes", text.len())).help(
                format!("shorten it by {} bytes ({})", text.len().saturating_sub(*most), what.shape.page()),
            )
        }
        // User data and the policies of buckets have their own messages, where they are put together; the language
        // requires what AWS requires.
        Problem::Bytes { .. } | Problem::Missing => return None,
    })
}

fn too_long(code: Code, what: &Offence<'_>, length: usize, most: i64) -> Diagnostic {
    Diagnostic::new(code, what.span, format!("{} has {length} characters, and AWS allows {most}", what.what))
        .label(format!("{length} characters"))
        .help(format!("{} ({})", shorten(length, most), what.shape.page()))
}

/// A name that consists of several.
fn name_over_limit(code: Code, what: &Offence<'_>, name: &str, (length, most): (usize, i64)) -> Diagnostic {
    let start: String = name.chars().take(40).collect();
    let message = format!("{} has {length} characters, and AWS allows {most}", what.what);
    Diagnostic::new(code, what.span, message).label("results in a text that is too long").help(format!(
        "{}: it is part of `{start}…` ({})",
        shorten(length, most),
        what.shape.page()
    ))
}

fn shorten(length: usize, most: i64) -> String {
    match i64::try_from(length).unwrap_or(i64::MAX).saturating_sub(most) {
        1 => "shorten it by one character".to_owned(),
        excess => format!("shorten it by {excess} characters"),
    }
}

fn empty_value(what: &Offence<'_>) -> Diagnostic {
    let most = what.shape.length.map_or(i64::MAX, |range| range.most);
    Diagnostic::new(codes::EMPTY_VALUE, what.span, format!("{} must not be empty", what.what))
        .label("empty")
        .help(match most {
            i64::MAX => format!("write a text ({})", what.shape.page()),
            most => format!("write 1 to {most} characters ({})", what.shape.page()),
        })
}

/// An ARN in place of a name.
fn arn_as_name(what: &Offence<'_>, arn: &str) -> Diagnostic {
    let name = arn.rsplit([':', '/']).next().unwrap_or(arn);
    Diagnostic::new(codes::BAD_CHARACTER, what.span, format!("an ARN stands in place of {}", what.what))
        .label("an ARN")
        .help(format!("write `\"{name}\"`, the name alone"))
}

fn bad_character(code: Code, what: &Offence<'_>, character: char, is_first: bool) -> Diagnostic {
    let shown = if character.is_control() || character == '`' {
        format!("U+{:04X}", u32::from(character))
    } else {
        format!("`{character}`")
    };
    let (message, label, set) = if is_first {
        let message = format!("{} must not begin with {shown}", what.what);
        (message, format!("begins with {shown}"), what.shape.first)
    } else {
        let message = format!("AWS does not allow {shown} in {}", what.what);
        (message, format!("contains {shown}"), what.shape.chars)
    };
    let allowed = set.map_or("other characters", |set| set.shown);
    let place = if is_first { "it may begin with" } else { "allowed are" };
    Diagnostic::new(code, what.span, message)
        .label(label)
        .help(format!("{place} {allowed} ({})", what.shape.page()))
}

fn too_many(what: &Offence<'_>, count: usize, field: &str, owner: &str) -> Option<Diagnostic> {
    let most = what.shape.count?.most;
    let excess = i64::try_from(count).unwrap_or(i64::MAX).saturating_sub(most);
    (excess > 0).then(|| {
        let message = format!("{} has {count} {field}, and AWS allows {most}", with_article(owner));
        Diagnostic::new(codes::TOO_MANY, what.span, message)
            .label(format!("{count} {field}"))
            .help(format!("remove {excess} of them ({})", what.shape.page()))
    })
}

/// The name of a scheduled action, which consists of the name of its group and its time.
pub(crate) fn scheduled_action_name(span: Span, length: usize, most: usize) -> Diagnostic {
    let message = format!("the name of a scheduled action has {length} characters, and AWS allows {most}");
    Diagnostic::new(codes::NAME_OVER_LIMIT, span, message)
        .label("results in a name that is too long")
        .help("the name contains this time: write ranges in place of lists, as in `0-59`, or shorten the names of hostclass and environment")
}

fn ends(range: Range) -> (String, String) {
    let shown = |end: i64, none: i64, word: &str| if end == none { word.to_owned() } else { end.to_string() };
    (shown(range.least, i64::MIN, "any number"), shown(range.most, i64::MAX, "any larger number"))
}

/// "an alarm", "a VPC".
pub(crate) fn with_article(words: &str) -> String {
    let is_vowel = words.starts_with(['a', 'A', 'e', 'E', 'i', 'I', 'o', 'O', 'u']);
    let article = if is_vowel && !words.starts_with("user") { "an" } else { "a" };
    format!("{article} {words}")
}
