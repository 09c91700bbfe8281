//! A new hostclass in a project: its declaration, its script, and its place in a pipeline.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use asiaq_compiler::{Checked, Files, Workspace, check, did_you_mean};
use asiaq_lang::ast::{Decl, Item};
use asiaq_lang::parse;

use crate::project::{self, Disk};
use crate::ui;

/// Where a project keeps templates of its own.
const OWN: [&str; 2] = ["init/template.asq", "init/template.sh"];
/// The template of a script.
const SCRIPT: &str = include_str!("new_hostclass/script.sh");
/// The template of a declaration whose AMI is baked.
const BAKED: &str = include_str!("new_hostclass/baked.asq");
/// The template of a declaration that runs its script at the first boot.
const BOOTED: &str = include_str!("new_hostclass/booted.asq");
/// What begins the names of the original's hostclasses.
const PREFIX: &str = "mhc";

/// What a person says about a new hostclass.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish<'w> {
    pub(crate) name: &'w str,
    pub(crate) network: Option<&'w str>,
    pub(crate) image: Option<&'w str>,
    pub(crate) pipeline: Option<&'w str>,
}

/// The files that change: path, and text. Those that are new come first.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) new: BTreeMap<PathBuf, String>,
    /// With the text that they have.
    pub(crate) changed: BTreeMap<PathBuf, (String, String)>,
    /// What is left to do, in words.
    pub(crate) hint: Option<String>,
}

/// What a new hostclass changes in the project at `path`. Fails if it makes a program with errors.
pub(crate) fn change(path: Option<&Path>, checked: &Checked, wish: Wish<'_>) -> anyhow::Result<Change> {
    let Wish { name, .. } = wish;
    let is_name = name.starts_with(|sign: char| sign.is_ascii_lowercase())
        && name.chars().all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit() || "_-".contains(sign));
    if !is_name {
        bail!("`{name}` cannot be the name of a hostclass: use lower-case letters, digits, `_` and `-`");
    }
    if checked.hostclasses().contains(name) || checked.recipes().iter().any(|recipe| recipe.name == name) {
        bail!("there is a hostclass or an image `{name}` already");
    }
    let folder = project::root(path);
    let network = one("--network", "metanetwork", wish.network, &networks(checked))?;
    let (declaration, image) = declaration(checked, wish)?;
    let filled = |text: &str| {
        text.replace("{{name}}", name)
            .replace("{{network}}", &network)
            .replace("{{image}}", &image)
            .replace("$TEMPLATED_HOSTCLASS", name)
            .replace("$TEMPLATED_NAME", name.strip_prefix(PREFIX).unwrap_or(name))
    };
    let template = |own: &str, usual: &str| match std::fs::read_to_string(folder.join(own)) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(usual.to_owned()),
        Err(error) => Err(anyhow!("cannot read `{}`: {error}", folder.join(own).display())),
    };
    let [of_declaration, of_script] = OWN;
    let new = BTreeMap::from([
        (folder.join(format!("{name}.asq")), filled(&template(of_declaration, declaration)?)),
        (folder.join(format!("init/{name}.sh")), filled(&template(of_script, SCRIPT)?)),
    ]);
    if let Some(taken) = new.keys().find(|path| path.exists()) {
        bail!("`{}` exists already: rename it, or choose another name", taken.display());
    }
    let mut change = Change { new, changed: BTreeMap::new(), hint: None };
    place(checked, wish, &mut change)?;
    if let Some(file) = path.filter(|path| !path.is_dir()) {
        // The other files are used from this one.
        let before = read(file)?;
        let (before, text) = change.changed.remove(file).unwrap_or_else(|| (before.clone(), before));
        change.changed.insert(file.to_owned(), (before, format!("use {name}\n{text}")));
    }
    let broken = change.mistakes(path)?;
    change.hint = broken.or(change.hint);
    Ok(change)
}

/// The template of the declaration, and the image that it names.
fn declaration(checked: &Checked, wish: Wish<'_>) -> anyhow::Result<(&'static str, String)> {
    if checked.bakery().is_none() {
        return match wish.image {
            None => Ok((BOOTED, String::new())),
            Some(image) => bail!("the project has no `bakery`, in which `{image}` could be baked"),
        };
    }
    let recipes = checked.recipes();
    let images: Vec<&str> =
        recipes.iter().filter(|recipe| !recipe.is_of_hostclass).map(|recipe| recipe.name.as_str()).collect();
    Ok((BAKED, one("--image", "image", wish.image, &images)?))
}

