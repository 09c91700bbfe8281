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
    Diagnostic::error("too-many-mistakes", at, "too many errors; the rest of the file is not reported")
        .label("not checked from here on")
        .help("fix the errors above first, or check that this is an `.asq` file")
}

pub(crate) fn nested_too_deeply(place: Span) -> Diagnostic {
    Diagnostic::error("nested-too-deeply", place, "brackets are nested more than 64 deep")
        .label("65th level")
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
            .related(next, "this is outside of it")
            .help(format!("add `{}` before this", bracket.close())),
        None => found.help(format!("add `{}` where it ends", bracket.close())),
    }
}

pub(crate) fn wrong_close(close: Span, opened: Span, bracket: Bracket) -> Diagnostic {
    let (code, open, right) = match bracket {
        Bracket::Brace => ("unclosed-block", "{", "}"),
        Bracket::Square => ("unclosed-list", "[", "]"),
    };
    Diagnostic::error(code, close, format!("`{open}` must be closed by `{right}`, not by this"))
        .label(format!("expected `{right}`"))
        .related(opened, "opened here")
        .fix(format!("write `{right}`"), close, right)
}

pub(crate) fn unopened(header: Span, close: Span) -> Diagnostic {
    Diagnostic::error("unopened-block", header, "a `{` is missing at the end of this line")
        .label("`{` missing at the end")
        .related(close, "this `}` closes it")
        .fix("add `{`", header, " {")
}

pub(crate) fn stray_close(place: Span, bracket: Bracket) -> Diagnostic {
    Diagnostic::error("stray-close", place, format!("this `{}` closes nothing", bracket.close()))
        .label("no matching opening bracket")
        .help("remove it, or add the matching opening bracket")
        .fix("remove it", place, "")
}

pub(crate) fn unclosed_string(place: Span) -> Diagnostic {
    Diagnostic::error("unclosed-string", place, "this string has no closing `\"`")
        .label("closing `\"` missing")
        .help("add a `\"`: a string ends on the line where it starts")
}

/// Only a limit of the parser's own leads here.
pub(crate) fn unreadable(place: Span) -> Diagnostic {
    Diagnostic::error("unexpected-text", place, "this declaration cannot be parsed")
}

// ------------------------------------------------------------------------------ Habits of other formats

/// `==`, `:=` or `=>`.
pub(crate) fn double_equals(place: Span, mark: &str) -> Diagnostic {
    Diagnostic::error("expected-equals", place, format!("expected `=`, found `{mark}`"))
        .label("expected `=`")
        .help("write fields as `name = value`")
        .safe_fix("write `=`", place, "=")
}

/// `var x = 5`
pub(crate) fn let_by_another_name(word: Span, text: &str) -> Diagnostic {
    Diagnostic::error("unknown-kind", word, format!("unknown kind of declaration `{text}`"))
        .label("not a kind")
        .help("name a value with `let`, as in `let office = 54.201.1.1/32`")
        .safe_fix("write `let`", word, "let")
}

/// `env: ci { … }`
pub(crate) fn colon_after_kind(colon: Span, kind: &str) -> Diagnostic {
    Diagnostic::error("unexpected-text", colon, format!("unexpected colon between `{kind}` and its name"))
        .label("unexpected colon")
        .help(format!("write `{kind} NAME {{ … }}`"))
        .safe_fix("remove it", colon, "")
}

pub(crate) fn colon_for_equals(colon: Span, name: &Name) -> Diagnostic {
    Diagnostic::error("expected-equals", colon, format!("expected `=` after `{}`, found `:`", name.text))
        .label("expected `=`")
        .help("write fields as `name = value`")
        .fix("write `=`", colon, " =")
}

pub(crate) fn missing_equals(rest: Span, text: &str, name: &Name) -> Diagnostic {
    let message = format!("expected `=` between `{}` and {}", name.text, excerpt(text));
    let found = Diagnostic::error("expected-equals", rest, message)
        .label("`=` missing before this")
        .help("write fields as `name = value`");
    if text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '"' | '[')) {
        return found.fix("add `=`", Span { end: rest.start, ..rest }, "= ");
    }
    found
}

// ------------------------------------------------------------------------------------------ Separation

pub(crate) fn missing_separator(place: Span, next: &str) -> Diagnostic {
    let next: String = next.chars().take_while(|c| !c.is_whitespace()).collect();
    let message = format!("expected a comma or a line break before {}", excerpt(&next));
    Diagnostic::error("missing-separator", place, message)
        .label("separator missing")
        .help("separate the two with a comma or a line break")
        .fix("add a comma", place, ", ")
}

