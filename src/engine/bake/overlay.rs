//! The overlay files of a bake: which of them a hostclass gets, and with which modes and owners.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

/// Name of the file with modes and owners.
const METADATA: &str = "acfg.metadata";
/// Name of a file that lists what stays behind.
const NO_SYNC: &str = ".nosync";

/// The overlay files for a hostclass.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Overlay {
    /// What goes to the instance, by its path there without the first `/`. Folders come before what is in them.
    pub(super) entries: BTreeMap<String, Entry>,
    /// Modes and owners, by path.
    pub(super) rules: BTreeMap<String, Rule>,
    /// What is strange about them.
    pub(super) warnings: Vec<String>,
}

/// Something of an overlay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// A folder with a mode, which it gets if it is not there yet.
    Folder(u32),
    /// A file at a path, with its mode.
    File(PathBuf, u32),
    /// A symbolic link to a text.
    Link(String),
}

/// A line of `acfg.metadata`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) mode: u32,
    pub(super) owner: String,
    pub(super) group: String,
    /// Place of its hostclass among the preferred ones; the last for a line without one.
    rank: usize,
}

impl Overlay {
    /// The number of files and links.
    pub(super) fn files(&self) -> usize {
        self.entries.values().filter(|entry| !matches!(entry, Entry::Folder(_))).count()
    }

    /// Reads the folder at `root` for the first of `hostclasses`, whose own files are preferred to those of the next, and so
    /// on. `known` are all hostclasses and images.
    pub(super) fn read(root: &Path, hostclasses: &[String], known: &[&str]) -> anyhow::Result<Self> {
        let mut overlay = Self::default();
        let mut reader = Reader { hostclasses, known, ranks: BTreeMap::new(), overlay: &mut overlay };
        reader.folder(root, "")?;
        let metadata = root.join(METADATA);
        if metadata.exists() {
            let name = metadata.display().to_string();
            let text = fs::read_to_string(&metadata).with_context(|| format!("cannot read `{name}`"))?;
            reader.metadata(&name, &text)?;
        }
        Ok(overlay)
    }
}

struct Reader<'r> {
    hostclasses: &'r [String],
    known: &'r [&'r str],
    /// The rank of each entry's hostclass.
    ranks: BTreeMap<String, usize>,
    overlay: &'r mut Overlay,
}

