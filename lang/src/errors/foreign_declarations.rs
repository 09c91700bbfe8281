//! Declarations, fields and lists in the syntax of other languages.

use super::excerpt;
use crate::{
    Applicability, Diagnostic, Related, Span,
    ast::Name,
    aws_words::{self, Slot},
    codes,
};

/// Values after a comma that no bracket holds together, as in `ports = 443, 8443`.
///
/// `is_grouped` says whether they look like a comparison with one number that has separators, as in `> 1,000`.
pub(crate) fn list_without_brackets(values: Span, name: &str, list: &str, is_grouped: bool) -> Diagnostic {
    let found = Diagnostic::new(
        codes::MISSING_BRACKETS,
        values,
        format!("`{name}` has several values without brackets"),
    )
    .label("needs brackets");
    if is_grouped {
        return found.help("write a number without separators, as in `1000`");
    }
    found.help(format!("write several values as a list: `{name} = [a, b]`")).fix(
        format!("write {}", excerpt(list)),
        values,
        list,
    )
}

/// `cidrsubnet("10.0.0.0/16", 4, 1)`
pub(crate) fn function_call(call: Span, function: &str) -> Diagnostic {
    let message = format!("`{function}(…)` is a function call, and there are no functions");
    Diagnostic::new(codes::UNEXPECTED_TEXT, call, message).label("function call").help(match function {
        "cidrsubnet" | "cidrsubnets" | "subnet" => {
            "CIDR blocks are allocated: write `auto /24` for that size, with a pool in an environment (`auto /24 in 10.0.0.0/8`), or `auto` for an equal share"
        }
        "merge" | "concat" => "append to an inherited list with `+=`; nested lists are flattened",
        _ => "write the value itself, or give it a name with `let`",
    })
}

/// A line that begins with a dash, as in YAML.
pub(crate) fn dashed_items(dash: Span) -> Diagnostic {
    Diagnostic::new(codes::DASHED_LIST, dash, "a list needs brackets, not dashes")
        .label("list item with a dash")
        .help("write the items between `[` and `]`, separated by commas or line breaks")
}

/// A further one of them.
pub(crate) fn dashed_item(dash: Span) -> Related {
    Related { span: dash, message: "another item".to_owned() }
}

/// `name:` and indented lines, as in YAML. `header` is the line that ends in `colon`; `colons` are those in the
/// lines, where all that is missing in them is an `=`.
pub(crate) fn indented_body(
    colon: Span,
    header: &str,
    body: Span,
    end: Span,
    colons: Option<Vec<Span>>,
) -> Diagnostic {
    let message = format!("a body needs braces, but {} ends in `:`", excerpt(header));
    let found = Diagnostic::new(codes::INDENTED_BODY, colon, message)
        .label("expected `{`")
        .help("write `{` instead of `:`, `}` after the last line, and `=` between names and values");
    let found = found.related(body, "these lines belong to it");
    let Some(colons) = colons else { return found };
    let equals = colons.into_iter().map(|colon| (colon, " =".to_owned()));
    let open = std::iter::once((colon, " {".to_owned()));
    let edits = open.chain(equals).chain([(end, "\n}".to_owned())]);
    found.edits(Applicability::Suggested, "write braces and `=`", edits)
}

/// `[env:ci]` of an ini file; `end` is where its last field ends.
pub(crate) fn section_header(place: Span, name: &str, end: Option<Span>) -> Diagnostic {
    let (kind, rest) = name.split_once([':', '.']).map_or((None, name), |(kind, rest)| (Some(kind), rest));
    let rest = rest.trim();
    let word = rest.replace(['_', ':', '.', ' '], "-");
    let declared = match kind.unwrap_or(name).trim() {
        "envtype" => format!("envtype {word} {{"),
        "env" => format!("env {word} {{"),
        "peerings" => {
            return plain_section(place, name)
                .help("declare each peering separately: `peering ops = staging/tunnel <-> ci/intranet`");
        }
        "disco_aws" | "DEFAULT" | "default" | "global" => {
            return plain_section(place, name)
                .help("declare what all environments share in `project NAME { … }`");
        }
        _ => format!("hostclass {rest} {{"),
    };
    let found =
        plain_section(place, name).help(format!("write a declaration with braces: `{declared} … }}`"));
    match end {
        Some(end) if kind.is_some() || rest.starts_with("mhc") => found.edits(
            Applicability::Suggested,
            format!("write `{declared} … }}`"),
            [(place, declared), (end, "\n}".to_owned())],
        ),
        Some(_) | None => found,
    }
}

fn plain_section(place: Span, name: &str) -> Diagnostic {
    Diagnostic::new(codes::SECTION_HEADER, place, format!("`[{name}]` does not start a section"))
        .label("not a section")
}

/// A word between a name and its parent that should be a colon.
pub(crate) fn word_before_parent(place: Span, word: &str, parent: &str) -> Diagnostic {
    Diagnostic::new(
        codes::EXPECTED_COLON,
        place,
        format!("expected a colon before the parent, found `{word}`"),
    )
    .label("expected `:`")
    .help(format!("write `: {parent}`"))
    .safe_fix("write `:`", place, ":")
}

