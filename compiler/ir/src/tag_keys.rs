//! The value of [`TAGS_TAG`](crate::TAGS_TAG): keys of tags, separated by spaces.

use std::fmt::Write as _;

/// Lists keys. A blank in a key, and `=`, is written as `=` and two hexadecimal digits for each of its bytes.
pub fn list_tag_keys<'k>(keys: impl IntoIterator<Item = &'k str>) -> String {
    let listed: Vec<String> = keys.into_iter().map(listed).collect();
    listed.join(" ")
}

/// The keys that [`list_tag_keys`] listed.
pub fn listed_tag_keys(value: &str) -> impl Iterator<Item = String> {
    value.split_whitespace().map(key)
}

fn listed(key: &str) -> String {
    let mut text = String::with_capacity(key.len());
    for character in key.chars() {
        if character == '=' || character.is_whitespace() {
            let mut bytes = [0; 4];
            for byte in character.encode_utf8(&mut bytes).bytes() {
                let _ = write!(text, "={byte:02X}");
            }
        } else {
            text.push(character);
        }
    }
    text
}

fn key(listed: &str) -> String {
    let mut bytes = Vec::with_capacity(listed.len());
    let mut rest = listed;
    while let Some((plain, escaped)) = rest.split_once('=') {
        bytes.extend_from_slice(plain.as_bytes());
        let byte = escaped.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(b'='));
        rest = if byte.is_some() { escaped.get(2..).unwrap_or("") } else { escaped };
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{list_tag_keys, listed_tag_keys};

    #[test]
    fn listed_keys_are_read_back() {
        let keys = ["owner", "cost center", "a=b", "k8s.io/role/elb", "=20", "=", "a\u{a0}b", "x=y=z ", "é"];
        let value = list_tag_keys(keys);
        assert_eq!(listed_tag_keys(&value).collect::<Vec<_>>(), keys);
        assert_eq!(value.split(' ').nth(1), Some("cost=20center"));
    }

    #[test]
    fn keys_that_were_listed_as_they_are_are_read() {
        assert_eq!(listed_tag_keys("owner team a=").collect::<Vec<_>>(), ["owner", "team", "a="]);
    }
}
