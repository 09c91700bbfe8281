//! Texts without the secrets that are often in them: passwords in URLs, and values of user data.

use std::borrow::Cow;
use std::collections::BTreeMap;

use asiaq_ir::user_data::{Script, contents};

use super::text::{count, listed};

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

/// How one text of user data differs from another: the keys of lines `KEY="VALUE"`, and the lines of scripts by number,
/// without their content.
pub(crate) fn changed_user_data(before: &str, after: &str) -> String {
    let (before, after) = (contents(before), contents(after));
    let keys = changed_keys(before.values, after.values);
    let scripts = changed_scripts(&before.scripts, &after.scripts);
    [keys, scripts].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// How scripts differ, each known by its name and its place among those of the same name.
fn changed_scripts(before: &[Script<'_>], after: &[Script<'_>]) -> String {
    let (before, after) = (by_name(before), by_name(after));
    let mut parts: Vec<String> = Vec::new();
    for (key @ (name, _), text) in &after {
        match before.get(key) {
            None => parts.push(format!("adds {} ({})", called(name), count(text.lines().count(), "line"))),
            Some(old) if old != text => {
                parts.push(format!("changes {} ({})", called(name), lines(old, text)));
            }
            Some(_) => {}
        }
    }
    let removed = before.keys().filter(|key| !after.contains_key(*key));
    parts.extend(removed.map(|(name, _)| format!("removes {}", called(name))));
    parts.join(", ")
}

/// A script by its name; one that is the whole of the user data has none.
fn called(name: &str) -> String {
    if name == "script" { "the script".to_owned() } else { format!("script `{name}`") }
}

fn by_name<'s>(scripts: &'s [Script<'_>]) -> BTreeMap<(&'s str, usize), &'s str> {
    let mut named = BTreeMap::new();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for script in scripts {
        let number = seen.entry(&script.name).or_default();
        named.insert((&*script.name, *number), &*script.text);
        *number += 1;
    }
    named
}

/// `+2 −1 lines from line 4`: what lies between the common beginning and the common end.
fn lines(before: &str, after: &str) -> String {
    let (before, after): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let head = before.iter().zip(&after).take_while(|(a, b)| a == b).count();
    let shorter = before.len().min(after.len());
    let tail = before.iter().rev().zip(after.iter().rev()).take_while(|(a, b)| a == b).count();
    let same = head + tail.min(shorter - head);
    let (added, removed) = (after.len() - same, before.len() - same);
    if added == 0 && removed == 0 {
        return "line ends".to_owned();
    }
    format!("+{added} −{removed} lines from line {}", head + 1)
}

/// How lines of `KEY="VALUE"` differ from others: the keys, without the values.
fn changed_keys(before: &str, after: &str) -> String {
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
        assert_eq!(changed_user_data(before, &before.replace("s3cret", "other")), "changes `password`");
        assert_eq!(
            changed_user_data(before, "owner=\"b\"\npassword=\"s3cret\"\nmode=\"s3cret\"\nsize=\"1\"\n"),
            "changes `owner`, adds `mode` and `size`, removes `role`"
        );
        assert_eq!(
            changed_user_data("#!/bin/sh\necho s3cret\n", before),
            "adds `owner`, `password` and `role`, removes the script"
        );
        assert_eq!(
            changed_user_data("a=1\na=2\n", "a=2\na=1\n"),
            "changes `a`",
            "the last one counts to a shell"
        );
    }

    #[test]
    fn scripts_are_shown_as_the_lines_that_differ() {
        let script = |name: &'static str, text: &'static str| Script { name: name.into(), text: text.into() };
        let text = |scripts: &[Script<'_>]| asiaq_ir::user_data::text("role=\"web\"\n", scripts);
        let old = text(&[script("boot.sh", "#!/bin/sh\na\nb\nc\n"), script("old.sh", "#!/bin/sh\n")]);
        let new =
            text(&[script("boot.sh", "#!/bin/sh\na\nx\ny\nc\n"), script("new.yaml", "#cloud-config\n{}\n")]);
        assert_eq!(
            changed_user_data(&old, &new),
            "changes script `boot.sh` (+2 −1 lines from line 3), adds script `new.yaml` (2 lines), removes script `old.sh`"
        );
        assert_eq!(changed_user_data("#!/bin/sh\na\n", "#!/bin/sh\na"), "changes the script (line ends)");
    }
}
