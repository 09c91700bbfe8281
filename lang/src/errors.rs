//! Everything the parser has to say.

mod foreign;
mod habits;

pub(crate) use foreign::*;
pub(crate) use habits::*;

use crate::{
    Diagnostic, Span,
    ast::{Expr, ExprKind, Name},
    scan::Bracket,
};

/// Code as a message shows it: one line of it, shortened where it is long.
fn excerpt(text: &str) -> String {
    const LONGEST: usize = 40;
    let line = text.lines().next().unwrap_or("").trim();
    if line.chars().count() <= LONGEST && line.len() == text.trim_end().len() {
        return format!("`{line}`");
    }
    let start: String = line.chars().take(LONGEST).collect();
    format!("`{}…`", start.trim_end())
}

/// The bare word that text is, if it is one.
pub(crate) fn as_word(text: &str) -> Option<&str> {
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let word = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.chars().all(inside);
    word.then_some(text)
}

// --------------------------------------------------------------------------------- Brackets and quotes

pub(crate) fn too_many_mistakes(at: Span) -> Diagnostic {
    Diagnostic::error("too-many-mistakes", at, "from here on there are more mistakes than are worth telling")
        .help("mend the ones above first, or check that this is an `.asq` file")
}

pub(crate) fn nested_too_deeply(place: Span) -> Diagnostic {
    Diagnostic::error("nested-too-deeply", place, "this is nested more than 64 brackets deep")
        .help("give an inner value a name with `let`")
}

pub(crate) fn unclosed(opened: Span, bracket: Bracket, next: Option<Span>) -> Diagnostic {
    let (code, what) = match bracket {
        Bracket::Brace => ("unclosed-block", "this `{` has no `}`"),
        Bracket::Square => ("unclosed-list", "this `[` has no `]`"),
    };
    let found = Diagnostic::error(code, opened, what).label("opened here");
    match next {
        Some(next) => found
            .related(next, "what stands here no longer belongs to it")
            .help(format!("add `{}` before this", bracket.close())),
        None => found.help(format!("add `{}` where it ends", bracket.close())),
    }
}

pub(crate) fn wrong_close(close: Span, opened: Span, bracket: Bracket) -> Diagnostic {
    let (code, open, right) = match bracket {
        Bracket::Brace => ("unclosed-block", "{", "}"),
        Bracket::Square => ("unclosed-list", "[", "]"),
    };
    Diagnostic::error(code, close, format!("`{open}` is closed by `{right}`, not by this"))
        .related(opened, "opened here")
        .fix(format!("write `{right}`"), close, right)
}

pub(crate) fn unopened(header: Span, close: Span) -> Diagnostic {
    Diagnostic::error("unopened-block", header, "a `{` is missing at the end of this line")
        .related(close, "its `}` stands here")
        .fix("add `{`", header, " {")
}

pub(crate) fn stray_close(place: Span, bracket: Bracket) -> Diagnostic {
    Diagnostic::error("stray-close", place, format!("this `{}` closes nothing", bracket.close()))
        .help("remove it, or add what it should close")
        .fix("remove it", place, "")
}

pub(crate) fn unclosed_string(place: Span) -> Diagnostic {
    Diagnostic::error("unclosed-string", place, "this string has no closing `\"`")
        .help("a string ends on the line where it starts")
}

/// Only a limit of the parser's own leads here.
pub(crate) fn unreadable(place: Span) -> Diagnostic {
    Diagnostic::error("unexpected-text", place, "this declaration cannot be read")
}

// ------------------------------------------------------------------------------ Habits of other formats

/// `==`, `:=` or `=>`.
pub(crate) fn double_equals(place: Span, mark: &str) -> Diagnostic {
    Diagnostic::error("expected-equals", place, format!("a value follows `=`, not `{mark}`"))
        .help("fields are written `name = value`")
        .safe_fix("write `=`", place, "=")
}

