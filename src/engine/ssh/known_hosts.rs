//! Host keys of instances by instance id, in a file of asiaq's own beside the person's: addresses are used again, ids never.

use std::collections::BTreeSet;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};

/// The file.
#[derive(Clone, Debug)]
pub(super) struct KnownHosts(PathBuf);

impl KnownHosts {
    /// That of the person: `.ssh/asiaq_known_hosts`.
    pub(super) fn of_person() -> anyhow::Result<Self> {
        let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE"));
        let home = home.ok_or_else(|| anyhow!("host keys cannot be kept: `HOME` is not set"))?;
        let folder = Path::new(&home).join(".ssh");
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        match builder.create(&folder) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                Err(error).with_context(|| format!("cannot make `{}` for host keys", folder.display()))
            }
            _ => Ok(Self(folder.join("asiaq_known_hosts"))),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// The instances whose keys it has.
    pub(super) fn ids(&self) -> anyhow::Result<BTreeSet<String>> {
        match std::fs::read_to_string(&self.0) {
            Ok(text) => Ok(ids(&text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(BTreeSet::new()),
            Err(error) => Err(error).with_context(|| format!("cannot read `{}`", self.0.display())),
        }
    }

    /// Adds the keys of an instance.
    pub(super) fn add(&self, id: &str, keys: &[String]) -> anyhow::Result<()> {
        let lines: String = keys.iter().map(|key| [id, " ", key, "\n"].concat()).collect();
        let mut options = std::fs::File::options();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(&self.0).and_then(|mut file| file.write_all(lines.as_bytes()));
        written.with_context(|| format!("cannot write `{}`", self.0.display()))
    }
}

/// The names in a file of host keys.
fn ids(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter(|line| !line.starts_with(['#', '@']));
    let names = lines.filter_map(|line| line.split_whitespace().next());
    names.flat_map(|names| names.split(',')).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_kept_by_the_id_of_the_instance() {
        let folder = tempfile::tempdir().unwrap();
        let known = KnownHosts(folder.path().join("known"));
        assert_eq!(known.ids().unwrap(), BTreeSet::new());
        known.add("i-1", &["ssh-ed25519 AAAA".to_owned(), "ssh-rsa BBBB".to_owned()]).unwrap();
        known.add("i-2", &["ssh-rsa CCCC".to_owned()]).unwrap();
        assert_eq!(known.ids().unwrap(), ["i-1", "i-2"].map(str::to_owned).into());
        let text = std::fs::read_to_string(known.path()).unwrap();
        assert_eq!(text, "i-1 ssh-ed25519 AAAA\ni-1 ssh-rsa BBBB\ni-2 ssh-rsa CCCC\n");
        assert_eq!(ids("# i-3 a\n@revoked i-4 a\ni-5,10.0.0.1 ssh-rsa A\n\n").len(), 2);
    }
}
