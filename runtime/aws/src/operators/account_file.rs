//! The file of an operator or a group, as machines read it: sections with lines `key = value` (`ConfigParser` of Python 2).
//!
//! A change touches the lines of its keys and no other byte.

use std::collections::BTreeSet;

use asiaq_ir::Operator;
use zeroize::Zeroizing;

/// The section of an account.
pub(crate) const USER: &str = "user";
/// The section of a group.
pub(crate) const GROUP: &str = "group";
/// The key with the number of an account or a group.
pub(crate) const ID: &str = "id";
/// The key with the hash of a password.
pub(crate) const PASSWORD: &str = "password";
/// The key that says whether an account can be used.
pub(crate) const ACTIVE: &str = "active";
/// How the keys with public keys begin.
const SSH_KEY: &str = "ssh_key";

/// The text of a file. It has no `Debug`: there may be the hash of a password in it.
#[derive(Clone, PartialEq)]
pub(crate) struct AccountFile(Zeroizing<String>);

/// A key with its value, and the numbers of its first line and of the first one after it.
struct Entry {
    section: String,
    key: String,
    value: Zeroizing<String>,
    from: usize,
    to: usize,
}

impl AccountFile {
    /// A file with this text; none where it is not UTF-8.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        std::str::from_utf8(bytes).ok().map(|text| Self(Zeroizing::new(text.to_owned())))
    }

    /// An empty file.
    pub(crate) fn empty() -> Self {
        Self(Zeroizing::new(String::new()))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The value of a key; the last one counts.
    pub(crate) fn get(&self, section: &str, key: &str) -> Option<Zeroizing<String>> {
        let of = |entry: &Entry| entry.section == section && entry.key == key;
        self.entries().into_iter().rfind(of).map(|entry| entry.value)
    }

    /// The number of the account or the group.
    pub(crate) fn id(&self, section: &str) -> Option<u32> {
        self.get(section, ID)?.parse().ok()
    }

    /// Sets or removes a key. A value that is there already leaves every byte as it is.
    pub(crate) fn set(&mut self, section: &str, key: &str, value: Option<&str>) {
        let of = |entry: &Entry| entry.section == section && entry.key == key;
        let entries: Vec<Entry> = self.entries().into_iter().filter(of).collect();
        if entries.last().map(|entry| entry.value.as_str()) == value {
            return;
        }
        let line = value.map(|value| Zeroizing::new(format!("{key} = {value}")));
        let place = entries.first().map_or_else(|| self.end_of(section), |entry| Some(entry.from));
        self.rewrite(&entries, section, place, line.as_deref().map(String::as_str));
    }

    /// The public keys of the account.
    pub(crate) fn ssh_keys(&self) -> BTreeSet<String> {
        self.ssh_entries().into_iter().map(|entry| entry.value.to_string()).collect()
    }

    /// Sets the public keys: the lines of those that stay are left as they are.
    fn set_ssh_keys(&mut self, wanted: &BTreeSet<String>) {
        let mut kept = BTreeSet::new();
        let gone: Vec<Entry> = self
            .ssh_entries()
            .into_iter()
            .filter(|entry| !wanted.contains(entry.value.as_str()) || !kept.insert(entry.value.to_string()))
            .collect();
        self.rewrite(&gone, USER, None, None);
        for line in wanted.difference(&kept) {
            let taken: BTreeSet<String> = self.ssh_entries().into_iter().map(|entry| entry.key).collect();
            let mut numbers = (0..=u32::MAX).map(|number| format!("{SSH_KEY}_{number}"));
            let free = numbers.find(|key| !taken.contains(key)).unwrap_or_default();
            self.set(USER, &free, Some(line));
        }
    }

    fn ssh_entries(&self) -> Vec<Entry> {
        let of = |entry: &Entry| entry.section == USER && entry.key.starts_with(SSH_KEY);
        self.entries().into_iter().filter(of).collect()
    }

    /// The operator that the file describes.
    pub(crate) fn operator(&self, name: &str, has_group: bool) -> Operator {
        let text = |key: &str| self.get(USER, key).map(|value| value.to_string());
        let groups = text("groups").unwrap_or_default();
        let groups = groups.split(',').map(str::trim).filter(|group| !group.is_empty());
        let uid = self.id(USER);
        Operator {
            name: name.to_owned(),
            uid,
            groups: groups.map(ToOwned::to_owned).collect(),
            shell: text("shell").unwrap_or_default(),
            home: text("home"),
            ssh_keys: self.ssh_keys(),
            active: text(ACTIVE).and_then(|word| truth(&word)),
            is_whole: uid.is_some() && has_group,
        }
    }

    /// Writes an operator with this number into the file.
    pub(crate) fn describe(&mut self, operator: &Operator, uid: u32) {
        let live = self.operator(&operator.name, true);
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        self.set(USER, ID, Some(&uid.to_string()));
        if live.groups != operator.groups {
            let groups: Vec<&str> = operator.groups.iter().map(String::as_str).collect();
            self.set(USER, "groups", some(&groups.join(",")).as_deref());
        }
        self.set(USER, "shell", some(&operator.shell).as_deref());
        self.set(USER, "home", operator.home.as_deref());
        if live.active != operator.active {
            let word = operator.active.map(|active| if active { "yes" } else { "no" });
            self.set(USER, ACTIVE, word);
        }
        self.set_ssh_keys(&operator.ssh_keys);
    }

    /// Replaces the lines of `entries` by one at the place of a line, or at the end of the file with its section.
    fn rewrite(&mut self, entries: &[Entry], section: &str, place: Option<usize>, line: Option<&str>) {
        let end = if self.0.lines().next().is_some() && self.0.contains("\r\n") { "\r\n" } else { "\n" };
        let is_gone = |at: usize| entries.iter().any(|entry| (entry.from..entry.to).contains(&at));
        let mut text = Zeroizing::new(String::with_capacity(self.0.len() + line.map_or(0, str::len) + 16));
        let add = |text: &mut String, line: &str| {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push_str(end);
            }
            text.push_str(line);
            text.push_str(end);
        };
        let mut count = 0;
        for (at, old) in self.0.split_inclusive('\n').enumerate() {
            if let Some(line) = line.filter(|_| place == Some(at)) {
                add(&mut text, line);
            }
            if !is_gone(at) {
                text.push_str(old);
            }
            count = at + 1;
        }
        if let Some(line) = line.filter(|_| place.is_none_or(|place| place >= count)) {
            if place.is_none() {
                add(&mut text, &format!("[{section}]"));
            }
            add(&mut text, line);
        }
        self.0 = text;
    }

    /// The number of the line after the last entry of a section; none where there is no such section.
    fn end_of(&self, section: &str) -> Option<usize> {
        let last = self.entries().into_iter().rfind(|entry| entry.section == section).map(|entry| entry.to);
        let head = || {
            let mut lines = self.0.lines();
            lines.position(|line| self::section(line) == Some(section)).map(|at| at + 1)
        };
        last.or_else(head)
    }

    fn entries(&self) -> Vec<Entry> {
        let mut found: Vec<Entry> = Vec::new();
        let mut within = String::new();
        let mut is_open = false;
        for (at, line) in self.0.lines().enumerate() {
            if line.trim().is_empty() || is_comment(line) {
                continue;
            }
            if line.starts_with([' ', '\t']) {
                if let Some(entry) = found.last_mut().filter(|_| is_open) {
                    entry.value.push('\n');
                    entry.value.push_str(line.trim());
                    entry.to = at + 1;
                }
            } else if let Some(name) = section(line) {
                name.clone_into(&mut within);
                is_open = false;
            } else if let Some((key, value)) = line.split_once(['=', ':']) {
                let (key, value) = (key.trim().to_lowercase(), uncommented(value.trim()));
                let value = if value == "\"\"" { "" } else { value };
                let value = Zeroizing::new(value.to_owned());
                found.push(Entry { section: within.clone(), key, value, from: at, to: at + 1 });
                is_open = true;
            }
        }
        found
    }
}

