//! Values that are not what their field takes.

use asiaq_lang::ast::{Expr, ExprKind};
use asiaq_lang::{Applicability, Diagnostic, Span, spellings};
use ipnet::Ipv4Net;

use super::{listed, nearest, suggestion};
use crate::types::Ty;

/// What a value is, in the user's words.
fn what(expr: &Expr) -> &'static str {
    match &expr.kind {
        ExprKind::Error => "something broken",
        ExprKind::Int(_) => "a number",
        ExprKind::Number(_) => "a decimal number",
        ExprKind::Quantity(..) => "a number with a unit",
        ExprKind::String(_) => "a text",
        ExprKind::Name(word) if word == "true" => "`true`",
        ExprKind::Name(word) if word == "false" => "`false`",
        ExprKind::Name(_) => "a name",
        ExprKind::Path(..) => "an `ENV/NETWORK`",
        ExprKind::Ip(_) => "an address",
        ExprKind::Cidr(_) => "a block",
        ExprKind::Offset(_) => "an offset",
        ExprKind::Sum(..) => "an offset in a metanetwork",
        ExprKind::Auto { .. } => "`auto`",
        ExprKind::Range(..) => "a range",
        ExprKind::List(_) => "a list",
        ExprKind::Record(_) => "a record",
        ExprKind::Rule(_) => "a rule",
        ExprKind::Route(_) => "a route",
        ExprKind::Link(..) => "two ends",
        ExprKind::Phrase(word, _) if word.text == "cookie" => "a cookie",
        ExprKind::Phrase(..) => "a protocol with a port",
        ExprKind::Arrow(..) => "a listener",
        ExprKind::Timed(..) => "a number with a time",
        ExprKind::Condition(_) => "a condition",
    }
}

pub(crate) fn type_mismatch(site: Span, expr: &Expr, ty: &Ty) -> Diagnostic {
    let diagnostic = Diagnostic::error("type-mismatch", site, format!("expected {ty}, found {}", what(expr)));
    if site == expr.span {
        let found = diagnostic.help(format!("write {ty}"));
        match &expr.kind {
            ExprKind::Int(text) | ExprKind::Number(text) if *ty.required() == Ty::String => {
                found.fix(format!("write `\"{text}\"`"), site, format!("\"{text}\""))
            }
            ExprKind::Name(word) if *ty.required() == Ty::Nat && word == "true" => {
                found.fix("write `auto`", site, "auto")
            }
            _ => found,
        }
    } else {
        diagnostic.related(expr.span, "defined here").help(format!("write {ty} here, or there"))
    }
}

/// One value where a list is expected; `is_item` where it could be one of the list.
pub(crate) fn not_a_list(site: Span, expr: &Expr, ty: &Ty, is_item: bool) -> Diagnostic {
    let diagnostic = Diagnostic::error("not-a-list", site, format!("expected {ty}, found {}", what(expr)))
        .help("put it in brackets: `[…]`");
    let diagnostic =
        if site == expr.span { diagnostic } else { diagnostic.related(expr.span, "defined here") };
    if !is_item {
        return diagnostic;
    }
    let (open, close) = (Span { end: site.start, ..site }, Span { start: site.end, ..site });
    diagnostic.edits(Applicability::Safe, "write brackets", [(open, "[".to_owned()), (close, "]".to_owned())])
}

/// A text that would be what is expected without its quotes.
pub(crate) fn quoted_value(site: Span, expr: &Expr, meant: &str, ty: &Ty) -> Diagnostic {
    let quotes =
        if meant.starts_with('[') { "this text should be a list" } else { "quotes make this a text" };
    let diagnostic = Diagnostic::error("quoted-value", site, format!("{quotes}; expected {ty}"))
        .help(format!("write `{meant}`"));
    let title = format!("write `{meant}`");
    if site == expr.span {
        diagnostic.safe_fix(title, site, meant)
    } else {
        // What else the `let` is used for nobody has asked.
        diagnostic.related(expr.span, "defined here").fix(title, expr.span, meant)
    }
}

pub(crate) fn null_value(span: Span, word: &str) -> Diagnostic {
    Diagnostic::error(
        "null-value",
        span,
        format!("there is no `{word}`: a field without a value is left out"),
    )
    .help("take the field out; what is not set has its default")
}

