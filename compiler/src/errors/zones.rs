//! Names that DNS would not take, or that nobody would find.

use asiaq_lang::{Diagnostic, Span};

use super::listed;
use crate::model::{Record, Zone};

pub(crate) fn zone_unknown(span: Span, name: &str, known: &[&str], declared_in: Option<&str>) -> Diagnostic {
    let found =
        Diagnostic::error("zone-unknown", span, format!("no hosted zone of the account has `{name}` in it"));
    match (declared_in, known) {
        (Some(env), _) => found.help(format!("`{env}` declares one: apply that environment first")),
        (None, []) => {
            found.help("the account has no public zone at all: declare a `zone`, or make one first")
        }
        (None, known) => found
            .help(format!("its public zones are {}: declare a `zone`, or change `domain`", listed(known))),
    }
}

pub(crate) fn duplicate_zone(zone: &Zone, env: &str, other: &Zone, of: &str) -> Diagnostic {
    let (domain, private) = (&zone.domain.value, zone.private.value);
    let found = Diagnostic::error(
        "duplicate-zone",
        zone.domain.place(zone.span),
        if private {
            format!("`{env}` has two private zones of `{domain}`")
        } else {
            format!(
                "`{domain}` has two public zones, `{}` of `{env}` and `{}` of `{of}`",
                zone.name, other.name
            )
        },
    );
    let found = if zone.domain.span() == other.domain.span() {
        found
    } else {
        found.related(other.domain.place(other.span), "the other one")
    };
    if private {
        return found.help("a VPC sees one of them: join them");
    }
    found.help(
        "the world asks one of them: declare it in one environment, or put `${env.name}` into the domain",
    )
}

pub(crate) fn record_value(span: Span, record: &str, value: &str, example: &str) -> Diagnostic {
    let found = Diagnostic::error(
        "record-value",
        span,
        format!("`{value}` is no value of {} record", article(record)),
    );
    if record == "TXT" && value.len() > 1 && value.starts_with('"') && value.ends_with('"') {
        return found
            .help(format!("quotes are added by themselves: write `\"{}\"`", value.trim_matches('"')));
    }
    if record == "TXT" {
        return found.help("with quotes and escapes a text has up to 4000 characters");
    }
    found.help(format!("write it as in `\"{example}\"`"))
}

/// A type with its article, as in "an `A`".
fn article(record: &str) -> String {
    let article = if record.starts_with(['A', 'M', 'N', 'S']) { "an" } else { "a" };
    format!("{article} `{record}`")
}

pub(crate) fn record_without_values(record: &Record) -> Diagnostic {
    Diagnostic::error("record-without-values", record.span, format!("`{}` says nothing", record.name))
        .help("add `values = [\"…\"]`, or `alias = HOSTCLASS`")
}

pub(crate) fn second_value(span: Span, record: &str) -> Diagnostic {
    Diagnostic::error("record-value", span, format!("{} record has one value", article(record)))
        .help("take out all but one")
}

pub(crate) fn alias_with_values(record: &Record, values: Span) -> Diagnostic {
    Diagnostic::error(
        "alias-with-values",
        values,
        format!("`{}` is an alias, and has values too", record.name),
    )
    .related(record.alias.as_ref().map_or(record.span, crate::evaluate::Resolved::span), "the alias")
    .help("an alias says what its load balancer's addresses are: take out one of them")
}

pub(crate) fn alias_type(record: &Record) -> Diagnostic {
    let of_type = &record.of_type;
    Diagnostic::error("alias-type", of_type.span(), format!("an alias is no {} record", of_type.value))
        .help("a load balancer has IPv4 addresses: write `type = A`")
}

pub(crate) fn alias_without_balancer(
    span: Span,
    host: &str,
    env: &str,
    why: &str,
    known: &[&str],
) -> Diagnostic {
    let found = Diagnostic::error(
        "alias-without-balancer",
        span,
        format!("`{host}` has no load balancer in `{env}`: {why}"),
    );
    if known.is_empty() {
        return found.help("give the hostclass an `elb` or `lb`, and run it in the environment's pipeline");
    }
    found.help(format!("in `{env}` there are load balancers of {}", listed(known)))
}

pub(crate) fn record_name(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error("record-name", span, format!("`{name}` is not a DNS name"))
        .help("labels have up to 63 letters, digits, dashes and underscores; `*` may stand for the first one")
}

pub(crate) fn record_outside_zone(span: Span, name: &str, zone: &Zone) -> Diagnostic {
    let domain = &zone.domain.value;
    Diagnostic::error("record-outside-zone", span, format!("`{name}` does not lie in `{domain}`"))
        .related(zone.domain.place(zone.span), format!("zone `{}` is of this domain", zone.name))
        .help(
            "a name that ends in a dot is full already: take the dot out, or move the record to another zone",
        )
}

pub(crate) fn record_at_apex(record: &Record, domain: &str) -> Diagnostic {
    let found = Diagnostic::error(
        "record-at-apex",
        record.of_type.span(),
        format!("`{domain}` is the zone itself, which takes no {} record", record.of_type.value),
    );
    if record.of_type.value == "NS" {
        return found.help("its name servers are AWS's to say: give the record a `name` below it");
    }
    found.help("write `type = A` with an `alias` or with addresses, or give the record a `name` below it")
}

pub(crate) fn reserved_record(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error("reserved-record", span, format!("`{name}` is where asiaq keeps whose a record is"))
        .help("names that begin with `_asiaq` are asiaq's own: choose another one")
}

/// What has a name in a zone, for messages.
pub(crate) struct Claim<'a> {
    /// Where it is said.
    pub(crate) span: Span,
    /// What it is: `record www`, `the elb of front in ci`.
    pub(crate) who: String,
    /// Type of record.
    pub(crate) record: &'a str,
    /// Whether it is a load balancer's.
    pub(crate) is_balancer: bool,
}

/// The diagnostic with the place of who came first.
fn against(found: Diagnostic, span: Span, first: &Claim<'_>) -> Diagnostic {
    if span == first.span { found } else { found.related(first.span, format!("{} has it here", first.who)) }
}

pub(crate) fn host_name_taken(claim: &Claim<'_>, name: &str, first: &Claim<'_>) -> Diagnostic {
    let found = Diagnostic::error(
        "host-name-taken",
        claim.span,
        format!("{} and {} would both be `{name}`", claim.who, first.who),
    )
    .help(
        "a name leads to one load balancer: take one of them out, or give it another `domain` or `dns_alias`",
    );
    against(found, claim.span, first)
}

pub(crate) fn duplicate_record(claim: &Claim<'_>, name: &str, first: &Claim<'_>) -> Diagnostic {
    let found = Diagnostic::error(
        "duplicate-record",
        claim.span,
        format!("`{name}` has its {} record already: {}", claim.record, first.who),
    )
    .help("the records of one name and type are one `record`: put the values of both into it");
    against(found, claim.span, first)
}

pub(crate) fn cname_beside_others(claim: &Claim<'_>, name: &str, first: &Claim<'_>) -> Diagnostic {
    let found = Diagnostic::error(
        "cname-beside-others",
        claim.span,
        format!("`{name}` is a CNAME and has {} record too", article(if claim.record == "CNAME" { first.record } else { claim.record })),
    )
    .help("a CNAME stands for everything of its name: rename one of them, or write an `alias` in place of the CNAME");
    against(found, claim.span, first)
}
