//! Texts without the secrets that are often in them: passwords in URLs, and values of user data.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::text::listed;

/// Characters that end a URL in a text.
const ENDS: &[char] = &['"', '\'', '`', '<', '>'];

/// Characters that may follow a URL without belonging to it.
const AFTER: &[char] = &[',', '.', ';', ':', ')', ']', '}'];

/// A text with the user, the password, the query and the fragment taken out of every URL in it.
pub(crate) fn without_secrets(text: &str) -> Cow<'_, str> {
    if !text.contains("://") {
        return Cow::Borrowed(text);
    }
    let mut shown = String::new();
    let mut rest = text;
    while let Some((before, found)) = rest.split_once("://") {
        shown.push_str(before);
        shown.push_str("://");
        let end = found.find(|c: char| c.is_whitespace() || ENDS.contains(&c)).unwrap_or(found.len());
        let (url, after) = found.split_at_checked(end).unwrap_or((found, ""));
        let bare = url.trim_end_matches(AFTER);
        shown.push_str(&address(bare));
        shown.push_str(url.strip_prefix(bare).unwrap_or_default());
        rest = after;
    }
    shown.push_str(rest);
    Cow::Owned(shown)
}

/// The host and the path of a URL; its argument is what follows `://`.
fn address(url: &str) -> String {
    let (host, rest) = match url.find(['/', '?', '#']).and_then(|end| url.split_at_checked(end)) {
        Some(parts) => parts,
        None => (url, ""),
    };
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    match rest.split_once(['?', '#']) {
        Some((path, _)) => format!("{host}{path}?…"),
        None => format!("{host}{rest}"),
    }
}

/// How one text of user data, lines of `KEY="VALUE"`, differs from another: the keys, without the values.
pub(crate) fn changed_keys(before: &str, after: &str) -> String {
    let (before, after) = (keys(before), keys(after));
    let changed: Vec<&str> = before
        .iter()
        .filter(|(key, old)| after.get(*key).is_some_and(|new| new != *old))
        .map(|(key, _)| *key)
        .collect();
    let added: Vec<&str> = after.keys().filter(|key| !before.contains_key(*key)).copied().collect();
    let removed: Vec<&str> = before.keys().filter(|key| !after.contains_key(*key)).copied().collect();
    let part = |verb: &str, keys: &[&str]| (!keys.is_empty()).then(|| format!("{verb} {}", listed(keys)));
    let parts = [part("changes", &changed), part("adds", &added), part("removes", &removed)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The values by key, in order. Lines of another form have the key `…`.
fn keys(text: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut keys: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let is_key = |key: &str| {
            !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
        };
        let (key, value) = line.split_once('=').filter(|(key, _)| is_key(key)).unwrap_or(("…", line));
        keys.entry(key).or_default().push(value);
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_user_and_query() {
        for (text, shown) in [
            ("nothing here", "nothing here"),
            ("http://127.0.0.1:5000", "http://127.0.0.1:5000"),
            ("http://user:s3cret@host:5000/x", "http://host:5000/x"),
            ("http://user:s,3]c@ret@host", "http://host"),
            ("https://hooks.example/in?token=s3cret#s3cret", "https://hooks.example/in?…"),
            ("https://host?token=s3cret", "https://host?…"),
            (
                "`https://a:b@one.example/x?y=z` has not confirmed; [https://c:d@two.example, z], (http://e@f).",
                "`https://one.example/x?…` has not confirmed; [https://two.example, z], (http://f).",
            ),
            ("--endpoint-url=http://u:p@h", "--endpoint-url=http://h"),
            ("http://[::1]:5000/@x", "http://[::1]:5000/@x"),
            ("://", "://"),
        ] {
            assert_eq!(without_secrets(text), shown);
        }
    }

    #[test]
    fn user_data_is_shown_as_the_keys_that_differ() {
        let before = "owner=\"a\"\npassword=\"s3cret\"\nrole=\"x\"\n";
        assert_eq!(changed_keys(before, &before.replace("s3cret", "other")), "changes `password`");
        assert_eq!(
            changed_keys(before, "owner=\"b\"\npassword=\"s3cret\"\nmode=\"s3cret\"\nsize=\"1\"\n"),
            "changes `owner`, adds `mode` and `size`, removes `role`"
        );
        assert_eq!(
            changed_keys("#!/bin/sh\necho s3cret\n", before),
            "adds `owner`, `password` and `role`, removes `…`"
        );
        assert_eq!(changed_keys("a=1\na=2\n", "a=2\na=1\n"), "changes `a`", "the last one counts to a shell");
    }
}
