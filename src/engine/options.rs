use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::time::Duration;

use asiaq_ir::Risk;
use asiaq_runtime::Limits;
use jiff::SignedDuration;

/// How to reach AWS.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Connection {
    /// Profile of the AWS config files
    #[arg(long, value_name = "NAME", help_heading = "AWS")]
    pub(crate) profile: Option<String>,
    /// Region of calls that belong to no environment, such as who the caller is
    ///
    /// Where resources live is what their environments say; this does not move them.
    #[arg(long, value_name = "REGION", help_heading = "AWS")]
    pub(crate) region: Option<String>,
    /// Where every call goes instead of to AWS, such as `http://127.0.0.1:5000`
    #[arg(long, value_name = "URL", help_heading = "AWS")]
    pub(crate) endpoint_url: Option<String>,
}

/// Which environments a command is about.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Selection {
    /// Only this environment; may be repeated. Without it, every environment of the caller's account
    #[arg(long = "env", value_name = "NAME")]
    pub(crate) envs: Vec<String>,
    /// Look in this region too; may be repeated. A region that the program no longer speaks of is not looked
    /// at, and what lives there stays
    #[arg(long, value_name = "REGION")]
    pub(crate) also_region: Vec<String>,
}

/// How a command that writes goes about it.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Execution {
    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Show what would be done, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// What may happen to what is protected; may be repeated
    #[arg(long, value_enum, value_name = "RISK")]
    pub(crate) allow: Vec<Allow>,
    /// How many calls may be in flight at once [default: 16]
    #[arg(long, value_name = "N")]
    concurrency: Option<NonZeroUsize>,
    #[command(flatten)]
    pub(crate) locking: Locking,
}

/// How a command that writes keeps others out of the environments that it changes.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Locking {
    /// Wait so long for others who are at work on the same environments, such as `10m`
    #[arg(long, value_name = "TIME", value_parser = time, help_heading = "Leases")]
    pub(super) lock_timeout: Option<Duration>,
    /// How long a lease lasts that is not renewed: so long others wait for a run that died [default: 5m]
    #[arg(long, value_name = "TIME", value_parser = term, help_heading = "Leases")]
    lease: Option<Duration>,
    /// Take no lease: nothing keeps others from changing the same environments at the same time
    #[arg(long, conflicts_with_all = ["lock_timeout", "lease"], help_heading = "Leases")]
    pub(super) no_lock: bool,
}

impl Locking {
    /// How long a lease lasts that is not renewed. Long enough for a network that is away for a moment and a
    /// laptop that sleeps a little, short enough to wait for where a run died.
    pub(super) fn term(&self) -> Duration {
        self.lease.unwrap_or(Duration::from_mins(5))
    }
}

/// A time as people write it: `90s`, `5m`, `1h30m`.
fn time(text: &str) -> Result<Duration, String> {
    let time: Result<SignedDuration, _> = text.parse();
    let time = time.ok().and_then(|time| Duration::try_from(time).ok());
    time.ok_or_else(|| "write a time, such as `90s`, `5m` or `1h30m`".to_owned())
}

/// The time that a lease lasts.
fn term(text: &str) -> Result<Duration, String> {
    let sound = Duration::from_secs(1)..=Duration::from_hours(24);
    time(text).and_then(|term| {
        let is_sound = sound.contains(&term);
        if is_sound { Ok(term) } else { Err("a lease lasts a second at least, and at most a day".to_owned()) }
    })
}

/// What is refused of what is protected without being told in so many words.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Allow {
    /// Resources may be made anew, or deleted where they come back as they were.
    Replace,
    /// Things may be lost that cannot be brought back, and so may be what they are in.
    DataLoss,
}

impl Execution {
    pub(crate) fn limits(&self) -> Limits {
        let usual = Limits::default();
        Limits { concurrency: self.concurrency.map_or(usual.concurrency, NonZeroUsize::get) }
    }

    pub(crate) fn allowed(&self) -> BTreeSet<Risk> {
        let risk = |allow: &Allow| match allow {
            Allow::Replace => Risk::Replace,
            Allow::DataLoss => Risk::DataLoss,
        };
        self.allow.iter().map(risk).collect()
    }
}
