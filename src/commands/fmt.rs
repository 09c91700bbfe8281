use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use asiaq_lang::{Diagnostic, SourceMap, format, parse};
use serde::Serialize;

use crate::disk;
use crate::exit::{Exit, Result};
use crate::project;
use crate::ui::{self, Format, diagnostics, diff, json};

/// Lays files out in the one way
///
/// Two blanks for each level, one field a line, what belongs together aligned; comments and groups stay. What is
/// written where is printed, a file a line. A stretch with a mistake is left as it is.
#[derive(clap::Args, Debug)]
pub(crate) struct Fmt {
    /// Files, or folders and every .asq file in them [default: this folder]; `-` for what comes in on stdin,
    /// which goes out on stdout
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Writes nothing; names the files that are laid out otherwise, and exits with 1 where there is one
    #[arg(long)]
    check: bool,
    /// Writes nothing; shows what would change
    #[arg(long)]
    diff: bool,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What stands for stdin.
const STDIN: &str = "-";

/// A file and its layout.
struct Formatted {
    name: String,
    before: String,
    after: String,
}

/// What `--format json` prints.
#[derive(Serialize)]
struct Said<'a> {
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
            // Places are told in the text that the reader has in front of them afterwards.
            let text = if writes { &file.after } else { &file.before };
            let id = sources.add(file.name.clone(), text.clone());
            mistakes.extend(parse(id, text).diagnostics);
        }
        let changed: Vec<&Formatted> = files.iter().filter(|file| file.before != file.after).collect();
        if writes {
            for file in changed.iter().filter(|file| file.name != STDIN) {
                disk::replace(Path::new(&file.name), &file.after)
                    .with_context(|| format!("cannot write `{}`", file.name))?;
            }
        }
        match self.format {
            Format::Json => {
                let changed = changed.iter().map(|file| self.change(file)).collect();
                json::print(&Said { changed, report: json::report(&sources, &mistakes) });
            }
            Format::Text => {
                for file in &changed {
                    self.show(file);
                }
                if writes {
                    // Whoever pipes a text through gets it back, changed or not.
                    files.iter().filter(|file| file.name == STDIN).for_each(|file| ui::out(&file.after));
                }
                diagnostics::warn(&sources, &mistakes);
            }
        }
        let refused = self.check && !changed.is_empty() || mistakes.iter().any(Diagnostic::is_error);
        Ok(if refused { Exit::Program } else { Exit::Done })
    }

    /// Every file that is asked for, once.
    fn files(&self) -> anyhow::Result<Vec<Formatted>> {
        let mut texts = Vec::new();
        match self.paths.as_slice() {
            [] => texts.extend(inside(Path::new("."), project::texts(None)?)?),
            [path] if path.as_os_str() == STDIN => {
                let mut text = String::new();
                io::stdin().read_to_string(&mut text).context("cannot read what comes in")?;
                texts.push((STDIN.to_owned(), text));
            }
            paths => {
                for path in paths {
                    if path.as_os_str() == STDIN {
                        bail!("`-` stands alone: name either files or what comes in");
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
        let is_passed_on = file.name == STDIN && !self.check && !self.diff;
        Change {
            file: &file.name,
            diff: self.diff.then(shown),
            text: is_passed_on.then_some(file.after.as_str()),
        }
    }
}

/// Of the files that `path` names, those that lie in it: a link may lead elsewhere, where nobody asked to write.
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
            ui::say(&format!("`{name}` leads out of `{}` and is left alone\n", path.display()));
        }
    }
    Ok(found)
}

fn real(path: &Path) -> anyhow::Result<PathBuf> {
    fs::canonicalize(path).with_context(|| format!("cannot find `{}`", path.display()))
}