/// The metanetworks of all environments.
fn networks(checked: &Checked) -> Vec<String> {
    let mut all: Vec<String> = checked.environments().into_iter().flat_map(|env| env.networks).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The one that is named, or the only one that there is.
fn one<T: AsRef<str>>(option: &str, what: &str, named: Option<&str>, all: &[T]) -> anyhow::Result<String> {
    let known: Vec<&str> = all.iter().map(AsRef::as_ref).collect();
    match (named, known.as_slice()) {
        (Some(named), known) if known.contains(&named) => Ok(named.to_owned()),
        (Some(named), known) => match did_you_mean(named, known) {
            Some(near) => bail!("there is no {what} `{named}`; did you mean `{near}`?"),
            None => bail!("there is no {what} `{named}`"),
        },
        (None, [only]) => Ok((*only).to_owned()),
        (None, []) => bail!("there is no {what}: declare one"),
        (None, several) => {
            bail!("there is more than one {what}: add `{option}`, with {}", ui::listed(several))
        }
    }
}

/// Runs the hostclass in a pipeline, as the last stage.
fn place(checked: &Checked, wish: Wish<'_>, change: &mut Change) -> anyhow::Result<()> {
    let mut pipelines: Vec<(String, String, usize)> = Vec::new();
    for file in checked.sources.ids() {
        let (path, text) = (checked.sources.path(file), checked.sources.text(file));
        for item in parse(file, text).tree.items {
            if let Item::Decl(Decl { kind, name: Some(name), span, .. }) = item
                && kind.text == "pipeline"
                && Path::new(path).exists()
            {
                let end = usize::try_from(span.end).unwrap_or_default().saturating_sub(1);
                pipelines.push((name.text, path.to_owned(), end));
            }
        }
    }
    let names: Vec<&str> = pipelines.iter().map(|(name, ..)| name.as_str()).collect();
    if names.is_empty() && wish.pipeline.is_none() {
        change.hint = Some(format!("no pipeline runs `{}` yet", wish.name));
        return Ok(());
    }
    let chosen = one("--pipeline", "pipeline", wish.pipeline, &names)?;
    let Some((_, path, end)) = pipelines.iter().find(|(name, ..)| *name == chosen) else { return Ok(()) };
    let text = read(Path::new(path))?;
    let (before, after) = text.split_at_checked(*end).unwrap_or((&text, ""));
    if !after.starts_with('}') {
        bail!("`{path}` has changed while it was read: try again");
    }
    let run = format!("  stage {{ run {} {{ desired = 1 }} }}\n", wish.name);
    let break_before = if before.ends_with('\n') { "" } else { "\n" };
    let placed = format!("{}{break_before}{run}{after}", before.trim_end_matches(' '));
    change.changed.insert(PathBuf::from(path), (text, placed));
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<String> {
    project::read_text(path, &path.display().to_string()).map_err(|why| anyhow!(why))
}

impl Change {
    /// Fails with the first error that `asiaq check` would report; returns a claim that does not hold any more.
    fn mistakes(&self, path: Option<&Path>) -> anyhow::Result<Option<String>> {
        let mut entries = project::entries(path)?;
        if path.is_none_or(Path::is_dir) {
            let new = self.new.keys().filter(|file| project::is_source(file));
            entries.extend(
                new.filter_map(|file| file.to_str()).map(|file| file.trim_start_matches("./").to_owned()),
            );
        }
        let checked = check(Workspace::load(&entries, self).map_err(|why| anyhow!(why))?);
        let Some(found) = checked.diagnostics.iter().find(|found| found.is_error()) else { return Ok(None) };
        let place = checked.sources.path(found.primary.file);
        if !checked.is_broken() {
            return Ok(Some(format!("a claim in `{place}` does not hold with it: {}", found.message)));
        }
        match &found.help {
            Some(help) => bail!("that would be an error in `{place}`: {}; {help}", found.message),
            None => bail!("that would be an error in `{place}`: {}", found.message),
        }
    }
}

/// The files as they will be.
impl Files for Change {
    fn read(&self, path: &str) -> Result<String, String> {
        let plain = |known: &Path| known.strip_prefix("./").unwrap_or(known) == Path::new(path);
        let changed = self.changed.iter().map(|(path, (_, text))| (path, text));
        let mut all = self.new.iter().chain(changed);
        match all.find(|(known, _)| plain(known)) {
            Some((_, text)) => Ok(text.clone()),
            None => Disk.read(path),
        }
    }

    fn folder(&self, path: &str) -> Result<(), String> {
        Disk.folder(path)
    }
}
