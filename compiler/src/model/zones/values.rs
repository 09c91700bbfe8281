//! Converts the values of records from the form in files to the form of DNS.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::dns;

/// Longest part of a TXT value, in bytes (RFC 1035).
const PIECE: usize = 255;
/// Longest TXT value in DNS form (Route 53 developer guide, "Quotas").
const LONGEST: usize = 4000;

/// `text` in DNS form, as the value of a record of type `record`; an example of a valid value if it is invalid.
pub(crate) fn dns_form(record: &str, text: &str) -> Result<String, &'static str> {
    let words: Vec<&str> = text.split_whitespace().collect();
    match (record, words.as_slice()) {
        ("A", [address]) => {
            address.parse::<Ipv4Addr>().map(|address| address.to_string()).map_err(|_| "203.0.113.10")
        }
        ("AAAA", [address]) => {
            address.parse::<Ipv6Addr>().map(|address| address.to_string()).map_err(|_| "2001:db8::1")
        }
        ("CNAME" | "NS" | "PTR", [name]) => dns_name(name).ok_or(example(record)),
        ("MX", [order, name]) => {
            let of_nobody = (*name == ".").then(|| ".".to_owned());
            let parts = number::<u16>(order).zip(dns_name(name).or(of_nobody));
            parts.map(|(order, name)| format!("{order} {name}")).ok_or(example(record))
        }
        ("SRV", [order, weight, port, name]) => {
            let of_nobody = (*name == ".").then(|| ".".to_owned());
            let numbers = number::<u16>(order).zip(number::<u16>(weight)).zip(number::<u16>(port));
            let parts = numbers.zip(dns_name(name).or(of_nobody));
            parts
                .map(|(((order, weight), port), name)| format!("{order} {weight} {port} {name}"))
                .ok_or(example(record))
        }
        ("CAA", [flags, tag, ..]) => {
            let value = words.get(2..).unwrap_or_default().join(" ");
            let value = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(&value);
            let is_tag = tag.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
            let flags = number::<u8>(flags).filter(|_| is_tag && !value.contains('"'));
            flags.map(|flags| format!("{flags} {tag} \"{value}\"")).ok_or(example(record))
        }
        ("HTTPS" | "SVCB", [priority, name, parameters @ ..]) => {
            let of_itself = (*name == ".").then(|| ".".to_owned());
            // An alias, which has the priority 0, has no parameters.
            let is_sound = parameters.iter().all(|parameter| is_parameter(parameter))
                && (*priority != "0" || parameters.is_empty());
            let parts = number::<u16>(priority).zip(dns_name(name).or(of_itself)).filter(|_| is_sound);
            let rest: String = parameters.iter().flat_map(|parameter| [" ", parameter]).collect();
            parts.map(|(priority, name)| format!("{priority} {name}{rest}")).ok_or(example(record))
        }
        ("SSHFP", [algorithm, kind, print @ ..]) => {
            digest(&[number::<u8>(algorithm), number::<u8>(kind)], print).ok_or(example(record))
        }
        ("TLSA", [usage, selector, matching, data @ ..]) => {
            let numbers = [usage, selector, matching].map(|digits| number::<u8>(digits));
            digest(&numbers, data).ok_or(example(record))
        }
        ("DS", [tag, algorithm, kind, print @ ..]) => {
            let numbers = [number::<u8>(algorithm), number::<u8>(kind)];
            let rest = number::<u16>(tag).zip(digest(&numbers, print));
            rest.map(|(tag, rest)| format!("{tag} {rest}")).ok_or(example(record))
        }
        ("TXT", _) => {
            let is_quoted = text.len() > 1 && text.starts_with('"') && text.ends_with('"');
            let quoted = quoted(text);
            if is_quoted || quoted.len() > LONGEST { Err(example(record)) } else { Ok(quoted) }
        }
        _ => Err(example(record)),
    }
}

/// An example of a value of a record of type `record`.
fn example(record: &str) -> &'static str {
    match record {
        "A" => "203.0.113.10",
        "AAAA" => "2001:db8::1",
        "NS" => "ns1.example.com",
        "MX" => "10 mail.example.com",
        "SRV" => "10 5 5060 sip.example.com",
        "CAA" => "0 issue amazon.com",
        "HTTPS" | "SVCB" => "1 . alpn=h2",
        "SSHFP" => "4 2 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "TLSA" => "3 1 1 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "DS" => "60485 13 2 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "TXT" => "v=spf1 -all",
        _ => "www.example.com",
    }
}

