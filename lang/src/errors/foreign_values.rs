//! Values that are written as they would be elsewhere.

use super::excerpt;
use crate::{
    Applicability, Diagnostic, Related, Span,
    habits::{Habit, Slip},
};

/// A value that somebody wrote as it is written elsewhere; `whole` is all of it and `at` shows the habit.
pub(crate) fn habit(whole: Span, at: Span, text: &str, habit: &Habit) -> Diagnostic {
    let shown = match habit.slip {
        Slip::Range => excerpt(text.get(habit.at.clone()).unwrap_or(text)),
        _ => excerpt(text),
    };
    let is_new = |meant: &String| meant.trim() != text.trim();
    let meant = habit.meant.as_ref().filter(|meant| is_new(meant));
    let write = meant.map(|meant| format!("write {}", excerpt(meant)));
    let found = said(habit.slip, at, &shown);
    let Some((title, meant)) = write.zip(meant) else { return found };
    found.edits(applicability(habit.slip), title, [(whole, meant.clone())])
}

/// A headline with its help.
fn told(code: &str, at: Span, label: &str, message: String, help: &str) -> Diagnostic {
    Diagnostic::error(code, at, message).label(label).help(help)
}

/// What is said of a slip in `shown`.
#[expect(clippy::too_many_lines, reason = "a table: each slip and its words")]
fn said(slip: Slip, at: Span, shown: &str) -> Diagnostic {
    match slip {
        Slip::NoFrom => told(
            "expected-source",
            at,
            "`from` missing",
            format!("{shown} has no source"),
            "write protocol, ports, `from` and sources: `tcp [80, 443] from dmz`",
        ),
        Slip::Range => told(
            "port-range",
            at,
            "not a range",
            format!("{shown} is not a range; use two dots"),
            "write a range of ports as `1000..1006`",
        ),
        Slip::EveryPort => told(
            "bad-port",
            at,
            "not a port number",
            format!("{shown} uses a wildcard for every port"),
            "to match every port, omit the ports, as in `tcp from all` or `icmp from all`",
        ),
        Slip::EveryProtocol => told(
            "unknown-protocol",
            at,
            "not a protocol",
            format!("{shown} uses a wildcard for every protocol"),
            "write `any` for every protocol, as in `any from all`",
        ),
        Slip::EverySource => told(
            "expected-source",
            at,
            "not a source",
            "`*` is not a source".to_owned(),
            "write `internet` for every address, or `all` for every metanetwork of the environment",
        ),
        Slip::Ipv6 => told(
            "unsupported-address",
            at,
            "IPv6 is not supported",
            format!("{shown} is IPv6, which environments do not support"),
            "write an IPv4 CIDR block; `internet` is `0.0.0.0/0`",
        ),
        Slip::JoinedPort => told(
            "malformed-rule",
            at,
            "space missing",
            format!("{shown} has no space between protocol and port"),
            "separate them with a space: `tcp 443 from all`",
        ),
        Slip::Filler => told(
            "malformed-rule",
            at,
            "not part of a rule",
            format!("{shown} has a word that is not part of a rule"),
            "write protocol, ports, `from` and sources: `tcp 443 from [dmz, intranet]`",
        ),
        Slip::Arrow => told(
            "malformed-rule",
            at,
            "expected `from`",
            format!("{shown} has an arrow instead of `from`"),
            "write protocol, ports, `from` and sources: `tcp 443 from dmz`",
        ),
        Slip::LatePort => told(
            "malformed-rule",
            at,
            "ports belong before `from`",
            format!("{shown} has its ports after the source"),
            "write ports before `from`: `tcp 443 from dmz`",
        ),
        Slip::ManyPorts => told(
            "missing-brackets",
            at,
            "needs brackets",
            "several ports need brackets".to_owned(),
            "write a list: `tcp [80, 443] from all`",
        ),
        Slip::ManySources => told(
            "missing-brackets",
            at,
            "needs brackets",
            "several sources need brackets".to_owned(),
            "write a list: `tcp 443 from [dmz, intranet]`",
        ),
        Slip::Via => told(
            "expected-via",
            at,
            "`via` missing",
            format!("{shown} has no `via`"),
            "write a destination, `via` and a target: `internet via igw`",
        ),
        Slip::Target => told(
            "unknown-route-target",
            at,
            "not a route target",
            format!("{shown} has an unknown name for its target"),
            "write `via igw`, `via vgw` or `via nat NETWORK`",
        ),
        Slip::Link => told(
            "expected-link",
            at,
            "expected `<->`",
            format!("{shown} does not use `<->`"),
            "write both ends of a peering with `<->`: `staging/tunnel <-> ci/intranet`",
        ),
        Slip::ColonPath => told(
            "expected-link",
            at,
            "expected `/`",
            format!("{shown} has a colon instead of a slash"),
            "write each end as `ENV/NETWORK`: `staging/tunnel <-> ci/intranet`",
        ),
        Slip::Quoted => told(
            "quoted-value",
            at,
            "remove the quotes",
            format!("{shown} must not have quotes"),
            "write names, addresses and ports without quotes",
        ),
        Slip::Unit => told(
            "split-quantity",
            at,
            "remove the space",
            format!("{shown} has a space before its unit"),
            "write a number and its unit as one word: `5m`, `200GB`, `10%`",
        ),
        Slip::AutoSize => told(
            "auto-size",
            at,
            "expected `auto /20`",
            format!("{shown} has its size without a slash, or in the wrong place"),
            "write the size as a prefix length after `auto`: `auto /20 in 10.0.0.0/8`",
        ),
        Slip::NoAuto => told(
            "auto-size",
            at,
            "`auto` missing",
            format!("{shown} is a size without an address"),
            "write `auto` before it to allocate a block of that size, as in `auto /24`",
        ),
        Slip::Netmask => told(
            "netmask",
            at,
            "expected a prefix length",
            format!("{shown} has a netmask instead of a prefix length"),
            "write a CIDR block as an address and a prefix length: `10.0.0.0/16`",
        ),
        Slip::Brackets => told(
            "missing-brackets",
            at,
            "needs brackets",
            format!("{shown} has several values without brackets"),
            "write several values as a list: `[80, 443]`",
        ),
        Slip::Commas => told(
            "missing-separator",
            at,
            "commas missing",
            format!("expected commas between the values of {shown}"),
            "separate the items of a list with a comma or a line break",
        ),
    }
}

