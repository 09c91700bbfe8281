//! The access keys of a user, and their rotation.

use std::fmt;

/// An access key, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessKey {
    /// Its id, such as `AKIAIOSFODNN7EXAMPLE`.
    pub id: String,
    /// Whether calls that are signed with it are accepted.
    pub is_active: bool,
    /// When it was created, in seconds since 1970.
    pub created: i64,
    /// When it was last used, in seconds since 1970; absent if it never was, as far as AWS knows.
    pub last_used: Option<i64>,
}

/// A new access key with its secret, which AWS shows only once.
pub struct NewAccessKey {
    /// Its id.
    pub id: String,
    /// The secret.
    pub secret: String,
}

impl fmt::Debug for NewAccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewAccessKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A note at a user: which key is being replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retired {
    /// The old key's id.
    pub key: String,
    /// A moment when it was inactive, in seconds since 1970; absent if it was not yet.
    pub since: Option<i64>,
}

/// The next step of a rotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// Create a second key, beside this one.
    Create {
        /// The key that is to be replaced.
        old: String,
    },
    /// Deactivate the old key.
    Deactivate {
        /// The old key.
        old: String,
        /// The key that replaces it.
        new: String,
    },
    /// Note that the old key is inactive now: nobody has noted since when it is.
    Note {
        /// The old key.
        old: String,
    },
    /// Wait until the old key has been inactive for long enough.
    Wait {
        /// The old key.
        old: String,
        /// In seconds since 1970.
        until: i64,
    },
    /// Remove the old key.
    Remove {
        /// The old key.
        old: String,
    },
}

/// Why there is no next step.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unclear {
    /// There is no key to rotate.
    #[error("there is no access key to rotate: create one with `asiaq keys create`")]
    NoKey,
    /// No key is active.
    #[error("no access key is active: activate the one that is in use with `asiaq keys activate`")]
    NoneActive,
    /// The newer key is inactive, and the older one is in use.
    #[error("the newer access key `{0}` is inactive: activate it, or remove it, and go on")]
    NewerInactive(String),
}

impl Rotation {
    /// The next step for a user with these keys. The old key is removed once it has been inactive for `grace` seconds.
    ///
    /// # Errors
    /// If the keys do not tell which one replaces which.
    pub fn next(
        keys: &[AccessKey],
        retired: Option<&Retired>,
        grace: i64,
        now: i64,
    ) -> Result<Self, Unclear> {
        let mut keys: Vec<&AccessKey> = keys.iter().collect();
        keys.sort_by(|a, b| (a.created, &a.id).cmp(&(b.created, &b.id)));
        if keys.iter().all(|key| !key.is_active) {
            return Err(if keys.is_empty() { Unclear::NoKey } else { Unclear::NoneActive });
        }
        // Keys that were created in one second do not tell which came first.
        keys.sort_by_key(|key| retired.is_none_or(|retired| retired.key != key.id));
        let (old, new) = match keys.as_slice() {
            [only] => return Ok(Self::Create { old: only.id.clone() }),
            [old, .., new] => (old, new),
            [] => return Err(Unclear::NoKey),
        };
        if !new.is_active {
            return Err(Unclear::NewerInactive(new.id.clone()));
        }
        let old_id = old.id.clone();
        if old.is_active {
            return Ok(Self::Deactivate { old: old_id, new: new.id.clone() });
        }
        let since = retired.filter(|retired| retired.key == old.id).and_then(|retired| retired.since);
        Ok(match since.map(|since| since.saturating_add(grace)) {
            Some(until) if until > now => Self::Wait { old: old_id, until },
            None if grace > 0 => Self::Note { old: old_id },
            Some(_) | None => Self::Remove { old: old_id },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: &str, created: i64, is_active: bool) -> AccessKey {
        AccessKey { id: id.to_owned(), is_active, created, last_used: None }
    }

    fn next(keys: &[AccessKey], retired: Option<(&str, i64)>, grace: i64) -> String {
        let retired = retired.map(|(key, since)| Retired { key: key.to_owned(), since: Some(since) });
        match Rotation::next(keys, retired.as_ref(), grace, 1000) {
            Ok(step) => format!("{step:?}"),
            Err(unclear) => unclear.to_string(),
        }
    }

    #[test]
    fn a_rotation_has_one_step_at_a_time() {
        let (old, new) = (key("old", 1, true), key("new", 2, true));
        assert_eq!(next(std::slice::from_ref(&old), None, 9), r#"Create { old: "old" }"#);
        assert_eq!(next(&[new.clone(), old], None, 9), r#"Deactivate { old: "old", new: "new" }"#);
        let off = key("old", 1, false);
        let both = [off, new];
        assert_eq!(next(&both, None, 9), r#"Note { old: "old" }"#);
        assert_eq!(next(&both, Some(("other", 1)), 9), r#"Note { old: "old" }"#);
        assert_eq!(next(&both, Some(("old", 995)), 9), r#"Wait { old: "old", until: 1004 }"#);
        assert_eq!(next(&both, Some(("old", 991)), 9), r#"Remove { old: "old" }"#);
        assert_eq!(next(&both, None, 0), r#"Remove { old: "old" }"#);
    }

    #[test]
    fn keys_of_one_second_are_told_apart_by_the_note() {
        let keys = [key("a", 1, true), key("b", 1, true)];
        let retired = Retired { key: "b".to_owned(), since: None };
        let next = Rotation::next(&keys, Some(&retired), 9, 1000);
        assert_eq!(next, Ok(Rotation::Deactivate { old: "b".to_owned(), new: "a".to_owned() }));
    }

    #[test]
    fn keys_that_do_not_tell_which_replaces_which_are_left_alone() {
        assert!(next(&[], None, 9).starts_with("there is no access key"));
        assert!(next(&[key("a", 1, false)], None, 9).starts_with("no access key is active"));
        let newer = next(&[key("a", 1, true), key("b", 2, false)], None, 9);
        assert!(newer.contains("`b` is inactive"), "{newer}");
    }

    #[test]
    fn a_secret_is_in_no_debug_output() {
        let new = NewAccessKey { id: "AKIA".to_owned(), secret: "hidden".to_owned() };
        assert!(!format!("{new:?}").contains("hidden"));
    }
}