pub(crate) fn no_interpolation(span: Span, ty: &Ty) -> Diagnostic {
    Diagnostic::error("no-interpolation", span, format!("`${{…}}` has no place here; expected {ty}"))
        .help("write it out, and set it again wherever it differs")
}

pub(crate) fn every_port(span: Span, word: &str) -> Diagnostic {
    Diagnostic::error("bad-port", span, format!("`{word}` is not a port"))
        .help("for every port leave the ports out, as in `tcp from all` or `icmp from all`")
        .safe_fix("leave it out", span, "")
}

pub(crate) fn amazon_by_another_name(span: Span, word: &str) -> Diagnostic {
    Diagnostic::error("unknown-name", span, format!("`{word}` means nothing here"))
        .help("the name server that AWS provides is `amazon`")
        .safe_fix("write `amazon`", span, "amazon")
}

pub(crate) fn not_a_bool(span: Span, word: &str) -> Diagnostic {
    let meant = match word.to_ascii_lowercase().as_str() {
        "yes" | "on" | "true" | "y" | "t" | "enabled" => Some("true"),
        "no" | "off" | "false" | "n" | "f" | "disabled" => Some("false"),
        _ => None,
    };
    let diagnostic = Diagnostic::error("not-a-bool", span, format!("`{word}` is neither `true` nor `false`"));
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
    Diagnostic::error("number-too-large", span, "this number is larger than anything it could mean here")
        .help("check its digits")
}

pub(crate) fn out_of_bounds(span: Span, field: &str, low: &str, high: &str) -> Diagnostic {
    Diagnostic::error("out-of-bounds", span, format!("`{field}` goes from {low} to {high}"))
        .help(format!("write a value from {low} to {high}"))
}

pub(crate) fn missing_unit(span: Span, text: &str, ty: &Ty, unit: &str) -> Diagnostic {
    Diagnostic::error("missing-unit", span, format!("`{text}` has no unit; expected {ty}"))
        .help(format!("write `{text}{unit}` if that is what you mean"))
        .fix(format!("write `{text}{unit}`"), span, format!("{text}{unit}"))
}

pub(crate) fn unknown_unit(span: Span, text: &str, unit: &str, ty: &Ty, known: &[&str]) -> Diagnostic {
    let diagnostic =
        Diagnostic::error("unknown-unit", span, format!("`{unit}` is no unit here; expected {ty}"));
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
    Diagnostic::error("not-whole", span, format!("expected {ty}, a whole number of it"))
        .help("write it in a smaller unit")
}

pub(crate) fn not_a_domain(span: Span, text: &str) -> Diagnostic {
    Diagnostic::error("not-a-domain", span, format!("`{text}` is not a domain name"))
        .help("labels of letters, digits and dashes, joined by dots, as in `example.com`")
}

pub(crate) fn not_an_account_id(span: Span, text: &str) -> Diagnostic {
    Diagnostic::error("not-an-account-id", span, format!("`{text}` is not an account id"))
        .help("an account id is twelve digits, as in `\"123456789012\"`")
}

pub(crate) fn unknown_region(span: Span, name: &str, known: &[&str]) -> Diagnostic {
    let diagnostic = Diagnostic::error("unknown-region", span, format!("AWS has no region `{name}`"))
        .help(suggestion(name, known));
    match nearest(name, known) {
        Some(near) => diagnostic.fix(format!("write `{near}`"), span, near),
        None => diagnostic,
    }
}

pub(crate) fn unknown_word(span: Span, word: &str, known: &[String]) -> Diagnostic {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let diagnostic =
        Diagnostic::error("unknown-word", span, format!("`{word}` is none of {}", listed(&known)))
            .help(suggestion(word, &known));
    match nearest(word, &known) {
        Some(near) => diagnostic.fix(format!("write `{near}`"), span, near),
        None => diagnostic,
    }
}

pub(crate) fn bad_address(span: Span, text: &str) -> Diagnostic {
    let octets = text.split('/').next().unwrap_or(text);
    let why = if octets.split('.').count() != 4 {
        "an address has four parts"
    } else if octets.split('.').any(|part| part.len() > 1 && part.starts_with('0')) {
        "a part with a leading zero is octal to some tools"
    } else {
        "each part goes from 0 to 255"
    };
    Diagnostic::error("bad-address", span, format!("`{text}` is not an IPv4 address: {why}"))
        .help("write it as in `10.0.0.5`")
}

