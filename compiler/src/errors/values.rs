//! Values of the wrong type, or out of range.

use asiaq_lang::ast::{Expr, ExprKind};
use asiaq_lang::aws_words::{self, Slot};
use asiaq_lang::{Applicability, Diagnostic, Span, spellings};
use ipnet::Ipv4Net;

use super::{codes, listed, nearest, suggestion};
use crate::dns;
use crate::types::Ty;

/// The kind of a value, as messages name it.
fn what(expr: &Expr) -> &'static str {
    match &expr.kind {
        ExprKind::Error => "a value with a syntax error",
        ExprKind::Int(_) => "a number",
        ExprKind::Number(_) => "a decimal number",
        ExprKind::Quantity(..) => "a number with a unit",
        ExprKind::String(_) => "a string",
        ExprKind::Name(word) if word == "true" => "`true`",
        ExprKind::Name(word) if word == "false" => "`false`",
        ExprKind::Name(_) => "a name",
        ExprKind::Path(..) => "an `ENV/NETWORK`",
        ExprKind::Ip(_) => "an IP address",
        ExprKind::Cidr(_) => "a CIDR block",
        ExprKind::Window(_) => "a window of time",
        ExprKind::Offset(_) => "an offset",
        ExprKind::Sum(..) => "an offset in a metanetwork",
        ExprKind::Auto { .. } => "`auto`",
        ExprKind::Range(..) => "a range",
        ExprKind::List(_) => "a list",
        ExprKind::Record(_) => "a record",
        ExprKind::Rule(_) => "a rule",
        ExprKind::Route(_) => "a route",
        ExprKind::Link(..) => "the two ends of a peering",
        ExprKind::Phrase(word, _) if word.text == "cookie" => "a cookie",
        ExprKind::Phrase(word, _) if word.text == "credential" => "a credential",
        ExprKind::Phrase(word, _) if matches!(word.text.as_str(), "hostclass" | "lb") => {
            "machines of a hostclass"
        }
        ExprKind::Phrase(word, _) if word.text == "file" => "a file",
        ExprKind::Phrase(word, _) if word.text == "url" => "an address",
        ExprKind::Phrase(word, _) if matches!(word.text.as_str(), "parameters" | "secrets_manager") => {
            "a store of secrets"
        }
        ExprKind::Phrase(..) => "a protocol with a port",
        ExprKind::Arrow(..) | ExprKind::Redirect(..) => "a listener",
        ExprKind::Timed(..) => "a number with a time",
        ExprKind::Condition(_) => "a condition",
    }
}

pub(crate) fn type_mismatch(site: Span, expr: &Expr, ty: &Ty) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(codes::TYPE_MISMATCH, site, format!("expected {ty}, found {}", what(expr)))
            .label(format!("this is {}", what(expr)));
    if site == expr.span {
        let found = diagnostic.help(format!("write {ty}"));
        match &expr.kind {
            ExprKind::Int(text) | ExprKind::Number(text) | ExprKind::Ip(text) | ExprKind::Cidr(text)
                if *ty.required() == Ty::String =>
            {
                found.fix(format!("write `\"{text}\"`"), site, format!("\"{text}\""))
            }
            ExprKind::Name(word) if *ty.required() == Ty::Nat && word == "true" => {
                found.fix("write `auto`", site, "auto")
            }
            _ => found,
        }
    } else {
        diagnostic
            .related(expr.span, "defined here")
            .help(format!("write {ty} here, or change the definition"))
    }
}

/// `-1` or `+5` where a number has no sign.
pub(crate) fn signed_number(span: Span, text: &str, ty: &Ty) -> Diagnostic {
    if text.starts_with('-') {
        return Diagnostic::new(codes::OUT_OF_BOUNDS, span, format!("`{text}` is negative; expected {ty}"))
            .label("negative")
            .help("write a number that is not below zero");
    }
    let number = text.trim_start_matches('+').trim_start();
    let found = Diagnostic::new(codes::TYPE_MISMATCH, span, format!("expected {ty}, found an offset"))
        .label("this has a sign");
    match ty.required() {
        Ty::Int | Ty::PortRange | Ty::Capacity | Ty::Reserve => {
            found.help("remove the sign").safe_fix(format!("write `{number}`"), span, number)
        }
        _ => found.help(format!("write {ty}")),
    }
}