impl Reader<'_> {
    /// Takes what is in a folder, which is `path` on the instance.
    fn folder(&mut self, folder: &Path, path: &str) -> anyhow::Result<()> {
        let reading = || format!("cannot read the folder `{}`", folder.display());
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).with_context(reading)? {
            found.push(entry.with_context(reading)?.path());
        }
        found.sort();
        for place in found {
            let shown = place.display().to_string();
            let Some(name) = place.file_name().and_then(|name| name.to_str()) else {
                bail!("the name of `{shown}` is not UTF-8");
            };
            if name.contains(['\n', '\r']) {
                bail!("the name of `{shown}` has a line break");
            }
            if name == NO_SYNC || (path.is_empty() && name == METADATA) {
                continue;
            }
            let of = fs::symlink_metadata(&place).with_context(|| format!("cannot read `{shown}`"))?;
            if of.is_dir() {
                if name.contains('~') {
                    bail!("`{shown}` is a folder: only files are for one hostclass (`NAME~HOSTCLASS`)");
                }
                let at = joined(path, name);
                self.overlay.entries.insert(at.clone(), Entry::Folder(mode(&of)));
                self.folder(&place, &at)?;
                continue;
            }
            let (name, rank) = match name.split_once('~') {
                None => (name, self.hostclasses.len()),
                Some((name, hostclass)) => match self.rank(hostclass, &shown) {
                    Some(rank) => (name, rank),
                    None => continue,
                },
            };
            if name.is_empty() {
                bail!("`{shown}` has no name before `~`");
            }
            let at = joined(path, name);
            if self.ranks.get(&at).is_some_and(|other| *other <= rank) {
                continue;
            }
            let entry = if of.is_symlink() {
                let target = fs::read_link(&place).with_context(|| format!("cannot read `{shown}`"))?;
                let Some(target) = target.to_str() else { bail!("the target of `{shown}` is not UTF-8") };
                Entry::Link(target.to_owned())
            } else if of.is_file() {
                Entry::File(place.clone(), mode(&of))
            } else {
                bail!("`{shown}` is no file: an overlay has files, folders and symbolic links");
            };
            if let Some(Entry::Folder(_)) = self.overlay.entries.get(&at) {
                bail!("`{shown}` and a folder have the same name");
            }
            self.ranks.insert(at.clone(), rank);
            self.overlay.entries.insert(at, entry);
        }
        Ok(())
    }

    /// The place of a hostclass among the preferred ones; none where something is for another one.
    fn rank(&mut self, hostclass: &str, shown: &str) -> Option<usize> {
        let rank = self.hostclasses.iter().position(|wanted| wanted == hostclass);
        if rank.is_none() && !self.known.contains(&hostclass) {
            self.overlay.warnings.push(format!("{shown}: there is no hostclass `{hostclass}`"));
        }
        rank
    }

    fn metadata(&mut self, name: &str, text: &str) -> anyhow::Result<()> {
        for (line, number) in text.lines().zip(1..) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let words: Vec<&str> = line.split_whitespace().collect();
            let [path, mode, owner, group] = words.as_slice() else {
                bail!("{name}:{number}: expected `PATH MODE OWNER GROUP`, found {} words", words.len());
            };
            let (path, hostclass) = match path.split_once('~') {
                Some((path, hostclass)) => (path, Some(hostclass)),
                None => (*path, None),
            };
            let shown = format!("{name}:{number}");
            let rank = match hostclass {
                None => self.hostclasses.len(),
                Some(hostclass) => match self.rank(hostclass, &shown) {
                    Some(rank) => rank,
                    None => continue,
                },
            };
            let Some(mode) = octal(mode) else {
                bail!("{shown}: `{mode}` is not a mode: write an octal number such as `0644`");
            };
            for (what, who) in [("owner", owner), ("group", group)] {
                if !is_account(who) {
                    bail!("{shown}: `{who}` cannot be the name of an {what}");
                }
            }
            let path = path.trim_matches('/').to_owned();
            if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
                bail!("{shown}: `{path}` is not a path below the folder");
            }
            if !self.overlay.entries.contains_key(&path) {
                self.overlay.warnings.push(format!("{shown}: there is no file `{path}` for this hostclass"));
                continue;
            }
            // Of lines that are preferred alike, the first counts.
            if self.overlay.rules.get(&path).is_none_or(|other| rank < other.rank) {
                let (owner, group) = ((*owner).to_owned(), (*group).to_owned());
                self.overlay.rules.insert(path, Rule { mode, owner, group, rank });
            }
        }
        Ok(())
    }
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") }
}

fn octal(text: &str) -> Option<u32> {
    let is_octal = !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
    u32::from_str_radix(text, 8).ok().filter(|mode| is_octal && *mode <= 0o7777)
}

/// Whether a text can be a user or group of Linux, or its number.
fn is_account(name: &str) -> bool {
    let is_sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    name.len() <= 32 && !name.starts_with(['-', '.']) && !name.is_empty() && name.chars().all(is_sign)
}

#[cfg(unix)]
fn mode(of: &fs::Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    of.permissions().mode() & 0o7777
}

