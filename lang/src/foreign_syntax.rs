//! Syntax of other languages: of asiaq's old ini files, HCL, YAML, JSON and firewalls. It is recognised to say what to
//! write instead.
//!
//! Values are examined only if they cannot be parsed, so a correct file costs nothing.

mod addresses;
pub(crate) mod characters;
mod comparison;
mod listener;
mod rule;
mod tokens;

use std::{net::Ipv6Addr, ops::Range};

use crate::{
    aws_words::{self, Slot},
    spellings,
};

use rule::{port, rule};
use tokens::{Token, is_block, is_name, is_number, tokens};

/// Longest value that is examined, in bytes.
const LONGEST: usize = 400;

/// Foreign syntax in a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ForeignSyntax {
    pub(crate) kind: ForeignKind,
    /// The smallest part of the value that shows it.
    pub(crate) at: Range<usize>,
    /// The whole value in `.asq` syntax; absent if there are several readings.
    pub(crate) meant: Option<String>,
    /// What to say of a word of AWS in it.
    pub(crate) help: Option<String>,
}

/// Which foreign syntax it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ForeignKind {
    /// `tcp dmz 80 443`
    NoFrom,
    /// `80:443`, `80-443`
    Range,
    /// `tcp -1 from all`, `tcp * from all`
    EveryPort,
    /// `-1 from all`, `* from all`
    EveryProtocol,
    /// `tcp 443 from *`
    EverySource,
    /// `tcp 443 from ::/0`
    Ipv6,
    /// `deny tcp 22 from all`
    Deny,
    /// `tcp 443 to internet`
    Outbound,
    /// `tcp 443 from prefix_list cloudfront`
    AwsSource,
    /// `tcp -2 from all`
    Negative,
    /// `average => 90 for 5 x 5m`
    Comparison,
    /// `via igw`
    NoDestination,
    /// `internet via "tgw-0123456789abcdef0"`
    AwsTarget,
    /// `http 80 redirect https 443`
    AwsListener,
    /// `80:8080` in a list of listeners
    Mapping,
    /// `tcp 443 from lb front`
    MachineSource,
    /// `tcp 443 from internet except dmz`
    Exception,
    /// `tcp/443 from all`
    JoinedPort,
    /// `tcp port 443 from all`, `allow tcp 443 from all`
    Filler,
    /// `tcp 443 <- all`
    Arrow,
    /// `tcp from all 443`
    LatePort,
    /// `tcp 80 443 from all`
    ManyPorts,
    /// `tcp 443 from dmz web`
    ManySources,
    /// `internet to igw`
    Via,
    /// `internet via internet-gateway`
    Target,
    /// `a/b -> c/d`
    Link,
    /// `a:b <-> c:d`
    ColonPath,
    /// `internet via "igw"`
    Quoted,
    /// `5 min`
    Unit,
    /// `auto 20`
    AutoSize,
    /// `/20`
    NoAuto,
    /// `10.0.0.0/255.255.0.0`
    Netmask,
    /// `10.0.0.0-10.0.255.255`, `10.0.*.*`
    AddressRange,
    /// `80 443` in place of a list
    Brackets,
    /// `[80 443]`
    Commas,
}

/// The position of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// After `=`.
    Alone,
    /// In a list.
    Item,
    /// In a list of listeners.
    Listener,
}

/// The foreign syntax in a value that cannot be parsed.
pub(crate) fn recognise(text: &str, place: Place) -> Option<ForeignSyntax> {
    if text.len() > LONGEST || text.starts_with(['[', '{']) {
        return None;
    }
    let tokens = tokens(text);
    let whole = 0..text.len();
    let plain = |kind, meant: String| Some(ForeignSyntax::new(kind, whole.clone(), Some(meant)));
    if let Some(address) = tokens.iter().find(|token| is_ipv6(token.text)) {
        return Some(ForeignSyntax::new(ForeignKind::Ipv6, address.at.clone(), None));
    }
    if let Some(found) = comparison::comparison(text) {
        return Some(found);
    }
    if place == Place::Listener
        && let Some(found) = listener::mapping(text)
    {
        return Some(found);
    }
    if let Some(meant) = range(text) {
        return plain(ForeignKind::Range, meant);
    }
    if let Some(found) = addresses::addresses(text, &tokens, place) {
        return Some(found);
    }
    if let [number, unit] = tokens.as_slice()
        && number.text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && let Some(unit) = spellings::unit(unit.text)
    {
        return plain(ForeignKind::Unit, format!("{}{unit}", number.text));
    }
    auto(&tokens, &whole)
        .or_else(|| rule(text, &tokens))
        .or_else(|| link(text, &whole))
        .or_else(|| route(&tokens, &whole))
        .or_else(|| listener::of_aws(&tokens))
        .or_else(|| several(&tokens, &whole, place))
}

