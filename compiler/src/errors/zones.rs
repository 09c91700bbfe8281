//! Invalid or conflicting DNS names.

use asiaq_lang::{Diagnostic, Span};

use super::values::dns_help;
use super::{codes, few, listed};
use crate::dns;
use crate::model::{Delegation, Record, Zone};

pub(crate) fn zone_unknown(
    span: Span,
    names: &[String],
    known: &[String],
    declared_in: Option<&str>,
) -> Diagnostic {
    let message = format!("the account has no hosted zone for {}", few(names));
    let found = Diagnostic::new(codes::ZONE_UNKNOWN, span, message).label("no hosted zone for this");
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    match (declared_in, known.as_slice()) {
        (Some(env), _) => found.help(format!("`{env}` declares one: apply that environment first")),
        (None, []) => {
            found.help("the account has no public hosted zones: declare a `zone`, or create one first")
        }
        (None, known) => found.help(format!(
            "its public hosted zones are {}: declare a `zone`, or change `domain`",
            listed(known)
        )),
    }
}

pub(crate) fn duplicate_zone(zone: &Zone, env: &str, other: &Zone, of: &str) -> Diagnostic {
    let (domain, private) = (&zone.domain.value, zone.private.value);
    let found = Diagnostic::new(
        codes::DUPLICATE_ZONE,
        zone.domain.place(zone.span),
        if private {
            format!("`{env}` has two private zones of `{domain}`")
        } else {
            format!(
                "`{domain}` has two public zones, `{}` of `{env}` and `{}` of `{of}`",
                zone.name, other.name
            )
        },
    )
    .label("same domain again");
    let found = if zone.domain.span() == other.domain.span() {
        found
    } else {
        found.related(other.domain.place(other.span), "the other zone")
    };
    if private {
        return found.help("a VPC can use only one of them: merge them");
    }
    found.help(
        "DNS resolvers use only one of them: declare it in one environment, or put `${env.name}` into the domain",
    )
}

/// A private zone in another account than the VPC of its environment.
pub(crate) fn private_zone_account(account: Span, zone: &Zone, env: &str) -> Diagnostic {
    let message = format!("the private zone `{}` of `{env}` is not in the account of its VPC", zone.name);
    Diagnostic::new(codes::PRIVATE_ZONE_ACCOUNT, account, message)
        .label("another account")
        .related(zone.private.place(zone.span), "the zone is private")
        .help("AWS creates a private zone only with a VPC of the same account: remove `account`")
}

/// A zone that has no record in the zone above it, because that would hide `name`.
pub(crate) fn not_delegated(delegation: &Delegation<'_>, name: &str, hidden: Span) -> Diagnostic {
    let Delegation { env, zone, parent_env, parent, .. } = delegation;
    let (domain, above) = (&zone.domain.value, &parent.domain.value);
    Diagnostic::new(
        codes::NOT_DELEGATED,
        zone.domain.place(zone.span),
        format!(
            "nobody finds the names in zone `{}` of `{}`: `{above}` has names in `{domain}` itself",
            zone.name, env.name
        ),
    )
    .label("a part of another zone")
    .related(hidden, format!("zone `{}` of `{}` has `{name}`", parent.name, parent_env.name))
    .help(format!(
        "the name servers of the zone are not added to `{above}`, because they would hide `{name}`: move that into zone \
         `{}`, or write `delegate = false` in it",
        zone.name
    ))
}

pub(crate) fn record_value(span: Span, record: &str, value: &str, example: &str) -> Diagnostic {
    let found = Diagnostic::new(
        codes::RECORD_VALUE,
        span,
        format!("`{value}` is not a valid value of {} record", article(record)),
    )
    .label("not a valid value");
    if record == "TXT" && value.len() > 1 && value.starts_with('"') && value.ends_with('"') {
        return found
            .help(format!("quotes are added automatically: write `\"{}\"`", value.trim_matches('"')));
    }
    if record == "TXT" {
        return found.help("write at most 4000 characters, including quotes and escapes");
    }
    found.help(format!("write it as in `\"{example}\"`"))
}

/// A type with its article, as in "an `A`".
fn article(record: &str) -> String {
    let article = if record.starts_with(['A', 'H', 'M', 'N', 'S']) { "an" } else { "a" };
    format!("{article} `{record}`")
}

pub(crate) fn record_without_values(record: &Record) -> Diagnostic {
    Diagnostic::new(
        codes::RECORD_WITHOUT_VALUES,
        record.span,
        format!("record `{}` has no values", record.name),
    )
    .label("no values")
    .help("add `values = [\"…\"]`, or `alias = HOSTCLASS`")
}

pub(crate) fn second_value(span: Span, record: &str) -> Diagnostic {
    Diagnostic::new(codes::RECORD_VALUE, span, format!("{} record has only one value", article(record)))
        .label("second value")
        .help("remove all but one")
}

pub(crate) fn alias_with_values(record: &Record, values: Span) -> Diagnostic {
    Diagnostic::new(
        codes::ALIAS_WITH_VALUES,
        values,
        format!("record `{}` has both `alias` and `values`", record.name),
    )
    .label("`values` are set here")
    .related(
        record.alias.as_ref().map_or(record.span, crate::evaluate::Resolved::span),
        "`alias` is set here",
    )
    .help("an alias resolves to the addresses of its load balancer: remove one of the two")
}

