//! A project on disk.

#[cfg(feature = "aws")]
use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Read as _};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use asiaq_compiler::{Checked, Files, Workspace, check, did_you_mean};

use crate::exit::{Halt, Result};
use crate::ui::{self, Format, diagnostics, json};

/// The location of a project: a file, or a folder with `.asq` files.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Project {
    /// A file, or a folder with .asq files. Default: this folder
    #[arg(value_name = "PATH")]
    pub(crate) path: Option<PathBuf>,
}

/// Reads and checks the project at `path`, and fails if it has errors. `check` shows warnings; here they are counted.
pub(crate) fn sound(path: Option<&Path>, format: Format) -> Result<Checked> {
    Ok(reminded(again(path, format)?))
}

/// The same of a project that the command has read before: its warnings have been counted.
pub(crate) fn again(path: Option<&Path>, format: Format) -> Result<Checked> {
    let checked = read(path)?;
    if checked.has_errors() { refused(&checked, format) } else { Ok(checked) }
}

/// The same with more files, each a name and a text, which are on no disk.
#[cfg(feature = "aws")]
pub(crate) fn with(path: Option<&Path>, more: &BTreeMap<String, String>) -> anyhow::Result<Checked> {
    let entries: Vec<String> = entries(path)?.into_iter().chain(more.keys().cloned()).collect();
    let workspace = Workspace::load(&entries, &Beside(more)).map_err(|why| anyhow!(why))?;
    Ok(check(workspace))
}

/// The same for a command that looks for the project in AWS, by its name.
#[cfg(feature = "aws")]
pub(crate) fn named(path: Option<&Path>, format: Format) -> Result<Checked> {
    let checked = sound(path, format)?;
    if checked.project().is_empty() {
        return Err(anyhow!("no project is declared: add `project NAME {{ region = us-west-2 }}`").into());
    }
    Ok(checked)
}

/// Reads and checks the project at `path`, and fails if it has other errors than claims that do not hold: the answers of a
/// command that changes nothing tell why they do not.
pub(crate) fn answering(path: Option<&Path>, format: Format) -> Result<Checked> {
    let checked = read(path)?;
    if checked.is_broken() { refused(&checked, format) } else { Ok(reminded(checked)) }
}

/// Shows why a program is refused.
pub(crate) fn refused<T>(checked: &Checked, format: Format) -> Result<T> {
    match format {
        Format::Json => json::print(&json::report(&checked.sources, &checked.diagnostics)),
        Format::Text => diagnostics::warn(&checked.sources, &checked.diagnostics),
    }
    Err(Halt::Program)
}

fn reminded(checked: Checked) -> Checked {
    ui::say(&diagnostics::reminder(&checked.diagnostics));
    checked
}

/// Reads and checks the project at `path`.
pub(crate) fn read(path: Option<&Path>) -> anyhow::Result<Checked> {
    let workspace = Workspace::load(&entries(path)?, &Disk).map_err(|why| anyhow!(why))?;
    Ok(check(workspace))
}

/// The names and texts of the files that `path` names.
pub(crate) fn texts(path: Option<&Path>) -> anyhow::Result<Vec<(String, String)>> {
    let read = |path: String| {
        let text = Disk.read(&path).map_err(|why| anyhow!(why))?;
        Ok((path, text))
    };
    entries(path)?.into_iter().map(read).collect()
}

/// Whether `path` names a project rather than something else, such as a saved plan.
pub(crate) fn is_project(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "asq") || path.is_dir()
}

/// Whether a word names a file or a folder rather than something in a program.
pub(crate) fn is_path(word: &str) -> bool {
    Path::new(word).exists() || is_project(Path::new(word))
}

/// Names, and the path behind them if the last word is one.
#[cfg(feature = "aws")]
pub(crate) fn names_and_path(words: &[String]) -> (&[String], Option<&Path>) {
    match words.split_last() {
        Some((path, names)) if is_path(path) => (names, Some(Path::new(path))),
        _ => (words, None),
    }
}

/// The same where at least one name has to be there: a word alone is no path.
#[cfg(feature = "aws")]
pub(crate) fn some_names_and_path(words: &[String]) -> (&[String], Option<&Path>) {
    if words.len() > 1 { names_and_path(words) } else { (words, None) }
}

/// Whether there is a project at `path`, or a file: an environment can have the name of a folder.
#[cfg(feature = "aws")]
pub(crate) fn is_there(path: &Path) -> bool {
    let is_folder = || listing(path).is_ok_and(|files| !files.is_empty());
    if path.is_dir() { is_folder() } else { path.exists() || is_project(path) }
}