fn number<T: std::str::FromStr>(digits: &str) -> Option<T> {
    digits.parse().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A name in lower case, without the final dot.
fn dns_name(text: &str) -> Option<String> {
    // An address is written like a name, and is none.
    dns::name(text).ok().filter(|name| name.parse::<Ipv4Addr>().is_err())
}

/// Numbers, and whole bytes in hexadecimal digits, which may have blanks in them.
fn digest(numbers: &[Option<u8>], data: &[&str]) -> Option<String> {
    let data = data.concat().to_ascii_lowercase();
    let is_sound =
        !data.is_empty() && data.len().is_multiple_of(2) && data.bytes().all(|byte| byte.is_ascii_hexdigit());
    let numbers: Option<Vec<String>> = numbers.iter().map(|number| number.map(|it| it.to_string())).collect();
    numbers.filter(|_| is_sound).map(|numbers| format!("{} {data}", numbers.join(" ")))
}

/// Whether a text is a parameter of a service (RFC 9460), such as `alpn=h2,h3` or `no-default-alpn`.
fn is_parameter(text: &str) -> bool {
    let (key, value) = text.split_once('=').unwrap_or((text, "x"));
    !key.is_empty()
        && !value.is_empty()
        && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// A text in quoted parts, with everything but plain ASCII escaped.
fn quoted(text: &str) -> String {
    let piece = |bytes: &[u8]| {
        let escaped: String = bytes
            .iter()
            .map(|byte| match byte {
                b'"' | b'\\' => format!("\\{}", char::from(*byte)),
                b' '..=b'~' => char::from(*byte).to_string(),
                _ => format!("\\{byte:03o}"),
            })
            .collect();
        format!("\"{escaped}\"")
    };
    if text.is_empty() {
        return piece(&[]);
    }
    text.as_bytes().chunks(PIECE).map(piece).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good(record: &str, text: &str) -> String {
        dns_form(record, text).unwrap()
    }

    #[test]
    fn values_take_the_form_of_dns() {
        assert_eq!(good("A", "203.0.113.10"), "203.0.113.10");
        assert_eq!(good("AAAA", "2001:DB8:0:0::1"), "2001:db8::1");
        assert_eq!(good("CNAME", "WWW.example.com."), "www.example.com");
        assert_eq!(good("MX", "10  mail.example.com."), "10 mail.example.com");
        assert_eq!(good("MX", "0 ."), "0 .");
        assert_eq!(good("SRV", "1 2 5060 sip.example.com"), "1 2 5060 sip.example.com");
        assert_eq!(good("CNAME", "10.0/25.113.0.203.in-addr.arpa"), "10.0/25.113.0.203.in-addr.arpa");
        assert_eq!(good("CNAME", r"0\05725.example.com"), "0/25.example.com");
        assert_eq!(good("HTTPS", "1 . alpn=h2,h3 port=8443"), "1 . alpn=h2,h3 port=8443");
        assert_eq!(good("SVCB", "0  Www.example.com."), "0 www.example.com");
        assert_eq!(good("SSHFP", "4 2 00FF"), "4 2 00ff");
        assert_eq!(good("TLSA", "3 1 1 00 FF"), "3 1 1 00ff");
        assert_eq!(good("DS", "60485 13 2 AB"), "60485 13 2 ab");
        assert_eq!(good("CAA", "0 issue letsencrypt.org"), "0 issue \"letsencrypt.org\"");
        assert_eq!(good("CAA", "128 issuewild \";\""), "128 issuewild \";\"");
    }

    #[test]
    fn texts_are_quoted_and_cut() {
        assert_eq!(good("TXT", "v=spf1 -all"), "\"v=spf1 -all\"");
        assert_eq!(good("TXT", "say \"a\\b\""), "\"say \\\"a\\\\b\\\"\"");
        assert_eq!(good("TXT", "ü"), "\"\\303\\274\"");
        assert_eq!(good("TXT", ""), "\"\"");
        let long = good("TXT", &"x".repeat(300));
        assert_eq!(long, format!("\"{}\" \"{}\"", "x".repeat(255), "x".repeat(45)));
        assert!(dns_form("TXT", &"x".repeat(4001)).is_err());
        assert!(dns_form("TXT", "\"v=spf1\"").is_err());
    }

    #[test]
    fn what_is_no_value_is_answered_with_one() {
        for (record, text) in [
            ("A", "2001:db8::1"),
            ("A", "www.example.com"),
            ("A", "10.0.0.1 10.0.0.2"),
            ("AAAA", "10.0.0.1"),
            ("CNAME", "203.0.113.10"),
            ("NS", "not a name"),
            ("MX", "mail.example.com"),
            ("MX", "+10 mail.example.com"),
            ("MX", "70000 mail.example.com"),
            ("SRV", "10 5060 sip.example.com"),
            ("CAA", "256 issue example.com"),
            ("CAA", "issue"),
            ("PTR", ""),
            ("HTTPS", "1"),
            ("HTTPS", "0 www.example.com alpn=h2"),
            ("SVCB", "1 . alpn="),
            ("SVCB", "70000 ."),
            ("SSHFP", "4 2 9f8"),
            ("TLSA", "3 1 1"),
            ("TLSA", "3 1 1 xyz0"),
            ("DS", "60485 256 2 00"),
        ] {
            let shown = dns_form(record, text).unwrap_err();
            assert!(dns_form(record, shown).is_ok(), "{record} {text} {shown}");
        }
    }
}
