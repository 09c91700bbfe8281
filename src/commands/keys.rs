use std::time::Duration;

use anyhow::bail;
use asiaq_aws::KeyStatus;
use asiaq_runtime::{AccessKey, Rotation};
use jiff::Timestamp;

use crate::engine::{self, Connection, Interrupts, KeySession, KeysRequest, Writing};
use crate::exit::{Exit, Result};
use crate::project::Project;
use crate::ui::keys::{self, Done, Step};
use crate::ui::{self, Format, json};
use crate::user_keys::UserKeys;

/// Shows, creates, rotates and removes the access keys of a user that an account declares
#[derive(clap::Subcommand, Debug)]
pub(crate) enum Keys {
    /// Lists the access keys of a user, with their last use
    List(List),
    /// Creates an access key, and prints its secret: AWS shows it only once
    Create(Create),
    /// Activates an access key
    Activate(Change),
    /// Deactivates an access key: calls that are signed with it are refused, until it is activated again
    Deactivate(Change),
    /// Takes the next step of replacing an access key by a new one
    ///
    /// Each run takes one step. First it creates a new key and prints its secret. When the new key is in use everywhere,
    /// the next run deactivates the old one. When nobody has missed the old key for the time of `--grace`, a further run
    /// removes it. A run that is interrupted is continued by the next one.
    Rotate(Rotate),
    /// Removes an access key for good
    Remove(Change),
}

/// The user, and how to get to it.
#[derive(clap::Args, Debug)]
struct Whose {
    /// Name of the user
    #[arg(value_name = "USER")]
    user: String,
    #[command(flatten)]
    project: Project,
    #[command(flatten)]
    way: Way,
}

