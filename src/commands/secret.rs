use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use asiaq_compiler::{DeclaredSecret, EnvironmentSecrets, did_you_mean};
use asiaq_ir::secret_key_problem;
use asiaq_runtime::{SecretValue, SecretWritten, StoredSecret};

use crate::engine::{self, Change, Interrupts, SecretSession, Way, Writing, generate};
use crate::exit::{Exit, Result};
use crate::project::{self, Project};
use crate::ui::stored_secrets::{self, Action, Deed, Deeds, State};
use crate::ui::{self, Format, json};
use crate::unseen;

/// Shows, reads, writes and generates the secrets of environments
///
/// They are in the store that `secrets` of the environment names: its first credential bucket, parameters of Systems Manager,
/// or Secrets Manager. Only `get` prints a value. No value is ever an argument.
#[derive(clap::Subcommand, Debug)]
pub(crate) enum Secret {
    /// Lists the secrets of environments: those in the stores, and declared ones that have no value
    List(List),
    /// Prints the value of a secret, byte for byte
    Get(Get),
    /// Writes the value of a secret: that of standard input, of a file, or what is typed unseen
    #[command(visible_alias = "set")]
    Put(Put),
    /// Makes values for secrets that the program declares with `generate` and that have none
    Generate(Generate),
    /// Replaces the value of a secret that the program declares with `generate` by a new one
    ///
    /// What has read the old value has to read the new one: instances read theirs when they start, and the next
    /// `asiaq apply` gives a cache its new token.
    Rotate(Rotate),
    /// Deletes a secret
    ///
    /// Secrets Manager keeps it for some days, in which `asiaq secret put` brings it back. A bucket with versions keeps its
    /// versions. A parameter is gone.
    Delete(Delete),
    /// Lists the values that a secret has and had, without the values
    History(History),
}