/// `"2001:db8::/32"` where an address or a block is expected.
pub(crate) fn ipv6(span: Span, text: &str) -> Diagnostic {
    Diagnostic::new(
        codes::UNSUPPORTED_ADDRESS,
        span,
        format!("`{text}` is IPv6, which environments do not support"),
    )
    .label("IPv6 is not supported")
    .help("write an IPv4 address or CIDR block")
}

/// `"sg-0123456789abcdef0"` where a source is expected.
pub(crate) fn id_in_quotes(span: Span, text: &str, ty: &Ty, help: String) -> Diagnostic {
    Diagnostic::new(codes::TYPE_MISMATCH, span, format!("expected {ty}, found the id `{text}`"))
        .label("an id of AWS")
        .help(help)
}

/// One value where a list is expected; `is_item` where it could be one of the list.
pub(crate) fn not_a_list(site: Span, expr: &Expr, ty: &Ty, is_item: bool) -> Diagnostic {
    let diagnostic = Diagnostic::new(codes::NOT_A_LIST, site, format!("expected {ty}, found {}", what(expr)))
        .label(format!("this is {}", what(expr)))
        .help("put it in brackets: `[…]`");
    let diagnostic =
        if site == expr.span { diagnostic } else { diagnostic.related(expr.span, "defined here") };
    if !is_item {
        return diagnostic;
    }
    let (open, close) = (Span { end: site.start, ..site }, Span { start: site.end, ..site });
    diagnostic.edits(Applicability::Safe, "write brackets", [(open, "[".to_owned()), (close, "]".to_owned())])
}

/// A string that would be valid without its quotes.
pub(crate) fn quoted_value(site: Span, expr: &Expr, meant: &str, ty: &Ty) -> Diagnostic {
    let quotes =
        if meant.starts_with('[') { "this string should be a list" } else { "quotes make this a string" };
    let diagnostic = Diagnostic::new(codes::QUOTED_VALUE, site, format!("{quotes}; expected {ty}"))
        .label("must not have quotes")
        .help(format!("write `{meant}`"));
    let title = format!("write `{meant}`");
    if site == expr.span {
        diagnostic.safe_fix(title, site, meant)
    } else {
        // Other uses of the `let` may need the quotes.
        diagnostic.related(expr.span, "defined here").fix(title, expr.span, meant)
    }
}

/// A diagnostic whose mend would only lead to the next mistake.
pub(crate) fn unknown_in_quotes(found: Diagnostic) -> Diagnostic {
    let found = Diagnostic { fix: None, ..found };
    found.help("write a metanetwork, `all`, `internet` or a CIDR block, without quotes")
}

pub(crate) fn null_value(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(
        codes::NULL_VALUE,
        span,
        format!("there is no `{word}` value: a field without a value is omitted"),
    )
    .label("not a value")
    .help("remove the field: it then has its default value")
}

pub(crate) fn no_interpolation(span: Span, ty: &Ty) -> Diagnostic {
    Diagnostic::new(codes::NO_INTERPOLATION, span, format!("`${{…}}` is not allowed here; expected {ty}"))
        .label("must be a literal value")
        .help("write the value itself, and override it where it differs")
}

pub(crate) fn every_port(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(codes::BAD_PORT, span, format!("`{word}` is not a port"))
        .label("not a port number")
        .help("to match every port, omit the ports, as in `tcp from all` or `icmp from all`")
        .safe_fix("remove it", span, "")
}

pub(crate) fn amazon_by_another_name(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(codes::UNKNOWN_NAME, span, format!("unknown name `{word}`"))
        .label("not a DNS server")
        .help("the DNS server that AWS provides is `amazon`")
        .safe_fix("write `amazon`", span, "amazon")
}

pub(crate) fn not_a_bool(span: Span, word: &str) -> Diagnostic {
    let meant = match word.to_ascii_lowercase().as_str() {
        "yes" | "on" | "true" | "y" | "t" | "enabled" => Some("true"),
        "no" | "off" | "false" | "n" | "f" | "disabled" => Some("false"),
        _ => None,
    };
    let diagnostic =
        Diagnostic::new(codes::NOT_A_BOOL, span, format!("`{word}` is neither `true` nor `false`"))
            .label("must be `true` or `false`");
    match meant {
        Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")).safe_fix(
            format!("write `{meant}`"),
            span,
            meant,
        ),
        None => diagnostic.help("write `true` or `false`"),
    }
}

