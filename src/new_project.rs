//! The files of a new project, filled in and checked.

use std::collections::BTreeMap;

use anyhow::{anyhow, bail};
use asiaq_compiler::{Files, Workspace, check};

/// The service that runs the checks of a repository.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Ci {
    /// A GitHub Actions workflow.
    #[default]
    Github,
    /// A GitLab pipeline.
    Gitlab,
    /// Nothing.
    None,
}

/// What a person says about a new project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answers {
    /// The name of the project, such as `shop`.
    pub(crate) name: String,
    /// The AWS region, such as `eu-west-1`.
    pub(crate) region: String,
    /// The DNS domain, such as `shop.example`.
    pub(crate) domain: String,
    pub(crate) ci: Ci,
}

/// The programs and the script of their instances, by path.
const PROGRAMS: [(&str, &str); 5] = [
    ("alarms.asq", include_str!("new_project/alarms.asq")),
    ("boot.sh", include_str!("new_project/boot.sh")),
    ("infra.asq", include_str!("new_project/infra.asq")),
    ("networks.asq", include_str!("new_project/networks.asq")),
    ("web.asq", include_str!("new_project/web.asq")),
];

impl Ci {
    /// Its file, and the text of it.
    fn file(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Github => Some((".github/workflows/asiaq.yml", include_str!("new_project/github.yml"))),
            Self::Gitlab => Some((".gitlab-ci.yml", include_str!("new_project/gitlab.yml"))),
            Self::None => None,
        }
    }
}

impl Answers {
    /// The paths of the files that [`files`](Self::files) returns.
    pub(crate) fn paths(ci: Ci) -> impl Iterator<Item = &'static str> {
        PROGRAMS.into_iter().chain(ci.file()).map(|(path, _)| path)
    }

    /// The files of the project: path and text. Fails if an answer makes a program that `asiaq check` reports.
    pub(crate) fn files(&self) -> anyhow::Result<BTreeMap<&'static str, String>> {
        // Anything else would be a different program, rather than a wrong name in this one.
        for (what, answer) in [("name", &self.name), ("region", &self.region), ("domain", &self.domain)] {
            let is_plain = |sign: char| sign.is_ascii_alphanumeric() || "-_.".contains(sign);
            if answer.is_empty() || !answer.chars().all(is_plain) {
                bail!("`{answer}` cannot be the {what} of a project: use letters, digits and hyphens");
            }
        }
        let filled = |text: &str| {
            text.replace("{{name}}", &self.name)
                .replace("{{region}}", &self.region)
                .replace("{{domain}}", &self.domain)
        };
        let files: BTreeMap<&'static str, String> =
            PROGRAMS.into_iter().chain(self.ci.file()).map(|(path, text)| (path, filled(text))).collect();
        refuse_mistakes(&files)?;
        Ok(files)
    }
}

/// Fails with the first thing that `asiaq check` reports.
fn refuse_mistakes(files: &BTreeMap<&'static str, String>) -> anyhow::Result<()> {
    let workspace =
        Workspace::load(&["infra.asq".to_owned()], &InMemory(files)).map_err(|why| anyhow!(why))?;
    let checked = check(workspace);
    let Some(found) = checked.diagnostics.first() else { return Ok(()) };
    match &found.help {
        Some(help) => bail!("{}; {help}", found.message),
        None => bail!("{}", found.message),
    }
}

/// The files before they are written.
struct InMemory<'a>(&'a BTreeMap<&'static str, String>);

impl Files for InMemory<'_> {
    fn read(&self, path: &str) -> Result<String, String> {
        self.0.get(path).cloned().ok_or_else(|| format!("there is no file `{path}`"))
    }
}
