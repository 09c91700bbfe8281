//! Words of AWS that the language does not have, or spells otherwise, with what to say of each.
//!
//! An error looks an unknown word up here before it guesses: a word of AWS is never a slip of the pen, and its nearest
//! neighbour may mean the opposite. A row does not apply where the language itself has the word.

mod kinds;
mod machine_fields;
mod network_fields;
mod service_fields;
mod values;

/// Where a word stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot<'k> {
    /// After `via`.
    RouteTarget,
    /// After `from`, and wherever else a metanetwork or a CIDR block may stand.
    Source,
    /// Where a route goes, and wherever else only a CIDR block may stand.
    Block,
    /// Before the ports of a rule.
    Protocol,
    /// Before the port of a listener, or what a listener does.
    Listener,
    /// A word of an enumeration that has these.
    Word(&'k [&'k str]),
    /// The kind of a declaration.
    Kind,
    /// A field of a declaration of this kind.
    Field(&'k str),
}

/// A word of AWS.
#[derive(Debug)]
struct AwsWord {
    /// Its spellings, in lower case, with underscores.
    spellings: &'static [&'static str],
    /// For a field the kinds that it is a field of, for a word of an enumeration others of it; empty for all.
    among: &'static [&'static str],
    answer: Answer,
}

/// What to say of a word.
#[derive(Debug)]
enum Answer {
    /// The language has no such thing; its name in AWS, in the plural.
    Missing(&'static str),
    /// How to write it.
    Written(&'static str),
}

/// A row for something that the language lacks.
const fn missing(spellings: &'static [&'static str], what: &'static str) -> AwsWord {
    AwsWord { spellings, among: &[], answer: Answer::Missing(what) }
}

/// A row for something that is written otherwise.
const fn written(spellings: &'static [&'static str], how: &'static str) -> AwsWord {
    AwsWord { spellings, among: &[], answer: Answer::Written(how) }
}

/// A row that applies to fields of some kinds, or to some enumerations only.
const fn of(among: &'static [&'static str], word: AwsWord) -> AwsWord {
    AwsWord { among, ..word }
}

/// The help for a word of AWS: that asiaq does not know it, or how it is written.
pub fn help(slot: Slot<'_>, word: &str) -> Option<String> {
    let plain = normalised(word);
    let row = rows(slot).iter().copied().flatten().find(|row| {
        let applies = match slot {
            _ if row.among.is_empty() => true,
            Slot::Field(kind) => row.among.contains(&kind),
            Slot::Word(others) => others.iter().any(|other| row.among.contains(other)),
            Slot::RouteTarget | Slot::Source | Slot::Block | Slot::Protocol | Slot::Listener | Slot::Kind => {
                false
            }
        };
        applies && row.spellings.contains(&plain.as_str())
    });
    match row.map(|row| &row.answer) {
        Some(Answer::Missing(what)) => Some(format!("{what} are not known to asiaq yet")),
        Some(Answer::Written(how)) => Some((*how).to_owned()),
        None => by_id(slot, word),
    }
}

/// Whether text is the id of a resource of AWS, such as `pl-0123456789abcdef0`.
pub fn is_id(text: &str) -> bool {
    kind_of_id(text).is_some()
}

/// The tables for a place.
fn rows(slot: Slot<'_>) -> &'static [&'static [AwsWord]] {
    match slot {
        Slot::RouteTarget => &[values::ROUTE_TARGETS],
        Slot::Source => &[values::SOURCES],
        Slot::Block => &[values::BLOCKS],
        Slot::Protocol => &[values::PROTOCOLS],
        Slot::Listener => &[values::LISTENERS],
        Slot::Word(_) => &[values::WORDS],
        Slot::Kind => &[kinds::KINDS],
        Slot::Field(_) => &[network_fields::FIELDS, machine_fields::FIELDS, service_fields::FIELDS],
    }
}

/// A word as the tables spell it.
fn normalised(word: &str) -> String {
    let word = word.strip_prefix("aws_").unwrap_or(word);
    word.to_ascii_lowercase().replace(['-', '.', ' '], "_")
}

/// The kinds of resources by the prefix of their ids.
const IDS: &[(&str, &str)] = &[
    ("acl", "network ACLs"),
    ("cagw", "carrier gateways"),
    ("cgw", "customer gateways"),
    ("core-network", "Cloud WAN core networks"),
    ("eigw", "egress-only internet gateways"),
    ("eipalloc", "Elastic IP addresses"),
    ("eni", "network interfaces"),
    ("i", "instances"),
    ("igw", "internet gateways"),
    ("lgw", "local gateways"),
    ("nat", "NAT gateways"),
    ("pcx", "peering connections"),
    ("pl", "prefix lists"),
    ("rtb", "route tables"),
    ("sg", "security groups"),
    ("subnet", "subnets"),
    ("tgw", "transit gateways"),
    ("tgw-attach", "transit gateway attachments"),
    ("vgw", "VPN gateways"),
    ("vpc", "VPCs"),
    ("vpce", "VPC endpoints"),
    ("vpn", "VPN connections"),
];

/// What an id is of.
fn kind_of_id(text: &str) -> Option<&'static str> {
    let (prefix, digits) = text.rsplit_once('-')?;
    let is_number = digits.len() >= 8 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    IDS.iter().find(|(known, _)| is_number && *known == prefix).map(|(_, what)| *what)
}

/// The help for an id.
fn by_id(slot: Slot<'_>, text: &str) -> Option<String> {
    let what = kind_of_id(text)?;
    let instead = match (slot, what) {
        (Slot::RouteTarget, "internet gateways") => "an environment has one internet gateway, `via igw`",
        (Slot::RouteTarget, "VPN gateways") => "an environment has one VPN gateway, `via vgw`",
        (Slot::RouteTarget, "NAT gateways") => "name the metanetwork of the gateways, as in `via nat tunnel`",
        (Slot::RouteTarget, "peering connections") => "a `peering` creates its own routes",
        (Slot::Source, "security groups" | "subnets") => "name a metanetwork",
        _ => return Some(format!("{what} by id are not known to asiaq yet")),
    };
    Some(format!("{what} by id are not known to asiaq yet: {instead}"))
}

#[cfg(test)]
mod tests;
