//! Declarations and fields that do not fit their kind.

use asiaq_lang::ast::{Decl, ExprKind, Name, Setting, Statement, TypeExpr};
use asiaq_lang::aws_words::{self, Slot};
use asiaq_lang::{Diagnostic, Span};

use super::{a_kind, codes, did_you_mean, listed, nearest, suggestion};
use crate::library::kinds;
use crate::types::Ty;

/// `known` are the kinds that may stand there, `others` all kinds.
pub(crate) fn unknown_kind(kind: &Name, parent: Option<&str>, known: &[&str], others: &[&str]) -> Diagnostic {
    let place = parent
        .map_or_else(|| "at the top level of a file".to_owned(), |parent| format!("in {}", a_kind(parent)));
    let message = format!("unknown kind of declaration `{}`", kind.text);
    let found = Diagnostic::new(codes::UNKNOWN_KIND, kind.span, message).label("unknown kind");
    let same = |known: &[&str]| known.iter().any(|name| name.eq_ignore_ascii_case(&kind.text));
    if let Some(help) = aws_words::help(Slot::Kind, &kind.text).filter(|_| !same(known)) {
        return found.help(help);
    }
    if let Some(help) = did_you_mean(&kind.text, known) {
        return match nearest(&kind.text, known) {
            Some(name) => found.help(help).fix(format!("write `{name}`"), kind.span, name),
            None => found.help(help),
        };
    }
    found.help(match did_you_mean(&kind.text, others) {
        Some(help) => format!("{help} It is not allowed {place}"),
        None if known.is_empty() => format!("no declarations are allowed {place}"),
        None => format!("allowed {place}: {}", listed(known)),
    })
}

/// `ingress { … }`, as in Terraform.
pub(crate) fn field_as_block(field: &Name, ty: &Ty) -> Diagnostic {
    let message = format!("`{}` is a field, not a declaration", field.text);
    Diagnostic::new(codes::UNKNOWN_KIND, field.span, message)
        .label("this is a field")
        .help(format!("write `{} = …`: {ty}", field.text))
}

pub(crate) fn misplaced_kind(kind: &Name, parent: Option<&str>, parents: &[String]) -> Diagnostic {
    let here = parent
        .map_or_else(|| "at the top level of a file".to_owned(), |parent| format!("in {}", a_kind(parent)));
    let parents: Vec<&str> = parents.iter().map(String::as_str).collect();
    let help = if parents.is_empty() {
        "move it to the top level of a file".to_owned()
    } else {
        format!("move it into a declaration of kind {}", listed(&parents))
    };
    Diagnostic::new(codes::MISPLACED_KIND, kind.span, format!("`{}` is not allowed {here}", kind.text))
        .label("not allowed here")
        .help(help)
}

pub(crate) fn misplaced_statement(statement: &Statement, kind: &str) -> Diagnostic {
    let message = format!("{} has no statements", a_kind(kind));
    let found = Diagnostic::new(codes::MISPLACED_STATEMENT, statement.effect_span, message)
        .label("statement not allowed here");
    match kinds::STATEMENTS {
        [] => found.help("remove it: `allow` and `deny` with actions are statements of a policy"),
        kinds => found.help(format!("move it into a declaration of kind {}", listed(kinds))),
    }
}

pub(crate) fn block_with_name(kind: &str, name: &Name) -> Diagnostic {
    Diagnostic::new(codes::BLOCK_WITH_NAME, name.span, format!("`{kind}` is a block, which has no name"))
        .label("a block has no name")
        .help(format!("write `{kind} {{ … }}`"))
}

pub(crate) fn missing_name(kind: &Name) -> Diagnostic {
    Diagnostic::new(codes::MISSING_NAME, kind.span, format!("this `{}` has no name", kind.text))
        .label("name missing")
        .help(format!("write `{} NAME {{ … }}`", kind.text))
}

pub(crate) fn cannot_inherit(kind: &str, parent: &Name, heirs: &[&str]) -> Diagnostic {
    Diagnostic::new(codes::CANNOT_INHERIT, parent.span, format!("{} cannot inherit", a_kind(kind)))
        .label("parent not allowed")
        .help(format!("only declarations of kind {} can inherit", listed(heirs)))
}

pub(crate) fn replace_at_top(span: Span) -> Diagnostic {
    Diagnostic::new(codes::MISPLACED_REPLACE, span, "`replace` has nothing to replace here")
        .label("nothing to replace")
        .help(
            "`replace` discards an inherited block of an environment, as in `replace metanetwork dmz { … }`",
        )
}

