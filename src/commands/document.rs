use std::path::PathBuf;

use anyhow::anyhow;

use crate::engine::{self, Reading};
use crate::exit::{Exit, Result};
use crate::project::Project;
use crate::ui::{self, Format, documents, json};

/// Shows documents of Systems Manager in the accounts of a program
#[derive(clap::Subcommand, Debug)]
pub(crate) enum Document {
    /// Lists the documents of each account, with whose they are
    ///
    /// Documents of the project have their address, those of others are foreign. Reads AWS and changes nothing.
    List(List),
    /// Shows the content of a document: of the version that runs, unless another one is asked for
    ///
    /// Text output is the content alone; the line about the document goes to standard error.
    Show(Show),
}

#[derive(clap::Args, Debug)]
pub(crate) struct List {
    #[command(flatten)]
    project: Project,
    /// Also the documents of AWS, and those that other accounts share
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    reading: Reading,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Show {
    /// Name of the document in AWS
    #[arg(value_name = "NAME")]
    name: String,
    /// A file, or a folder with .asq files. Default: this folder
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,
    /// A version, such as `3`. Default: the one that runs
    #[arg(long, value_name = "VERSION")]
    document_version: Option<String>,
    #[command(flatten)]
    reading: Reading,
}

impl Document {
    pub(crate) fn run(&self) -> Result<Exit> {
        match self {
            Self::List(list) => list.run(),
            Self::Show(show) => show.run(),
        }
    }
}

impl List {
    fn run(&self) -> Result<Exit> {
        let (found, is_partial) = engine::block_on(async |interrupts| {
            let path = self.project.path.as_deref();
            let look = engine::documents(path, &self.reading, self.all, &interrupts);
            interrupts.guard(Box::pin(look)).await
        })?;
        match self.reading.format {
            Format::Json => json::print(&documents::data(&found)),
            Format::Text => ui::out(&documents::list(&found)),
        }
        Ok(Exit::of(is_partial))
    }
}

impl Show {
    fn run(&self) -> Result<Exit> {
        let (found, is_partial) = engine::block_on(async |interrupts| {
            let (path, version) = (self.path.as_deref(), self.document_version.as_deref());
            let look = engine::document(path, &self.reading, &self.name, version, &interrupts);
            interrupts.guard(Box::pin(look)).await
        })?;
        let name = &self.name;
        match (self.reading.format, found.as_slice()) {
            (_, []) => {
                let version =
                    self.document_version.as_ref().map(|version| format!(" in version `{version}`"));
                let version = version.unwrap_or_default();
                let why = anyhow!(
                    "no account has the document `{name}`{version}; `asiaq document list` shows what there is"
                );
                return Err(why.into());
            }
            (Format::Json, all) => json::print(&documents::texts(all)),
            (Format::Text, [one]) => {
                ui::say(&(documents::heading(one) + "\n"));
                ui::out(&documents::content(one));
            }
            (Format::Text, several) => {
                let places = several.iter().map(|one| format!("{} in {}", one.account, one.region));
                let places: Vec<String> = places.collect();
                let several = places.join(", ");
                return Err(anyhow!(
                    "`{name}` is in several places ({several}): choose one with `--account NAME`"
                )
                .into());
            }
        }
        Ok(Exit::of(is_partial))
    }
}
