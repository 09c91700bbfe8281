//! Passwords of operators: how they are read and what is kept of them, which is a hash of `crypt` (SHA-512).

use std::io::{IsTerminal as _, Read as _};

use anyhow::{Context as _, bail};
use sha_crypt::{Algorithm, Params, PasswordHasher as _, ShaCrypt};
use zeroize::Zeroizing;

use crate::unseen;

/// How often the digest is applied. The file with the hash is read by machines: guessing is to take time, and a login less
/// than a second.
const ROUNDS: u32 = 100_000;

/// Bytes of a salt: in the alphabet of `crypt` they are 16 characters, the most that it looks at. The crate's own salts are
/// longer, and no system accepts what it makes with them (`findings/sha-crypt-salts-are-too-long.sh`).
const SALT: usize = 12;

/// The longest password that is hashed: `crypt` takes a time that grows with the length.
const LONGEST: usize = 1024;

/// A password from a terminal, where it is typed twice and not shown, or else the line of standard input.
pub(crate) fn read() -> anyhow::Result<Zeroizing<String>> {
    let password = if std::io::stdin().is_terminal() { unseen::typed_twice("Password: ")? } else { piped()? };
    if password.is_empty() {
        bail!("the password is empty");
    }
    if password.len() > LONGEST || password.contains(['\n', '\r', '\0']) {
        bail!("the password has several lines, or more than {LONGEST} bytes");
    }
    Ok(password)
}

fn piped() -> anyhow::Result<Zeroizing<String>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(2 * LONGEST));
    // Beyond the room for it the buffer would be copied, and the copy left behind.
    let most = u64::try_from(LONGEST + 3).unwrap_or(u64::MAX);
    std::io::stdin().take(most).read_to_end(&mut bytes).context("cannot read the password")?;
    let text = std::str::from_utf8(&bytes).context("the password is not UTF-8")?;
    let line = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    Ok(Zeroizing::new(line.to_owned()))
}

/// The hash of a password with a new salt from the operating system: `$6$rounds=100000$SALT$HASH`.
pub(crate) fn hash(password: &Zeroizing<String>) -> anyhow::Result<Zeroizing<String>> {
    let mut salt = [0; SALT];
    unseen::random(&mut salt)?;
    with_salt(password, &salt)
}

fn with_salt(password: &str, salt: &[u8]) -> anyhow::Result<Zeroizing<String>> {
    let params = Params::new(ROUNDS).map_err(|error| anyhow::anyhow!("{error}"))?;
    let hash =
        ShaCrypt::new(Algorithm::Sha512Crypt, params).hash_password_with_salt(password.as_bytes(), salt);
    let hash = hash.map_err(|error| anyhow::anyhow!("cannot hash the password: {error}"))?;
    Ok(Zeroizing::new(hash.as_str().to_owned()))
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    /// What the system's `openssl` makes of a password with the salt of a hash.
    fn by_openssl(password: &str, salt: &str) -> String {
        let mut child = Command::new("openssl")
            .args(["passwd", "-6", "-stdin", "-salt", salt])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), format!("{password}\n").as_bytes())
            .unwrap();
        String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap().trim().to_owned()
    }

    #[test]
    fn a_hash_is_that_of_the_system() {
        for password in [
            "hunter2",
            "a",
            "päß wörd",
            "0123456789012345678901234567890123456789012345678901234567890123456789",
        ] {
            let hash = hash(&Zeroizing::new(password.to_owned())).unwrap();
            let parts: Vec<&str> = hash.split('$').collect();
            let ["", "6", rounds, salt, _] = parts.as_slice() else { panic!("{}", hash.as_str()) };
            assert_eq!((*rounds, salt.len()), ("rounds=100000", 16));
            assert_eq!(by_openssl(password, &format!("{rounds}${salt}")), *hash, "{password}");
        }
    }

    #[test]
    fn no_two_hashes_are_the_same() {
        let password = Zeroizing::new("hunter2".to_owned());
        assert_ne!(hash(&password).unwrap(), hash(&password).unwrap());
    }
}