pub(crate) fn number_too_large(span: Span) -> Diagnostic {
    Diagnostic::new(codes::NUMBER_TOO_LARGE, span, "this number is too large")
        .label("too large")
        .help("check the digits")
}

pub(crate) fn out_of_bounds(span: Span, field: &str, low: &str, high: &str) -> Diagnostic {
    Diagnostic::new(codes::OUT_OF_BOUNDS, span, format!("`{field}` must be between {low} and {high}"))
        .label("out of range")
        .help(format!("write a value from {low} to {high}"))
}

pub(crate) fn missing_unit(span: Span, text: &str, ty: &Ty, unit: &str) -> Diagnostic {
    let found = Diagnostic::new(codes::MISSING_UNIT, span, format!("`{text}` has no unit; expected {ty}"))
        .label("unit missing");
    if *ty == Ty::Duration {
        // A wrong unit would be a wrong time.
        return found.help(format!(
            "write seconds, minutes, hours or days: `{text}s`, `{text}m`, `{text}h` or `{text}d`"
        ));
    }
    found.help(format!("add a unit, as in `{text}{unit}`")).fix(
        format!("write `{text}{unit}`"),
        span,
        format!("{text}{unit}"),
    )
}

pub(crate) fn unknown_unit(span: Span, text: &str, unit: &str, ty: &Ty, known: &[&str]) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(codes::UNKNOWN_UNIT, span, format!("unknown unit `{unit}`; expected {ty}"))
            .label("not a unit of this field");
    let same = known.iter().find(|known| known.eq_ignore_ascii_case(unit)).copied();
    let meant = same.or_else(|| spellings::unit(unit).filter(|meant| known.contains(meant)));
    match meant {
        Some(near) => diagnostic.help(format!("did you mean `{text}{near}`?")).safe_fix(
            format!("write `{text}{near}`"),
            span,
            format!("{text}{near}"),
        ),
        None => diagnostic.help(suggestion(unit, known)),
    }
}

pub(crate) fn not_whole(span: Span, ty: &Ty) -> Diagnostic {
    Diagnostic::new(codes::NOT_WHOLE, span, format!("expected {ty}, as a whole number"))
        .label("not a whole number")
        .help("write it in a smaller unit")
}

pub(crate) fn not_a_domain(span: Span, text: &str) -> Diagnostic {
    Diagnostic::new(codes::NOT_A_DOMAIN, span, format!("`{text}` is not a domain name"))
        .label("not a domain name")
        .help(match dns::name(text) {
            Err(
                mistake @ (dns::Mistake::EmptyLabel | dns::Mistake::LongLabel(..) | dns::Mistake::Long(_)),
            ) => dns_help(&mistake),
            Err(dns::Mistake::Character(_) | dns::Mistake::Escape) | Ok(_) => {
                "write labels of letters, digits and hyphens, separated by dots, as in `example.com`"
                    .to_owned()
            }
        })
}

/// How a text that is no DNS name becomes one.
pub(super) fn dns_help(mistake: &dns::Mistake) -> String {
    match mistake {
        dns::Mistake::EmptyLabel => "write something between two dots, and before the first one".to_owned(),
        dns::Mistake::LongLabel(label, length) => {
            let start: String = label.chars().take(16).collect();
            format!("the label `{start}…` has {length} characters, and DNS allows 63 between two dots")
        }
        dns::Mistake::Long(length) => format!("it has {length} characters, and DNS allows 255 in all"),
        dns::Mistake::Character(' ') => {
            r"write a hyphen in place of the space, or `\\040` if the name really has one".to_owned()
        }
        dns::Mistake::Character(c) => {
            format!("Route 53 does not take `{c}` as it is: write the name in Punycode, as in `xn--…`")
        }
        dns::Mistake::Escape => {
            r"an escape is a backslash and three octal digits, from `\\000` to `\\377`".to_owned()
        }
    }
}