pub(crate) fn alias_type(record: &Record) -> Diagnostic {
    let of_type = &record.of_type;
    Diagnostic::new(
        codes::ALIAS_TYPE,
        of_type.span(),
        format!("an alias cannot be {} record", article(&of_type.value)),
    )
    .label("not allowed for an alias")
    .help("aliases of load balancers are `A` records: write `type = A`")
}

pub(crate) fn alias_without_balancer(
    span: Span,
    host: &str,
    env: &str,
    why: &str,
    known: &[&str],
) -> Diagnostic {
    let found = Diagnostic::new(
        codes::ALIAS_WITHOUT_BALANCER,
        span,
        format!("`{host}` has no load balancer in `{env}`: {why}"),
    )
    .label("no load balancer");
    if known.is_empty() {
        return found.help("give the hostclass an `elb` or `lb`, and run it in the environment's pipeline");
    }
    found.help(format!("in `{env}` these have a load balancer: {}", listed(known)))
}

pub(crate) fn record_name(span: Span, name: &str, mistake: &dns::Mistake) -> Diagnostic {
    Diagnostic::new(codes::RECORD_NAME, span, format!("Route 53 does not take `{name}` as a name"))
        .label("not a DNS name")
        .help(dns_help(mistake))
}

/// A record whose name is empty, or only a dot.
pub(crate) fn record_without_name(span: Span) -> Diagnostic {
    Diagnostic::new(codes::RECORD_NAME, span, "the name of this record is empty")
        .label("no name")
        .help("write `\"@\"` for the domain of the zone itself")
}

/// An `NS` record for `*`.
pub(crate) fn wildcard_of_servers(record: &Record) -> Diagnostic {
    let name = &record.of.value;
    Diagnostic::new(
        codes::RECORD_NAME,
        record.of.place(record.span),
        format!("`{name}` cannot have an `NS` record"),
    )
    .label("a wildcard")
    .help("Route 53 takes no `NS` record for `*`: name each domain that other servers answer for")
}

pub(crate) fn record_outside_zone(span: Span, name: &str, zone: &Zone) -> Diagnostic {
    let domain = &zone.domain.value;
    Diagnostic::new(codes::RECORD_OUTSIDE_ZONE, span, format!("`{name}` is outside `{domain}`")).label(format!("outside `{domain}`"))
        .related(zone.domain.place(zone.span), format!("zone `{}` has this domain", zone.name))
        .help(
            "a name that ends in a dot is fully qualified: remove the dot, or move the record to another zone",
        )
}

pub(crate) fn record_at_apex(record: &Record, domain: &str) -> Diagnostic {
    let found = Diagnostic::new(
        codes::RECORD_AT_APEX,
        record.of_type.span(),
        format!("`{domain}` is the zone itself, which cannot have {} record", article(&record.of_type.value)),
    )
    .label("not allowed at the zone itself");
    if record.of_type.value == "NS" {
        return found.help("AWS sets the name servers of a zone: give the record a `name` below it");
    }
    found.help("write `type = A` with an `alias` or with addresses, or give the record a `name` below it")
}

pub(crate) fn reserved_record(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        codes::RESERVED_RECORD,
        span,
        format!("`{name}` is reserved for asiaq's ownership records"),
    )
    .label("reserved name")
    .help("choose a name that does not begin with `_asiaq`")
}

/// A record or load balancer with a name in a zone, as messages show it.
pub(crate) struct Claim<'a> {
    pub(crate) span: Span,
    /// As in `record www`, `the elb of front in ci`.
    pub(crate) who: String,
    /// Type of record.
    pub(crate) record: &'a str,
    /// Whether it is a load balancer's.
    pub(crate) is_balancer: bool,
}

/// The diagnostic with the place of the first user of the name.
fn against(found: Diagnostic, span: Span, first: &Claim<'_>) -> Diagnostic {
    if span == first.span { found } else { found.related(first.span, format!("used by {} here", first.who)) }
}

pub(crate) fn host_name_taken(claim: &Claim<'_>, name: &str, first: &Claim<'_>) -> Diagnostic {
    let found = Diagnostic::new(
        codes::HOST_NAME_TAKEN,
        claim.span,
        format!("{} and {} would both be named `{name}`", claim.who, first.who),
    )
    .label("same name again")
    .help("a name resolves to one load balancer: remove one of them, or set another `domain` or `dns_alias`");
    against(found, claim.span, first)
}

pub(crate) fn duplicate_record(claim: &Claim<'_>, name: &str, first: &Claim<'_>) -> Diagnostic {
    let found = Diagnostic::new(
        codes::DUPLICATE_RECORD,
        claim.span,
        format!("`{name}` already has {} record: {}", article(claim.record), first.who),
    )
    .label(format!("second {} record", claim.record))
    .help("one `record` holds all values of a name and type: merge the two");
    against(found, claim.span, first)
}

pub(crate) fn cname_beside_others(claim: &Claim<'_>, name: &str, first: &Claim<'_>) -> Diagnostic {
    let found = Diagnostic::new(
        codes::CNAME_BESIDE_OTHERS,
        claim.span,
        format!("`{name}` has a CNAME record and {} record", article(if claim.record == "CNAME" { first.record } else { claim.record })),
    ).label(format!("second record of `{name}`"))
    .help("a CNAME must be the only record of its name: rename one of them, or use an `alias` instead of the CNAME");
    against(found, claim.span, first)
}