#[derive(clap::Args, Debug)]
pub(crate) struct List {
    #[command(flatten)]
    project: Project,
    /// Only keys that begin so
    #[arg(long, value_name = "PREFIX", default_value = "", hide_default_value = true)]
    prefix: String,
    #[command(flatten)]
    way: Way,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Get {
    /// Key of the secret
    #[arg(value_name = "KEY")]
    key: String,
    #[command(flatten)]
    project: Project,
    /// A version that `asiaq secret history` lists. Default: the value that it has now
    #[arg(long, value_name = "VERSION")]
    value_of: Option<String>,
    /// Ends the output with a line break
    #[arg(long)]
    newline: bool,
    #[command(flatten)]
    way: Way,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Put {
    /// Key of the secret
    #[arg(value_name = "KEY")]
    key: String,
    #[command(flatten)]
    project: Project,
    /// File with the value. Default: standard input, or a question on a terminal
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    way: Way,
    #[command(flatten)]
    writing: Writing,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Generate {
    /// Keys of secrets; behind them a file, or a folder with .asq files. Default: all that have no value, in this folder
    #[arg(value_name = "KEY")]
    words: Vec<String>,
    #[command(flatten)]
    way: Way,
    #[command(flatten)]
    writing: Writing,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Rotate {
    /// Key of the secret
    #[arg(value_name = "KEY")]
    key: String,
    #[command(flatten)]
    project: Project,
    #[command(flatten)]
    way: Way,
    #[command(flatten)]
    writing: Writing,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Delete {
    /// Key of the secret
    #[arg(value_name = "KEY")]
    key: String,
    #[command(flatten)]
    project: Project,
    /// Days for which Secrets Manager keeps it: 7 to 30
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(i64).range(7..=30))]
    recovery_days: i64,
    #[command(flatten)]
    way: Way,
    #[command(flatten)]
    writing: Writing,
}

#[derive(clap::Args, Debug)]
pub(crate) struct History {
    /// Key of the secret
    #[arg(value_name = "KEY")]
    key: String,
    #[command(flatten)]
    project: Project,
    #[command(flatten)]
    way: Way,
}

impl Secret {
    pub(crate) fn run(&self) -> Result<Exit> {
        engine::block_on(async |interrupts| match self {
            Self::List(list) => list.run(&interrupts).await,
            Self::Get(get) => get.run(&interrupts).await,
            Self::Put(put) => put.run(&interrupts).await,
            Self::Generate(generate) => generate.run(&interrupts).await,
            Self::Rotate(rotate) => rotate.run(&interrupts).await,
            Self::Delete(delete) => delete.run(&interrupts).await,
            Self::History(history) => history.run(&interrupts).await,
        })
    }
}

pub(super) async fn session(
    path: Option<&Path>,
    way: &Way,
    interrupts: &Interrupts,
) -> Result<SecretSession> {
    interrupts.guard(Box::pin(engine::secret_session(way.request(path), interrupts))).await
}

impl List {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        let session = session(self.project.path.as_deref(), &self.way, interrupts).await?;
        let found = interrupts.until_interrupted(session.list(&self.prefix)).await?;
        ui::list(self.way.format, &found, found.is_empty().then_some("there are no secrets"), || {
            stored_secrets::list(&found)
        });
        Ok(Exit::of(session.is_partial()))
    }
}

impl Get {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        if self.way.format == Format::Json {
            return Err(anyhow!("a value is printed as it is, and not as JSON: leave out `--format`").into());
        }
        let session = session(self.project.path.as_deref(), &self.way, interrupts).await?;
        let of = session.one()?;
        let value =
            interrupts.until_interrupted(session.value(of, &self.key, self.value_of.as_deref())).await?;
        ui::bytes(value.bytes());
        if self.newline {
            ui::out("\n");
        }
        Ok(Exit::Done)
    }
}

impl Put {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        let session = session(self.project.path.as_deref(), &self.way, interrupts).await?;
        let of = session.one()?;
        well_formed(&self.key)?;
        warn_of_undeclared(of, &self.key);
        let is_typed = self.file.is_none() && std::io::stdin().is_terminal();
        let value = match &self.file {
            Some(file) => of_file(file)?,
            None if is_typed => {
                let key = self.key.clone();
                interrupts
                    .until_interrupted(async { tokio::task::spawn_blocking(move || typed(&key)).await? })
                    .await?
            }
            None => of_input()?,
        };
        let change = Change { key: &self.key, value: &value, only_if_absent: false };
        let action = interrupts.until_interrupted(action_of(&session, of, change)).await?;
        let question = match action {
            Action::Keep => {
                show(of, vec![Deed { key: self.key.clone(), action }], self.way.format);
                ui::say("it has this value already\n");
                return Ok(Exit::Done);
            }
            Action::Create => format!("Write the secret `{}` of `{}`?", self.key, of.env),
            _ => format!("Replace the value of the secret `{}` of `{}`?", self.key, of.env),
        };
        let how = (self.way.format, self.writing);
        write(&session, of, change, (action, &question), how, interrupts).await
    }
}

impl Generate {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        // A key has slashes as a path has, so only what is there counts as one.
        let (path, keys) = match self.words.split_last() {
            Some((last, keys)) if project::is_there(Path::new(last)) => (Some(Path::new(last)), keys),
            _ => (None, self.words.as_slice()),
        };
        let session = session(path, &self.way, interrupts).await?;
        let of = session.one()?;
        for key in keys {
            generated(of, key)?;
        }
        let entries = interrupts.until_interrupted(session.list("")).await?;
        let missing = |key: &str| entries.iter().any(|one| one.key == key && one.state != State::Present);
        if let Some(there) = keys.iter().find(|key| !missing(key)) {
            let message =
                format!("the secret `{there}` has a value: `asiaq secret rotate {there}` replaces it");
            return Err(anyhow!(message).into());
        }
        let is_meant = |one: &&DeclaredSecret| {
            one.generate.is_some() && missing(&one.key) && (keys.is_empty() || keys.contains(&one.key))
        };
        let meant: Vec<&DeclaredSecret> = of.declared.iter().filter(is_meant).collect();
        let is_deleted = |key: &str| {
            entries.iter().any(|one| one.key == key && matches!(one.state, State::Deleted { .. }))
        };
        let deed = |one: &&DeclaredSecret| Deed {
            key: one.key.clone(),
            action: if is_deleted(&one.key) { Action::Restore } else { Action::Create },
        };
        let deeds = meant.iter().map(deed).collect();
        if meant.is_empty() {
            show(of, deeds, self.way.format);
            ui::say("every secret that can be generated has a value\n");
            return Ok(Exit::Done);
        }
        show(of, deeds, self.way.format);
        if self.writing.dry_run {
            return Ok(Exit::Changes);
        }
        let question = format!("Generate {} of `{}`?", ui::count(meant.len(), "secret"), of.env);
        self.writing.agreed(&question, interrupts).await?;
        for one in meant {
            if interrupts.any() {
                return Ok(Exit::Interrupted);
            }
            let Some(form) = one.generate else { continue };
            let value = generate(form)?;
            let change = Change { key: &one.key, value: &value, only_if_absent: true };
            tell(&one.key, session.put(of, change).await?);
        }
        Ok(Exit::Done)
    }
}

