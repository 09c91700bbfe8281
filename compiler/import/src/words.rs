//! Words of the original and of `.asq`.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

/// The words that the original takes as true; it takes every other as false.
pub(crate) fn is_true(word: &str) -> bool {
    ["true", "yes", "t", "y", "aye", "1"].iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// Whether a word is meant as false.
pub(crate) fn is_false(word: &str) -> bool {
    ["", "false", "no", "f", "n", "nay", "0", "none"].iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// A string of `.asq`.
pub(crate) fn quoted(text: &str) -> String {
    let mut written = String::from("\"");
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\t' => written.push_str("\\t"),
            '$' if signs.peek() == Some(&'{') => written.push_str("\\$"),
            sign if sign.is_control() => written.push(' '),
            sign => written.push(sign),
        }
    }
    written.push('"');
    written
}

/// Whether a text is a name of `.asq`.
pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '_' || sign == '-')
}

/// The nearest name of `.asq`.
pub(crate) fn name_of(text: &str) -> String {
    let plain = |sign: char| if sign.is_ascii_alphanumeric() || sign == '-' { sign } else { '_' };
    let mut name = String::new();
    for sign in text.chars().map(plain) {
        if !(sign == '_' && name.ends_with('_')) {
            name.push(sign);
        }
    }
    let name = name.trim_matches('_');
    if is_name(name) { name.to_owned() } else { format!("n_{name}") }
}

/// A list, or its only element where one does.
pub(crate) fn list(parts: &[String]) -> String {
    format!("[{}]", parts.join(", "))
}

/// A block without host bits, and whether it had any.
pub(crate) fn block(text: &str) -> Option<(Ipv4Net, bool)> {
    let net: Ipv4Net = match text.split_once('/') {
        Some(_) => text.parse().ok()?,
        None => Ipv4Net::new(text.parse::<Ipv4Addr>().ok()?, 32).ok()?,
    };
    Some((net.trunc(), net.trunc() != net))
}

/// A block as a source or a destination.
pub(crate) fn place(net: Ipv4Net) -> String {
    if net.prefix_len() == 0 { "internet".to_owned() } else { net.to_string() }
}

/// Items separated by white space.
pub(crate) fn words(text: &str) -> Vec<&str> {
    text.split(crate::ini::is_space).filter(|word| !word.is_empty()).collect()
}