pub(crate) fn replaces_nothing(replace: Span, decl: &Decl, heir: &Decl) -> Diagnostic {
    let called = |decl: &Decl| match &decl.name {
        Some(name) => format!("{} {}", decl.kind.text, name.text),
        None => decl.kind.text.clone(),
    };
    let found = Diagnostic::new(
        codes::REPLACES_NOTHING,
        replace,
        format!("`{}` inherits no `{}` to replace", called(heir), called(decl)),
    )
    .label("nothing to replace")
    .help("remove `replace`");
    let found = match &heir.parent {
        Some(parent) => found.related(parent.span, "it inherits only from this"),
        None => found,
    };
    found.safe_fix("remove it", Span { end: decl.kind.span.start, ..replace }, "")
}

pub(crate) fn body_expected(kind: &str, span: Span) -> Diagnostic {
    Diagnostic::new(codes::BODY_EXPECTED, span, format!("{} has a body, not a value", a_kind(kind)))
        .label("must be a body")
        .help(format!("write `{kind} NAME {{ … }}`"))
}

pub(crate) fn value_expected(kind: &Name, span: Span) -> Diagnostic {
    Diagnostic::new(codes::VALUE_EXPECTED, span, format!("{} has a value, not a body", a_kind(&kind.text)))
        .label("must be a value")
        .help("write `peering NAME = ENV/NETWORK <-> ENV/NETWORK`")
}

pub(crate) fn unknown_type(ty: &TypeExpr) -> Diagnostic {
    Diagnostic::new(codes::UNKNOWN_TYPE, ty.span, "unknown type")
        .label("not a type")
        .help("types begin with a capital letter, as in `Cidr`, `[Rule]` or `Int`; the type is optional")
}

/// `known` are the fields of `kind`; `elsewhere` are fields of this name, or one near it, of kinds that belong to it.
pub(crate) fn unknown_field(
    name: &Name,
    kind: &str,
    known: &[&str],
    elsewhere: &[(&str, &str)],
) -> Diagnostic {
    let found = Diagnostic::new(
        codes::UNKNOWN_FIELD,
        name.span,
        format!("{} has no field `{}`", a_kind(kind), name.text),
    )
    .label(format!("not a field of {}", a_kind(kind)));
    let is_elsewhere = elsewhere.first().is_some_and(|(field, _)| *field == name.text);
    if let Some(meant) = meant_field(kind, &name.text, known).filter(|_| !is_elsewhere) {
        let old = old_field(kind, &name.text).filter(|_| nearest(&name.text, known).is_none());
        let found = found.help(old.unwrap_or_else(|| suggestion(&name.text, known)));
        let is_guess = !meant.eq_ignore_ascii_case(&name.text);
        if is_guess && OPENING.contains(&meant) {
            return found;
        }
        return found.fix(format!("write `{meant}`"), name.span, meant);
    }
    let aws = || aws_words::help(Slot::Field(kind), &name.text);
    if let Some(help) = old_field(kind, &name.text).or_else(aws) {
        return found.help(help);
    }
    if let Some(help) = aws_words::help(Slot::Kind, &name.text).filter(|_| !is_elsewhere) {
        return found.help(help);
    }
    let is_near = did_you_mean(&name.text, known).is_some() && !is_elsewhere;
    if let Some((field, _)) = elsewhere.first().filter(|_| !is_near) {
        let kinds: Vec<&str> = elsewhere.iter().map(|(_, kind)| *kind).collect();
        return found.help(if *field == name.text {
            format!("`{field}` is a field of {}", listed(&kinds))
        } else {
            format!("did you mean `{field}`? It is a field of {}", listed(&kinds))
        });
    }
    found.help(suggestion(&name.text, known))
}

