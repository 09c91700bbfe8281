use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use asiaq_lang::{Diagnostic, SourceMap, format, parse};
use serde::Serialize;

use crate::atomic_write;
use crate::exit::{Exit, Result};
use crate::project;
use crate::ui::{self, Format, diagnostics, diff, json};

/// Formats `.asq` files
///
/// Two spaces per level, one field per line, related values aligned; comments and blank lines are kept. Lines end as
/// most lines of a file do. Prints the names of the changed files. Lines with a syntax error are not changed.
#[derive(clap::Args, Debug)]
pub(crate) struct Fmt {
    /// Files, or folders with .asq files; `-` formats stdin to stdout. Default: this folder
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Lists files that are not formatted and exits with 1 if there are any; writes nothing
    #[arg(long)]
    check: bool,
    /// Shows what would change; writes nothing
    #[arg(long)]
    diff: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// The path that means stdin.
const STDIN: &str = "-";

/// A file before and after formatting.
struct Formatted {
    name: String,
    before: String,
    after: String,
}

/// The output of `--format json`.
#[derive(Serialize)]
struct Output<'a> {
    changed: Vec<Change<'a>>,
    #[serde(flatten)]
    report: json::Report<'a>,
}

#[derive(Serialize)]
struct Change<'a> {
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
}

impl Fmt {
    pub(crate) fn run(&self) -> Result<Exit> {
        let files = self.files()?;
        let writes = !self.check && !self.diff;
        let mut sources = SourceMap::default();
        let mut mistakes: Vec<Diagnostic> = Vec::new();
        for file in &files {
            // Diagnostics refer to the text that is in the file afterwards.
            let text = if writes { &file.after } else { &file.before };
            let id = sources.add(file.name.clone(), text.clone());
            mistakes.extend(parse(id, text).diagnostics);
        }
        let changed: Vec<&Formatted> = files.iter().filter(|file| file.before != file.after).collect();
        if writes {
            let on_disk = || changed.iter().filter(|file| file.name != STDIN);
            atomic_write::sweep(on_disk().map(|file| Path::new(&file.name)));
            for file in on_disk() {
                atomic_write::replace(Path::new(&file.name), &file.before, &file.after)
                    .with_context(|| format!("cannot write `{}`", file.name))?;
            }
        }
        match self.format {
            Format::Json => {
                let changed = changed.iter().map(|file| self.change(file)).collect();
                json::print(&Output { changed, report: json::report(&sources, &mistakes) });
            }
            Format::Text => {
                for file in &changed {
                    self.show(file);
                }
                if writes {
                    // In a pipe, the text is printed even if it did not change.
                    files.iter().filter(|file| file.name == STDIN).for_each(|file| ui::out(&file.after));
                }
                diagnostics::warn(&sources, &mistakes);
            }
        }
        let refused = self.check && !changed.is_empty() || mistakes.iter().any(Diagnostic::is_error);
        Ok(if refused { Exit::Program } else { Exit::Done })
    }

    /// Every selected file, once.
    fn files(&self) -> anyhow::Result<Vec<Formatted>> {
        let mut texts = Vec::new();
        match self.paths.as_slice() {
            [] => texts.extend(inside(Path::new("."), project::texts(None)?)?),
            [path] if path.as_os_str() == STDIN => {
                let mut text = String::new();
                io::stdin().read_to_string(&mut text).context("cannot read stdin")?;
                texts.push((STDIN.to_owned(), text));
            }
            paths => {
                for path in paths {
                    if path.as_os_str() == STDIN {
                        bail!("`-` cannot be combined with files");
                    }
                    texts.extend(inside(path, project::texts(Some(path))?)?);
                }
            }
        }
        texts.sort();
        texts.dedup();
        let formatted = |(name, before): (String, String)| {
            let after = format(&before);
            Formatted { name, before, after }
        };
        Ok(texts.into_iter().map(formatted).collect())
    }

    fn show(&self, file: &Formatted) {
        if self.diff {
            ui::out(&diff::unified(&file.name, &file.before, &file.after));
        } else if self.check || file.name != STDIN {
            ui::out(&format!("{}\n", file.name));
        }
    }

    fn change<'a>(&self, file: &'a Formatted) -> Change<'a> {
        let shown = || diff::plain(&file.name, &file.before, &file.after);
        let is_piped = file.name == STDIN && !self.check && !self.diff;
        Change {
            file: &file.name,
            diff: self.diff.then(shown),
            text: is_piped.then_some(file.after.as_str()),
        }
    }
}

/// The files of the folder `path` without those that are links to files outside it.
fn inside(path: &Path, texts: Vec<(String, String)>) -> anyhow::Result<Vec<(String, String)>> {
    if !path.is_dir() {
        return Ok(texts);
    }
    let folder = real(path)?;
    let mut found = Vec::with_capacity(texts.len());
    for (name, text) in texts {
        if real(Path::new(&name))?.starts_with(&folder) {
            found.push((name, text));
        } else {
            ui::say(&format!(
                "`{name}` is a link to a file outside `{}`: it is not changed\n",
                path.display()
            ));
        }
    }
    Ok(found)
}

fn real(path: &Path) -> anyhow::Result<PathBuf> {
    fs::canonicalize(path).with_context(|| format!("cannot find `{}`", path.display()))
}