impl Rotate {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        let session = session(self.project.path.as_deref(), &self.way, interrupts).await?;
        let of = session.one()?;
        let form = generated(of, &self.key)?;
        let value = generate(form)?;
        let change = Change { key: &self.key, value: &value, only_if_absent: false };
        let action = interrupts.until_interrupted(action_of(&session, of, change)).await?;
        let question = format!(
            "Replace the value of the secret `{}` of `{}`? What has read the old one has to read it again.",
            self.key, of.env
        );
        let how = (self.way.format, self.writing);
        write(&session, of, change, (action, &question), how, interrupts).await
    }
}

impl Delete {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        let session = session(self.project.path.as_deref(), &self.way, interrupts).await?;
        let of = session.one()?;
        let stored = interrupts.until_interrupted(session.stored(of, &self.key)).await?;
        let Some(there) = stored.iter().find(|one| one.key == self.key) else {
            // Says what is near.
            interrupts.until_interrupted(session.value(of, &self.key, None)).await?;
            return Ok(Exit::Done);
        };
        if let Some(until) = &there.deleted {
            ui::say(&format!(
                "the secret `{}` is deleted already, and can be had back until {until}\n",
                self.key
            ));
            return Ok(Exit::Done);
        }
        show(of, vec![Deed { key: self.key.clone(), action: Action::Delete }], self.way.format);
        let is_needed = of.used.contains(&self.key) || of.declared.iter().any(|one| one.key == self.key);
        if is_needed {
            ui::warn(&format!("the program declares or uses the secret `{}`", self.key));
        }
        if self.writing.dry_run {
            return Ok(Exit::Changes);
        }
        let question = format!("Delete the secret `{}` of `{}`?", self.key, of.env);
        self.writing.agreed(&question, interrupts).await?;
        match session.delete(of, &self.key, self.recovery_days).await? {
            Some(until) => ui::say(&format!(
                "deleted the secret `{}`; until {until} `asiaq secret put` brings it back\n",
                self.key
            )),
            None => ui::say(&format!("deleted the secret `{}`\n", self.key)),
        }
        Ok(Exit::Done)
    }
}

impl History {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        let session = session(self.project.path.as_deref(), &self.way, interrupts).await?;
        let of = session.one()?;
        let found = interrupts.until_interrupted(session.versions(of, &self.key)).await?;
        match self.way.format {
            Format::Json => json::print(&found),
            Format::Text if found.is_empty() => {
                ui::say(&format!("there is no secret `{}` in {}\n", self.key, of.store.words()));
            }
            Format::Text => ui::out(&stored_secrets::versions(&found)),
        }
        Ok(Exit::of(session.is_partial()))
    }
}

pub(super) fn show(of: &EnvironmentSecrets, secrets: Vec<Deed>, format: Format) {
    let deeds = Deeds { environment: &of.env, secrets };
    match format {
        Format::Json => json::print(&deeds),
        Format::Text => ui::out(&stored_secrets::deeds(&deeds)),
    }
}

