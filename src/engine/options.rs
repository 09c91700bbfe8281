use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;

use anyhow::bail;
use asiaq_ir::{Risk, Scope};
use asiaq_runtime::Limits;
use jiff::SignedDuration;

use super::log::Recording;
use super::{EnvironmentsRequest, Interrupts, consent};
use crate::ui::Format;
use crate::ui::plan::Depth;

/// The connection to AWS.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Connection {
    /// Profile of the AWS configuration files
    #[arg(long, value_name = "NAME", help_heading = "AWS")]
    pub(crate) profile: Option<String>,
    /// Region of calls that belong to no environment, such as the caller's identity
    ///
    /// The region of resources is declared by their environments; this option does not move them.
    #[arg(long, value_name = "REGION", help_heading = "AWS")]
    pub(crate) region: Option<String>,
    /// Endpoint of all calls instead of AWS, such as `http://127.0.0.1:5000`
    #[arg(long, value_name = "URL", help_heading = "AWS")]
    pub(crate) endpoint_url: Option<String>,
}

/// The environments that a command is about, and how to get to them.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Way {
    /// Only this environment; may be repeated. Default: all environments
    #[arg(long = "env", value_name = "NAME")]
    pub(crate) envs: Vec<String>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

impl Way {
    /// What the command asks of the program at `path`.
    pub(crate) fn request<'a>(&'a self, path: Option<&'a Path>) -> EnvironmentsRequest<'a> {
        EnvironmentsRequest { path, envs: &self.envs, connection: &self.connection, format: self.format }
    }
}

/// How a command changes something.
#[derive(clap::Args, Clone, Copy, Debug)]
pub(crate) struct Writing {
    /// Do not ask for confirmation
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Show what would change; change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

impl Writing {
    /// Asks, unless `--yes` is given, and fails unless the answer is yes.
    pub(crate) async fn agreed(self, question: &str, interrupts: &Interrupts) -> crate::exit::Result<()> {
        if self.yes { Ok(()) } else { consent::yes(format!("{question} [y/N] "), interrupts).await }
    }
}

/// The accounts that a command reads, and how it prints what it finds.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Reading {
    /// Only this account; may be repeated. Default: all accounts of the program
    #[arg(long = "account", value_name = "NAME")]
    pub(crate) accounts: Vec<String>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

/// The environments that a command is about.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Selection {
    /// Only this environment; may be repeated. Default: all environments
    #[arg(long = "env", value_name = "NAME")]
    pub(crate) envs: Vec<String>,
    /// Only what belongs to this account and not to an environment; may be repeated, also beside `--env`
    #[arg(long = "account", value_name = "NAME")]
    pub(crate) accounts: Vec<String>,
    /// Also read this region; may be repeated. Resources in a region that the program no longer uses are otherwise not
    /// found, and stay
    #[arg(long, value_name = "REGION")]
    pub(crate) also_region: Vec<String>,
    /// Take over environments that were applied from another repository or folder, if the program has moved
    #[arg(long)]
    pub(crate) take_over: bool,
}

impl Selection {
    /// What it names, as messages do.
    pub(crate) fn names(&self) -> Vec<String> {
        let accounts = self.accounts.iter().map(|name| Scope::account(name).to_string());
        self.envs.iter().cloned().chain(accounts).collect()
    }

    /// Whether it names anything.
    pub(crate) fn is_named(&self) -> bool {
        !self.envs.is_empty() || !self.accounts.is_empty()
    }

    /// The environment `env` alone.
    pub(crate) fn of(env: &str) -> Self {
        Self { envs: vec![env.to_owned()], accounts: Vec::new(), also_region: Vec::new(), take_over: false }
    }
}

/// How a command changes AWS.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Execution {
    /// Do not ask for confirmation
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Show what would change; change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Allow this risk for protected resources; may be repeated
    #[arg(long, value_enum, value_name = "RISK")]
    pub(crate) allow: Vec<Allow>,
    #[command(flatten)]
    pub(crate) shown: Shown,
    /// Maximum number of AWS calls in flight. Default: 16
    #[arg(long, value_name = "N")]
    concurrency: Option<NonZeroUsize>,
    #[command(flatten)]
    pub(crate) locking: Locking,
    #[command(flatten)]
    pub(crate) recording: Recording,
    /// Output format of the result
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

/// How a command shows a plan.
#[derive(clap::Args, Clone, Copy, Debug)]
pub(crate) struct Shown {
    /// Show each step of the plan by itself, with whole values
    ///
    /// Otherwise the same change of several resources or in several environments is one line, and a step that is there
    /// only because another one changes an id is shown below that one.
    #[arg(long)]
    full: bool,
}

impl Shown {
    pub(crate) fn depth(self) -> Depth {
        if self.full { Depth::Full } else { Depth::Folded }
    }
}

