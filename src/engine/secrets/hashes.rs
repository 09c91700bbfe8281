//! Lists of hashes of the secrets `app_auth/APP/USER`, which applications check their users with.

use anyhow::bail;
use asiaq_compiler::AppAuth;
use asiaq_runtime::SecretValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha512};

use crate::unseen;

/// What the keys begin with.
const START: &str = "app_auth/";
/// Name of the list in its folder.
const LIST: &str = "passwd";
/// What the hash of a salted entry begins with.
const SALTED: &str = "{SSHA512}";
/// Bytes of a salt.
const SALT: usize = 16;
/// Bytes of a hash.
const HASH: usize = 64;

/// The key of the secret of a user of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AppAuthKey<'k> {
    /// Such as `app_auth/billing`.
    pub(super) folder: &'k str,
    pub(super) user: &'k str,
}

impl<'k> AppAuthKey<'k> {
    /// None for another key, and for that of a list.
    pub(super) fn of(key: &'k str) -> Option<Self> {
        let (folder, user) = key.rsplit_once('/')?;
        let is_one = folder.starts_with(START) && user != LIST && !user.is_empty();
        is_one.then_some(Self { folder, user })
    }

    /// The key of the list.
    pub(super) fn list(&self) -> String {
        format!("{}/{LIST}", self.folder)
    }
}

/// The list of some users with their secrets. Lines of the live list that are right stay, with their salts.
pub(super) fn list_of(
    form: AppAuth,
    users: &[(String, SecretValue)],
    live: Option<&SecretValue>,
) -> anyhow::Result<SecretValue> {
    let live = live.and_then(SecretValue::text).unwrap_or_default();
    let mut text = "# Made by asiaq secret: USER:HASH\n".to_owned();
    for (user, secret) in users {
        if user.contains(':') {
            bail!("the user `{user}` has a colon in its name, which a list of hashes cannot say");
        }
        let start = format!("{user}:");
        let known = live.lines().find_map(|line| line.strip_prefix(&start));
        let hash = match known {
            Some(hash) if is_of(form, hash, secret.bytes()) => hash.to_owned(),
            _ => hashed(form, secret.bytes())?,
        };
        for part in [&start, &hash, "\n"] {
            text.push_str(part);
        }
    }
    Ok(SecretValue::new(text.into_bytes()))
}

fn hashed(form: AppAuth, secret: &[u8]) -> anyhow::Result<String> {
    if form == AppAuth::Unsalted {
        return Ok(STANDARD.encode(Sha512::digest(secret)));
    }
    let mut salt = [0; SALT];
    unseen::random(&mut salt)?;
    Ok(salted(secret, &salt))
}

fn salted(secret: &[u8], salt: &[u8]) -> String {
    let digest = Sha512::new().chain_update(secret).chain_update(salt).finalize();
    format!("{SALTED}{}", STANDARD.encode([digest.as_slice(), salt].concat()))
}

/// Whether a hash is one of a secret, in this form.
fn is_of(form: AppAuth, hash: &str, secret: &[u8]) -> bool {
    if form == AppAuth::Unsalted {
        return hash == STANDARD.encode(Sha512::digest(secret));
    }
    let bytes = hash.strip_prefix(SALTED).and_then(|text| STANDARD.decode(text).ok()).unwrap_or_default();
    bytes.get(HASH..).filter(|salt| !salt.is_empty()).is_some_and(|salt| hash == salted(secret, salt))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn users(of: &[(&str, &str)]) -> Vec<(String, SecretValue)> {
        let value = |text: &str| SecretValue::new(text.as_bytes().to_vec());
        of.iter().map(|(user, secret)| ((*user).to_owned(), value(secret))).collect()
    }

    #[test]
    fn keys_of_lists_and_of_others_are_none() {
        let key = AppAuthKey::of("app_auth/billing/reports").expect("a key");
        assert_eq!(
            (key.folder, key.user, key.list().as_str()),
            ("app_auth/billing", "reports", "app_auth/billing/passwd")
        );
        for other in
            ["app_auth/passwd", "app_auth/billing/passwd", "rds/orders", "app_auth", "app_auth/billing/"]
        {
            assert_eq!(AppAuthKey::of(other).filter(|key| key.folder != "app_auth"), None, "{other}");
        }
    }

    /// The hash is that of `printf hunter2 | openssl dgst -sha512 -binary | base64`.
    #[test]
    fn an_unsalted_list_is_what_scripts_read() {
        let list = list_of(AppAuth::Unsalted, &users(&[("reports", "hunter2")]), None).expect("a list");
        let expected = "# Made by asiaq secret: USER:HASH\n\
                        reports:a5ftaNFOs/GqlZzl1Jx9xhLh6x2v1zsecFhHSD/WpsgJ8s606N9v+ZhMYpj/AoXKzmYUv42qnwBwEBtsiYmeIg==\n";
        assert_eq!(list.text(), Some(expected));
    }

    #[test]
    fn a_salt_stays_while_the_secret_does() {
        let of = users(&[("reports", "hunter2"), ("web", "hunter3")]);
        let first = list_of(AppAuth::Salted, &of, None).expect("a list");
        assert_eq!(list_of(AppAuth::Salted, &of, Some(&first)).expect("a list"), first);
        let second = list_of(AppAuth::Salted, &of, None).expect("a list");
        assert_ne!(second, first, "salts are random");
        let changed = users(&[("reports", "hunter2"), ("web", "hunter4")]);
        let third = list_of(AppAuth::Salted, &changed, Some(&first)).expect("a list");
        let lines = |list: &SecretValue| -> Vec<String> {
            list.text().unwrap_or_default().lines().map(ToOwned::to_owned).collect()
        };
        assert_eq!(lines(&third)[1], lines(&first)[1]);
        assert_ne!(lines(&third)[2], lines(&first)[2]);
    }
}