/// The files that `path` names.
pub(crate) fn entries(path: Option<&Path>) -> anyhow::Result<Vec<String>> {
    match path {
        None => folder(Path::new(".")),
        Some(path) if path.is_dir() => folder(path),
        Some(path) => Ok(vec![name(path)?]),
    }
}

fn folder(path: &Path) -> anyhow::Result<Vec<String>> {
    let listing = listing(path).with_context(|| format!("cannot read the folder `{}`", path.display()))?;
    let mut entries = Vec::new();
    for path in listing {
        entries.push(name(&path)?);
    }
    if entries.is_empty() {
        bail!("there is no `.asq` file in `{}`: name the project's file", path.display());
    }
    entries.sort();
    Ok(entries)
}

/// The folder whose files, and those below it, are the project's own.
pub(crate) fn root(path: Option<&Path>) -> &Path {
    let path = path.unwrap_or(Path::new("."));
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new(".")) };
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}

/// The `.asq` files in the folder at `path`, in no order.
pub(crate) fn listing(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path)? {
        let path = entry?.path();
        if is_source(&path) && path.is_file() {
            found.push(path);
        }
    }
    Ok(found)
}

/// Whether a file in a folder belongs to the project in that folder, by its name.
pub(crate) fn is_source(path: &Path) -> bool {
    let is_hidden = path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
    !is_hidden && path.extension().is_some_and(|extension| extension == "asq")
}

/// The name of a file in messages: the path without `.` components, with slashes.
fn name(path: &Path) -> anyhow::Result<String> {
    let tidy: PathBuf = path.components().filter(|part| *part != Component::CurDir).collect();
    let name = tidy.to_str().with_context(|| format!("`{}` is not Unicode: rename it", path.display()))?;
    Ok(name.replace(std::path::MAIN_SEPARATOR, "/"))
}

/// The message for an environment `name` that is not among the `known` ones.
pub(crate) fn unknown_environment(name: &str, known: &[&str]) -> String {
    unknown("environment", name, known)
}

/// Fails if one of the accounts `asked` is not declared.
#[cfg(feature = "aws")]
pub(crate) fn refuse_unknown_accounts(asked: &[String], ir: &asiaq_ir::Ir) -> anyhow::Result<()> {
    let Some(name) = asked.iter().find(|name| !ir.accounts.contains_key(*name)) else { return Ok(()) };
    let known: Vec<&str> = ir.accounts.keys().map(String::as_str).collect();
    anyhow::bail!(unknown("account", name, &known))
}

fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    match did_you_mean(name, known) {
        Some(near) => format!("there is no {what} `{name}`; did you mean `{near}`?"),
        None if known.is_empty() => format!("there is no {what} `{name}`: the project declares none"),
        None => format!("there is no {what} `{name}`; there is {}", ui::listed(known)),
    }
}

/// Bytes of the largest file that is read.
const LARGEST: u64 = 64 << 20;

/// The file system.
pub(crate) struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> std::result::Result<String, String> {
        read_text(Path::new(path), path)
    }

    fn folder(&self, path: &str) -> std::result::Result<(), String> {
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => Ok(()),
            Ok(_) => Err(format!("`{path}` is a file, not a folder")),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(format!("there is no folder `{path}`")),
            Err(error) => Err(format!("cannot read the folder `{path}`: {error}")),
        }
    }
}

/// The file system, and files that are not on it.
#[cfg(feature = "aws")]
struct Beside<'a>(&'a BTreeMap<String, String>);

#[cfg(feature = "aws")]
impl Files for Beside<'_> {
    fn read(&self, path: &str) -> std::result::Result<String, String> {
        self.0.get(path).cloned().map_or_else(|| Disk.read(path), Ok)
    }

    fn folder(&self, path: &str) -> std::result::Result<(), String> {
        Disk.folder(path)
    }
}

/// The text at `path`, or why it cannot be read; `name` is the user's name of the file.
pub(crate) fn read_text(path: &Path, name: &str) -> std::result::Result<String, String> {
    if path.is_dir() {
        return Err(format!("`{name}` is a folder, not a file"));
    }
    let mut text = String::new();
    let read = fs::File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_string(&mut text));
    match read {
        // A device, or a pipe that is written to for ever, has no end.
        Ok(length) if length as u64 > LARGEST => Err(format!("`{name}` is larger than 64 MB")),
        Ok(_) => Ok(text),
        Err(error) => Err(match error.kind() {
            ErrorKind::NotFound => format!("there is no file `{name}`"),
            ErrorKind::InvalidData => format!("`{name}` is not UTF-8 text"),
            _ => format!("cannot read `{name}`: {error}"),
        }),
    }
}