/// `var x = 5`
pub(crate) fn let_by_another_name(word: Span, text: &str) -> Diagnostic {
    Diagnostic::error("unknown-kind", word, format!("`{text}` is no kind of declaration"))
        .help("a value gets a name with `let office = 54.201.1.1/32`")
        .safe_fix("write `let`", word, "let")
}

/// `env: ci { … }`
pub(crate) fn colon_after_kind(colon: Span, kind: &str) -> Diagnostic {
    Diagnostic::error("unexpected-text", colon, format!("no colon stands between `{kind}` and its name"))
        .help(format!("write `{kind} NAME {{ … }}`"))
        .safe_fix("remove it", colon, "")
}

pub(crate) fn colon_for_equals(colon: Span, name: &Name) -> Diagnostic {
    Diagnostic::error("expected-equals", colon, format!("`{}` is followed by `:` in place of `=`", name.text))
        .help("fields are written `name = value`")
        .fix("write `=`", colon, " =")
}

pub(crate) fn missing_equals(rest: Span, text: &str, name: &Name) -> Diagnostic {
    let message = format!("expected `=` between `{}` and {}", name.text, excerpt(text));
    let found = Diagnostic::error("expected-equals", rest, message).help("fields are written `name = value`");
    if text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '"' | '[')) {
        return found.fix("add `=`", Span { end: rest.start, ..rest }, "= ");
    }
    found
}

// ------------------------------------------------------------------------------------------ Separation

pub(crate) fn missing_separator(place: Span, next: &str) -> Diagnostic {
    let next: String = next.chars().take_while(|c| !c.is_whitespace()).collect();
    let message = format!("nothing separates {} from what stands before it", excerpt(&next));
    Diagnostic::error("missing-separator", place, message)
        .help("put a comma or a line break between the two")
        .fix("add a comma", place, ", ")
}

pub(crate) fn unexpected(place: Span, text: &str) -> Diagnostic {
    if text.starts_with('\'') && text.ends_with('\'') && text.len() > 1 {
        return single_quotes(place, text);
    }
    let message = format!("{} is not expected here", excerpt(text));
    Diagnostic::error("unexpected-text", place, message)
        .help("fields, list items and declarations are separated by a comma or a line break")
}

// ------------------------------------------------------------------------------------- Declarations

pub(crate) fn expected_declaration(place: Span, text: &str) -> Diagnostic {
    let line = text.trim_end();
    if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')).and_then(as_word) {
        return Diagnostic::error("section-header", place, format!("`[{name}]` does not begin a section"))
            .help("a declaration has a kind, a name and a body: `env ci { … }`");
    }
    Diagnostic::error("expected-name", place, format!("expected a declaration, found {}", excerpt(text)))
        .help("a declaration begins with its kind, as in `env ci : sandbox { … }`")
}

pub(crate) fn expected_member(place: Span, text: &str) -> Diagnostic {
    if is_quoted_key(text) && quoted_key(text).is_none() {
        return expected_name(place, text);
    }
    let message = format!("expected a field or a declaration, found {}", excerpt(text));
    let found = Diagnostic::error("expected-name", place, message)
        .help("a field is written `name = value`, a declaration `kind name { … }`");
    if let Some((name, value)) = quoted_key(text) {
        let length = text.len() - value.trim_start().len();
        let end = place.start + u32::try_from(length).unwrap_or(0);
        return found.safe_fix(format!("write `{name} =`"), Span { end, ..place }, format!("{name} = "));
    }
    found
}

/// The name and the value of `"zones": 3`, as JSON has it.
pub(crate) fn quoted_key(text: &str) -> Option<(&str, &str)> {
    let (key, rest) = text.strip_prefix('"')?.split_once('"')?;
    Some((as_word(key)?, rest.trim_start().strip_prefix([':', '='])?))
}

/// Whether text sets something by a name in quotes, whatever the name is.
pub(crate) fn is_quoted_key(text: &str) -> bool {
    let key = text.strip_prefix('"').and_then(|rest| rest.split_once('"'));
    key.is_some_and(|(_, rest)| rest.trim_start().starts_with([':', '=']))
}