pub(crate) fn not_an_account_id(span: Span, text: &str) -> Diagnostic {
    Diagnostic::new(codes::NOT_AN_ACCOUNT_ID, span, format!("`{text}` is not an account id"))
        .label("must have twelve digits")
        .help("an account id has twelve digits, as in `\"123456789012\"`")
}

pub(crate) fn not_a_region(span: Span, name: &str, meant: Option<&str>) -> Diagnostic {
    let found = Diagnostic::new(codes::NOT_A_REGION, span, format!("`{name}` is not the code of a region"))
        .label("not a region code");
    match meant {
        Some(meant) => {
            found.help(format!("did you mean `{meant}`?")).fix(format!("write `{meant}`"), span, meant)
        }
        None => found.help("write an area, a direction and a number, as in `us-west-2`"),
    }
}

pub(crate) fn unknown_region(span: Span, name: &str, meant: Option<&str>) -> Diagnostic {
    let found = Diagnostic::new(codes::UNKNOWN_REGION, span, format!("asiaq does not know region `{name}`"))
        .label("not in asiaq's list of regions");
    match meant {
        Some(meant) => {
            found.help(format!("did you mean `{meant}`?")).fix(format!("write `{meant}`"), span, meant)
        }
        None => found.help("check the code; if AWS has this region, write `allow(unknown-region)`"),
    }
}

pub(crate) fn unknown_word(span: Span, word: &str, known: &[String]) -> Diagnostic {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let found =
        Diagnostic::new(codes::UNKNOWN_WORD, span, format!("`{word}` is not one of {}", listed(&known)))
            .label("not an allowed value");
    let same = known.iter().any(|name| name.eq_ignore_ascii_case(word));
    if let Some(help) = aws_words::help(Slot::Word(&known), word).filter(|_| !same) {
        return found.help(help);
    }
    let found = found.help(suggestion(word, &known));
    match nearest(word, &known) {
        Some(near) => found.fix(format!("write `{near}`"), span, near),
        None => found,
    }
}

pub(crate) fn fractional_offset(span: Span) -> Diagnostic {
    Diagnostic::new(codes::MALFORMED_NUMBER, span, "an offset must be a whole number without a unit")
        .label("not a whole number")
        .help("write `+5`, `-2` or `tunnel + 5`")
}

pub(crate) fn bad_address(span: Span, text: &str) -> Diagnostic {
    let octets = text.split('/').next().unwrap_or(text);
    let why = if octets.split('.').count() != 4 {
        "an address has four parts"
    } else if octets.split('.').any(|part| part.len() > 1 && part.starts_with('0')) {
        "a part has a leading zero, which some tools read as octal"
    } else {
        "each part must be between 0 and 255"
    };
    Diagnostic::new(codes::BAD_ADDRESS, span, format!("`{text}` is not an IPv4 address: {why}"))
        .label("not an IPv4 address")
        .help("write it as in `10.0.0.5`")
}

pub(crate) fn bad_prefix(span: Span, text: &str, prefix: &str) -> Diagnostic {
    Diagnostic::new(
        codes::BAD_PREFIX,
        span,
        format!("`{text}` has prefix length {prefix}, and the longest is 32"),
    )
    .label("prefix length out of range")
    .help("write a prefix length from /0 to /32")
}

pub(crate) fn host_bits_set(span: Span, block: Ipv4Net, ty: &Ty) -> Diagnostic {
    let meant = block.trunc();
    let found = Diagnostic::new(
        codes::HOST_BITS_SET,
        span,
        format!("`{block}` is not a CIDR block: host bits are set; the block is `{meant}`"),
    )
    .label(format!("the CIDR block is `{meant}`"))
    .help(format!("write `{meant}`, or `{}/32` for this single address", block.addr()));
    // Which of the two was meant decides who can reach what, unless the block is address space of the project.
    match ty {
        Ty::Allocation => found.fix(format!("write `{meant}`"), span, meant.to_string()),
        _ => found,
    }
}