fn section(line: &str) -> Option<&str> {
    line.strip_prefix('[')?.split_once(']').map(|(name, _)| name)
}

fn is_comment(line: &str) -> bool {
    let is_remark = line.split_whitespace().next().is_some_and(|word| word.eq_ignore_ascii_case("rem"));
    line.starts_with(['#', ';']) || is_remark && line.starts_with(['r', 'R'])
}

/// A value up to a comment: the first `;`, and only after white space.
fn uncommented(value: &str) -> &str {
    match value.split_once(';') {
        Some((start, _)) if start.ends_with(char::is_whitespace) => start.trim_end(),
        _ => value,
    }
}

/// What a word says, as Python's `ConfigParser` reads it.
fn truth(word: &str) -> Option<bool> {
    match word.to_lowercase().as_str() {
        "yes" | "true" | "on" | "1" => Some(true),
        "no" | "false" | "off" | "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN_BY_HAND: &str = "# anna's account\n[user]\nid: 2004\npassword = $6$abc$def/ghi.   \nssh_key_0 = ssh-ed25519 AAAA anna\nssh_key_7=ssh-rsa BBBB old\nGroups = users, disco_operators ; both\nshell = /bin/bash\nactive = Yes\nnote = kept\n  on two lines\n\n[other]\nid = 1\n";

    fn file(text: &str) -> AccountFile {
        AccountFile::read(text.as_bytes()).unwrap()
    }

    fn text(file: &AccountFile) -> &str {
        std::str::from_utf8(file.bytes()).unwrap()
    }

    fn set(words: &[&str]) -> BTreeSet<String> {
        words.iter().map(|&word| word.to_owned()).collect()
    }

    fn anna() -> Operator {
        Operator {
            name: "b/accounts/users/anna".to_owned(),
            uid: Some(2004),
            groups: set(&["users", "disco_operators"]),
            shell: "/bin/bash".to_owned(),
            home: None,
            ssh_keys: set(&["ssh-ed25519 AAAA anna", "ssh-rsa BBBB old"]),
            active: Some(true),
            is_whole: true,
        }
    }

    #[test]
    fn a_file_is_read_as_machines_read_it() {
        let file = file(WRITTEN_BY_HAND);
        assert_eq!(file.operator("b/accounts/users/anna", true), anna());
        assert_eq!(file.get(USER, PASSWORD).unwrap().as_str(), "$6$abc$def/ghi.");
        assert_eq!(file.get(USER, "note").unwrap().as_str(), "kept\non two lines");
        assert_eq!(file.id("other"), Some(1));
        assert!(!file.operator("b/accounts/users/anna", false).is_whole, "the group is missing");
    }

    #[test]
    fn what_is_there_already_changes_no_byte() {
        let mut file = file(WRITTEN_BY_HAND);
        file.describe(&anna(), 2004);
        assert_eq!(text(&file), WRITTEN_BY_HAND);
    }

    #[test]
    fn a_change_touches_its_own_lines() {
        let mut file = file(WRITTEN_BY_HAND);
        let wanted = Operator {
            groups: set(&["users"]),
            home: Some("/srv/anna".to_owned()),
            ssh_keys: set(&["ssh-ed25519 AAAA anna", "ssh-ed25519 CCCC new"]),
            active: Some(false),
            ..anna()
        };
        file.describe(&wanted, 2004);
        assert_eq!(
            text(&file),
            "# anna's account\n[user]\nid: 2004\npassword = $6$abc$def/ghi.   \nssh_key_0 = ssh-ed25519 AAAA anna\ngroups = users\nshell = /bin/bash\nactive = no\nnote = kept\n  on two lines\nhome = /srv/anna\nssh_key_1 = ssh-ed25519 CCCC new\n\n[other]\nid = 1\n"
        );
        assert_eq!(file.operator(&wanted.name, true), wanted);
    }

    #[test]
    fn a_new_file_has_what_machines_need() {
        let mut file = AccountFile::empty();
        file.describe(&anna(), 2000);
        file.set(GROUP, ID, Some("2000"));
        assert_eq!(
            text(&file),
            "[user]\nid = 2000\ngroups = disco_operators,users\nshell = /bin/bash\nactive = yes\nssh_key_0 = ssh-ed25519 AAAA anna\nssh_key_1 = ssh-rsa BBBB old\n[group]\nid = 2000\n"
        );
    }

    #[test]
    fn files_without_a_last_line_break_and_of_windows_are_changed_too() {
        let mut one = file("[user]\nid = 2000");
        one.set(USER, ACTIVE, Some("no"));
        assert_eq!(text(&one), "[user]\nid = 2000\nactive = no\n");
        let mut two = file("[user]\r\nid = 2000\r\nactive = yes\r\n");
        two.set(USER, ACTIVE, Some("no"));
        assert_eq!(text(&two), "[user]\r\nid = 2000\r\nactive = no\r\n");
        two.set(USER, "home", None);
        two.set(USER, ACTIVE, None);
        assert_eq!(text(&two), "[user]\r\nid = 2000\r\n");
    }

    #[test]
    fn the_last_of_several_lines_counts_and_one_is_left() {
        let mut file = file("[user]\nid = 1\nactive = no\nactive = yes\n");
        assert_eq!(file.operator("", true).active, Some(true));
        file.set(USER, ACTIVE, Some("no"));
        assert_eq!(text(&file), "[user]\nid = 1\nactive = no\n");
    }
}