pub(crate) fn expected_name(place: Span, text: &str) -> Diagnostic {
    let found =
        Diagnostic::error("expected-name", place, format!("expected a name, found {}", excerpt(text)))
            .help("a name starts with a letter and has letters, digits, `_` and `-`, without quotes");
    match as_word(text.trim_matches('"')) {
        Some(name) => found.fix(format!("write `{name}`"), place, name),
        None => found,
    }
}

pub(crate) fn dotted_name(place: Span, name: &str) -> Diagnostic {
    Diagnostic::error("expected-name", place, format!("the name `{name}` has a dot"))
        .help("a name has letters, digits, `_` and `-`")
        .fix(format!("write `{}`", name.replace('.', "_")), place, name.replace('.', "_"))
}

pub(crate) fn lone_word(place: Span, word: &str) -> Diagnostic {
    Diagnostic::error("expected-value", place, format!("`{word}` has neither a value nor a body"))
        .help(format!("write `{word} = …` for a field, `{word} {{ … }}` for a block"))
}

pub(crate) fn field_outside(place: Span, name: &str) -> Diagnostic {
    Diagnostic::error("misplaced", place, format!("the field `{name}` stands outside every declaration"))
        .help(format!("move it into a declaration, or name a value with `let {name} = …`"))
}

pub(crate) fn override_outside(place: Span) -> Diagnostic {
    Diagnostic::error("misplaced", place, "this override stands outside every declaration")
        .help("move it into the declaration that it changes")
}

pub(crate) fn not_at_top(place: Span, word: &str) -> Diagnostic {
    Diagnostic::error(
        "misplaced",
        place,
        format!("`{word}` stands only at the top of a file, outside all braces"),
    )
    .help("move it out of this declaration")
}

pub(crate) fn not_in_record(place: Span) -> Diagnostic {
    Diagnostic::error("misplaced", place, "a value in braces holds only fields").help("write `name = value`")
}

pub(crate) fn unclosed_allow(place: Span) -> Diagnostic {
    Diagnostic::error("unclosed-allow", place, "this `allow` has no `)`")
        .help("the codes stand in parentheses, separated by commas: `allow(unused-nat)`")
        .fix("add `)`", Span { start: place.end, ..place }, ")")
}

pub(crate) fn allow_without_parentheses(codes: &Name) -> Diagnostic {
    let message = format!("`{}` stands without parentheses after `allow`", codes.text);
    Diagnostic::error("unclosed-allow", codes.span, message)
        .help(format!("write `allow({})` before what it is about", codes.text))
        .fix(format!("write `({})`", codes.text), codes.span, format!("({})", codes.text))
}

pub(crate) fn expected_code(place: Span, text: &str) -> Diagnostic {
    let found = Diagnostic::error(
        "expected-name",
        place,
        format!("expected the code of a warning, found {}", excerpt(text)),
    )
    .help("write it as warnings show it, without quotes: `allow(unused-nat)`");
    match as_word(text.trim_matches(['"', '\''])) {
        Some(code) => found.fix(format!("write `{code}`"), place, code),
        None => found,
    }
}

pub(crate) fn empty_allow(place: Span) -> Diagnostic {
    Diagnostic::error("expected-name", place, "this `allow` names no warning")
        .help("put the code of a warning in parentheses: `allow(unused-nat)`")
}

pub(crate) fn allow_before_nothing(place: Span) -> Diagnostic {
    Diagnostic::error("misplaced", place, "nothing follows this `allow`")
        .help("put it before the declaration, block or field that it is about")
}

pub(crate) fn missing_parent(colon: Span) -> Diagnostic {
    Diagnostic::error("expected-name", colon, "no name follows this `:`")
        .help("name the declaration that it inherits from, as in `env ci : sandbox`")
}

