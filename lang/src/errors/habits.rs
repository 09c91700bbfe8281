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
fn told(code: &str, at: Span, message: String, help: &str) -> Diagnostic {
    Diagnostic::error(code, at, message).help(help)
}

/// What is said of a slip in `shown`.
#[expect(clippy::too_many_lines, reason = "a table: each slip and its words")]
fn said(slip: Slip, at: Span, shown: &str) -> Diagnostic {
    match slip {
        Slip::NoFrom => told(
            "expected-source",
            at,
            format!("{shown} does not say where from"),
            "a rule is its protocol, its ports, `from` and its sources: `tcp [80, 443] from dmz`",
        ),
        Slip::Range => told(
            "port-range",
            at,
            format!("{shown} is no range: two dots stand between its ends"),
            "write a range of ports as in `1000..1006`",
        ),
        Slip::EveryPort => told(
            "bad-port",
            at,
            format!("{shown} has a sign for every port"),
            "for every port leave the ports out, as in `tcp from all` or `icmp from all`",
        ),
        Slip::EveryProtocol => told(
            "unknown-protocol",
            at,
            format!("{shown} has a sign for every protocol"),
            "every protocol is `any`, as in `any from all`",
        ),
        Slip::EverySource => told(
            "expected-source",
            at,
            "`*` is no source".to_owned(),
            "write `internet` for everybody, `all` for every metanetwork of the environment",
        ),
        Slip::Ipv6 => told(
            "unsupported-address",
            at,
            format!("{shown} has a block of IPv6, which environments do not have"),
            "write a block of IPv4; `internet` is `0.0.0.0/0`",
        ),
        Slip::JoinedPort => told(
            "malformed-rule",
            at,
            format!("{shown} joins the protocol and the port"),
            "a blank stands between them: `tcp 443 from all`",
        ),
        Slip::Filler => told(
            "malformed-rule",
            at,
            format!("{shown} has a word that no rule has"),
            "a rule is its protocol, its ports, `from` and its sources: `tcp 443 from [dmz, intranet]`",
        ),
        Slip::Arrow => told(
            "malformed-rule",
            at,
            format!("{shown} has an arrow in place of `from`"),
            "a rule is its protocol, its ports, `from` and its sources: `tcp 443 from dmz`",
        ),
        Slip::LatePort => told(
            "malformed-rule",
            at,
            format!("{shown} has its ports behind its source"),
            "the ports stand before `from`: `tcp 443 from dmz`",
        ),
        Slip::ManyPorts => told(
            "missing-brackets",
            at,
            "several ports stand without brackets".to_owned(),
            "several are a list: `tcp [80, 443] from all`",
        ),
        Slip::ManySources => told(
            "missing-brackets",
            at,
            "several sources stand without brackets".to_owned(),
            "several are a list: `tcp 443 from [dmz, intranet]`",
        ),
        Slip::Via => told(
            "expected-via",
            at,
            format!("{shown} does not say `via`"),
            "a route is a destination, `via` and a target: `internet via igw`",
        ),
        Slip::Target => told(
            "unknown-route-target",
            at,
            format!("{shown} has another name for the target"),
            "write `via igw`, `via vgw` or `via nat NETWORK`",
        ),
        Slip::Link => told(
            "expected-link",
            at,
            format!("{shown} does not join its ends by `<->`"),
            "a peering works both ways: `staging/tunnel <-> ci/intranet`",
        ),
        Slip::ColonPath => told(
            "expected-link",
            at,
            format!("{shown} has a colon where a slash belongs"),
            "an end is an `ENV/NETWORK`: `staging/tunnel <-> ci/intranet`",
        ),
        Slip::Quoted => told(
            "quoted-value",
            at,
            format!("{shown} has quotes where none belong"),
            "names, addresses and ports stand without quotes",
        ),
        Slip::Unit => told(
            "split-quantity",
            at,
            format!("{shown} has a blank before its unit"),
            "a number and its unit are one word: `5m`, `200GB`, `10%`",
        ),
        Slip::AutoSize => told(
            "auto-size",
            at,
            format!("{shown} gives its size without a slash, or in the wrong place"),
            "write the size as a prefix length after `auto`: `auto /20 in 10.0.0.0/8`",
        ),
        Slip::NoAuto => told(
            "auto-size",
            at,
            format!("{shown} is a size of no block"),
            "for any block of that size write `auto` before it, as in `auto /24`",
        ),
        Slip::Netmask => told(
            "netmask",
            at,
            format!("{shown} has a netmask in place of a prefix length"),
            "a block is an address and a prefix length: `10.0.0.0/16`",
        ),
        Slip::Brackets => told(
            "missing-brackets",
            at,
            format!("{shown} is several values without brackets"),
            "several values are a list: `[80, 443]`",
        ),
        Slip::Commas => told(
            "missing-separator",
            at,
            format!("nothing separates the values of {shown}"),
            "items of a list are separated by a comma or a line break",
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
        .help(format!("several values are a list: `{name} = [a, b]`"))
        .fix(format!("write {}", excerpt(list)), values, list)
}

/// `cidrsubnet("10.0.0.0/16", 4, 1)`
pub(crate) fn function_call(call: Span, function: &str) -> Diagnostic {
    let message = format!("`{function}(…)` calls a function, and there are none");
    Diagnostic::error("unexpected-text", call, message).help(match function {
        "cidrsubnet" | "cidrsubnets" | "subnet" => {
            "blocks are allocated: write `auto /24` for one of that size, `auto` for a share"
        }
        "merge" | "concat" => "what is inherited is added to by `+=`; a list in a list is taken in",
        _ => "write the value itself, or give it a name with `let`",
    })
}

/// Code of [`dashed_items`].
pub(crate) const DASHED_LIST: &str = "dashed-list";

/// A line that begins with a dash, as in YAML.
pub(crate) fn dashed_items(dash: Span) -> Diagnostic {
    Diagnostic::error(DASHED_LIST, dash, "a list stands in brackets, not behind dashes")
        .help("write `[`, the items with a comma or a line break between them, and `]`")
}

/// A further one of them.
pub(crate) fn dashed_item(dash: Span) -> Related {
    Related { span: dash, message: "an item too".to_owned() }
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
    let message = format!("a body stands in braces, but {} ends in `:`", excerpt(header));
    let found = Diagnostic::error("indented-body", colon, message)
        .help("put `{` in place of `:`, `}` after the last line, and `=` between names and values");
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
                .help("each peering is declared by itself: `peering ops = staging/tunnel <-> ci/intranet`");
        }
        "disco_aws" | "DEFAULT" | "default" | "global" => {
            return plain_section(place, name)
                .help("what all environments share is declared in `project NAME { … }`");
        }
        _ => format!("hostclass {rest} {{"),
    };
    let found = plain_section(place, name).help(format!("a declaration has braces: `{declared} … }}`"));
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
    Diagnostic::error("section-header", place, format!("`[{name}]` does not begin a section"))
}

