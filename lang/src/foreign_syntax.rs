//! What is meant by a value that is written as it would be elsewhere: in the old ini files, in HCL, in a firewall.
//!
//! These are looked for only in a value that cannot be read, so that they cost a sound file nothing.

use std::{net::Ipv4Addr, ops::Range};

use crate::spellings;

/// Longest text that is looked at: anybody's habit is shorter.
const LONGEST: usize = 400;

/// A habit in a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Habit {
    /// What it is.
    pub(crate) slip: Slip,
    /// The smallest stretch of the value that shows it.
    pub(crate) at: Range<usize>,
    /// What the whole value would be; absent where nobody can know.
    pub(crate) meant: Option<String>,
}

/// What somebody brought along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Slip {
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
    /// `80 443` in place of a list
    Brackets,
    /// `[80 443]`
    Commas,
}

/// Where a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// After `=`.
    Alone,
    /// In a list.
    Item,
}

/// The habit that a broken value shows, if it is one of the known.
pub(crate) fn recognise(text: &str, place: Place) -> Option<Habit> {
    if text.len() > LONGEST || text.starts_with(['[', '{']) {
        return None;
    }
    let tokens = tokens(text);
    let whole = 0..text.len();
    let plain = |slip, meant: String| Some(Habit { slip, at: whole.clone(), meant: Some(meant) });
    if let Some(meant) = range(text) {
        return plain(Slip::Range, meant);
    }
    if let Some(meant) = netmask(text) {
        return plain(Slip::Netmask, meant);
    }
    if let [number, unit] = tokens.as_slice()
        && number.text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && let Some(unit) = spellings::unit(unit.text)
    {
        return plain(Slip::Unit, format!("{}{unit}", number.text));
    }
    auto(&tokens, &whole)
        .or_else(|| rule(&tokens, &whole))
        .or_else(|| link(text, &whole))
        .or_else(|| route(&tokens, &whole))
        .or_else(|| several(&tokens, &whole, place))
}

/// A part of a value between blanks: a word, a string, a list.
#[derive(Clone, Debug)]
struct Token<'t> {
    text: &'t str,
    at: Range<usize>,
}

impl<'t> Token<'t> {
    /// What stands between its quotes, if it is a string.
    fn quoted(&self) -> Option<&'t str> {
        let inside = self.text.strip_prefix(['"', '\''])?.strip_suffix(['"', '\''])?;
        (!inside.contains(['"', '$', '\\'])).then_some(inside)
    }

    /// The word, without the quotes it may have.
    fn bare(&self) -> &'t str {
        self.quoted().unwrap_or(self.text)
    }
}

/// The parts of a text, separated by blanks and commas outside of quotes and brackets.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut start = None;
    let mut depth = 0_usize;
    let mut quote = None;
    for (at, c) in text.char_indices() {
        let is_inside = depth > 0 || quote.is_some();
        match c {
            _ if quote == Some(c) => quote = None,
            _ if quote.is_some() => {}
            '"' | '\'' => quote = Some(c),
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if !is_inside && (c.is_whitespace() || c == ',') {
            if let Some(start) = start.take() {
                found.extend(token(text, start..at));
            }
        } else if start.is_none() {
            start = Some(at);
        }
    }
    if let Some(start) = start {
        found.extend(token(text, start..text.len()));
    }
    found
}

fn token(text: &str, at: Range<usize>) -> Option<Token<'_>> {
    text.get(at.clone()).map(|text| Token { text, at })
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A bare word, dots and one slash included.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'))
}

/// A block or an address.
fn is_block(text: &str) -> bool {
    text.contains('.')
        && text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'/'))
}

/// `80:443`, `80-443` and `80 to 443` as a range.
fn range(text: &str) -> Option<String> {
    let split = |separator| text.split_once(separator);
    let (from, to) = split(":").or_else(|| split("-")).or_else(|| split(" to "))?;
    let (from, to) = (from.trim(), to.trim());
    (is_number(from) && is_number(to)).then(|| format!("{from}..{to}"))
}

/// `10.0.0.0/255.255.0.0` with a prefix length.
fn netmask(text: &str) -> Option<String> {
    let (address, mask) = text.split_once('/')?;
    let address: Ipv4Addr = address.trim().parse().ok()?;
    let mask = u32::from(mask.trim().parse::<Ipv4Addr>().ok()?);
    (mask.leading_ones() + mask.trailing_zeros() >= 32).then(|| format!("{address}/{}", mask.leading_ones()))
}