/// How a command takes leases of the environments that it changes.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Locking {
    /// How long to wait for other runs on the same environments, such as `10m`. Default: do not wait
    #[arg(long, value_name = "TIME", value_parser = timeout, help_heading = "Leases")]
    pub(super) lock_timeout: Option<Duration>,
    /// How long a lease lasts without renewal, which is how long other runs wait for a run that died. Default: 5m
    #[arg(long, value_name = "TIME", value_parser = term, help_heading = "Leases")]
    lease: Option<Duration>,
    /// Take no lease: other runs can change the same environments at the same time
    #[arg(long, conflicts_with_all = ["lock_timeout", "lease"], help_heading = "Leases")]
    pub(super) no_lock: bool,
}

impl Locking {
    /// How long a lease lasts without renewal. The default is long enough for a short network outage or a laptop that
    /// sleeps, and short enough to wait for after a run died.
    pub(super) fn term(&self) -> Duration {
        self.lease.unwrap_or(Duration::from_mins(5))
    }
}

/// A duration such as `90s`, `5m` or `1h30m`.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let time: SignedDuration = text.parse().ok()?;
    Duration::try_from(time).ok()
}

/// Parses an age such as `12h` or `30d`.
pub(crate) fn age(text: &str) -> Result<Duration, String> {
    let days: Option<u32> = text.strip_suffix('d').and_then(|days| days.parse().ok());
    let time = days.map(|days| Duration::from_hours(24 * u64::from(days))).or_else(|| duration(text));
    time.ok_or_else(|| "write a duration, such as `12h` or `30d`".to_owned())
}

/// The second since 1970 that is this long ago.
pub(crate) fn ago(time: Duration) -> i64 {
    let now = jiff::Timestamp::now().as_second();
    now.saturating_sub(i64::try_from(time.as_secs()).unwrap_or(i64::MAX))
}

/// Parses such a duration.
fn time(text: &str) -> Result<Duration, String> {
    duration(text).ok_or_else(|| "write a duration, such as `90s`, `5m` or `1h30m`".to_owned())
}

/// Parses how long to wait.
fn timeout(text: &str) -> Result<Duration, String> {
    let time = time(text)?;
    if time > Duration::from_hours(24) {
        return Err("asiaq waits at most a day: write `24h` or less".to_owned());
    }
    Ok(time)
}

/// Parses the duration of a lease.
fn term(text: &str) -> Result<Duration, String> {
    let valid = Duration::from_secs(1)..=Duration::from_hours(24);
    time(text).and_then(|term| {
        let is_valid = valid.contains(&term);
        if is_valid { Ok(term) } else { Err("a lease lasts at least a second and at most a day".to_owned()) }
    })
}

/// A risk for protected resources that is refused unless it is allowed.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Allow {
    /// Allows replacing a resource, and deleting one that can be created again without loss.
    Replace,
    /// Allows losing data that cannot be restored, and the resources that contain it. Where several resources have the
    /// same ownership tags, allows deleting all but one, even if asiaq did not create them.
    DataLoss,
    /// Only for `asiaq apply`: removes the users, groups, roles, policies and SAML providers that no project of asiaq owns
    /// from accounts with `prune = true`.
    Prune,
    /// Allows the upgrade of a database or a cache to another major version, which cannot be taken back.
    MajorUpgrade,
}

impl Allow {
    /// The risk; absent for what is no risk of a step.
    pub(crate) fn risk(self) -> Option<Risk> {
        match self {
            Self::Replace => Some(Risk::Replace),
            Self::DataLoss => Some(Risk::DataLoss),
            Self::Prune | Self::MajorUpgrade => None,
        }
    }

    /// Refuses what only `asiaq apply` does.
    pub(crate) fn refuse_prune(allowed: &[Self], verb: &str) -> anyhow::Result<()> {
        if allowed.contains(&Self::Prune) {
            bail!(
                "`asiaq {verb}` removes nothing that is unmanaged: `--allow prune` is only for `asiaq apply`"
            );
        }
        Ok(())
    }
}

impl Execution {
    pub(crate) fn limits(&self) -> Limits {
        let usual = Limits::default();
        Limits { concurrency: self.concurrency.map_or(usual.concurrency, NonZeroUsize::get) }
    }

    pub(crate) fn allows(&self, risk: Risk) -> bool {
        self.allow.iter().any(|allow| allow.risk() == Some(risk))
    }

    /// Whether what no project of asiaq owns is removed.
    pub(crate) fn prunes(&self) -> bool {
        self.allow.contains(&Allow::Prune)
    }

    /// Refuses what a command beside `apply` does not do.
    pub(crate) fn refuse_prune(&self, verb: &str) -> anyhow::Result<()> {
        Allow::refuse_prune(&self.allow, verb)
    }
}