pub(crate) fn colon_before_parent(place: Span, name: &str) -> Diagnostic {
    Diagnostic::error(
        "missing-separator",
        place,
        format!("a declaration has one name, `{name}` is one too many"),
    )
    .help(format!("where it inherits from `{name}`, put a colon between the two"))
    .fix("add `:`", Span { end: place.start, ..place }, ": ")
}

pub(crate) fn context_on_declaration(place: Span) -> Diagnostic {
    Diagnostic::error("misplaced", place, "a declaration has no `@`")
        .help("put the fields that differ into a block: `@staging { … }`")
}

pub(crate) fn append_on_declaration(place: Span) -> Diagnostic {
    Diagnostic::error(
        "unexpected-text",
        place,
        "a declaration is made once, so nothing can be appended to it",
    )
    .fix("write `=`", place, "=")
}

pub(crate) fn expected_context(place: Span) -> Diagnostic {
    Diagnostic::error("expected-name", place, "no environment follows this `@`")
        .help("write `@staging` or `@[ci, staging]`")
}

pub(crate) fn expected_block(place: Span, form: &str) -> Diagnostic {
    let (what, help) = match form {
        "expect" => {
            ("claims", "write them in braces: `expect production { internet cannot reach intranet }`")
        }
        "kind" => ("fields", "write them in braces: `kind topic { subscribers: [String] }`"),
        _ => ("overrides", "write them in braces: `@staging { … }`"),
    };
    Diagnostic::error("expected-block", place, format!("expected {what} in braces after this")).help(help)
}

// ------------------------------------------------------------------------------------------- Top items

pub(crate) fn expected_path(place: Span) -> Diagnostic {
    Diagnostic::error("expected-name", place, "expected the path of a library or a file after `use`")
        .help("write `use std/classic`, or `use \"network.asq\"` for a file beside this one")
}

pub(crate) fn let_without_name(place: Span) -> Diagnostic {
    Diagnostic::error("expected-name", place, "expected a name after `let`")
        .help("write `let office = 54.201.1.1/32`")
}

pub(crate) fn let_without_value(place: Span, name: &str) -> Diagnostic {
    Diagnostic::error("expected-value", place, format!("`let {name}` has no value"))
        .help(format!("write `let {name} = …`"))
}

pub(crate) fn expect_without_context(place: Span) -> Diagnostic {
    Diagnostic::error("expected-name", place, "expected an environment after `expect`")
        .help("write `expect production { … }`")
}

pub(crate) fn expected_claim(place: Span) -> Diagnostic {
    Diagnostic::error("expected-claim", place, "expected who can or cannot reach whom")
        .help("write `internet cannot reach intranet` or `dmz can reach intranet:443`")
}

pub(crate) fn expected_port(place: Span) -> Diagnostic {
    Diagnostic::error("expected-value", place, "no port follows this `:`").help("write `intranet:443`")
}

// --------------------------------------------------------------------------------------------- Schemas

pub(crate) fn kind_without_name(place: Span) -> Diagnostic {
    Diagnostic::error("expected-name", place, "expected a name after `kind`").help("write `kind topic { … }`")
}

pub(crate) fn expected_kinds(place: Span) -> Diagnostic {
    Diagnostic::error("expected-name", place, "expected the kinds that it stands in after `in`")
        .help("write `kind database in env, envtype { … }`")
}

pub(crate) fn expected_attributes(place: Span) -> Diagnostic {
    Diagnostic::error("expected-name", place, "expected the attributes of the kind after `:`")
        .help("write `kind database in env : repeatable { … }`")
}

pub(crate) fn expected_property(place: Span) -> Diagnostic {
    Diagnostic::error("expected-name", place, "expected the name of a field")
        .help("a field of a kind is written `name: Type`")
}

pub(crate) fn property_without_type(place: Span, name: &str) -> Diagnostic {
    Diagnostic::error("expected-type", place, format!("the field `{name}` has no type"))
        .help(format!("write `{name}: Type`"))
}

pub(crate) fn expected_type(place: Span) -> Diagnostic {
    Diagnostic::error("expected-type", place, "expected a type here")
        .help("write `String`, `[Port]`, `Ip?` or `enum { a, b }`")
}