#[derive(clap::Args, Debug)]
struct Way {
    /// The account, if several declare the user
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

#[derive(clap::Args, Debug)]
pub(crate) struct List {
    #[command(flatten)]
    whose: Whose,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Create {
    #[command(flatten)]
    whose: Whose,
    #[command(flatten)]
    writing: Writing,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Rotate {
    #[command(flatten)]
    whose: Whose,
    /// How long the old key stays inactive before it is removed, such as `12h` or `7d`
    #[arg(long, value_name = "TIME", default_value = "7d", value_parser = grace)]
    grace: Duration,
    #[command(flatten)]
    writing: Writing,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Change {
    /// Name of the user
    #[arg(value_name = "USER")]
    user: String,
    /// Id of the access key
    #[arg(value_name = "KEY")]
    key: String,
    #[command(flatten)]
    project: Project,
    #[command(flatten)]
    way: Way,
    #[command(flatten)]
    writing: Writing,
}

/// Parses a duration such as `90s`, `12h` or `7d`.
fn grace(text: &str) -> std::result::Result<Duration, String> {
    let days: Option<u32> = text.strip_suffix('d').and_then(|days| days.parse().ok());
    let time = days.map(|days| Duration::from_hours(24 * u64::from(days))).or_else(|| engine::duration(text));
    time.ok_or_else(|| "write a duration, such as `90s`, `12h` or `7d`".to_owned())
}

impl Keys {
    pub(crate) fn run(&self) -> Result<Exit> {
        engine::block_on(async |interrupts| match self {
            Self::List(List { whose }) => {
                let session = look(&whose.user, &whose.project, &whose.way, &interrupts).await?;
                match whose.way.format {
                    Format::Json => json::print(&keys::data(&session.found)),
                    Format::Text => ui::out(&keys::text(&session.found)),
                }
                Ok(Exit::Done)
            }
            Self::Create(Create { whose, writing }) => {
                let session = look(&whose.user, &whose.project, &whose.way, &interrupts).await?;
                room(&session.found)?;
                let deed = Deed { step: Step::Create, key: None, replaces: None };
                act(&session, deed, &whose.way, *writing, &interrupts).await
            }
            Self::Activate(change) => change.run(Step::Activate, &interrupts).await,
            Self::Deactivate(change) => change.run(Step::Deactivate, &interrupts).await,
            Self::Remove(change) => change.run(Step::Remove, &interrupts).await,
            Self::Rotate(rotate) => rotate.run(&interrupts).await,
        })
    }
}

async fn look(user: &str, project: &Project, way: &Way, interrupts: &Interrupts) -> Result<KeySession> {
    let request = KeysRequest {
        path: project.path.as_deref(),
        user,
        account: way.account.as_deref(),
        connection: &way.connection,
        format: way.format,
    };
    interrupts.guard(Box::pin(engine::user_keys(request, interrupts))).await
}

/// A user has two keys at most ("IAM and AWS STS quotas").
fn room(found: &UserKeys) -> anyhow::Result<()> {
    match found.keys.as_slice() {
        [one, two, ..] => bail!(
            "`{}` has two access keys, {} and {}, and AWS allows no more: remove one that is not in use",
            found.user,
            one.id,
            two.id
        ),
        _ => Ok(()),
    }
}

impl Change {
    async fn run(&self, step: Step, interrupts: &Interrupts) -> Result<Exit> {
        let session = look(&self.user, &self.project, &self.way, interrupts).await?;
        let key = session.key(&self.key)?;
        let is_done = match step {
            Step::Activate => key.is_active,
            Step::Deactivate => !key.is_active,
            Step::Create | Step::Remove | Step::Note | Step::Wait => false,
        };
        if is_done {
            let state = if key.is_active { "active" } else { "inactive" };
            ui::say(&format!("the access key {} of `{}` is {state} already\n", key.id, session.found.user));
            return Ok(Exit::Done);
        }
        let deed = Deed { step, key: Some(key), replaces: None };
        act(&session, deed, &self.way, self.writing, interrupts).await
    }
}

impl Rotate {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        let Self { whose, grace, writing } = self;
        let session = look(&whose.user, &whose.project, &whose.way, interrupts).await?;
        let grace = i64::try_from(grace.as_secs()).unwrap_or(i64::MAX);
        let now = Timestamp::now().as_second();
        let next = Rotation::next(&session.found.keys, session.found.retired.as_ref(), grace, now);
        let next = next.map_err(|unclear| anyhow::anyhow!("`{}`: {unclear}", session.found.user))?;
        let (step, old) = match &next {
            Rotation::Create { old } => (Step::Create, old),
            Rotation::Deactivate { old, new } => {
                let is_new_used = session.key(new)?.last_used.is_some();
                if !is_new_used {
                    ui::warn(&format!("AWS knows of no use of the new access key {new} yet"));
                }
                (Step::Deactivate, old)
            }
            Rotation::Note { old } => (Step::Note, old),
            Rotation::Remove { old } => (Step::Remove, old),
            Rotation::Wait { old, until } => {
                match whose.way.format {
                    Format::Json => json::print(&Done::waits(&session.found, old, *until)),
                    Format::Text => ui::out(&format!("{}\n", keys::waits(&session.found, old, *until))),
                }
                return Ok(Exit::Done);
            }
        };
        let old = session.key(old)?;
        let deed = match step {
            Step::Create => Deed { step, key: None, replaces: Some(old) },
            _ => Deed { step, key: Some(old), replaces: None },
        };
        act(&session, deed, &whose.way, *writing, interrupts).await
    }
}

/// One step: what is done, with which key, and in place of which one.
#[derive(Clone, Copy)]
struct Deed<'a> {
    step: Step,
    key: Option<&'a AccessKey>,
    replaces: Option<&'a AccessKey>,
}

/// Takes one step, unless it is only shown.
async fn act(
    session: &KeySession,
    Deed { step, key, replaces }: Deed<'_>,
    way: &Way,
    writing: Writing,
    interrupts: &Interrupts,
) -> Result<Exit> {
    let found = &session.found;
    let show = |done: &Done<'_>| match way.format {
        Format::Json => json::print(done),
        Format::Text => ui::out(&keys::done(done)),
    };
    if writing.dry_run {
        show(&Done::planned(found, step, key));
        return Ok(Exit::Changes);
    }
    writing.agreed(&keys::question(found, step, key), interrupts).await?;
    let id = key.map(|key| key.id.as_str()).unwrap_or_default();
    let now = Timestamp::now().as_second();
    match step {
        Step::Create => {
            if let Some(old) = replaces {
                session.retire(&old.id, None).await?;
            }
            let made = session.create().await?;
            show(&Done::created(found, &made));
            return Ok(Exit::Done);
        }
        Step::Activate => session.set(id, KeyStatus::Active).await?,
        Step::Deactivate => {
            // The note is there before the key is inactive: a run that ends in between takes the step again.
            session.retire(id, Some(now)).await?;
            session.set(id, KeyStatus::Inactive).await?;
        }
        Step::Note => session.retire(id, Some(now)).await?,
        Step::Remove => session.remove(id).await?,
        Step::Wait => {}
    }
    show(&Done::taken(found, step, key));
    Ok(Exit::Done)
}
