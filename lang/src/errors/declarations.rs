//! Declarations, fields and top-level items.

use super::{as_word, excerpt};
use crate::{Diagnostic, Span, ast::Name, codes};

// ---------------------------------------------------------------------------------------------- Declarations

pub(crate) fn expected_declaration(place: Span, text: &str) -> Diagnostic {
    let line = text.trim_end();
    if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')).and_then(as_word) {
        return Diagnostic::new(codes::SECTION_HEADER, place, format!("`[{name}]` does not start a section"))
            .label("not a section")
            .help("write a declaration with a kind, a name and a body: `env ci { … }`");
    }
    Diagnostic::new(codes::EXPECTED_NAME, place, format!("expected a declaration, found {}", excerpt(text)))
        .label("not a declaration")
        .help("start a declaration with its kind, as in `env ci : sandbox { … }`")
}

pub(crate) fn expected_member(place: Span, text: &str) -> Diagnostic {
    if is_quoted_key(text) && quoted_key(text).is_none() {
        return expected_name(place, text);
    }
    let message = format!("expected a field or a declaration, found {}", excerpt(text));
    let found = Diagnostic::new(codes::EXPECTED_NAME, place, message)
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

/// Where the colon of `"kubernetes.io/role/elb": "1"` is.
pub(crate) fn colon_of_key(text: &str) -> Option<usize> {
    let (_, rest) = text.strip_prefix('"')?.split_once('"')?;
    let colon = rest.trim_start();
    (colon.starts_with(':') && !colon.starts_with(":=")).then(|| text.len() - colon.len())
}

pub(crate) fn colon_after_key(place: Span) -> Diagnostic {
    Diagnostic::new(codes::EXPECTED_EQUALS, place, "expected `=`, found `:`")
        .label("should be `=`")
        .help("write `\"name\" = value`")
        .safe_fix("write `=`", place, " =")
}

pub(crate) fn colon_before_braces(place: Span, word: &str) -> Diagnostic {
    Diagnostic::new(
        codes::EXPECTED_EQUALS,
        place,
        format!("expected `=` or nothing before the braces of `{word}`"),
    )
    .label("not between a name and braces")
    .help(format!("write `{word} = {{ … }}` for a field, `{word} {{ … }}` for a block"))
}

pub(crate) fn unquoted_key(name: &Name) -> Diagnostic {
    let quoted = format!("\"{}\"", name.text);
    Diagnostic::new(codes::EXPECTED_NAME, name.span, format!("the name `{}` has a dot", name.text))
        .label("contains a dot")
        .help(format!("write `{quoted}`: in quotes, a name may contain any character"))
        .safe_fix(format!("write `{quoted}`"), name.span, quoted)
}

pub(crate) fn interpolated_key(place: Span) -> Diagnostic {
    Diagnostic::new(codes::EXPECTED_NAME, place, "a name cannot contain an interpolation")
        .label("not text")
        .help("write the name out")
}

pub(crate) fn expected_name(place: Span, text: &str) -> Diagnostic {
    let found =
        Diagnostic::new(codes::EXPECTED_NAME, place, format!("expected a name, found {}", excerpt(text)))
            .label("not a name")
            .help("write a letter, then letters, digits, `_` and `-`, without quotes");
    match as_word(text.trim_matches('"')) {
        Some(name) => found.fix(format!("write `{name}`"), place, name),
        None => found,
    }
}

pub(crate) fn dotted_name(place: Span, name: &str) -> Diagnostic {
    Diagnostic::new(codes::EXPECTED_NAME, place, format!("the name `{name}` has a dot"))
        .label("contains a dot")
        .help("use letters, digits, `_` and `-`")
        .fix(format!("write `{}`", name.replace('.', "_")), place, name.replace('.', "_"))
}

/// `env live- { … }`; `rest` is what follows the last letter or digit.
pub(crate) fn unfinished_name(place: Span, name: &str, rest: &str) -> Diagnostic {
    let length = rest.len() - rest.trim_start_matches(['-', '.']).len();
    let marks = Span { end: place.start + u32::try_from(length).unwrap_or(0), ..place };
    let shown = rest.get(..length).unwrap_or("");
    Diagnostic::new(codes::EXPECTED_NAME, marks, format!("the name `{name}{shown}` ends in `{shown}`"))
        .label("not the end of a name")
        .help("a name ends in a letter, a digit or `_`")
        .fix(format!("write `{name}`"), marks, "")
}

pub(crate) fn lone_word(place: Span, word: &str) -> Diagnostic {
    Diagnostic::new(codes::EXPECTED_VALUE, place, format!("expected a value or a body after `{word}`"))
        .label("value or body missing")
        .help(format!("write `{word} = …` for a field, `{word} {{ … }}` for a block"))
}

pub(crate) fn field_outside(place: Span, name: &str) -> Diagnostic {
    Diagnostic::new(codes::MISPLACED, place, format!("the field `{name}` is outside of any declaration"))
        .label("not in a declaration")
        .help(format!("move it into a declaration, or name a value with `let {name} = …`"))
}

pub(crate) fn override_outside(place: Span) -> Diagnostic {
    Diagnostic::new(codes::MISPLACED, place, "this override is outside of any declaration")
        .label("not in a declaration")
        .help("move it into the declaration that it changes")
}

pub(crate) fn not_at_top(place: Span, word: &str) -> Diagnostic {
    Diagnostic::new(codes::MISPLACED, place, format!("`{word}` is only allowed at the top level of a file"))
        .label("not at the top level")
        .help("move it out of this declaration")
}

pub(crate) fn not_in_record(place: Span) -> Diagnostic {
    Diagnostic::new(codes::MISPLACED, place, "a record can only contain fields")
        .label("not a field")
        .help("write `name = value`")
}

pub(crate) fn unclosed_allow(place: Span) -> Diagnostic {
    Diagnostic::new(codes::UNCLOSED_ALLOW, place, "this `allow` has no `)`")
        .label("`)` missing")
        .help("write codes in parentheses, separated by commas: `allow(unused-nat)`")
        .fix("add `)`", Span { start: place.end, ..place }, ")")
}

pub(crate) fn allow_without_parentheses(codes: &Name) -> Diagnostic {
    let message = format!("`allow` needs parentheses around `{}`", codes.text);
    Diagnostic::new(codes::UNCLOSED_ALLOW, codes.span, message)
        .label("parentheses missing")
        .help(format!("write `allow({})` before the code that it applies to", codes.text))
        .fix(format!("write `({})`", codes.text), codes.span, format!("({})", codes.text))
}

pub(crate) fn expected_code(place: Span, text: &str) -> Diagnostic {
    let found = Diagnostic::new(
        codes::EXPECTED_NAME,
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
    Diagnostic::new(codes::EXPECTED_NAME, place, "this `allow` names no warning")
        .label("no codes")
        .help("put the code of a warning in parentheses: `allow(unused-nat)`")
}

pub(crate) fn allow_before_nothing(place: Span) -> Diagnostic {
    Diagnostic::new(codes::MISPLACED, place, "nothing follows this `allow`")
        .label("nothing to apply to")
        .help("put it before the declaration, block or field that it applies to")
}

pub(crate) fn missing_parent(colon: Span) -> Diagnostic {
    Diagnostic::new(codes::EXPECTED_NAME, colon, "expected a name after `:`")
        .label("name missing after this")
        .help("name the declaration that it inherits from, as in `env ci : sandbox`")
}

pub(crate) fn colon_before_parent(place: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        codes::MISSING_SEPARATOR,
        place,
        format!("a declaration has one name; unexpected `{name}`"),
    )
    .label("second name")
    .help(format!("to inherit from `{name}`, add a colon"))
    .fix("add `:`", Span { end: place.start, ..place }, ": ")
}

pub(crate) fn context_on_declaration(place: Span) -> Diagnostic {
    Diagnostic::new(codes::MISPLACED, place, "`@` is not allowed on a declaration")
        .label("not allowed here")
        .help("move the fields that differ into a block: `@staging { … }`")
}

pub(crate) fn append_on_declaration(place: Span) -> Diagnostic {
    Diagnostic::new(codes::UNEXPECTED_TEXT, place, "`+=` cannot be used for a declaration")
        .label("`+=` is for fields")
        .fix("write `=`", place, "=")
}

pub(crate) fn expected_context(place: Span) -> Diagnostic {
    Diagnostic::new(codes::EXPECTED_NAME, place, "expected an environment after `@`")
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
    Diagnostic::new(codes::EXPECTED_BLOCK, place, format!("expected {what} in braces after this"))
        .label("braces missing after this")
        .help(help)
}

// ------------------------------------------------------------------------------------------------- Top items

pub(crate) fn expected_path(place: Span) -> Diagnostic {
    Diagnostic::new(codes::EXPECTED_NAME, place, "expected the path of a library or a file after `use`")
        .label("path missing after this")
        .help("write `use std/classic`, or `use \"network.asq\"` for a file beside this one")
}

pub(crate) fn let_without_name(place: Span) -> Diagnostic {
    Diagnostic::new(codes::EXPECTED_NAME, place, "expected a name after `let`")
        .label("name missing after this")
        .help("write `let office = 54.201.1.1/32`")
}

pub(crate) fn let_without_value(place: Span, name: &str) -> Diagnostic {
    Diagnostic::new(codes::EXPECTED_VALUE, place, format!("`let {name}` has no value"))
        .label("value missing")
        .help(format!("write `let {name} = …`"))
}

pub(crate) fn expect_without_context(place: Span) -> Diagnostic {
    Diagnostic::new(codes::EXPECTED_NAME, place, "expected an environment after `expect`")
        .label("environment missing after this")
        .help("write `expect production { … }` with the name of an environment, envtype, account or accounttype")
}

pub(crate) fn expected_move(place: Span, missing: &str) -> Diagnostic {
    Diagnostic::new(codes::EXPECTED_MOVE, place, format!("expected {missing} in `moved KIND OLD -> NEW`"))
        .label(format!("expected {missing}"))
        .help(
            "write `moved hostclass app -> api`, or `moved metanetwork ci/web -> ci/dmz` for one environment",
        )
}

pub(crate) fn expected_claim(place: Span) -> Diagnostic {
    Diagnostic::new(
        codes::EXPECTED_CLAIM,
        place,
        "expected `SOURCE can reach TARGET` or `SOURCE cannot reach TARGET`",
    )
    .label("not an expectation")
    .help(
        "write `internet cannot reach intranet` or `dmz can reach intranet:443`; in an account, `role deployer cannot iam:*`",
    )
}

/// What can do something that is said in actions, and is no identity.
pub(crate) fn not_an_identity(place: Span) -> Diagnostic {
    Diagnostic::new(codes::EXPECTED_CLAIM, place, "expected a role, group or user before `can` or `cannot`")
        .label("not an identity")
        .help("write `role NAME`, `group NAME`, `user NAME`, or a list of them in `[ ]`")
}

pub(crate) fn expected_port(place: Span) -> Diagnostic {
    Diagnostic::new(codes::EXPECTED_VALUE, place, "expected a port after `:`")
        .label("port missing after this")
        .help("write `intranet:443`")
}

// --------------------------------------------------------------------------------------------------- Schemas

pub(crate) fn kind_without_name(place: Span) -> Diagnostic {
    Diagnostic::new(codes::EXPECTED_NAME, place, "expected a name after `kind`")
        .label("name missing after this")
        .help("write `kind topic { … }`")
}

pub(crate) fn expected_kinds(place: Span) -> Diagnostic {
    Diagnostic::new(codes::EXPECTED_NAME, place, "expected the kinds that can contain it after `in`")
        .label("kinds missing after this")
        .help("write `kind database in env, envtype { … }`")
}

pub(crate) fn expected_attributes(place: Span) -> Diagnostic {
    Diagnostic::new(codes::EXPECTED_NAME, place, "expected the attributes of the kind after `:`")
        .label("attributes missing after this")
        .help("write `kind database in env : repeatable { … }`")
}

pub(crate) fn expected_property(place: Span) -> Diagnostic {
    Diagnostic::new(codes::EXPECTED_NAME, place, "expected the name of a field")
        .label("not a field name")
        .help("write a field of a kind as `name: Type`")
}

pub(crate) fn property_without_type(place: Span, name: &str) -> Diagnostic {
    Diagnostic::new(codes::EXPECTED_TYPE, place, format!("the field `{name}` has no type"))
        .label("type missing")
        .help(format!("write `{name}: Type`"))
}

pub(crate) fn expected_type(place: Span) -> Diagnostic {
    Diagnostic::new(codes::EXPECTED_TYPE, place, "expected a type here")
        .label("not a type")
        .help("write `String`, `[Port]`, `Ip?` or `enum { a, b }`")
}