// ---------------------------------------------------------------------------------------------- Values

pub(crate) fn missing_value(place: Span, operator: &str) -> Diagnostic {
    Diagnostic::error("expected-value", place, format!("no value follows `{operator}`"))
        .help("a value stands on the same line or on the next")
}

pub(crate) fn not_a_value(place: Span, text: &str) -> Diagnostic {
    Diagnostic::error("expected-value", place, format!("expected a value, found {}", excerpt(text)))
        .help("a value is a word, a number, a string, a list in `[ ]` or a record in `{ }`")
}

pub(crate) fn malformed_number(place: Span, text: &str) -> Diagnostic {
    Diagnostic::error(
        "malformed-number",
        place,
        format!("`{text}` is not a number, a quantity or an address"),
    )
    .help("write `5`, `0.5`, `300s`, `200GB`, `10%`, `10.0.0.5` or `10.0.0.0/16`")
}

pub(crate) fn long_path(place: Span, environment: &str, network: &str) -> Diagnostic {
    Diagnostic::error("unexpected-text", place, "a path has two parts, an environment and a network")
        .help(format!("write `{environment}/{network}`"))
        .fix("remove the rest", place, "")
}

pub(crate) fn split_cidr(place: Span, address: &str, prefix: &str) -> Diagnostic {
    Diagnostic::error("unexpected-text", place, "an address and its prefix are written without a blank").fix(
        format!("write `{address}{prefix}`"),
        place,
        format!("{address}{prefix}"),
    )
}

pub(crate) fn not_auto(place: Span, text: &str) -> Diagnostic {
    Diagnostic::error("unexpected-text", place, format!("`{text}` follows only `auto`"))
        .help("write `auto /20 in 10.0.0.0/8`")
}

pub(crate) fn missing_offset(sign: Span, text: &str) -> Diagnostic {
    Diagnostic::error("expected-value", sign, format!("no number follows `{text}`"))
        .help("an offset is written `+5` or `tunnel + 5`")
}

pub(crate) fn fractional_offset(place: Span) -> Diagnostic {
    Diagnostic::error("malformed-number", place, "an offset is a whole number without a unit")
        .help("write `+5`, `-2` or `tunnel + 5`")
}

pub(crate) fn sum_without_network(place: Span) -> Diagnostic {
    Diagnostic::error("unexpected-text", place, "only a network takes an offset")
        .help("write `tunnel + 5`, or `+5` in the network at hand")
}

pub(crate) fn missing_target(keyword: Span) -> Diagnostic {
    Diagnostic::error("expected-value", keyword, "no target follows `via`")
        .help("write `via igw`, `via vgw` or `via nat tunnel`")
}

/// Something follows a value that could only be a rule's ports, but there is no `from`.
pub(crate) fn no_source(value: &Expr, extra: Span) -> Diagnostic {
    match &value.kind {
        ExprKind::Name(word) if matches!(word.as_str(), "tcp" | "udp" | "icmp" | "any" | "proto") => {
            Diagnostic::error("expected-source", value.span.to(extra), "this rule does not say where from")
                .help(format!("write `{word} PORTS from SOURCES`, as in `tcp [80, 443] from all`"))
        }
        _ => Diagnostic::error("unexpected-text", extra, "a second value is not expected here")
            .help("values are separated by a comma or a line break; a rule is written `tcp 22 from all`"),
    }
}

pub(crate) fn missing_source(keyword: Span) -> Diagnostic {
    Diagnostic::error("expected-source", keyword, "no source follows `from`")
        .help("write a network, `all`, `internet`, an address block, or a list of those")
}

pub(crate) fn missing_protocol(place: Span) -> Diagnostic {
    Diagnostic::error("expected-name", place, "a rule begins with its protocol")
        .help("write `tcp 22 from all`")
}