/// `is_place` says whether the block is that of a VPC or of a metanetwork, which a single address cannot be.
pub(crate) fn address_for_block(span: Span, text: &str, is_place: bool) -> Diagnostic {
    let found = Diagnostic::new(
        codes::ADDRESS_FOR_BLOCK,
        span,
        format!("expected a CIDR block, found the address `{text}`"),
    )
    .label("prefix length missing");
    // The address of a network means the network, whose size is not known.
    let zeros = text.rsplit('.').take_while(|part| part.bytes().all(|digit| digit == b'0')).count();
    match zeros {
        4 => found.help("write `0.0.0.0/0`, or `internet`, for every address"),
        1..=3 => found.help(format!("add the prefix length, as in `{text}/{}`", 8 * (4 - zeros))),
        _ if is_place => found.help("write a block, as in `10.0.0.0/16`"),
        _ => found.help(format!("write `{text}/32` for this single address")).safe_fix(
            format!("write `{text}/32`"),
            span,
            format!("{text}/32"),
        ),
    }
}

pub(crate) fn offset_without_sign(span: Span, digits: &str) -> Diagnostic {
    Diagnostic::new(codes::OFFSET_WITHOUT_SIGN, span, format!("`{digits}` is a number, not an address"))
        .label("sign missing")
        .help(format!("an offset has a sign: `+{digits}`"))
        .fix(format!("write `+{digits}`"), span, format!("+{digits}"))
}

pub(crate) fn offset_of_nothing(span: Span) -> Diagnostic {
    Diagnostic::new(codes::OFFSET_OF_NOTHING, span, "this offset has no metanetwork")
        .label("offset from which metanetwork?")
        .help("name the metanetwork, as in `tunnel + 5`")
}

pub(crate) fn larger_than_pool(span: Span, prefix: u8, pool: Ipv4Net) -> Diagnostic {
    Diagnostic::new(codes::LARGER_THAN_POOL, span, format!("a /{prefix} does not fit into {pool}"))
        .label("larger than the pool")
        .help(format!("write a prefix length of /{} or longer, or use a larger pool", pool.prefix_len()))
}

pub(crate) fn pool_without_size(span: Span) -> Diagnostic {
    Diagnostic::new(
        codes::POOL_WITHOUT_SIZE,
        span,
        "the size of the block to allocate from the pool is missing",
    )
    .label("prefix length missing")
    .help("add a prefix length, as in `auto /20 in 10.0.0.0/8`")
}

pub(crate) fn bad_port(span: Span, text: &str) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(codes::BAD_PORT, span, format!("`{text}` is not a port")).label("not a port number");
    if text == "-1" {
        diagnostic.help("to match every port, omit the ports, as in `tcp from all` or `icmp from all`")
    } else {
        diagnostic.help("write a port from 0 to 65535")
    }
}

pub(crate) fn range_backwards(span: Span, from: u16, to: u16) -> Diagnostic {
    Diagnostic::new(codes::RANGE_BACKWARDS, span, format!("the range {from}..{to} ends before it starts"))
        .label("start and end are swapped")
        .help(format!("write `{to}..{from}`"))
        .fix(format!("write `{to}..{from}`"), span, format!("{to}..{from}"))
}

pub(crate) fn too_many_values(span: Span, limit: usize) -> Diagnostic {
    Diagnostic::new(
        codes::TOO_MANY_VALUES,
        span,
        format!("list has more than {limit} values after flattening"),
    )
    .label("too many values")
    .help("remove some of them")
}

pub(crate) fn empty_list(span: Span, of: &str) -> Diagnostic {
    Diagnostic::new(codes::EMPTY_LIST, span, format!("a rule without {of} allows no traffic"))
        .label("empty")
        .help(format!("add {of}, or remove the rule"))
}

pub(crate) fn no_name_server(span: Span) -> Diagnostic {
    Diagnostic::new(codes::NO_NAME_SERVER, span, "instances cannot resolve names without a DNS server")
        .label("no DNS server")
        .help("write `dns = [amazon]`, or omit the field, which means the same")
}

pub(crate) fn too_many_servers(span: Span, of: &str, count: usize) -> Diagnostic {
    Diagnostic::new(
        codes::TOO_MANY_SERVERS,
        span,
        format!("{count} {of} servers, and AWS allows at most four"),
    )
    .label(format!("{count} servers"))
    .help("remove all but four")
}