/// Where one reading only makes sense, nobody has to be asked.
fn applicability(slip: Slip) -> Applicability {
    match slip {
        Slip::NoFrom
        | Slip::Range
        | Slip::EveryPort
        | Slip::EveryProtocol
        | Slip::JoinedPort
        | Slip::Arrow
        | Slip::LatePort
        | Slip::ManyPorts
        | Slip::Via
        | Slip::Target
        | Slip::Link
        | Slip::ColonPath
        | Slip::Quoted
        | Slip::Unit
        | Slip::AutoSize
        | Slip::Netmask => Applicability::Safe,
        Slip::EverySource
        | Slip::Ipv6
        | Slip::Filler
        | Slip::ManySources
        | Slip::NoAuto
        | Slip::Brackets
        | Slip::Commas => Applicability::Suggested,
    }
}

/// Values after a comma that no bracket holds together, as in `ports = 443, 8443`.
pub(crate) fn list_without_brackets(values: Span, name: &str, list: &str) -> Diagnostic {
    Diagnostic::error("missing-brackets", values, format!("`{name}` has several values without brackets"))
        .label("needs brackets")
        .help(format!("write several values as a list: `{name} = [a, b]`"))
        .fix(format!("write {}", excerpt(list)), values, list)
}

/// `cidrsubnet("10.0.0.0/16", 4, 1)`
pub(crate) fn function_call(call: Span, function: &str) -> Diagnostic {
    let message = format!("`{function}(…)` is a function call, and there are no functions");
    Diagnostic::error("unexpected-text", call, message).label("function call").help(match function {
        "cidrsubnet" | "cidrsubnets" | "subnet" => {
            "CIDR blocks are allocated: write `auto /24` for that size, or `auto` for an equal share"
        }
        "merge" | "concat" => "append to an inherited list with `+=`; nested lists are flattened",
        _ => "write the value itself, or give it a name with `let`",
    })
}

/// Code of [`dashed_items`].
pub(crate) const DASHED_LIST: &str = "dashed-list";

/// A line that begins with a dash, as in YAML.
pub(crate) fn dashed_items(dash: Span) -> Diagnostic {
    Diagnostic::error(DASHED_LIST, dash, "a list needs brackets, not dashes")
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
    let found = Diagnostic::error("indented-body", colon, message)
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
    Diagnostic::error("section-header", place, format!("`[{name}]` does not start a section"))
        .label("not a section")
}

/// A word between a name and its parent that should be a colon.
pub(crate) fn word_before_parent(place: Span, word: &str, parent: &str) -> Diagnostic {
    Diagnostic::error("expected-colon", place, format!("expected a colon before the parent, found `{word}`"))
        .label("expected `:`")
        .help(format!("write `: {parent}`"))
        .safe_fix("write `:`", place, ":")
}

/// `(base)` or `< base`; `all` is the parent with its marks.
pub(crate) fn marks_around_parent(all: Span, text: &str, parent: &str) -> Diagnostic {
    Diagnostic::error(
        "expected-colon",
        all,
        format!("expected a colon before the parent, found {}", excerpt(text)),
    )
    .label("expected `:` and the parent")
    .help(format!("write `: {parent}`"))
    .safe_fix(format!("write `: {parent}`"), all, format!(" : {parent}"))
}

/// `{ … }` that is left out after a declaration's first line, whose lines are indented.
pub(crate) fn body_without_braces(header: Span, body: Span, end: Span) -> Diagnostic {
    Diagnostic::error("unopened-block", header, "a `{` is missing at the end of this line")
        .label("`{` missing at the end")
        .related(body, "these lines belong to it")
        .help("write the body in braces; indentation has no meaning")
        .edits(Applicability::Suggested, "write braces", [(header, " {".to_owned()), (end, "\n}".to_owned())])
}

/// A declaration of another language.
pub(crate) fn foreign_block(place: Span, word: &str) -> Diagnostic {
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
    let found = Diagnostic::error("unknown-kind", place, format!("unknown kind of declaration `{word}`"))
        .label("not a kind")
        .help(help);
    match word {
        "import" | "include" => found.fix("write `use`", place, "use"),
        _ => found,
    }
}

/// `@a, b` without brackets.
pub(crate) fn context_without_brackets(names: Span, list: &str) -> Diagnostic {
    Diagnostic::error("missing-brackets", names, "several environments after `@` need brackets")
        .label("needs brackets")
        .help(format!("write `@[{list}]`"))
        .safe_fix(format!("write `@[{list}]`"), names, format!("@[{list}]"))
}