pub(crate) fn unexpected(place: Span, text: &str) -> Diagnostic {
    if text.starts_with('\'') && text.ends_with('\'') && text.len() > 1 {
        return single_quotes(place, text);
    }
    let message = format!("unexpected {}", excerpt(text));
    Diagnostic::error("unexpected-text", place, message)
        .label("unexpected")
        .help("separate fields, list items and declarations with a comma or a line break")
}

// ------------------------------------------------------------------------------------- Declarations

pub(crate) fn expected_declaration(place: Span, text: &str) -> Diagnostic {
    let line = text.trim_end();
    if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')).and_then(as_word) {
        return Diagnostic::error("section-header", place, format!("`[{name}]` does not start a section"))
            .label("not a section")
            .help("write a declaration with a kind, a name and a body: `env ci { … }`");
    }
    Diagnostic::error("expected-name", place, format!("expected a declaration, found {}", excerpt(text)))
        .label("not a declaration")
        .help("start a declaration with its kind, as in `env ci : sandbox { … }`")
}

pub(crate) fn expected_member(place: Span, text: &str) -> Diagnostic {
    if is_quoted_key(text) && quoted_key(text).is_none() {
        return expected_name(place, text);
    }
    let message = format!("expected a field or a declaration, found {}", excerpt(text));
    let found = Diagnostic::error("expected-name", place, message)
        .label("not a field or declaration")
        .help("write a field as `name = value`, a declaration as `kind name { … }`");
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
            .label("not a name")
            .help("write a letter, then letters, digits, `_` and `-`, without quotes");
    match as_word(text.trim_matches('"')) {
        Some(name) => found.fix(format!("write `{name}`"), place, name),
        None => found,
    }
}

pub(crate) fn dotted_name(place: Span, name: &str) -> Diagnostic {
    Diagnostic::error("expected-name", place, format!("the name `{name}` has a dot"))
        .label("contains a dot")
        .help("use letters, digits, `_` and `-`")
        .fix(format!("write `{}`", name.replace('.', "_")), place, name.replace('.', "_"))
}

pub(crate) fn lone_word(place: Span, word: &str) -> Diagnostic {
    Diagnostic::error("expected-value", place, format!("expected a value or a body after `{word}`"))
        .label("value or body missing")
        .help(format!("write `{word} = …` for a field, `{word} {{ … }}` for a block"))
}

pub(crate) fn field_outside(place: Span, name: &str) -> Diagnostic {
    Diagnostic::error("misplaced", place, format!("the field `{name}` is outside of any declaration"))
        .label("not in a declaration")
        .help(format!("move it into a declaration, or name a value with `let {name} = …`"))
}

pub(crate) fn override_outside(place: Span) -> Diagnostic {
    Diagnostic::error("misplaced", place, "this override is outside of any declaration")
        .label("not in a declaration")
        .help("move it into the declaration that it changes")
}

pub(crate) fn not_at_top(place: Span, word: &str) -> Diagnostic {
    Diagnostic::error("misplaced", place, format!("`{word}` is only allowed at the top level of a file"))
        .label("not at the top level")
        .help("move it out of this declaration")
}

pub(crate) fn not_in_record(place: Span) -> Diagnostic {
    Diagnostic::error("misplaced", place, "a record can only contain fields")
        .label("not a field")
        .help("write `name = value`")
}

pub(crate) fn unclosed_allow(place: Span) -> Diagnostic {
    Diagnostic::error("unclosed-allow", place, "this `allow` has no `)`")
        .label("`)` missing")
        .help("write codes in parentheses, separated by commas: `allow(unused-nat)`")
        .fix("add `)`", Span { start: place.end, ..place }, ")")
}

pub(crate) fn allow_without_parentheses(codes: &Name) -> Diagnostic {
    let message = format!("`allow` needs parentheses around `{}`", codes.text);
    Diagnostic::error("unclosed-allow", codes.span, message)
        .label("parentheses missing")
        .help(format!("write `allow({})` before the code that it applies to", codes.text))
        .fix(format!("write `({})`", codes.text), codes.span, format!("({})", codes.text))
}

pub(crate) fn expected_code(place: Span, text: &str) -> Diagnostic {
    let found = Diagnostic::error(
        "expected-name",
        place,
        format!("expected the code of a warning, found {}", excerpt(text)),
    )
    .label("not a warning code")
    .help("write the code as the warning shows it, without quotes: `allow(unused-nat)`");
    match as_word(text.trim_matches(['"', '\''])) {
        Some(code) => found.fix(format!("write `{code}`"), place, code),
        None => found,
    }
}

