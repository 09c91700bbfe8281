use std::fs;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};

use crate::exit::{Exit, Result};
use crate::new_hostclass::{self, Wish};
use crate::new_project::{Answers, Ci};
use crate::{atomic_write, project, ui};

/// Creates a project, or a hostclass in one
#[derive(clap::Subcommand, Debug)]
pub(crate) enum New {
    Project(Project),
    Hostclass(Hostclass),
}

/// Writes a small project: networks, a service behind a load balancer, alarms, proofs and a CI workflow
///
/// The project passes `asiaq check`. Without an option for it, each of name, region and domain is asked for. An existing
/// file is never overwritten.
#[derive(clap::Args, Debug)]
pub(crate) struct Project {
    /// The folder to write to; it is created if needed. Default: this folder
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Name of the project, which every resource has in a tag. Default: the name of the folder
    #[arg(long)]
    name: Option<String>,
    /// AWS region, such as `eu-west-1`. Default: `AWS_REGION`
    #[arg(long)]
    region: Option<String>,
    /// DNS domain below which the environments have their names, such as `shop.example`
    #[arg(long)]
    domain: Option<String>,
    /// The service to write a workflow for
    #[arg(long, value_enum, default_value_t)]
    ci: Ci,
}

/// Writes a hostclass: its declaration, its script, and its place in a pipeline
///
/// A project may keep templates of its own in `init/template.asq` and `init/template.sh`. `{{name}}`, `{{network}}` and
/// `{{image}}` are replaced in them, and so are `$TEMPLATED_HOSTCLASS` and `$TEMPLATED_NAME`, which lacks the beginning `mhc`.
/// Nothing is written if the program would have an error.
#[derive(clap::Args, Debug)]
pub(crate) struct Hostclass {
    /// Name of the hostclass
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    project: crate::project::Project,
    /// Metanetwork of its instances. Default: the only one that there is
    #[arg(long, value_name = "NAME")]
    network: Option<String>,
    /// Image that its AMI starts from. Default: the only one that there is
    #[arg(long, value_name = "NAME")]
    image: Option<String>,
    /// Pipeline that runs it. Default: the only one that there is
    #[arg(long, value_name = "NAME")]
    pipeline: Option<String>,
}

impl Hostclass {
    fn run(&self) -> Result<Exit> {
        let path = self.project.path.as_deref();
        let checked = project::answering(path, ui::Format::Text)?;
        let wish = Wish {
            name: &self.name,
            network: self.network.as_deref(),
            image: self.image.as_deref(),
            pipeline: self.pipeline.as_deref(),
        };
        let change = new_hostclass::change(path, &checked, wish)?;
        for (file, text) in &change.new {
            write(file, text)?;
            make_script_executable(file)?;
            ui::out(&format!("{}\n", file.display()));
        }
        for (file, (before, text)) in &change.changed {
            let cannot = || format!("cannot write `{}`", file.display());
            atomic_write::replace(file, before, text).with_context(cannot)?;
            ui::out(&format!("{}\n", file.display()));
        }
        if let Some(hint) = &change.hint {
            ui::say(&format!("{hint}\n"));
        }
        Ok(Exit::Done)
    }
}

#[cfg(unix)]
fn make_script_executable(file: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    if file.extension().is_some_and(|extension| extension == "sh") {
        let cannot = || format!("cannot make `{}` executable", file.display());
        fs::set_permissions(file, fs::Permissions::from_mode(0o755)).with_context(cannot)?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn make_script_executable(_: &Path) -> anyhow::Result<()> {
    Ok(())
}

impl New {
    pub(crate) fn run(&self) -> Result<Exit> {
        match self {
            Self::Project(project) => project.run(),
            Self::Hostclass(hostclass) => hostclass.run(),
        }
    }
}

impl Project {
    fn run(&self) -> Result<Exit> {
        let folder = self.folder.as_deref().unwrap_or(Path::new("."));
        self.refuse_existing(folder)?;
        let answers = self.answers(folder)?;
        for (path, text) in answers.files()? {
            write(&folder.join(path), &text)?;
            ui::out(&format!("{}\n", folder.join(path).display()));
        }
        let place = if folder == Path::new(".") { String::new() } else { format!(" {}", folder.display()) };
        ui::say(&format!(
            "`asiaq check{place}` checks the project, and `asiaq plan{place}` shows what an apply creates\n"
        ));
        Ok(Exit::Done)
    }

    fn answers(&self, folder: &Path) -> anyhow::Result<Answers> {
        let region =
            ["AWS_REGION", "AWS_DEFAULT_REGION"].into_iter().find_map(|name| std::env::var(name).ok());
        Ok(Answers {
            name: answer("--name", "Name of the project", self.name.as_ref(), name_of(folder))?,
            region: answer("--region", "AWS region", self.region.as_ref(), region)?,
            domain: answer("--domain", "DNS domain, such as shop.example", self.domain.as_ref(), None)?,
            ci: self.ci,
        })
    }

    /// Refuses a folder that has a project, or one of the files.
    fn refuse_existing(&self, folder: &Path) -> anyhow::Result<()> {
        if project::listing(folder).is_ok_and(|found| !found.is_empty()) {
            bail!("`{}` has a project already: name another folder", folder.display());
        }
        match Answers::paths(self.ci).map(|path| folder.join(path)).find(|path| path.exists()) {
            Some(path) => bail!("`{}` exists: name another folder, or use `--ci none`", path.display()),
            None => Ok(()),
        }
    }
}

/// The value of an option, or else the answer of a person, or else the default.
fn answer(
    option: &str,
    question: &str,
    given: Option<&String>,
    default: Option<String>,
) -> anyhow::Result<String> {
    if let Some(given) = given {
        return Ok(given.clone());
    }
    if !std::io::stdin().is_terminal() {
        return default.ok_or_else(|| anyhow!("there is no terminal to ask on: add `{option}`"));
    }
    let shown = default.as_ref().map(|default| format!(" [{default}]")).unwrap_or_default();
    let said = ui::ask(&format!("{question}{shown}: ")).context("cannot read the answer")?;
    match (said.is_empty(), default) {
        (false, _) => Ok(said),
        (true, Some(default)) => Ok(default),
        (true, None) => bail!("no answer: add `{option}`"),
    }
}

/// The name of a folder, as the name of a project.
fn name_of(folder: &Path) -> Option<String> {
    // A folder that does not exist yet has only the name that was given.
    let path = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let name = path.file_name()?.to_str()?.to_lowercase();
    let name: String =
        name.chars().map(|sign| if sign.is_ascii_alphanumeric() { sign } else { '_' }).collect();
    name.starts_with(|sign: char| sign.is_ascii_lowercase()).then_some(name)
}

/// Writes a new file, and the folders above it.
fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let shown = path.display();
    let parent = path.parent().unwrap_or(path);
    fs::create_dir_all(parent).with_context(|| format!("cannot create the folder `{}`", parent.display()))?;
    let mut file = fs::File::create_new(path).with_context(|| format!("cannot write `{shown}`"))?;
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write `{shown}`"))
}