/// Shows what a write does, asks `question` and writes.
async fn write(
    session: &SecretSession,
    of: &EnvironmentSecrets,
    change: Change<'_>,
    (action, question): (Action, &str),
    (format, writing): (Format, Writing),
    interrupts: &Interrupts,
) -> Result<Exit> {
    show(of, vec![Deed { key: change.key.to_owned(), action }], format);
    if writing.dry_run {
        return Ok(Exit::Changes);
    }
    writing.agreed(question, interrupts).await?;
    tell(change.key, session.put(of, change).await?);
    Ok(Exit::Done)
}

/// What one write does.
async fn action_of(
    session: &SecretSession,
    of: &EnvironmentSecrets,
    change: Change<'_>,
) -> anyhow::Result<Action> {
    let stored = session.stored(of, change.key).await?;
    action(session, of, &stored, change).await
}

/// What a write does to a store that has `stored`.
pub(super) async fn action(
    session: &SecretSession,
    of: &EnvironmentSecrets,
    stored: &[StoredSecret],
    change: Change<'_>,
) -> anyhow::Result<Action> {
    let there = stored.iter().find(|one| one.key == change.key);
    Ok(match there {
        None => Action::Create,
        Some(one) if one.deleted.is_some() => Action::Restore,
        Some(_) if session.current(of, change.key, None).await?.as_ref() == Some(change.value) => {
            Action::Keep
        }
        Some(_) => Action::Replace,
    })
}

pub(super) fn tell(key: &str, written: SecretWritten) {
    ui::say(&match written {
        SecretWritten::Done => format!("wrote the secret `{key}`\n"),
        SecretWritten::Restored => format!("brought the secret `{key}` back, with the new value\n"),
        SecretWritten::Kept => format!("the secret `{key}` has a value by now, which stays\n"),
    });
}

/// How a declared secret is generated.
fn generated(of: &EnvironmentSecrets, key: &str) -> anyhow::Result<asiaq_compiler::Generate> {
    let known: Vec<&str> = of.declared.iter().map(|one| one.key.as_str()).collect();
    let Some(declared) = of.declared.iter().find(|one| one.key == key) else {
        match did_you_mean(key, &known) {
            Some(near) => {
                bail!("`{}` declares no secret with the key `{key}`; did you mean `{near}`?", of.env)
            }
            None => bail!("`{}` declares no secret with the key `{key}`", of.env),
        }
    };
    declared.generate.ok_or_else(|| {
        anyhow!("the secret `{key}` is put by a person: the program does not say `generate`; use `asiaq secret put`")
    })
}

/// Refuses what `asiaq check` does not accept as a key.
fn well_formed(key: &str) -> anyhow::Result<()> {
    if secret_key_problem(key).is_none() {
        return Ok(());
    }
    bail!(
        "`{key}` cannot be a key: write words of letters, digits, `-`, `_` and `.` with a slash between them"
    )
}

fn warn_of_undeclared(of: &EnvironmentSecrets, key: &str) {
    let declared = of.declared.iter().map(|one| one.key.as_str());
    let known: Vec<&str> = declared.chain(of.used.iter().map(String::as_str)).collect();
    if known.contains(&key) || known.is_empty() {
        return;
    }
    let near = did_you_mean(key, &known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    ui::warn(&format!("`{}` declares no secret with the key `{key}`{near}", of.env));
}

/// The bytes of a file.
pub(super) fn of_file(file: &Path) -> anyhow::Result<SecretValue> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    Ok(SecretValue::new(bytes))
}

/// What standard input has, byte for byte.
fn of_input() -> anyhow::Result<SecretValue> {
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes).context("cannot read standard input")?;
    if bytes.is_empty() {
        bail!("standard input is empty: pipe the value in, or name a file with `--file`");
    }
    Ok(SecretValue::new(bytes))
}

/// A value that is typed twice, unseen.
fn typed(key: &str) -> anyhow::Result<SecretValue> {
    let value = unseen::typed_twice(&format!("Value of `{key}`: "))?;
    if value.is_empty() {
        bail!("the value is empty; nothing was written");
    }
    Ok(SecretValue::new(value.as_bytes().to_vec()))
}