pub(crate) fn empty_allow(place: Span) -> Diagnostic {
    Diagnostic::error("expected-name", place, "this `allow` names no warning")
        .label("no codes")
        .help("put the code of a warning in parentheses: `allow(unused-nat)`")
}

pub(crate) fn allow_before_nothing(place: Span) -> Diagnostic {
    Diagnostic::error("misplaced", place, "nothing follows this `allow`")
        .label("nothing to apply to")
        .help("put it before the declaration, block or field that it applies to")
}

pub(crate) fn missing_parent(colon: Span) -> Diagnostic {
    Diagnostic::error("expected-name", colon, "expected a name after `:`")
        .label("name missing after this")
        .help("name the declaration that it inherits from, as in `env ci : sandbox`")
}

pub(crate) fn colon_before_parent(place: Span, name: &str) -> Diagnostic {
    Diagnostic::error("missing-separator", place, format!("a declaration has one name; unexpected `{name}`"))
        .label("second name")
        .help(format!("to inherit from `{name}`, add a colon"))
        .fix("add `:`", Span { end: place.start, ..place }, ": ")
}

pub(crate) fn context_on_declaration(place: Span) -> Diagnostic {
    Diagnostic::error("misplaced", place, "`@` is not allowed on a declaration")
        .label("not allowed here")
        .help("move the fields that differ into a block: `@staging { … }`")
}

pub(crate) fn append_on_declaration(place: Span) -> Diagnostic {
    Diagnostic::error("unexpected-text", place, "`+=` cannot be used for a declaration")
        .label("`+=` is for fields")
        .fix("write `=`", place, "=")
}

pub(crate) fn expected_context(place: Span) -> Diagnostic {
    Diagnostic::error("expected-name", place, "expected an environment after `@`")
        .label("environment missing after this")
        .help("write `@staging` or `@[ci, staging]`")
}

pub(crate) fn expected_block(place: Span, form: &str) -> Diagnostic {
    let (what, help) = match form {
        "expect" => {
            ("expectations", "write them in braces: `expect production { internet cannot reach intranet }`")
        }
        "kind" => ("fields", "write them in braces: `kind topic { subscribers: [String] }`"),
        _ => ("overrides", "write them in braces: `@staging { … }`"),
    };
    Diagnostic::error("expected-block", place, format!("expected {what} in braces after this"))
        .label("braces missing after this")
        .help(help)
}

// ------------------------------------------------------------------------------------------- Top items

pub(crate) fn expected_path(place: Span) -> Diagnostic {
    Diagnostic::error("expected-name", place, "expected the path of a library or a file after `use`")
        .label("path missing after this")
        .help("write `use std/classic`, or `use \"network.asq\"` for a file beside this one")
}

pub(crate) fn let_without_name(place: Span) -> Diagnostic {
    Diagnostic::error("expected-name", place, "expected a name after `let`")
        .label("name missing after this")
        .help("write `let office = 54.201.1.1/32`")
}

pub(crate) fn let_without_value(place: Span, name: &str) -> Diagnostic {
    Diagnostic::error("expected-value", place, format!("`let {name}` has no value"))
        .label("value missing")
        .help(format!("write `let {name} = …`"))
}

pub(crate) fn expect_without_context(place: Span) -> Diagnostic {
    Diagnostic::error("expected-name", place, "expected an environment after `expect`")
        .label("environment missing after this")
        .help("write `expect production { … }`")
}

pub(crate) fn expected_claim(place: Span) -> Diagnostic {
    Diagnostic::error(
        "expected-claim",
        place,
        "expected `SOURCE can reach TARGET` or `SOURCE cannot reach TARGET`",
    )
    .label("not an expectation")
    .help("write `internet cannot reach intranet` or `dmz can reach intranet:443`")
}

pub(crate) fn expected_port(place: Span) -> Diagnostic {
    Diagnostic::error("expected-value", place, "expected a port after `:`")
        .label("port missing after this")
        .help("write `intranet:443`")
}

// --------------------------------------------------------------------------------------------- Schemas

pub(crate) fn kind_without_name(place: Span) -> Diagnostic {
    Diagnostic::error("expected-name", place, "expected a name after `kind`")
        .label("name missing after this")
        .help("write `kind topic { … }`")
}