/// A block that is written as a field. `parents` are the kinds that have it, if this one does not.
pub(crate) fn block_as_field(
    setting: &Setting,
    kind: &str,
    (is_named, has_required): (bool, bool),
    parents: &[&str],
) -> Diagnostic {
    let (name, value) = (setting.name.text.as_str(), &setting.value);
    let message = format!("`{name}` is a block and no field of {}", a_kind(kind));
    let found = Diagnostic::new(codes::UNKNOWN_FIELD, setting.name.span, message).label("a block");
    let header = if is_named { format!("{name} NAME") } else { name.to_owned() };
    let body = if has_required || is_named { "{ … }" } else { "{ }" };
    if !parents.is_empty() {
        return found.help(format!("write `{header} {{ … }}` in {}", listed(parents)));
    }
    match &value.kind {
        // `dhcp = { … }`
        ExprKind::Record(_) if !is_named => {
            let equals = Span { start: setting.name.span.end, end: value.span.start, ..value.span };
            found.help("remove the `=`").fix("remove `=`", equals, " ")
        }
        ExprKind::Name(word) if word == "false" => {
            found.help(format!("remove it: without the block there is no `{name}`"))
        }
        _ => found.help(format!("write `{header} {body}`")),
    }
}

/// Fields that decide who can reach what: a guess at one of them has no fix.
const OPENING: &[&str] = &[
    "eip",
    "enabled",
    "from",
    "ingress",
    "listeners",
    "nat",
    "ports",
    "private",
    "public",
    "public_ip",
    "routes",
    "security",
    "vgw_propagation",
];

/// Whether an unknown field was meant to be `field`.
pub(crate) fn is_meant(kind: &str, name: &str, known: &[&str], field: &str) -> bool {
    let writes = |help: String| help.contains(&format!("`{field} = "));
    meant_field(kind, name, known) == Some(field)
        || aws_words::help(Slot::Field(kind), name).is_some_and(writes)
}

/// The field among `known` that an unknown one was meant to be.
fn meant_field<'k>(kind: &str, name: &str, known: &[&'k str]) -> Option<&'k str> {
    let is_aws = aws_words::help(Slot::Field(kind), name).is_some();
    let same = known.iter().copied().find(|field| field.eq_ignore_ascii_case(name));
    same.or_else(|| nearest(name, known).filter(|_| !is_aws)).or_else(|| {
        let is_block = matches!(
            (kind, name),
            (kinds::ENV | kinds::ENVTYPE | kinds::METANETWORK, "cidr_block" | "vpc_cidr" | "ip_space")
        );
        let is_id = matches!((kind, name), (kinds::ACCOUNT, "account_id" | "account_number"));
        known.iter().copied().find(|field| is_block && *field == "cidr" || is_id && *field == "id")
    })
}

/// How to write a field of the old files, or of Terraform.
fn old_field(kind: &str, name: &str) -> Option<String> {
    let of_network = [
        ("_cidr", "cidr = auto"),
        ("_sg_rules", "ingress = [tcp 22 from all]"),
        ("_igw_routes", "routes = [internet via igw]"),
        ("_vgw_routes", "routes = [10.0.0.0/8 via vgw]"),
        ("_nat_gateways", "nat = auto"),
    ];
    if name != "vpc_cidr"
        && matches!(kind, kinds::ENV | kinds::ENVTYPE)
        && let Some((network, field)) =
            of_network.iter().find_map(|(suffix, field)| Some((name.strip_suffix(suffix)?, field)))
    {
        return Some(format!("write it in the metanetwork: `metanetwork {network} {{ {field} }}`"));
    }
    let now = match (kind, name) {
        (kinds::ENV | kinds::ENVTYPE, "vpc_cidr" | "cidr_block" | "ip_space" | "vpc_cidr_size") => {
            "write the CIDR block as `cidr = 10.1.0.0/20`, or `cidr = auto /20 in 10.0.0.0/8`"
        }
        (kinds::ENV | kinds::ENVTYPE, "nat_gateway_routes") => {
            "write it in the metanetwork: `routes = [internet via nat tunnel]`"
        }
        (kinds::ENV | kinds::ENVTYPE, "customer_ports" | "customer_cidr") => {
            "write it in a block: `customer { ports = [443], from = [internet] }`"
        }
        (
            kinds::ENV | kinds::ENVTYPE,
            "ntp_server"
            | "ntp_server_offset"
            | "ntp_server_metanetwork"
            | "domain_name"
            | "internal_dns"
            | "external_dns",
        ) => "write it in a block: `dhcp { domain_name = \"example.internal\", ntp = [tunnel + 5] }`",
        (kinds::METANETWORK, "sg_rules" | "rules" | "security_group" | "ingress_rules") => {
            "write rules as `ingress = [tcp 22 from all]`"
        }
        (kinds::METANETWORK, "igw_routes" | "vgw_routes") => "write routes as `routes = [internet via igw]`",
        (kinds::METANETWORK, "nat_gateways" | "nat_gateway") => "write NAT gateways as `nat = auto`",
        (kinds::METANETWORK | kinds::ENV | kinds::ENVTYPE, "cidr_block" | "subnet") => {
            "write the CIDR block as `cidr`"
        }
        (kinds::HOSTCLASS, "ip_address") => "write the static address as `ip = +5`",
        (kinds::HOSTCLASS, "meta_network" | "metanetwork" | "subnet") => {
            "write the metanetwork as `network = intranet`"
        }
        _ => return None,
    };
    Some(now.to_owned())
}