/// `/20`, `auto 20`, `auto:20`, `auto in 10.0.0.0/8 /20`
fn auto(tokens: &[Token<'_>], whole: &Range<usize>) -> Option<Habit> {
    let words: Vec<&str> = tokens.iter().map(|token| token.text).collect();
    let size = |text: &str| {
        let digits = text.trim_start_matches(['/', ':']);
        (is_number(digits) && digits.len() < 3).then(|| format!("/{digits}"))
    };
    let (slip, size, pool) = match words.as_slice() {
        [first, rest @ ..] if first.starts_with('/') => (Slip::NoAuto, size(first)?, rest),
        ["auto", "in", pool, last] => (Slip::AutoSize, size(last)?, &["in", *pool][..]),
        ["auto", second, rest @ ..] => (Slip::AutoSize, size(second)?, rest),
        [first, rest @ ..] if first.starts_with("auto:") => {
            (Slip::AutoSize, size(first.trim_start_matches("auto"))?, rest)
        }
        _ => return None,
    };
    let pool = match pool {
        [] => String::new(),
        ["in", pool] if is_block(pool) || is_name(pool) => format!(" in {pool}"),
        _ => return None,
    };
    Some(Habit { slip, at: whole.clone(), meant: Some(format!("auto {size}{pool}")) })
}

/// A rule taken apart.
#[derive(Default)]
struct Rule {
    protocol: String,
    ports: Vec<String>,
    sources: Vec<String>,
    why: Option<String>,
    every_port: bool,
    /// What was noticed, and where.
    slips: Vec<(Slip, Range<usize>)>,
    is_guess: bool,
}

/// What a word says where a port may stand, with the slip in it.
fn port(text: &str) -> Option<(String, Option<Slip>)> {
    if is_number(text) {
        return Some((text.to_owned(), None));
    }
    if let Some((from, to)) = text.split_once("..")
        && is_number(from)
        && is_number(to)
    {
        return Some((text.to_owned(), None));
    }
    range(text).map(|meant| (meant, Some(Slip::Range)))
}

/// `tcp dmz 80 443` and everything that looks like a rule.
fn rule(tokens: &[Token<'_>], whole: &Range<usize>) -> Option<Habit> {
    let mut rule = Rule::default();
    let mut rest = tokens.iter().peekable();
    if let Some(verb) =
        rest.next_if(|token| matches!(token.text, "allow" | "permit" | "accept" | "ingress" | "rule"))
    {
        rule.slips.push((Slip::Filler, verb.at.clone()));
    }
    let first = rest.next()?;
    rule.protocol(first)?;
    if rule.protocol == "proto" {
        let number = rest.next_if(|token| is_number(token.text))?;
        rule.protocol = format!("proto {}", number.text);
    }
    let has_from = tokens.iter().any(|token| matches!(token.text, "from" | "<-" | "from:"));
    let mut is_source = !has_from;
    for token in rest {
        match token.text {
            "from" | "<-" | "from:" => {
                if token.text != "from" {
                    rule.slips.push((Slip::Arrow, token.at.clone()));
                }
                is_source = true;
            }
            "port" | "ports" | "port:" | "ports:" | "and" | "&" | "on" => {
                rule.slips.push((Slip::Filler, token.at.clone()));
            }
            _ => rule.part(token, is_source, has_from)?,
        }
    }
    rule.settled(has_from, whole)
}

impl Rule {
    /// The protocol, and the port that may be joined to it.
    fn protocol(&mut self, token: &Token<'_>) -> Option<()> {
        let word = token.bare().to_ascii_lowercase();
        if token.quoted().is_some() {
            self.slips.push((Slip::Quoted, token.at.clone()));
        }
        let is_protocol = |word: &str| matches!(word, "tcp" | "udp" | "icmp");
        match word.as_str() {
            "tcp" | "udp" | "icmp" | "any" | "proto" => self.protocol = word,
            "all" | "*" | "-1" | "ip" => {
                self.slips.push((Slip::EveryProtocol, token.at.clone()));
                "any".clone_into(&mut self.protocol);
            }
            _ => {
                let (left, right) = word.split_once(['/', ':'])?;
                let (protocol, joined) = if is_protocol(left) { (left, right) } else { (right, left) };
                if !is_protocol(protocol) {
                    return None;
                }
                protocol.clone_into(&mut self.protocol);
                self.slips.push((Slip::JoinedPort, token.at.clone()));
                let (joined, _) = port(joined)?;
                self.ports.push(joined);
            }
        }
        Some(())
    }

    /// A port, a source or the reason.
    fn part(&mut self, token: &Token<'_>, is_source: bool, has_from: bool) -> Option<()> {
        if let Some(list) = token.text.strip_prefix('[').and_then(|list| list.strip_suffix(']')) {
            let lists = self.ports.len() + self.sources.len();
            for item in tokens(list) {
                let at = token.at.start + 1 + item.at.start..token.at.start + 1 + item.at.end;
                self.part(&Token { text: item.text, at }, is_source, has_from)?;
            }
            if self.ports.len() + self.sources.len() == lists {
                return None;
            }
            // In brackets, several are what they should be.
            self.slips.retain(|(slip, _)| !matches!(slip, Slip::ManyPorts | Slip::ManySources));
            return Some(());
        }
        let at = token.at.clone();
        if token.quoted().is_some() {
            if is_source && !self.sources.is_empty() {
                return self.why.replace(token.text.to_owned()).is_none().then_some(());
            }
            self.slips.push((Slip::Quoted, at.clone()));
        }
        let word = token.bare();
        if self.protocol == "icmp"
            && let Some((kind, "-1")) = word.split_once(':')
        {
            self.slips.push((Slip::Range, at));
            if is_number(kind) {
                self.ports.push(kind.to_owned());
            }
            return Some(());
        }
        if matches!(word, "-1" | "-1:-1") || !is_source && matches!(word, "*" | "any" | "all") {
            self.slips.push((Slip::EveryPort, at));
            self.every_port = true;
        } else if let Some((port, slip)) = port(word) {
            self.slips.extend(slip.map(|slip| (slip, at.clone())));
            if has_from && is_source {
                self.slips.push((Slip::LatePort, at.clone()));
            }
            if has_from && !self.ports.is_empty() {
                self.slips.push((Slip::ManyPorts, at));
            }
            self.ports.push(port);
        } else if word == "*" {
            self.slips.push((Slip::EverySource, at));
            self.is_guess = true;
            self.sources.push("internet".to_owned());
        } else if word.contains("::") {
            self.slips.push((Slip::Ipv6, at));
            self.is_guess = true;
            self.sources.push("internet".to_owned());
        } else if matches!(word, "tcp" | "udp" | "icmp" | "proto") {
            // A second rule.
            return None;
        } else if is_name(word) || is_block(word) {
            if has_from && !is_source {
                self.ports.push(word.to_owned());
            } else {
                if !self.sources.is_empty() {
                    self.slips.push((Slip::ManySources, at));
                }
                self.sources.push(word.to_owned());
            }
        } else {
            return None;
        }
        Some(())
    }

    /// The rule as it should be written, if something was noticed.
    fn settled(mut self, has_from: bool, whole: &Range<usize>) -> Option<Habit> {
        if self.sources.is_empty() {
            return None;
        }
        if !has_from {
            // `tcp dmz` alone says too little: the old files wanted a port.
            if self.ports.is_empty() && !self.every_port && self.slips.is_empty() {
                return None;
            }
            self.slips.push((Slip::NoFrom, whole.clone()));
        }
        let every_port = self.every_port || self.protocol == "any" && self.ports == ["0..65535"];
        let mut meant = self.protocol;
        if !every_port && !self.ports.is_empty() {
            meant.extend([" ", &one_or_list(&self.ports)]);
        }
        meant.extend([" from ", &one_or_list(&self.sources)]);
        if let Some(why) = &self.why {
            meant.extend([" ", why]);
        }
        let is_guess = self.is_guess;
        let (slip, at) = self.slips.into_iter().min_by_key(|(slip, _)| *slip)?;
        Some(Habit { slip, at, meant: (!is_guess).then_some(meant) })
    }
}

fn one_or_list(items: &[String]) -> String {
    match items {
        [one] => one.clone(),
        many => format!("[{}]", many.join(", ")),
    }
}

/// `a/b -> c/d`, `a:b <-> c:d`
fn link(text: &str, whole: &Range<usize>) -> Option<Habit> {
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
    let slip = match joint {
        "<->" if is_quoted || is_quoted_too => Slip::Quoted,
        "<->" => Slip::ColonPath,
        _ => Slip::Link,
    };
    let at = match (slip, text.find(joint)) {
        (Slip::Link, Some(at)) if !joint.is_empty() => at..at + joint.len(),
        _ => whole.clone(),
    };
    Some(Habit { slip, at, meant: Some(format!("{from} <-> {to}")) })
}

/// `internet to igw`
fn route(tokens: &[Token<'_>], whole: &Range<usize>) -> Option<Habit> {
    let (to, rest) = tokens.split_first()?;
    if !is_name(to.bare()) && !is_block(to.bare()) {
        return None;
    }
    let is_joint = |token: &Token<'_>| {
        matches!(token.text, "via" | "to" | "through" | "by" | "over" | "->" | "=>" | "=" | "-->")
    };
    let (joint, rest) = match rest.split_first() {
        Some((joint, rest)) if is_joint(joint) => (Some(joint), rest),
        _ => (None, rest),
    };
    let (target, network) = match rest {
        [target] => (target, None),
        [target, network] if is_name(network.bare()) => (target, Some(network)),
        _ => return None,
    };
    let via = spellings::route_target(target.bare())?;
    let network = match (via, network) {
        ("nat", Some(network)) => format!(" {}", network.bare()),
        (_, Some(_)) => return None,
        (_, None) => String::new(),
    };
    let (slip, at) = match joint {
        Some(joint) if joint.text != "via" => (Slip::Via, joint.at.clone()),
        None => (Slip::Via, whole.clone()),
        Some(_) if tokens.iter().any(|token| token.quoted().is_some()) => (Slip::Quoted, whole.clone()),
        Some(_) if via != target.text => (Slip::Target, target.at.clone()),
        Some(_) => return None,
    };
    Some(Habit { slip, at, meant: Some(format!("{} via {via}{network}", to.bare())) })
}

/// `80 443`: a list without brackets, or without commas.
fn several(tokens: &[Token<'_>], whole: &Range<usize>, place: Place) -> Option<Habit> {
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
    // A name and a number may lack a sign between them, not a comma.
    let is_mixed =
        tokens.iter().any(|token| is_name(token.text)) && tokens.iter().any(|token| is_number(token.text));
    let (slip, meant) = match place {
        Place::Alone => (Slip::Brackets, format!("[{items}]")),
        Place::Item => (Slip::Commas, items),
    };
    Some(Habit { slip, at: whole.clone(), meant: (!is_mixed).then_some(meant) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn meant(text: &str, slip: Slip, expected: &str) {
        let habit = recognise(text, Place::Item).unwrap_or_else(|| panic!("{text}"));
        assert_eq!((habit.slip, habit.meant.as_deref()), (slip, Some(expected)), "{text}");
    }

    #[test]
    fn rules_of_the_old_files() {
        meant("tcp dmz 80 443", Slip::NoFrom, "tcp [80, 443] from dmz");
        meant("tcp intranet 22", Slip::NoFrom, "tcp 22 from intranet");
        meant("udp all 0:65535", Slip::NoFrom, "udp 0..65535 from all");
        meant("icmp 10.0.0.0/8 -1", Slip::NoFrom, "icmp from 10.0.0.0/8");
        meant("icmp all 8:-1", Slip::NoFrom, "icmp 8 from all");
        meant("-1 all -1", Slip::NoFrom, "any from all");
        meant("-1 all 0:65535", Slip::NoFrom, "any from all");
        assert_eq!(recognise("tcp dmz", Place::Item), None);
    }

    #[test]
    fn rules_of_firewalls() {
        meant("tcp 80:443 from all", Slip::Range, "tcp 80..443 from all");
        meant("tcp [22, 80-443] from all \"why\"", Slip::Range, "tcp [22, 80..443] from all \"why\"");
        meant("tcp -1 from all", Slip::EveryPort, "tcp from all");
        meant("-1 from all", Slip::EveryProtocol, "any from all");
        meant("TCP/443 from all", Slip::JoinedPort, "tcp 443 from all");
        meant("443/tcp from all", Slip::JoinedPort, "tcp 443 from all");
        meant("allow tcp port 443 from all", Slip::Filler, "tcp 443 from all");
        meant("tcp 80, 443 from all", Slip::ManyPorts, "tcp [80, 443] from all");
        meant("tcp 443 from dmz and web", Slip::Filler, "tcp 443 from [dmz, web]");
        meant("tcp from all port 443", Slip::Filler, "tcp 443 from all");
        assert_eq!(recognise("tcp 443 from *", Place::Item).unwrap().meant, None);
    }

    #[test]
    fn routes_and_ends() {
        meant("internet to igw", Slip::Via, "internet via igw");
        meant("10.0.0.0/8 -> nat tunnel", Slip::Via, "10.0.0.0/8 via nat tunnel");
        meant("internet via \"igw\"", Slip::Quoted, "internet via igw");
        meant("a/b -> c/d", Slip::Link, "a/b <-> c/d");
        meant("vpc1:ci/intranet vpc2:ci/intranet", Slip::Link, "vpc1/intranet <-> vpc2/intranet");
        meant("a:b <-> c:d", Slip::ColonPath, "a/b <-> c/d");
    }

    #[test]
    fn literals() {
        meant("0:65535", Slip::Range, "0..65535");
        meant("0 - 65535", Slip::Range, "0..65535");
        meant("5 min", Slip::Unit, "5m");
        meant("200 GB", Slip::Unit, "200GB");
        meant("10 %", Slip::Unit, "10%");
        meant("/20", Slip::NoAuto, "auto /20");
        meant("auto 20 in 10.0.0.0/8", Slip::AutoSize, "auto /20 in 10.0.0.0/8");
        meant("10.0.0.0/255.255.0.0", Slip::Netmask, "10.0.0.0/16");
        meant("80 443", Slip::Commas, "80, 443");
        assert_eq!(recognise("10.0.0.0/255.0.255.0", Place::Item), None);
    }
}
