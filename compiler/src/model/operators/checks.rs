//! What Linux does not accept of an account (shadow-utils' `useradd`), and what the files of operators cannot hold.

use std::collections::BTreeMap;

use asiaq_lang::{Diagnostic, Span};

use super::Operator;
use crate::errors;
use crate::linux::name_problem;

/// Numbers that stand for nobody: as 16 bits and as 32.
const NOBODY: [i64; 2] = [65_534, 65_535];

pub(super) fn check(operator: &Operator, diagnostics: &mut Vec<Diagnostic>) {
    if let Some(why) = name_problem(&operator.name) {
        diagnostics.push(errors::operator_name(operator.span, &operator.name, &why));
    }
    if let Some(uid) = operator.uid.as_ref().filter(|uid| NOBODY.contains(&uid.value)) {
        let why = format!("{} stands for nobody", uid.value);
        diagnostics.push(errors::operator_setting(uid.span(), "uid", &why, "choose another number"));
    }
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    for group in &operator.groups.value {
        if let Some(why) = name_problem(&group.value) {
            let why = if group.value.is_empty() {
                "a name is empty".to_owned()
            } else {
                format!("`{}` is no group: {why}", group.value)
            };
            diagnostics.push(errors::operator_setting(group.span, "groups", &why, "correct the name"));
        } else if let Some(first) = seen.insert(&group.value, group.span) {
            let found =
                errors::operator_setting(group.span, "groups", "the group is in the list twice", "remove it");
            diagnostics.push(found.related(first, "first here"));
        }
    }
    let paths = [("shell", Some(&operator.shell)), ("home", operator.home.as_ref())];
    for (field, path) in paths {
        if let Some((path, why)) = path.and_then(|path| Some((path, path_problem(&path.value)?))) {
            let help = "write an absolute path, such as `\"/bin/bash\"`";
            diagnostics.push(errors::operator_setting(path.place(operator.span), field, why, help));
        }
    }
}

/// Why something is not the absolute path of a file.
fn path_problem(path: &str) -> Option<&'static str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._+-@".contains(c);
    if !path.starts_with('/') {
        return Some("the path is not absolute");
    }
    (!path.chars().all(is_plain))
        .then_some("the path has characters that `/etc/passwd` or a shell reads otherwise")
}

/// Two operators cannot have one number.
pub(super) fn check_uids(operators: &[Operator], diagnostics: &mut Vec<Diagnostic>) {
    let mut taken: BTreeMap<i64, (&str, Span)> = BTreeMap::new();
    for operator in operators {
        let Some(uid) = &operator.uid else { continue };
        if let Some((other, first)) = taken.insert(uid.value, (&operator.name, uid.span())) {
            let why = format!("`{other}` has the uid {} too", uid.value);
            let found = errors::operator_setting(uid.span(), "uid", &why, "choose another number");
            diagnostics.push(found.related(first, "the same number"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_absolute_and_plain() {
        assert_eq!(path_problem("/usr/bin/zsh"), None);
        for path in ["", "bash", "/bin/ba sh", "/bin/a:b", "/bin/a;b", "/bin/%(x)s", "/a\nb"] {
            assert!(path_problem(path).is_some(), "{path}");
        }
    }
}
