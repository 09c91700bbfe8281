use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use asiaq_ir::secret_key_problem;

use super::secret::{action, of_file, session, show, tell};
use crate::engine::{self, Change, Interrupts, Way, Writing};
use crate::exit::{Exit, Result};
use crate::project::{self, Project};
use crate::ui;
use crate::ui::stored_secrets::{Action, Deed};

/// Writes the configuration files of applications to the store of an environment
#[derive(clap::Subcommand, Debug)]
pub(crate) enum Config {
    /// Writes the files of a folder that are not in the store as they are there
    ///
    /// The file `FOLDER/web/settings.ini` has the key `app_conf/web/settings.ini`. What is in the store and not in the folder
    /// stays.
    Put(Put),
}

#[derive(clap::Args, Debug)]
pub(crate) struct Put {
    #[command(flatten)]
    project: Project,
    /// Folder with the files. Default: `app_conf/ENVIRONMENT` beside the program
    #[arg(long, value_name = "FOLDER")]
    from: Option<PathBuf>,
    #[command(flatten)]
    way: Way,
    #[command(flatten)]
    writing: Writing,
}

/// What the keys of configuration files begin with.
const START: &str = "app_conf/";

impl Config {
    pub(crate) fn run(&self) -> Result<Exit> {
        let Self::Put(put) = self;
        engine::block_on(async |interrupts| put.run(&interrupts).await)
    }
}

impl Put {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        let session = session(self.project.path.as_deref(), &self.way, interrupts).await?;
        let of = session.one()?;
        let folder = self
            .from
            .clone()
            .unwrap_or_else(|| project::root(self.project.path.as_deref()).join("app_conf").join(&of.env));
        let mut files = BTreeMap::new();
        collect(&folder, "", &mut files)?;
        if files.is_empty() {
            return Err(anyhow!("there are no files in `{}`", folder.display()).into());
        }
        let stored = interrupts.until_interrupted(session.stored(of, START)).await?;
        let mut changed = Vec::new();
        let mut deeds = Vec::new();
        for (path, file) in files {
            let (key, value) = (format!("{START}{path}"), of_file(&file)?);
            let change = Change { key: &key, value: &value, only_if_absent: false };
            let action = interrupts.until_interrupted(action(&session, of, &stored, change)).await?;
            deeds.push(Deed { key: key.clone(), action });
            if action != Action::Keep {
                changed.push((key, value));
            }
        }
        show(of, deeds, self.way.format);
        if changed.is_empty() {
            ui::say("the store has these files already\n");
            return Ok(Exit::Done);
        }
        if self.writing.dry_run {
            return Ok(Exit::Changes);
        }
        let question = format!("Write {} of `{}`?", ui::count(changed.len(), "file"), of.env);
        self.writing.agreed(&question, interrupts).await?;
        for (key, value) in &changed {
            if interrupts.any() {
                return Ok(Exit::Interrupted);
            }
            tell(key, session.put(of, Change { key, value, only_if_absent: false }).await?);
        }
        Ok(Exit::Done)
    }
}

/// The files below a folder, by their paths in it.
fn collect(folder: &Path, start: &str, files: &mut BTreeMap<String, PathBuf>) -> anyhow::Result<()> {
    let reading = || format!("cannot read the folder `{}`", folder.display());
    for entry in std::fs::read_dir(folder).with_context(reading)? {
        let path = entry.with_context(reading)?.path();
        let shown = path.display().to_string();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            bail!("the name of `{shown}` is not UTF-8");
        };
        if secret_key_problem(name).is_some() {
            bail!("`{shown}` cannot be a key: rename it with letters, digits, `-`, `_` and `.`");
        }
        let key = format!("{start}{name}");
        let of = std::fs::metadata(&path).with_context(|| format!("cannot read `{shown}`"))?;
        if of.is_dir() {
            collect(&path, &format!("{key}/"), files)?;
        } else {
            files.insert(key, path);
        }
    }
    Ok(())
}