impl ForeignSyntax {
    fn new(kind: ForeignKind, at: Range<usize>, meant: Option<String>) -> Self {
        Self { kind, at, meant, help: None }
    }

    /// A word of AWS, with what to say of it.
    fn of_aws(kind: ForeignKind, at: Range<usize>, help: String) -> Self {
        Self { kind, at, meant: None, help: Some(help) }
    }
}

/// Whether a part of a text is an IPv6 address or block.
pub(crate) fn is_ipv6_in(text: &str) -> bool {
    tokens(text).iter().any(|token| is_ipv6(token.text))
}

/// Whether text is an IPv6 address or block.
fn is_ipv6(text: &str) -> bool {
    let address = text.split('/').next().unwrap_or(text);
    let looks = |c: char| c.is_ascii_hexdigit() || matches!(c, ':' | '.');
    address.matches(':').count() > 1
        && (address.parse::<Ipv6Addr>().is_ok() || address.contains("::") && address.chars().all(looks))
}

/// `80:443`, `80-443` and `80 to 443` as a range.
fn range(text: &str) -> Option<String> {
    let split = |separator| text.split_once(separator);
    let (from, to) = split(":").or_else(|| split("-")).or_else(|| split(" to "))?;
    let (from, to) = (from.trim(), to.trim());
    (is_number(from) && is_number(to)).then(|| format!("{from}..{to}"))
}

