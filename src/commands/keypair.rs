use anyhow::anyhow;
use asiaq_compiler::EnvironmentSecrets;
use asiaq_ir::secret_key_problem;

use super::secret::session;
use crate::engine::{self, Interrupts, NewKey, SecretSession, Way, Writing};
use crate::exit::{Exit, Result};
use crate::project::Project;
use crate::ui::key_pairs::{self, Pair};
use crate::ui::{self, Format, json};

/// Shows, makes and imports the SSH keys of an environment
///
/// They are in the store of its secrets: `private_keys/ssh/NAME.key` and `public_keys/ssh/NAME.pub`.
#[derive(clap::Subcommand, Debug)]
pub(crate) enum Keypair {
    /// Lists the SSH keys in the store, the key pairs of EC2, and those that the program names
    List(List),
    /// Makes a new SSH key and writes it to the store
    ///
    /// If the program names a key pair of EC2 so, or there is one, the new key takes its place. Instances that run keep the key
    /// that they started with.
    Rotate(Rotate),
    /// Makes a key pair of EC2 from the public key in the store
    Import(Import),
}

#[derive(clap::Args, Debug)]
pub(crate) struct List {
    #[command(flatten)]
    project: Project,
    #[command(flatten)]
    way: Way,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Rotate {
    /// Name of the key
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    project: Project,
    /// Form of the key: Windows takes only RSA
    #[arg(long = "type", value_enum, default_value_t)]
    form: Form,
    #[command(flatten)]
    way: Way,
    #[command(flatten)]
    writing: Writing,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Import {
    /// Name of the key
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    project: Project,
    #[command(flatten)]
    way: Way,
    #[command(flatten)]
    writing: Writing,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// Ed25519
    #[default]
    Ed25519,
    /// RSA with 4096 bits
    Rsa,
}

impl Keypair {
    pub(crate) fn run(&self) -> Result<Exit> {
        engine::block_on(async |interrupts| match self {
            Self::List(list) => list.run(&interrupts).await,
            Self::Rotate(rotate) => rotate.run(&interrupts).await,
            Self::Import(import) => import.run(&interrupts).await,
        })
    }
}

impl List {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        let session = session(self.project.path.as_deref(), &self.way, interrupts).await?;
        let look = async {
            let mut all = Vec::new();
            for of in session.environments() {
                all.extend(session.key_pairs(of).await?);
            }
            Ok(all)
        };
        let found = interrupts.until_interrupted(look).await?;
        ui::list(self.way.format, &found, found.is_empty().then_some("there are no keys"), || {
            key_pairs::list(&found)
        });
        Ok(Exit::of(session.is_partial()))
    }
}

impl Rotate {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        let session = session(self.project.path.as_deref(), &self.way, interrupts).await?;
        let (of, pair) = look(&session, &self.name, interrupts).await?;
        let is_in_ec2 = pair.is_named || pair.live.is_some();
        show(&pair, self.way.format);
        if self.writing.dry_run {
            ui::say(&format!("would make a new key `{}`\n", self.name));
            return Ok(Exit::Changes);
        }
        let what = match (pair.has_private, is_in_ec2) {
            (true, true) => "Replace the key, also in EC2?",
            (true, false) => "Replace the key?",
            (false, true) => "Make the key, also in EC2?",
            (false, false) => "Make the key?",
        };
        self.writing.agreed(&format!("`{}` of `{}`: {what}", self.name, of.env), interrupts).await?;
        let form = if self.form == Form::Rsa { "rsa" } else { "ed25519" };
        let key = NewKey::make(form, &format!("{}@{}", self.name, of.env))?;
        session.store_key(of, &self.name, &key).await?;
        ui::say(&format!("wrote the key `{}` to {}\n", self.name, of.store.words()));
        if is_in_ec2 {
            session.import_key(of, &self.name).await?;
            ui::say(&format!("the key pair `{}` of EC2 is the new key\n", self.name));
        }
        Ok(Exit::Done)
    }
}

impl Import {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        let session = session(self.project.path.as_deref(), &self.way, interrupts).await?;
        let (of, pair) = look(&session, &self.name, interrupts).await?;
        show(&pair, self.way.format);
        if !pair.has_public {
            let message = format!(
                "{} has no public key of the name: `asiaq keypair rotate {}` makes one",
                of.store.words(),
                self.name
            );
            return Err(anyhow!(message).into());
        }
        if pair.is_same == Some(true) {
            ui::say(&format!("the key pair `{}` of EC2 is this key already\n", self.name));
            return Ok(Exit::Done);
        }
        if self.writing.dry_run {
            ui::say(&format!("would import the key pair `{}`\n", self.name));
            return Ok(Exit::Changes);
        }
        let what = if pair.live.is_some() { "Replace the key pair of EC2?" } else { "Import it into EC2?" };
        self.writing.agreed(&format!("`{}` of `{}`: {what}", self.name, of.env), interrupts).await?;
        session.import_key(of, &self.name).await?;
        ui::say(&format!("imported the key pair `{}`\n", self.name));
        Ok(Exit::Done)
    }
}

/// The environment of a command, and what is known of a key of it.
async fn look<'s>(
    session: &'s SecretSession,
    name: &str,
    interrupts: &Interrupts,
) -> Result<(&'s EnvironmentSecrets, Pair)> {
    if name.contains('/') || secret_key_problem(name).is_some() {
        let message =
            format!("`{name}` cannot be the name of a key: write letters, digits, `-`, `_` and `.`");
        return Err(anyhow!(message).into());
    }
    let of = session.one()?;
    let found = interrupts.until_interrupted(session.key_pairs(of)).await?;
    let pair = found.into_iter().find(|pair| pair.name == name);
    let new = || Pair { environment: of.env.clone(), name: name.to_owned(), ..Pair::default() };
    Ok((of, pair.unwrap_or_else(new)))
}

fn show(pair: &Pair, format: Format) {
    match format {
        Format::Json => json::print(pair),
        Format::Text => ui::out(&key_pairs::list(std::slice::from_ref(pair))),
    }
}