pub(crate) fn bad_prefix(span: Span, text: &str, prefix: &str) -> Diagnostic {
    Diagnostic::error("bad-prefix", span, format!("`{text}` has the prefix length {prefix}"))
        .help("a prefix length goes from /0 to /32")
}

pub(crate) fn host_bits_set(span: Span, block: Ipv4Net) -> Diagnostic {
    let meant = block.trunc();
    Diagnostic::error(
        "host-bits-set",
        span,
        format!("`{block}` is an address inside a block, not a block: the block is `{meant}`"),
    )
    .help(format!("write `{meant}`, or `{}/32` for the one address", block.addr()))
    .fix(format!("write `{meant}`"), span, meant.to_string())
}

pub(crate) fn address_for_block(span: Span, text: &str) -> Diagnostic {
    Diagnostic::error("address-for-block", span, format!("`{text}` is an address where a block is expected"))
        .help(format!("write `{text}/32` for this one address"))
        .safe_fix(format!("write `{text}/32`"), span, format!("{text}/32"))
}

pub(crate) fn offset_without_sign(span: Span, digits: &str) -> Diagnostic {
    Diagnostic::error("offset-without-sign", span, format!("`{digits}` is a number, not an address"))
        .help(format!("an offset has a sign: `+{digits}`"))
        .fix(format!("write `+{digits}`"), span, format!("+{digits}"))
}

pub(crate) fn offset_of_nothing(span: Span) -> Diagnostic {
    Diagnostic::error("offset-of-nothing", span, "this offset does not say of which metanetwork")
        .help("name it, as in `tunnel + 5`")
}

pub(crate) fn larger_than_pool(span: Span, prefix: u8, pool: Ipv4Net) -> Diagnostic {
    Diagnostic::error("larger-than-pool", span, format!("a /{prefix} does not fit into {pool}"))
        .help(format!("write a prefix length from /{} on, or a larger pool", pool.prefix_len()))
}

pub(crate) fn pool_without_size(span: Span) -> Diagnostic {
    Diagnostic::error("pool-without-size", span, "this does not say how large a block to take from the pool")
        .help("add a prefix length, as in `auto /20 in 10.0.0.0/8`")
}

pub(crate) fn bad_port(span: Span, text: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error("bad-port", span, format!("`{text}` is not a port"));
    if text.starts_with('-') {
        diagnostic.help("for every port leave the ports out, as in `tcp from all` or `icmp from all`")
    } else {
        diagnostic.help("ports go from 0 to 65535")
    }
}

pub(crate) fn range_backwards(span: Span, from: u16, to: u16) -> Diagnostic {
    Diagnostic::error("range-backwards", span, format!("the range {from}..{to} ends before it starts"))
        .help(format!("write `{to}..{from}`"))
        .fix(format!("write `{to}..{from}`"), span, format!("{to}..{from}"))
}

/// Code of [`too_many_values`].
pub(crate) const TOO_MANY_VALUES: &str = "too-many-values";

pub(crate) fn too_many_values(span: Span, limit: usize) -> Diagnostic {
    Diagnostic::error(
        TOO_MANY_VALUES,
        span,
        format!("more than {limit} values, with the lists in it taken in"),
    )
    .help("take some out")
}

pub(crate) fn empty_list(span: Span, of: &str) -> Diagnostic {
    Diagnostic::error("empty-list", span, format!("a rule without {of} lets nobody in"))
        .help(format!("name some {of}, or take the rule out"))
}

pub(crate) fn unknown_protocol(span: Span, word: &str) -> Diagnostic {
    let known = ["tcp", "udp", "icmp", "any", "proto"];
    let diagnostic = Diagnostic::error("unknown-protocol", span, format!("`{word}` is no protocol"));
    if let Some(same) = known.iter().find(|known| known.eq_ignore_ascii_case(word)) {
        return diagnostic.help(format!("write `{same}`")).safe_fix(format!("write `{same}`"), span, *same);
    }
    match word.to_ascii_lowercase().as_str() {
        "all" | "ip" => {
            return diagnostic.help("every protocol is `any`").safe_fix("write `any`", span, "any");
        }
        "http" | "https" | "ssh" | "dns" | "ntp" => {
            return diagnostic.help("write `tcp` or `udp` and the port, as in `tcp 443 from internet`");
        }
        _ => {}
    }
    match nearest(word, &known) {
        Some(near) => {
            diagnostic.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near)
        }
        None => diagnostic.help("write `tcp`, `udp`, `icmp`, `any`, or `proto NUMBER`"),
    }
}

