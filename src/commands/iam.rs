use std::path::{Path, PathBuf};

use anyhow::anyhow;
use asiaq_compiler::did_you_mean;
use asiaq_runtime::Principal;

use crate::engine::{self, Reading};
use crate::exit::{Exit, Result};
use crate::project::{self, Project};
use crate::ui::{self, Format, json, principals};

/// Shows who is who in the accounts of a program: its own users, groups, roles and policies, and those of others
#[derive(clap::Subcommand, Debug)]
pub(crate) enum Iam {
    /// Lists users, user groups, roles, customer managed policies and SAML providers, with whose they are
    ///
    /// For each user the groups that it is in, for each group its members, for each policy who has it. Reads AWS and
    /// changes nothing. An account costs one listing, however much is in it.
    List(List),
    /// Shows the policies in force of users, user groups and roles, also those through a group
    ///
    /// Says of each policy whether the project gave it or somebody else. With PRINCIPAL also shows the policies as JSON.
    #[command(override_usage = "asiaq iam show [OPTIONS] [PRINCIPAL] [PATH]")]
    Show(Show),
}

#[derive(clap::Args, Debug)]
pub(crate) struct List {
    #[command(flatten)]
    project: Project,
    #[command(flatten)]
    reading: Reading,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Show {
    /// Name of a user, group, role or policy in AWS, or with its kind, as in `role/web`. Default: all
    #[arg(value_name = "PRINCIPAL")]
    principal: Option<String>,
    /// A file, or a folder with .asq files. Default: this folder
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,
    #[command(flatten)]
    reading: Reading,
}

type Found = Vec<(String, Vec<Principal>)>;

impl Iam {
    pub(crate) fn run(&self) -> Result<Exit> {
        match self {
            Self::List(List { project, reading }) => {
                let (found, is_partial) = look(project.path.as_deref(), reading)?;
                match reading.format {
                    Format::Json => json::print(&principals::data(&found)),
                    Format::Text => ui::out(&principals::list(&found)),
                }
                Ok(Exit::of(is_partial))
            }
            Self::Show(show) => show.run(),
        }
    }
}

fn look(path: Option<&Path>, reading: &Reading) -> Result<(Found, bool)> {
    engine::block_on(async |interrupts| {
        interrupts.guard(Box::pin(engine::principals(path, reading, &interrupts))).await
    })
}

impl Show {
    fn run(&self) -> Result<Exit> {
        let (principal, path) = self.place();
        let (mut found, is_partial) = look(path, &self.reading)?;
        if let Some(asked) = principal {
            let known: Vec<String> =
                found.iter().flat_map(|(_, all)| all.iter().map(|one| one.name.clone())).collect();
            for (_, all) in &mut found {
                all.retain(|one| is_meant(one, asked));
            }
            found.retain(|(_, all)| !all.is_empty());
            if found.is_empty() {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                let name = asked.rsplit('/').next().unwrap_or(asked);
                return Err(match did_you_mean(name, &known) {
                    Some(near) => anyhow!("no account has `{asked}`; did you mean `{near}`?"),
                    None => anyhow!("no account has `{asked}`; `asiaq iam list` shows what there is"),
                }
                .into());
            }
        }
        match self.reading.format {
            Format::Json => json::print(&principals::data(&found)),
            Format::Text => ui::out(&principals::show(&found, principal.is_some())),
        }
        Ok(Exit::of(is_partial))
    }

    /// The principal and the project: a word that names a project is none of a principal.
    fn place(&self) -> (Option<&str>, Option<&Path>) {
        match (self.principal.as_deref(), self.path.as_deref()) {
            (Some(word), None) if project::is_there(Path::new(word)) => (None, Some(Path::new(word))),
            (principal, path) => (principal, path),
        }
    }
}

/// Whether a principal is the one that is asked for, by name, by kind and name, or by ARN.
fn is_meant(one: &Principal, asked: &str) -> bool {
    let by_kind = asked
        .split_once(['/', ' '])
        .is_some_and(|(kind, name)| (kind, name.trim()) == (one.kind.word(), one.name.as_str()));
    one.name == asked || one.arn == asked || by_kind
}