pub(crate) fn missing_field(site: Span, kind: &str, field: &str, ty: &Ty) -> Diagnostic {
    Diagnostic::new(codes::MISSING_FIELD, site, format!("this `{kind}` has no `{field}`"))
        .label(format!("`{field}` missing"))
        .help(format!("add `{field} = …`: {ty}"))
}

pub(crate) fn set_twice(name: &Name, first: Span) -> Diagnostic {
    Diagnostic::new(codes::SET_TWICE, name.span, format!("`{}` is set twice", name.text))
        .label("again here")
        .related(first, "first set here")
        .help("remove one of them")
}

pub(crate) fn append_to_one(name: &Name, span: Span) -> Diagnostic {
    Diagnostic::new(
        codes::APPEND_TO_ONE,
        span,
        format!("`{}` is a single value, so `+=` cannot append to it", name.text),
    )
    .label("not a list")
    .help(format!("write `{} = …`; `+=` appends to a list", name.text))
}

pub(crate) fn override_in_environment(span: Span, env: &str) -> Diagnostic {
    Diagnostic::new(
        codes::OVERRIDE_IN_ENVIRONMENT,
        span,
        format!("overrides with `@` are not allowed inside environment `{env}`"),
    )
    .label("override not allowed here")
    .help("set the field itself in the environment or envtype that differs")
}

pub(crate) fn override_in_account(span: Span, account: &str) -> Diagnostic {
    Diagnostic::new(
        codes::OVERRIDE_IN_ENVIRONMENT,
        span,
        format!("overrides with `@` are not allowed inside account `{account}`"),
    )
    .label("override not allowed here")
    .help("an account is the same for all environments: declare another account, and set `account` in the environment")
}

pub(crate) fn nested_override(span: Span, outer: Span) -> Diagnostic {
    Diagnostic::new(codes::NESTED_OVERRIDE, span, "an override cannot contain another override")
        .label("inner override")
        .related(outer, "the outer override")
        .help("move it next to the outer override, with all environments that it applies to")
}

pub(crate) fn ambiguous_override(setting: &Setting, other: Span, env: &str) -> Diagnostic {
    let name = &setting.name;
    let span = setting.context.as_ref().map_or(name.span, |context| name.span.to(context.span));
    Diagnostic::new(
        codes::AMBIGUOUS_OVERRIDE,
        span,
        format!("`{}` has two equally specific overrides for `{env}`", name.text),
    )
    .label(format!("applies to `{env}`"))
    .related(other, "the other one")
    .help("remove the environment from one of the lists")
}

pub(crate) fn override_in_record(span: Span) -> Diagnostic {
    Diagnostic::new(codes::OVERRIDE_IN_RECORD, span, "a single field of a record cannot be overridden")
        .label("not allowed inside a record")
        .help("override the whole field")
}

pub(crate) fn reserved_tag(name: &Name) -> Diagnostic {
    Diagnostic::new(codes::RESERVED_TAG, name.span, format!("the tag `{}` is reserved", name.text)).label("reserved tag").help(
        "use another name: AWS reserves the prefix `aws:`, asiaq the prefix `asiaq:`, and it sets `Name`, `type`, \
         `application` and others itself",
    )
}

pub(crate) fn tag_too_long(span: Span, length: usize) -> Diagnostic {
    Diagnostic::new(
        codes::TAG_TOO_LONG,
        span,
        format!("this tag has {length} characters, and AWS allows 256"),
    )
    .label(format!("{length} characters"))
    .help("shorten the value to 256 characters")
}

pub(crate) fn too_many_tags(span: Span, count: usize) -> Diagnostic {
    Diagnostic::new(
        codes::TOO_MANY_TAGS,
        span,
        format!("the names of these {count} tags together are too long"),
    )
    .label("too many names")
    .help("asiaq stores the names in one tag of about 230 characters: use fewer or shorter tags")
}