/// `/20`, `auto 20`, `auto:20`, `auto in 10.0.0.0/8 /20`
fn auto(tokens: &[Token<'_>], whole: &Range<usize>) -> Option<ForeignSyntax> {
    let words: Vec<&str> = tokens.iter().map(|token| token.text).collect();
    let size = |text: &str| {
        let digits = text.trim_start_matches(['/', ':']);
        (is_number(digits) && digits.len() < 3).then(|| format!("/{digits}"))
    };
    let (kind, size, pool) = match words.as_slice() {
        [first, rest @ ..] if first.starts_with('/') => (ForeignKind::NoAuto, size(first)?, rest),
        ["auto", "in", pool, last] => (ForeignKind::AutoSize, size(last)?, &["in", *pool][..]),
        ["auto", second, rest @ ..] => (ForeignKind::AutoSize, size(second)?, rest),
        [first, rest @ ..] if first.starts_with("auto:") => {
            (ForeignKind::AutoSize, size(first.trim_start_matches("auto"))?, rest)
        }
        _ => return None,
    };
    let pool = match pool {
        [] => String::new(),
        ["in", pool] if is_block(pool) || is_name(pool) => format!(" in {pool}"),
        _ => return None,
    };
    Some(ForeignSyntax::new(kind, whole.clone(), Some(format!("auto {size}{pool}"))))
}

/// `a/b -> c/d`, `a:b <-> c:d`
fn link(text: &str, whole: &Range<usize>) -> Option<ForeignSyntax> {
    const JOINTS: &[&str] = &["<-->", "<->", "<=>", "<--", "-->", "->", "=>", "<-", "<>", "--"];
    let found = JOINTS.iter().find_map(|joint| Some((text.find(joint)?, *joint)));
    let (left, joint, right) = if let Some((at, joint)) = found {
        (text.get(..at)?, joint, text.get(at + joint.len()..)?)
    } else {
        let (left, right) = text.trim().split_once([' ', '\t'])?;
        let right = right.trim();
        let plain = right.strip_prefix("to ").or_else(|| right.strip_prefix("and ")).unwrap_or(right);
        (left, "", plain)
    };
    let end = |text: &str| {
        let text = text.trim();
        let bare = text.trim_matches(['"', '\'']);
        let (env, network) = bare.split_once('/').or_else(|| bare.split_once(':'))?;
        // The old files could name the type of an environment beside it.
        let env = env.split(':').next().unwrap_or(env);
        let network = network.trim();
        let is_whole = is_name(env) && is_name(network) && !network.contains('/');
        is_whole.then(|| (format!("{env}/{network}"), bare.len() < text.len()))
    };
    let ((from, is_quoted), (to, is_quoted_too)) = (end(left)?, end(right)?);
    let kind = match joint {
        "<->" if is_quoted || is_quoted_too => ForeignKind::Quoted,
        "<->" => ForeignKind::ColonPath,
        _ => ForeignKind::Link,
    };
    let at = match (kind, text.find(joint)) {
        (ForeignKind::Link, Some(at)) if !joint.is_empty() => at..at + joint.len(),
        _ => whole.clone(),
    };
    Some(ForeignSyntax::new(kind, at, Some(format!("{from} <-> {to}"))))
}

/// `internet to igw`
fn route(tokens: &[Token<'_>], whole: &Range<usize>) -> Option<ForeignSyntax> {
    let (to, rest) = tokens.split_first()?;
    let is_joint = |token: &Token<'_>| {
        matches!(token.text, "via" | "to" | "through" | "by" | "over" | "->" | "=>" | "=" | "-->")
    };
    if is_joint(to) {
        let [target, ..] = rest else { return None };
        let is_target = spellings::route_target(target.bare()).is_some()
            || aws_words::help(Slot::RouteTarget, target.bare()).is_some();
        return is_target.then(|| ForeignSyntax::new(ForeignKind::NoDestination, whole.clone(), None));
    }
    if !is_name(to.bare()) && !is_block(to.bare()) {
        return None;
    }
    let (joint, rest) = match rest.split_first() {
        Some((joint, rest)) if is_joint(joint) => (Some(joint), rest),
        _ => (None, rest),
    };
    let (target, network) = match rest {
        [target] => (target, None),
        [target, network] if is_name(network.bare()) => (target, Some(network)),
        _ => return None,
    };
    let Some(via) = spellings::route_target(target.bare()) else {
        let help = aws_words::help(Slot::RouteTarget, target.bare()).filter(|_| joint.is_some())?;
        return Some(ForeignSyntax::of_aws(ForeignKind::AwsTarget, target.at.clone(), help));
    };
    let network = match (via, network) {
        ("nat", Some(network)) => format!(" {}", network.bare()),
        (_, Some(_)) => return None,
        (_, None) => String::new(),
    };
    let (kind, at) = match joint {
        Some(joint) if joint.text != "via" => (ForeignKind::Via, joint.at.clone()),
        None => (ForeignKind::Via, whole.clone()),
        Some(_) if tokens.iter().any(|token| token.quoted().is_some()) => {
            (ForeignKind::Quoted, whole.clone())
        }
        Some(_) if via != target.text => (ForeignKind::Target, target.at.clone()),
        Some(_) => return None,
    };
    Some(ForeignSyntax::new(kind, at, Some(format!("{} via {via}{network}", to.bare()))))
}

/// `80 443`: a list without brackets, or without commas.
fn several(tokens: &[Token<'_>], whole: &Range<usize>, place: Place) -> Option<ForeignSyntax> {
    const KEYWORDS: &[&str] =
        &["from", "via", "in", "for", "at", "to", "or", "x", "and", "if", "else", "true", "false"];
    let is_simple = |token: &Token<'_>| {
        let is_word = is_name(token.text) && !KEYWORDS.contains(&token.text);
        is_word || is_block(token.text) || port(token.text).is_some() || token.quoted().is_some()
    };
    let starts_rule = |token: &Token<'_>| matches!(token.text, "tcp" | "udp" | "icmp" | "any" | "proto");
    // `cookie "name"` is a literal of some sort, not two.
    let is_call =
        |pair: &[Token<'_>]| matches!(pair, [word, text] if is_name(word.text) && text.quoted().is_some());
    if tokens.len() < 2
        || !tokens.iter().all(is_simple)
        || tokens.iter().any(starts_rule)
        || tokens.windows(2).any(is_call)
    {
        return None;
    }
    let items: Vec<String> = tokens
        .iter()
        .map(|token| port(token.text).map_or_else(|| token.text.to_owned(), |(port, _)| port))
        .collect();
    let items = items.join(", ");
    // A name and a number, or a day and a time, may lack a sign between them, not a comma.
    let has_number = tokens.iter().any(|token| is_number(token.text) || token.text.contains(':'));
    let is_mixed = has_number && tokens.iter().any(|token| is_name(token.text));
    let (kind, meant) = match place {
        Place::Alone => (ForeignKind::Brackets, format!("[{items}]")),
        Place::Item | Place::Listener => (ForeignKind::Commas, items),
    };
    Some(ForeignSyntax::new(kind, whole.clone(), (!is_mixed).then_some(meant)))
}

#[cfg(test)]
mod tests;