pub(crate) fn expected_kinds(place: Span) -> Diagnostic {
    Diagnostic::error("expected-name", place, "expected the kinds that can contain it after `in`")
        .label("kinds missing after this")
        .help("write `kind database in env, envtype { … }`")
}

pub(crate) fn expected_property(place: Span) -> Diagnostic {
    Diagnostic::error("expected-name", place, "expected the name of a field")
        .label("not a field name")
        .help("write a field of a kind as `name: Type`")
}

pub(crate) fn property_without_type(place: Span, name: &str) -> Diagnostic {
    Diagnostic::error("expected-type", place, format!("the field `{name}` has no type"))
        .label("type missing")
        .help(format!("write `{name}: Type`"))
}

pub(crate) fn expected_type(place: Span) -> Diagnostic {
    Diagnostic::error("expected-type", place, "expected a type here")
        .label("not a type")
        .help("write `String`, `[Port]`, `Ip?` or `enum { a, b }`")
}

// ---------------------------------------------------------------------------------------------- Values

pub(crate) fn missing_value(place: Span, operator: &str) -> Diagnostic {
    Diagnostic::error("expected-value", place, format!("expected a value after `{operator}`"))
        .label("value missing after this")
        .help("write the value on the same line or on the next")
}

pub(crate) fn not_a_value(place: Span, text: &str) -> Diagnostic {
    Diagnostic::error("expected-value", place, format!("expected a value, found {}", excerpt(text)))
        .label("not a value")
        .help("write a word, a number, a string, a list in `[ ]` or a record in `{ }`")
}

pub(crate) fn malformed_number(place: Span, text: &str) -> Diagnostic {
    Diagnostic::error(
        "malformed-number",
        place,
        format!("`{text}` is not a number, a quantity or an address"),
    )
    .label("malformed number")
    .help("write `5`, `0.5`, `300s`, `200GB`, `10%`, `10.0.0.5` or `10.0.0.0/16`")
}

pub(crate) fn long_path(place: Span, environment: &str, network: &str) -> Diagnostic {
    Diagnostic::error("unexpected-text", place, "a path has two parts: environment and metanetwork")
        .label("third part")
        .help(format!("write `{environment}/{network}`"))
        .fix("remove the rest", place, "")
}

pub(crate) fn split_cidr(place: Span, address: &str, prefix: &str) -> Diagnostic {
    Diagnostic::error("unexpected-text", place, "unexpected space between an address and its prefix length")
        .label("remove the space")
        .fix(format!("write `{address}{prefix}`"), place, format!("{address}{prefix}"))
}

pub(crate) fn not_auto(place: Span, text: &str) -> Diagnostic {
    Diagnostic::error("unexpected-text", place, format!("`{text}` is only allowed after `auto`"))
        .label("only allowed after `auto`")
        .help("write `auto /20 in 10.0.0.0/8`")
}

pub(crate) fn missing_offset(sign: Span, text: &str) -> Diagnostic {
    Diagnostic::error("expected-value", sign, format!("expected a number after `{text}`"))
        .label("number missing after this")
        .help("write an offset as `+5` or `tunnel + 5`")
}

pub(crate) fn fractional_offset(place: Span) -> Diagnostic {
    Diagnostic::error("malformed-number", place, "an offset must be a whole number without a unit")
        .label("not a whole number")
        .help("write `+5`, `-2` or `tunnel + 5`")
}

pub(crate) fn sum_without_network(place: Span) -> Diagnostic {
    Diagnostic::error("unexpected-text", place, "an offset can only be added to a metanetwork")
        .label("not a metanetwork")
        .help("write `tunnel + 5`, or `+5` for the metanetwork at hand")
}

pub(crate) fn missing_target(keyword: Span) -> Diagnostic {
    Diagnostic::error("expected-value", keyword, "expected a target after `via`")
        .label("target missing after this")
        .help("write `via igw`, `via vgw` or `via nat tunnel`")
}

/// Something follows a value that could only be a rule's ports, but there is no `from`.
pub(crate) fn no_source(value: &Expr, extra: Span) -> Diagnostic {
    match &value.kind {
        ExprKind::Name(word) if matches!(word.as_str(), "tcp" | "udp" | "icmp" | "any" | "proto") => {
            Diagnostic::error("expected-source", value.span.to(extra), "this rule has no source")
                .label("`from` missing")
                .help(format!("write `{word} PORTS from SOURCES`, as in `tcp [80, 443] from all`"))
        }
        _ => Diagnostic::error("unexpected-text", extra, "unexpected second value")
            .label("second value")
            .help("separate values with a comma or a line break; write a rule as `tcp 22 from all`"),
    }
}