/// `10.0.0.0/8 -> web`
pub(crate) fn not_a_listener(place: Span) -> Diagnostic {
    Diagnostic::error("unexpected-text", place, "these are not the two sides of a listener").help(
        "a listener is written `https 443 -> http 80`, a route `internet via igw`, a peering `a/x <-> b/y`",
    )
}

/// `443 80 -> 80`
pub(crate) fn missing_protocol_of_port(place: Span) -> Diagnostic {
    Diagnostic::error("expected-name", place, "a protocol stands before its port")
        .help("write `https 443 -> http 80`")
}

/// `https 443 80 -> 80`
pub(crate) fn second_port(place: Span) -> Diagnostic {
    Diagnostic::error("unexpected-text", place, "a side of a listener has one port")
        .help("write `https 443 -> http 80`, and a listener for each port")
}

pub(crate) fn missing_statistic(place: Span) -> Diagnostic {
    Diagnostic::error("expected-name", place, "a condition begins with its statistic")
        .help("write `average > 99 for 5 x 5m`")
}

pub(crate) fn missing_comparison(place: Span) -> Diagnostic {
    Diagnostic::error("expected-comparison", place, "this is compared with nothing")
        .help("write `>`, `>=`, `<` or `<=` and a number, as in `average > 99 or average < 1 for 5 x 5m`")
}

pub(crate) fn missing_period(place: Span) -> Diagnostic {
    let end = Span { start: place.end, ..place };
    Diagnostic::error("missing-period", place, "this condition does not say for how long it holds")
        .help("write how many periods in a row, and how long each is: `for 5 x 5m`")
        .fix("write `for 5 x 5m`", end, " for 5 x 5m")
}

/// `for 5m`
pub(crate) fn missing_count(place: Span, text: &str) -> Diagnostic {
    let found =
        Diagnostic::error("missing-period", place, "`for` takes a number of periods and the length of each");
    if text.chars().all(|c| c.is_ascii_digit()) {
        return found.help(format!("write it as in `for {text} x 5m`"));
    }
    found.help(format!("write `for 1 x {text}` for one period")).fix(
        format!("write `1 x {text}`"),
        place,
        format!("1 x {text}"),
    )
}

/// `for 5x5m`
pub(crate) fn periods_in_one_word(place: Span, periods: &str, period: &str) -> Diagnostic {
    let meant = format!("{periods} x {period}");
    Diagnostic::error("missing-period", place, "blanks stand around the `x`")
        .help(format!("write `{meant}`"))
        .safe_fix(format!("write `{meant}`"), place, meant)
}

/// `average > 99 for 5 x 5m or average < 1`
pub(crate) fn past_the_period(place: Span) -> Diagnostic {
    Diagnostic::error("unexpected-text", place, "a condition ends with the length of its periods")
        .help("join bounds with `or` before it: `average > 99 or average < 1 for 5 x 5m`")
}

pub(crate) fn many_ports(place: Span) -> Diagnostic {
    Diagnostic::error("unexpected-text", place, "a rule takes its ports as one value")
        .help("write several ports as a list: `tcp [80, 443] from all`")
}

// --------------------------------------------------------------------------------------------- Strings

pub(crate) fn unknown_escape(place: Span, character: char) -> Diagnostic {
    let text = character.escape_default();
    Diagnostic::error("unknown-escape", place, format!("`\\{text}` stands for nothing"))
        .help("the escapes are `\\\"`, `\\\\`, `\\n`, `\\t` and `\\$`; a backslash is written `\\\\`")
}

pub(crate) fn unclosed_interpolation(place: Span) -> Diagnostic {
    Diagnostic::error("unclosed-interpolation", place, "this `${` has no `}`")
        .help("close it, as in `${env.name}`; for the characters themselves write `\\${`")
}

pub(crate) fn expected_interpolation(place: Span) -> Diagnostic {
    Diagnostic::error("expected-name", place, "expected a name between `${` and `}`")
        .help("write `${env.name}`, `${env.type}`, `${project.name}` or `${project.region}`")
}