/// `(base)` or `< base`; `all` is the parent with its marks.
pub(crate) fn marks_around_parent(all: Span, text: &str, parent: &str) -> Diagnostic {
    Diagnostic::new(
        codes::EXPECTED_COLON,
        all,
        format!("expected a colon before the parent, found {}", excerpt(text)),
    )
    .label("expected `:` and the parent")
    .help(format!("write `: {parent}`"))
    .safe_fix(format!("write `: {parent}`"), all, format!(" : {parent}"))
}

/// `{ … }` that is left out after a declaration's first line, whose lines are indented.
pub(crate) fn body_without_braces(header: Span, body: Span, end: Span) -> Diagnostic {
    Diagnostic::new(codes::UNOPENED_BLOCK, header, "a `{` is missing at the end of this line")
        .label("`{` missing at the end")
        .related(body, "these lines belong to it")
        .help("write the body in braces; indentation has no meaning")
        .edits(Applicability::Suggested, "write braces", [(header, " {".to_owned()), (end, "\n}".to_owned())])
}

/// A declaration of another language; `resource` is the kind of a resource of AWS in it, as Terraform has it.
pub(crate) fn foreign_block(place: Span, word: &str, resource: Option<&str>) -> Diagnostic {
    let help = match word {
        "variable" | "locals" => "name a value with `let office = 54.201.1.1/32`",
        "module" | "import" | "include" => "include another file with `use networks`",
        "output" => "print resources with `asiaq ir`",
        "provider" | "terraform" => "set the region and the account in `project NAME { region = us-west-2 }`",
        "for" | "foreach" | "while" | "if" | "switch" => {
            "there are no loops or conditions: declare what environments share in an `envtype`"
        }
        "class" | "def" | "function" | "func" | "fn" => {
            "declare what several have in common in an `envtype` or a `hostclass`"
        }
        _ => "declare the parts of an environment: `env ci { metanetwork web { … } }`",
    };
    let found = Diagnostic::new(codes::UNKNOWN_KIND, place, format!("unknown kind of declaration `{word}`"))
        .label("not a kind")
        .help(help);
    if let Some(help) = resource.and_then(|resource| aws_words::help(Slot::Kind, resource)) {
        return found.help(help);
    }
    match word {
        "import" | "include" => found.fix("write `use`", place, "use"),
        _ => found,
    }
}

/// `@a, b` without brackets.
pub(crate) fn context_without_brackets(names: Span, list: &str) -> Diagnostic {
    Diagnostic::new(codes::MISSING_BRACKETS, names, "several environments after `@` need brackets")
        .label("needs brackets")
        .help(format!("write `@[{list}]`"))
        .safe_fix(format!("write `@[{list}]`"), names, format!("@[{list}]"))
}

// ----------------------------------------------------------------------------------- Signs of other languages

/// `==`, `:=` or `=>`.
pub(crate) fn double_equals(place: Span, mark: &str) -> Diagnostic {
    Diagnostic::new(codes::EXPECTED_EQUALS, place, format!("expected `=`, found `{mark}`"))
        .label("expected `=`")
        .help("write fields as `name = value`")
        .safe_fix("write `=`", place, "=")
}

/// `var x = 5`
pub(crate) fn let_by_another_name(word: Span, text: &str) -> Diagnostic {
    Diagnostic::new(codes::UNKNOWN_KIND, word, format!("unknown kind of declaration `{text}`"))
        .label("not a kind")
        .help("name a value with `let`, as in `let office = 54.201.1.1/32`")
        .safe_fix("write `let`", word, "let")
}

/// `env: ci { … }`
pub(crate) fn colon_after_kind(colon: Span, kind: &str) -> Diagnostic {
    Diagnostic::new(codes::UNEXPECTED_TEXT, colon, format!("unexpected colon between `{kind}` and its name"))
        .label("unexpected colon")
        .help(format!("write `{kind} NAME {{ … }}`"))
        .safe_fix("remove it", colon, "")
}

pub(crate) fn colon_for_equals(colon: Span, name: &Name) -> Diagnostic {
    Diagnostic::new(codes::EXPECTED_EQUALS, colon, format!("expected `=` after `{}`, found `:`", name.text))
        .label("expected `=`")
        .help("write fields as `name = value`")
        .fix("write `=`", colon, " =")
}

pub(crate) fn missing_equals(rest: Span, text: &str, name: &Name) -> Diagnostic {
    let message = format!("expected `=` between `{}` and {}", name.text, excerpt(text));
    let found = Diagnostic::new(codes::EXPECTED_EQUALS, rest, message)
        .label("`=` missing before this")
        .help("write fields as `name = value`");
    if text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '"' | '[')) {
        return found.fix("add `=`", Span { end: rest.start, ..rest }, "= ");
    }
    found
}