pub(crate) fn missing_source(keyword: Span) -> Diagnostic {
    Diagnostic::error("expected-source", keyword, "expected a source after `from`")
        .label("source missing after this")
        .help("write a metanetwork, `all`, `internet`, a CIDR block, or a list of those")
}

pub(crate) fn missing_protocol(place: Span) -> Diagnostic {
    Diagnostic::error("expected-name", place, "expected a protocol at the start of this rule")
        .label("protocol missing")
        .help("write `tcp 22 from all`")
}

/// `10.0.0.0/8 -> web`
pub(crate) fn not_a_listener(place: Span) -> Diagnostic {
    Diagnostic::error("unexpected-text", place, "`->` needs a listener on both sides").label("not a listener").help(
        "write a listener as `https 443 -> http 80`, a route as `internet via igw`, a peering as `a/x <-> b/y`",
    )
}

/// `443 80 -> 80`
pub(crate) fn missing_protocol_of_port(place: Span) -> Diagnostic {
    Diagnostic::error("expected-name", place, "expected a protocol before the port")
        .label("protocol missing")
        .help("write `https 443 -> http 80`")
}

/// `https 443 80 -> 80`
pub(crate) fn second_port(place: Span) -> Diagnostic {
    Diagnostic::error("unexpected-text", place, "each side of a listener has one port")
        .label("second port")
        .help("write a separate listener for each port, as in `https 443 -> http 80`")
}

pub(crate) fn missing_statistic(place: Span) -> Diagnostic {
    Diagnostic::error("expected-name", place, "expected a statistic at the start of this condition")
        .label("statistic missing")
        .help("write `average > 99 for 5 x 5m`")
}

pub(crate) fn missing_comparison(place: Span) -> Diagnostic {
    Diagnostic::error("expected-comparison", place, "expected a comparison")
        .label("comparison missing after this")
        .help("write `>`, `>=`, `<` or `<=` and a number, as in `average > 99 or average < 1 for 5 x 5m`")
}

pub(crate) fn missing_period(place: Span) -> Diagnostic {
    let end = Span { start: place.end, ..place };
    Diagnostic::error("missing-period", place, "this condition has no duration")
        .label("`for …` missing after this")
        .help("add the number of consecutive periods and their length: `for 5 x 5m`")
        .fix("write `for 5 x 5m`", end, " for 5 x 5m")
}

/// `for 5m`
pub(crate) fn missing_count(place: Span, text: &str) -> Diagnostic {
    let found =
        Diagnostic::error("missing-period", place, "`for` needs a number of periods and their length")
            .label("number of periods missing");
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
    Diagnostic::error("missing-period", place, "expected spaces around `x`")
        .label("spaces missing")
        .help(format!("write `{meant}`"))
        .safe_fix(format!("write `{meant}`"), place, meant)
}

/// `average > 99 for 5 x 5m or average < 1`
pub(crate) fn past_the_period(place: Span) -> Diagnostic {
    Diagnostic::error("unexpected-text", place, "unexpected text after the duration of this condition")
        .label("unexpected")
        .help("join bounds with `or` before the duration: `average > 99 or average < 1 for 5 x 5m`")
}

pub(crate) fn many_ports(place: Span) -> Diagnostic {
    Diagnostic::error("unexpected-text", place, "several ports of a rule must be a list")
        .label("needs brackets")
        .help("write the ports as a list: `tcp [80, 443] from all`")
}

// --------------------------------------------------------------------------------------------- Strings

pub(crate) fn unknown_escape(place: Span, character: char) -> Diagnostic {
    let text = character.escape_default();
    Diagnostic::error("unknown-escape", place, format!("unknown escape `\\{text}`"))
        .label("not an escape")
        .help("the escapes are `\\\"`, `\\\\`, `\\n`, `\\t` and `\\$`; a backslash is written `\\\\`")
}

pub(crate) fn unclosed_interpolation(place: Span) -> Diagnostic {
    Diagnostic::error("unclosed-interpolation", place, "this `${` has no `}`")
        .label("`}` missing")
        .help("close it, as in `${env.name}`; for the characters themselves write `\\${`")
}

pub(crate) fn expected_interpolation(place: Span) -> Diagnostic {
    Diagnostic::error("expected-name", place, "expected a name between `${` and `}`")
        .label("name missing")
        .help("write `${env.name}`, `${env.type}`, `${project.name}` or `${project.region}`")
}
