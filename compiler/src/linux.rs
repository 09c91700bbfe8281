//! Names of accounts and groups on instances.

/// The longest name of an account or a group.
const LONGEST_NAME: usize = 32;

/// Why Linux accepts no account and no group of this name (shadow-utils' `useradd` and `groupadd`).
pub(crate) fn name_problem(name: &str) -> Option<String> {
    let is_start = |c: char| c.is_ascii_lowercase() || c == '_';
    let is_part = |c: char| is_start(c) || c.is_ascii_digit() || c == '-';
    match name.chars().next() {
        None => return Some("it is empty".to_owned()),
        Some(first) if !is_start(first) => return Some(format!("it begins with `{first}`")),
        Some(_) => {}
    }
    if let Some(bad) = name.chars().find(|c| !is_part(*c)) {
        return Some(format!("it contains `{bad}`"));
    }
    let length = name.len();
    (length > LONGEST_NAME).then(|| format!("it has {length} characters, and Linux allows {LONGEST_NAME}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_linux() {
        for name in ["anna", "_svc", "a-b_c9", &"a".repeat(32)] {
            assert_eq!(name_problem(name), None, "{name}");
        }
        for name in ["", "9a", "-a", "Anna", "a.b", "a b", &"a".repeat(33)] {
            assert!(name_problem(name).is_some(), "{name}");
        }
    }
}
