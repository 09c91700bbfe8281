//! Public keys of operators: lines of an `authorized_keys` file (`sshd(8)`).

use std::collections::BTreeMap;

use asiaq_lang::{Diagnostic, Span};
use ssh_key::PublicKey;
use ssh_key::public::KeyData;

use crate::errors;
use crate::evaluate::Resolved;
use crate::value::{Spanned, TextFile};

/// A public key, as a line of `authorized_keys`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SshKey {
    /// The line, its parts separated by one space.
    pub(crate) line: String,
    /// Why it is weak, and whether servers refuse it as a rule.
    pub(crate) weakness: Option<Weakness>,
}

/// Why a key is weak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weakness {
    /// DSA, which OpenSSH has not accepted since 7.0.
    Dsa,
    /// RSA with so few bits that OpenSSH may refuse it, or that it should not be used for new keys.
    Rsa(usize),
}

/// Bits of an RSA key from which on it is good for years (NIST SP 800-57 part 1).
const GOOD_BITS: usize = 3072;

/// The keys of an operator. Broken ones are reported and left out.
pub(super) fn read(
    operator: &str,
    site: Span,
    declared: &Resolved<Vec<Spanned<TextFile>>>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Resolved<Vec<Spanned<SshKey>>> {
    let mut keys: Vec<Spanned<SshKey>> = Vec::new();
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    for text in &declared.value {
        if is_private(&text.value.text) {
            // The place of the declaration: what shows the place of the text would show the key.
            let place = if text.value.file.is_some() { text.span } else { site };
            diagnostics.push(errors::private_ssh_key(place, operator));
            continue;
        }
        let mut lines = lines(&text.value.text).peekable();
        if lines.peek().is_none() {
            let help = "write a line such as `ssh-ed25519 AAAA… anna@laptop`, or remove it";
            diagnostics.push(errors::operator_setting(text.span, "ssh_keys", "there is no key in it", help));
        }
        for line in lines {
            match key(line) {
                Err(why) => {
                    let help = "write the line of the `.pub` file, as `ssh-keygen` made it";
                    diagnostics.push(errors::operator_setting(text.span, "ssh_keys", &why, help));
                }
                Ok((key, identity)) => {
                    if let Some(first) = seen.insert(identity, text.span) {
                        let why = "the key is in the list twice";
                        let found = errors::operator_setting(text.span, "ssh_keys", why, "remove it");
                        diagnostics.push(found.related(first, "first here"));
                    }
                    keys.push(Spanned { value: key, span: text.span });
                }
            }
        }
    }
    Resolved { value: keys, chain: declared.chain.clone() }
}

/// Whether a text is, or has, a private key: of OpenSSH, in PEM, or of `PuTTY`.
fn is_private(text: &str) -> bool {
    text.contains("PRIVATE KEY-----") || text.contains("PuTTY-User-Key-File")
}

/// The lines that are no comments.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// A key, and what no other key has; or why the line is none.
fn key(line: &str) -> Result<(SshKey, String), String> {
    if line.starts_with("---- BEGIN SSH2") {
        return Err("the key is in the form of RFC 4716: `ssh-keygen -i -f FILE` converts it".to_owned());
    }
    // What reads the files of operators takes these for the start of a comment, and for a placeholder.
    let is_cut = line
        .split(';')
        .next()
        .is_some_and(|start| start.len() < line.len() && start.ends_with(char::is_whitespace));
    if is_cut {
        return Err("machines read a `;` after a space as the start of a comment".to_owned());
    }
    if line.contains("%(") {
        return Err("machines read `%(` as a placeholder".to_owned());
    }
    if line.contains(|c: char| c.is_control() && c != '\t') {
        return Err("the line has control characters".to_owned());
    }
    if line.contains("-cert-v01@openssh.com ") {
        return Err("it is a certificate: `authorized_keys` has keys".to_owned());
    }
    let words = words(line);
    let of_type = words.iter().position(|word| is_type(word)).filter(|at| *at <= 1);
    let (Some(of_type), true) = (of_type, has_even_quotes(line)) else { return Err(unreadable(line)) };
    let part = |at: usize| words.get(at).copied().unwrap_or_default();
    let (of, body) = (part(of_type), part(of_type.saturating_add(1)));
    let read = PublicKey::from_openssh(&format!("{of} {body}")).map_err(|_| unreadable(line))?;
    let key = SshKey { line: words.join(" "), weakness: weakness(&read) };
    Ok((key, format!("{of} {body}")))
}

/// The words of a line. Blanks in quotes, as options have them, do not separate words.
fn words(line: &str) -> Vec<&str> {
    let (mut is_quoted, mut last) = (false, ' ');
    let is_end = |letter: char| {
        is_quoted ^= letter == '"' && last != '\\';
        last = letter;
        letter.is_whitespace() && !is_quoted
    };
    line.split(is_end).filter(|word| !word.is_empty()).collect()
}

fn has_even_quotes(line: &str) -> bool {
    line.replace("\\\"", "").matches('"').count().is_multiple_of(2)
}

/// Whether a word is the type of a key.
fn is_type(word: &str) -> bool {
    ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-sha2-"].iter().any(|start| word.starts_with(start))
}

/// Why a line is no key.
fn unreadable(line: &str) -> String {
    let mut words = line.split_whitespace();
    match (words.next(), words.next()) {
        (Some(word), None) if word.starts_with("AAAA") => "the type of the key is missing before it",
        (Some(_), None) => "there is a type and no key",
        _ => "it is not a public key, or a part of it is missing",
    }
    .to_owned()
}

fn weakness(key: &PublicKey) -> Option<Weakness> {
    match key.key_data() {
        KeyData::Dsa(_) => Some(Weakness::Dsa),
        KeyData::Rsa(rsa) => {
            let modulus = rsa.n.as_positive_bytes().unwrap_or_default();
            let unused = modulus.first().map_or(0, |first| first.leading_zeros() as usize);
            let bits = (modulus.len() * 8).saturating_sub(unused);
            (bits < GOOD_BITS).then_some(Weakness::Rsa(bits))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ED25519: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEZ1T3UukjLqPzB0U79LWmWRYqYWdoSVjwzw2qzLuT3N anna@laptop";
    const RSA: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDDLHYUkNKZWnj1HU4FHSLy19R2XFbYXUIE1NzI2RdnBwsY09jeoC1+hKhREbrnvxGVY9PE1XyD9NW1L8MG6wx9CihI2R+hvzCNcPhT0I++kgQTO5y2QEb7dkCqNk2/Ut7D7GcNYo7D0Jg2iEezevWumnPbrH9VQhSYfSnbmNMayYFxYR3OEnUDWzLcs/RCG2WJ3yu+RZCf3cy7SSKQYzLc+xUSe/puJtCqQZWbNKBTQ9KR9VOmndax4jpJRHfwS3keyO9nq+RhA7OMWQfVCDKefPIUFUV36Z1WEDm+sFSq3Ucd/nsoKK8rtgBMxls8/Z0zlZw33PV2IXPh0X5EcqRP";
    const ECDSA: &str = "ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBCoY0IUBY1Ml+++dcnN8MZNU7UmlLxyP2fz2XiLHJ/UjRsFdkdjScph/AmbxT2hSI7Hd6TKPFST7rnDAs8qsCClL8g8lmGF5qCWQ/wG6jQbCjJfp+ocM/+seAQbWOkYwEw== bo";

    #[test]
    fn keys_stay_as_they_are_written() {
        for line in [ED25519, RSA, ECDSA] {
            assert_eq!(key(line).unwrap().0.line, line);
        }
        let spaced = ED25519.replace(' ', "  ");
        assert_eq!(key(&spaced).unwrap().1, key(ED25519).unwrap().1);
        assert_eq!(key(&spaced).unwrap().0.line, ED25519);
        let guarded = format!("from=\"10.0.0.0/8\",command=\"echo a b;ls\",no-pty {ED25519}");
        assert_eq!(key(&guarded).unwrap().0.line, guarded);
    }

    #[test]
    fn weak_keys_are_known_by_type_and_length() {
        assert_eq!(key(RSA).unwrap().0.weakness, Some(Weakness::Rsa(2048)));
        for line in [ED25519, ECDSA] {
            assert_eq!(key(line).unwrap().0.weakness, None, "{line}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let cut = ED25519.get(..60).unwrap();
        let other = ED25519.replacen("ssh-ed25519", "ssh-rsa", 1);
        let bare = ED25519.split(' ').nth(1).unwrap();
        for line in [cut, other.as_str(), bare, "ssh-ed25519", "hello", "---- BEGIN SSH2 PUBLIC KEY ----"] {
            assert!(key(line).is_err(), "{line}");
        }
        for options in ["no-pty no-X11-forwarding", "command=\"a b"] {
            assert!(key(&format!("{options} {ED25519}")).is_err(), "{options}");
        }
        for comment in ["anna ; laptop", "%(home)s", "a\u{7}b"] {
            assert!(key(&format!("{ED25519} {comment}")).is_err(), "{comment}");
        }
    }

    #[test]
    fn private_keys_are_recognized() {
        for text in [
            "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl",
            "-----BEGIN RSA PRIVATE KEY-----",
            "PuTTY-User-Key-File-3: x",
        ] {
            assert!(is_private(text), "{text}");
        }
        assert!(!is_private(ED25519));
    }
}
