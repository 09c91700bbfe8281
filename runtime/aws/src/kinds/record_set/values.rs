//! Values of records, as Route 53 writes them and as the IR does.

use std::collections::BTreeSet;
use std::net::Ipv6Addr;

use aws_sdk_route53::types::{ResourceRecord, ResourceRecordSet};

use super::changes::CHANGE_RESOURCE_RECORD_SETS;
use super::names;
use crate::kinds::prelude::*;

/// Bytes that one piece of a text holds.
const PIECE: usize = 255;

/// Values as AWS takes them.
pub(super) fn write<'a>(values: impl IntoIterator<Item = &'a String>) -> Result<Vec<ResourceRecord>> {
    let one =
        |value: &String| CHANGE_RESOURCE_RECORD_SETS.built(ResourceRecord::builder().value(value).build());
    values.into_iter().map(one).collect()
}

/// The values of a record, each in the one form that the IR has for it.
pub(super) fn read(set: &ResourceRecordSet) -> BTreeSet<String> {
    set.resource_records().iter().map(|record| normal(set.r#type.as_str(), &record.value)).collect()
}

fn normal(record: &str, value: &str) -> String {
    match record {
        "CNAME" | "NS" | "PTR" => names::plain(value),
        "MX" | "SRV" => {
            let mut words: Vec<String> = value.split_whitespace().map(ToOwned::to_owned).collect();
            // A single dot means that there is no host.
            if let Some(name) = words.last_mut().filter(|name| *name != ".") {
                *name = names::plain(name);
            }
            words.join(" ")
        }
        "HTTPS" | "SVCB" => {
            let mut words: Vec<String> = value.split_whitespace().map(ToOwned::to_owned).collect();
            if let Some(name) = words.get_mut(1).filter(|name| *name != ".") {
                *name = names::plain(name);
            }
            words.join(" ")
        }
        "DS" | "SSHFP" | "TLSA" => {
            let words: Vec<&str> = value.split_whitespace().collect();
            let (numbers, data) = words.split_at(words.len().min(if record == "SSHFP" { 2 } else { 3 }));
            format!("{} {}", numbers.join(" "), data.concat().to_ascii_lowercase())
        }
        "AAAA" => value.parse::<Ipv6Addr>().map_or_else(|_| value.to_owned(), |address| address.to_string()),
        "TXT" | "SPF" => quoted(&bytes(value)),
        _ => value.to_owned(),
    }
}

/// A text in pieces with quotes around them, and everything that is not plain ASCII escaped.
pub(super) fn quoted(text: &[u8]) -> String {
    if text.is_empty() {
        return "\"\"".to_owned();
    }
    let escaped = |byte: &u8| match byte {
        b'"' | b'\\' => format!("\\{}", char::from(*byte)),
        b' '..=b'~' => char::from(*byte).to_string(),
        other => format!("\\{other:03o}"),
    };
    let piece = |bytes: &[u8]| format!("\"{}\"", bytes.iter().map(escaped).collect::<String>());
    text.chunks(PIECE).map(piece).collect::<Vec<_>>().join(" ")
}

/// The bytes of a TXT value, which is one or more quoted strings. Characters between the strings are separators.
pub(super) fn bytes(value: &str) -> Vec<u8> {
    let mut text = Vec::new();
    let mut is_inside = false;
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'"' => is_inside = !is_inside,
            b'\\' if is_inside => {
                let digits: Vec<u8> = rest.clone().take(3).collect();
                let octal = std::str::from_utf8(&digits).ok().filter(|digits| digits.len() == 3);
                match octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
                    Some(byte) => {
                        text.push(byte);
                        rest.nth(2);
                    }
                    None => text.extend(rest.next()),
                }
            }
            byte if is_inside => text.push(byte),
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_one_form() {
        assert_eq!(normal("CNAME", "Web.Sample.net."), "web.sample.net");
        assert_eq!(normal("MX", "10  Mail.sample.net."), "10 mail.sample.net");
        assert_eq!(normal("MX", "0 ."), "0 .");
        assert_eq!(normal("SRV", "1 2 5060 sip.sample.net."), "1 2 5060 sip.sample.net");
        assert_eq!(normal("HTTPS", "1  Web.sample.net. alpn=h2"), "1 web.sample.net alpn=h2");
        assert_eq!(normal("SVCB", "1 . alpn=h2"), "1 . alpn=h2");
        assert_eq!(normal("TLSA", "3 1 1 00 FF"), "3 1 1 00ff");
        assert_eq!(normal("SSHFP", "4 2 00FF"), "4 2 00ff");
        assert_eq!(normal("AAAA", "2001:DB8:0:0:0:0:0:1"), "2001:db8::1");
        assert_eq!(normal("CAA", "0 issue \"amazon.com\""), "0 issue \"amazon.com\"");
    }

    #[test]
    fn texts_are_cut_and_escaped_and_come_back() {
        let text = format!("say \"a\\b\" ü {}", "x".repeat(300));
        let written = quoted(text.as_bytes());
        assert!(written.starts_with(r#""say \"a\\b\" \303\274 x"#), "{written}");
        assert!(written.contains(r#"x" "x"#), "{written}");
        assert_eq!(bytes(&written), text.as_bytes());
        assert_eq!(normal("TXT", &written), written);
        // Cut elsewhere, and escaped where that was not needed.
        assert_eq!(normal("TXT", r#""v=\163pf1 " "-all""#), "\"v=spf1 -all\"");
        assert_eq!(normal("TXT", "\"\""), "\"\"");
    }
}
