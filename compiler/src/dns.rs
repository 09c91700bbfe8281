//! Names of DNS as Route 53 takes them (Amazon Route 53 developer guide, "DNS domain name format").

/// Bytes that a label may have (RFC 1035).
const LONGEST_LABEL: usize = 63;
/// Bytes that a name may have, its dots included.
const LONGEST: usize = 255;

/// Why a text is no DNS name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mistake {
    /// It has nothing between two dots, or at an end.
    EmptyLabel,
    /// This label has so many bytes.
    LongLabel(String, usize),
    /// It has so many bytes in all.
    Long(usize),
    /// It has this character, which is written as an escape.
    Character(char),
    /// A backslash that begins no escape.
    Escape,
}

/// A name in the one form of all that mean the same: in lower case, without the final dot, and with printable characters
/// as they are instead of as escapes, which are three octal digits after a backslash.
pub(crate) fn name(text: &str) -> Result<String, Mistake> {
    let text = text.strip_suffix('.').unwrap_or(text);
    let mut name = String::new();
    let mut label = 0_usize;
    let mut whole = 0_usize;
    let mut rest = text.chars();
    let mut start = 0_usize;
    while let Some(char) = rest.next() {
        whole += 1;
        match char {
            '.' => {
                end(&name, start, label)?;
                name.push('.');
                (label, start) = (0, name.len());
                continue;
            }
            '\\' => {
                let digits: String = rest.clone().take(3).collect();
                let byte = u8::from_str_radix(&digits, 8).ok().filter(|_| digits.len() == 3);
                let byte = byte.ok_or(Mistake::Escape)?;
                rest.nth(2);
                let is_plain = byte.is_ascii_graphic() && byte != b'.' && byte != b'\\';
                if is_plain {
                    name.push(char::from(byte).to_ascii_lowercase());
                } else {
                    name.push('\\');
                    name.push_str(&digits);
                }
            }
            '!'..='~' => name.push(char.to_ascii_lowercase()),
            other => return Err(Mistake::Character(other)),
        }
        label += 1;
    }
    end(&name, start, label)?;
    if whole > LONGEST { Err(Mistake::Long(whole)) } else { Ok(name) }
}

/// Whether a label that begins at `start` of `name` may end there.
fn end(name: &str, start: usize, length: usize) -> Result<(), Mistake> {
    match length {
        0 => Err(Mistake::EmptyLabel),
        1..=LONGEST_LABEL => Ok(()),
        _ => Err(Mistake::LongLabel(name.get(start..).unwrap_or_default().to_owned(), length)),
    }
}

/// A domain in the one form of all that mean the same: in labels of letters, digits, hyphens and underscores. Domains of
/// reverse lookups may have other characters too (RFC 2317).
pub(crate) fn domain(text: &str) -> Option<String> {
    let name = name(text).ok()?;
    let is_label = |label: &str| {
        !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    (name.rsplit('.').next() == Some("arpa") || name.split('.').all(is_label)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_form() {
        for (text, one) in [
            ("www.Shop.example.", "www.shop.example"),
            ("0/25.113.0.203.in-addr.arpa", "0/25.113.0.203.in-addr.arpa"),
            (r"0\05725.113.0.203.in-addr.arpa", "0/25.113.0.203.in-addr.arpa"),
            (r"\052.shop.example", "*.shop.example"),
            (r"a\056b.shop.example", r"a\056b.shop.example"),
            (r"\303\274.example", r"\303\274.example"),
            ("-a_!b'c-", "-a_!b'c-"),
            ("9", "9"),
        ] {
            assert_eq!(name(text).as_deref(), Ok(one), "{text}");
            assert_eq!(name(one).as_deref(), Ok(one), "{one}");
        }
    }

    #[test]
    fn names_have_limits() {
        let (most, more) = ("a".repeat(63), "a".repeat(64));
        assert!(name(&most).is_ok());
        assert_eq!(name(&more), Err(Mistake::LongLabel(more.clone(), 64)));
        let whole = format!("{most}.{most}.{most}.{most}");
        assert_eq!(whole.len(), 255);
        assert!(name(&whole).is_ok());
        assert_eq!(name(&format!("b.{whole}")), Err(Mistake::Long(257)));
        // An escape is one byte.
        assert!(name(&r"\344".repeat(63)).is_ok());
    }

    #[test]
    fn what_is_no_name_is_told() {
        for (text, mistake) in [
            ("", Mistake::EmptyLabel),
            (".", Mistake::EmptyLabel),
            ("a..b", Mistake::EmptyLabel),
            (".a", Mistake::EmptyLabel),
            ("a b", Mistake::Character(' ')),
            ("münchen.example", Mistake::Character('ü')),
            (r"a\b", Mistake::Escape),
            (r"a\05", Mistake::Escape),
            (r"a\400", Mistake::Escape),
        ] {
            assert_eq!(name(text), Err(mistake), "{text}");
        }
    }

    #[test]
    fn domains_are_narrower_but_for_reverse_lookups() {
        assert_eq!(domain("Shop.example.").as_deref(), Some("shop.example"));
        assert_eq!(domain("0/25.113.0.203.in-addr.arpa").as_deref(), Some("0/25.113.0.203.in-addr.arpa"));
        for text in
            ["shop/.example", "-shop.example", "shop..example", "https://shop.example", "a b", "", "x:80"]
        {
            assert_eq!(domain(text), None, "{text}");
        }
    }
}