/// A word between a name and its parent that should be a colon.
pub(crate) fn word_before_parent(place: Span, word: &str, parent: &str) -> Diagnostic {
    Diagnostic::error(
        "expected-colon",
        place,
        format!("a colon stands before what is inherited from, not `{word}`"),
    )
    .help(format!("write `: {parent}`"))
    .safe_fix("write `:`", place, ":")
}

/// `(base)` or `< base`; `all` is the parent with its marks.
pub(crate) fn marks_around_parent(all: Span, text: &str, parent: &str) -> Diagnostic {
    Diagnostic::error(
        "expected-colon",
        all,
        format!("a colon stands before what is inherited from, not {}", excerpt(text)),
    )
    .help(format!("write `: {parent}`"))
    .safe_fix(format!("write `: {parent}`"), all, format!(" : {parent}"))
}

/// `{ … }` that is left out after a declaration's first line, whose lines are indented.
pub(crate) fn body_without_braces(header: Span, body: Span, end: Span) -> Diagnostic {
    Diagnostic::error("unopened-block", header, "a `{` is missing at the end of this line")
        .related(body, "these lines belong to it")
        .help("a body stands in braces; indentation says nothing")
        .edits(Applicability::Suggested, "write braces", [(header, " {".to_owned()), (end, "\n}".to_owned())])
}

/// A declaration of another language.
pub(crate) fn foreign_block(place: Span, word: &str) -> Diagnostic {
    let help = match word {
        "variable" | "locals" => "name a value with `let office = 54.201.1.1/32`",
        "module" | "import" | "include" => "take in another file with `use networks`",
        "output" => "`asiaq ir` prints every resource that is asked for",
        "provider" | "terraform" => {
            "the region and the account stand in `project NAME { region = us-west-2 }`"
        }
        "for" | "foreach" | "while" | "if" | "switch" => {
            "there are no loops and no conditions: an `envtype` says what environments share"
        }
        "class" | "def" | "function" | "func" | "fn" => {
            "what several have in common stands in an `envtype` or a `hostclass`"
        }
        _ => "declare what the environment is made of: `env ci { metanetwork web { … } }`",
    };
    let found =
        Diagnostic::error("unknown-kind", place, format!("`{word}` is no kind of declaration")).help(help);
    match word {
        "import" | "include" => found.fix("write `use`", place, "use"),
        _ => found,
    }
}

/// `@a, b` without brackets.
pub(crate) fn context_without_brackets(names: Span, list: &str) -> Diagnostic {
    Diagnostic::error("missing-brackets", names, "several environments after `@` stand in brackets")
        .help(format!("write `@[{list}]`"))
        .safe_fix(format!("write `@[{list}]`"), names, format!("@[{list}]"))
}