pub(crate) fn proto_without_number(span: Span) -> Diagnostic {
    Diagnostic::error("protocol-number", span, "`proto` is followed by the number of a protocol")
        .help("write it as in `proto 50 from tunnel`")
}

pub(crate) fn bad_protocol_number(span: Span) -> Diagnostic {
    Diagnostic::error("protocol-number", span, "protocol numbers go from 0 to 255").help("check the number")
}

pub(crate) fn ports_without_meaning(span: Span, protocol: &str) -> Diagnostic {
    Diagnostic::error("ports-without-meaning", span, format!("`{protocol}` has no ports"))
        .help("take the ports out, or write `tcp` or `udp`")
}

pub(crate) fn unknown_icmp_type(expr: &Expr, known: &[&str]) -> Diagnostic {
    Diagnostic::error("unknown-icmp-type", expr.span, "this is no type of ICMP message").help(format!(
        "leave it out for all of ICMP, or write a number up to 255 or one of {}",
        listed(known)
    ))
}

pub(crate) fn description_character(span: Span, bad: char) -> Diagnostic {
    Diagnostic::error("description-character", span, format!("AWS takes no `{bad}` in a description"))
        .help("letters, digits, spaces and `._-:/()#,@[]+=&;{}!$*` are fine")
}

pub(crate) fn empty_description(span: Span) -> Diagnostic {
    Diagnostic::error("empty-description", span, "AWS wants a description of a security group")
        .help("write one, or leave the field out")
}

/// A description of more characters than `limit`.
pub(crate) fn description_too_long(span: Span, length: usize, limit: usize) -> Diagnostic {
    Diagnostic::error("description-too-long", span, format!("this description has {length} characters"))
        .help(format!("there is room for {limit}"))
}

/// An end that is none; `quoted` is what would be one without its quotes.
pub(crate) fn not_an_end(span: Span, quoted: Option<&str>) -> Diagnostic {
    let found = Diagnostic::error("not-an-end", span, "an end of a peering is an `ENV/NETWORK`")
        .help("write it as in `staging/tunnel <-> ci/intranet`");
    match quoted {
        Some(meant) => found.safe_fix(format!("write `{meant}`"), span, meant),
        None => found,
    }
}

pub(crate) fn nat_without_network(span: Span) -> Diagnostic {
    Diagnostic::error("nat-without-network", span, "`via nat` does not say whose NAT gateways")
        .help("name their metanetwork, as in `internet via nat tunnel`")
}

pub(crate) fn unknown_route_target(span: Span, word: &str) -> Diagnostic {
    let found = Diagnostic::error("unknown-route-target", span, format!("a route cannot go via `{word}`"));
    let near = nearest(word, &["igw", "vgw", "nat"]);
    match spellings::route_target(word).or(near) {
        Some("nat") => {
            found.help("name the metanetwork of the NAT gateways, as in `internet via nat tunnel`")
        }
        Some(meant) if meant.eq_ignore_ascii_case(word) || near.is_none() => {
            found.help(format!("write `via {meant}`")).safe_fix(format!("write `{meant}`"), span, meant)
        }
        Some(meant) => {
            found.help(format!("did you mean `{meant}`?")).fix(format!("write `{meant}`"), span, meant)
        }
        None => found.help("write `via igw`, `via vgw` or `via nat NETWORK`; a peering makes its own routes"),
    }
}

pub(crate) fn nat_as_text(span: Span, text: &str) -> Diagnostic {
    let addresses: Vec<&str> =
        text.split(|c: char| c == ',' || c.is_whitespace()).filter(|part| !part.is_empty()).collect();
    let list = format!("[{}]", addresses.join(", "));
    Diagnostic::error("type-mismatch", span, format!("expected {}, found a text", Ty::Nat))
        .help(format!("write `nat = {list}`"))
        .safe_fix(format!("write `{list}`"), span, list)
}

pub(crate) fn no_name_server(span: Span) -> Diagnostic {
    Diagnostic::error("no-name-server", span, "machines without a name server resolve no name")
        .help("write `dns = [amazon]`, or leave it out for the same")
}

pub(crate) fn too_many_servers(span: Span, of: &str, count: usize) -> Diagnostic {
    Diagnostic::error("too-many-servers", span, format!("{count} {of} servers, of which AWS hands out four"))
        .help("keep four")
}