#[cfg(not(unix))]
fn mode(of: &fs::Metadata) -> u32 {
    if of.is_dir() { 0o755 } else { 0o644 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with these files, whose texts are their names.
    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    fn read(folder: &tempfile::TempDir, hostclasses: &[&str]) -> anyhow::Result<Overlay> {
        let hostclasses: Vec<String> = hostclasses.iter().map(|name| (*name).to_owned()).collect();
        Overlay::read(folder.path(), &hostclasses, &["front", "web", "store"])
    }

    fn texts(overlay: &Overlay) -> Vec<(&str, String)> {
        let text = |entry: &Entry| match entry {
            Entry::File(path, _) => fs::read_to_string(path).unwrap(),
            Entry::Folder(_) => "/".to_owned(),
            Entry::Link(target) => format!("-> {target}"),
        };
        overlay.entries.iter().map(|(path, entry)| (path.as_str(), text(entry))).collect()
    }

    #[test]
    fn the_nearest_hostclass_has_its_file() {
        let folder = folder(&[
            ("etc/motd", "plain"),
            ("etc/motd~web", "web"),
            ("etc/motd~front", "front"),
            ("etc/motd~store", "store"),
            ("etc/only~store", "store"),
            ("etc/parent~web", "web"),
            ("etc/x~front~y", "odd"),
            (".nosync", ""),
        ]);
        let overlay = read(&folder, &["front", "web"]).unwrap();
        assert_eq!(
            texts(&overlay),
            [("etc", "/".to_owned()), ("etc/motd", "front".to_owned()), ("etc/parent", "web".to_owned())]
        );
        assert_eq!(overlay.warnings.len(), 1, "{:?}", overlay.warnings);
        assert!(overlay.warnings[0].ends_with("there is no hostclass `front~y`"), "{:?}", overlay.warnings);
        let overlay = read(&folder, &["web"]).unwrap();
        assert_eq!(texts(&overlay)[1], ("etc/motd", "web".to_owned()));
        let overlay = read(&folder, &["other"]).unwrap();
        assert_eq!(texts(&overlay), [("etc", "/".to_owned()), ("etc/motd", "plain".to_owned())]);
    }

    #[test]
    fn lines_of_metadata_say_modes_and_owners() {
        let metadata = "# comment\n/etc/key~web 0600 web web\netc/key 0640 root app\n\n  etc/key 0777 no body\n\
                        etc/key~front 0400 front front\netc/gone 0644 root root\netc/key~store 0644 root root\n";
        let folder = folder(&[("etc/key", ""), ("acfg.metadata", metadata)]);
        let overlay = read(&folder, &["front", "web"]).unwrap();
        let rule = &overlay.rules["etc/key"];
        assert_eq!((rule.mode, rule.owner.as_str()), (0o400, "front"));
        assert_eq!(read(&folder, &["web"]).unwrap().rules["etc/key"].owner, "web");
        let plain = read(&folder, &["other"]).unwrap();
        assert_eq!((plain.rules["etc/key"].mode, plain.rules["etc/key"].group.as_str()), (0o640, "app"));
        assert!(overlay.warnings[0].contains(":7: there is no file `etc/gone`"), "{:?}", overlay.warnings);
        assert!(!overlay.entries.contains_key("acfg.metadata"));
    }

    #[test]
    fn what_cannot_be_is_an_error_with_its_place() {
        for (line, why) in [
            ("etc/key 0640 root", ":1: expected `PATH MODE OWNER GROUP`, found 3 words"),
            ("etc/key 888 root root", ":1: `888` is not a mode"),
            ("etc/key 17777 root root", ":1: `17777` is not a mode"),
            ("etc/key 0640 ro$t root", ":1: `ro$t` cannot be the name of an owner"),
            ("etc/../key 0640 root root", ":1: `etc/../key` is not a path"),
        ] {
            let folder = folder(&[("etc/key", ""), ("acfg.metadata", line)]);
            let error = read(&folder, &["front"]).unwrap_err().to_string();
            assert!(error.contains(why), "{line}: {error}");
        }
        let clash = folder(&[("etc~front/x", "")]);
        assert!(read(&clash, &["front"]).unwrap_err().to_string().contains("only files"));
        let clash = folder(&[("etc/x", ""), ("etc~front", "")]);
        assert!(read(&clash, &["front"]).unwrap_err().to_string().contains("same name"));
    }
}
