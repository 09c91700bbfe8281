//! A plan in a file, to review and apply later.
//!
//! The file is only as trustworthy as the place it was kept in. So an apply makes the plan again from what the file
//! wants, applies the new plan if it is the same, and lets the account say what is protected. A digest, kept elsewhere,
//! shows whether the file is the one that was reviewed.

mod repeated;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use std::fs;
use std::path::Path;
use std::str::FromStr;

use anyhow::{Context, anyhow, bail};
use asiaq_ir::{Needs, Scope};
use asiaq_runtime::{Plan, needed_listing, plan};
use repeated::Repeated;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::accounts::{Asked, Ways, reach};
use super::live::Live;
use super::{Connection, Intent, Interrupts, Log, Prepared, account};
use crate::atomic_write;
use crate::exit::Result;

/// The format versions of saved plans: without and with a list of repeated values.
const PLAIN: u32 = 1;
const PACKED: u32 = 2;

/// The version of this program.
const ASIAQ: &str = env!("CARGO_PKG_VERSION");

struct Saved {
    heading: Heading,
    plan: Plan,
}

/// What a plan is for.
#[derive(Serialize, Deserialize)]
struct Heading {
    version: u32,
    /// The version of asiaq that made the plan; absent in a plan of one that did not say so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    asiaq: Option<String>,
    account: String,
    /// The environments and accounts that are in another account, with its id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    accounts: BTreeMap<Scope, String>,
    /// Regions that were read.
    regions: BTreeSet<String>,
}

/// The format version, which is read first.
#[derive(Deserialize)]
struct Header {
    version: u32,
}

/// The plan in a file without a list of repeated values.
#[derive(Deserialize)]
struct Plain {
    plan: Plan,
}

/// The same with one.
#[derive(Deserialize)]
struct Packed {
    repeated: Vec<Value>,
    plan: Value,
}

/// A digest of a saved plan: `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlanDigest(String);

impl PlanDigest {
    fn of(bytes: &[u8]) -> Self {
        let mut digits = String::new();
        for byte in Sha256::digest(bytes) {
            // Writing to a string does not fail.
            let _ = write!(digits, "{byte:02x}");
        }
        Self(digits)
    }
}

impl fmt::Display for PlanDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.0)
    }
}

impl FromStr for PlanDigest {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let digits = text.trim().strip_prefix("sha256:").unwrap_or(text.trim()).to_ascii_lowercase();
        if digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            Ok(Self(digits))
        } else {
            Err("write the digest that `asiaq plan -o` printed: `sha256:` and 64 hexadecimal digits"
                .to_owned())
        }
    }
}

/// A file with a saved plan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SavedPlan<'a> {
    pub(crate) path: &'a Path,
    /// The digest that the file must have.
    pub(crate) digest: Option<&'a PlanDigest>,
}

/// Writes a plan to `path`, in one step and readable by its owner only: it has user data and the addresses of
/// subscribers. Returns its digest.
pub(crate) fn save(prepared: &Prepared, path: &Path) -> anyhow::Result<PlanDigest> {
    // A pipe is empty before it is written to.
    let has_text = fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() > 0);
    if has_text && (SavedPlan { path, digest: None }).read().is_err() {
        bail!("`{}` exists and is not a plan: name another file", path.display());
    }
    let packed = repeated::pack(&prepared.plan)?;
    let heading = Heading {
        version: if packed.is_some() { PACKED } else { PLAIN },
        asiaq: Some(ASIAQ.to_owned()),
        account: prepared.account.clone(),
        accounts: prepared.homes(),
        regions: prepared.regions.clone(),
    };
    // Blanks would make it more than twice as long.
    let heading = serde_json::to_string(&heading)?;
    let heading = heading.strip_suffix('}').unwrap_or(&heading);
    let text = match packed {
        Some(Repeated { repeated, plan }) => {
            format!("{heading},\"repeated\":{repeated},\"plan\":{plan}}}\n")
        }
        None => format!("{heading},\"plan\":{}}}\n", serde_json::to_string(&prepared.plan)?),
    };
    atomic_write::create_private(path, text.as_bytes())
        .with_context(|| format!("cannot write the plan to `{}`", path.display()))?;
    Ok(PlanDigest::of(text.as_bytes()))
}

/// Reads a plan; refuses it if it is for another account or AWS has changed since.
pub(super) async fn open(
    file: SavedPlan<'_>,
    connection: &Connection,
    log: &Log,
    interrupts: &Interrupts,
) -> Result<Prepared> {
    interrupts.guard(Box::pin(unguarded(file, connection, log, interrupts))).await
}

async fn unguarded(
    file: SavedPlan<'_>,
    connection: &Connection,
    log: &Log,
    interrupts: &Interrupts,
) -> Result<Prepared> {
    let Saved { heading, plan: saved } = file.read()?;
    let Heading { account: planned_account, accounts, regions, asiaq, .. } = heading;
    let also_regions: Vec<String> = regions.iter().cloned().collect();
    let named = saved.scope.only.iter().flatten().filter(|_| saved.scope.named);
    let (accounts_named, envs): (Vec<&Scope>, Vec<&Scope>) =
        named.partition(|scope| scope.borrowed().account().is_some());
    let envs: Vec<String> = envs.into_iter().map(ToString::to_string).collect();
    let accounts_named = accounts_named.into_iter().filter_map(|scope| scope.borrowed().account());
    let accounts_named: Vec<String> = accounts_named.map(str::to_owned).collect();
    let asked = Asked { envs: &envs, accounts: &accounts_named, also_regions: &also_regions };
    let ways = Ways { connection, usual: regions.first().cloned(), log, interrupts };
    let connected = Box::pin(reach(&saved.ir, None, asked, &ways)).await?;
    let account = &connected.identity.account;
    if *account != planned_account {
        let why =
            format!("the plan is for account {planned_account}, and these credentials belong to {account}");
        return Err(anyhow!(why).into());
    }
    // The plan holds the facts that it was made with.
    let needs = Needs { accounts: saved.ir.own_resources(), ..Needs::of(&saved.ir) };
    let mut live = Live::observe(connected, &saved.ir, &needs, Intent::Apply).await?;
    // An account may also fail only when it is read.
    if live.reached.is_partial() {
        return Err(anyhow!("the plan needs all of its accounts; nothing was changed").into());
    }
    for (scope, account) in &accounts {
        let is = &live.aws.of(scope.borrowed()).account;
        if is != account {
            let why = format!("the plan has `{scope}` in account {account}, and it would go to {is}");
            return Err(anyhow!(why).into());
        }
    }
    if let Some(unread) = needed_listing(&live.observed, &saved.ir, &saved.scope) {
        return Err(account::unusable("read the account", &unread.error).into());
    }
    let fresh = live.plan(|observed| plan(&saved.ir, observed, &saved.scope, &saved.now)).await?;
    live.refuse_duplicates(&fresh).await?;
    // Another version may rate a step differently. The ratings that count are those of the new plan.
    let is_of_this_version = asiaq.as_deref() == Some(ASIAQ);
    let moved = if is_of_this_version {
        saved.differs_from(&fresh)
    } else {
        saved.without_risks().differs_from(&fresh.without_risks())
    };
    let moved: Vec<String> = moved.iter().map(|address| format!("  {address}")).collect();
    // An empty plan needs no check: everything is done already.
    let is_done = fresh.is_empty();
    if !moved.is_empty() && !is_done {
        let why = format!(
            "the saved plan `{}` is out of date: AWS has changed since; make a new plan. These steps differ:\n{}",
            file.path.display(),
            moved.join("\n")
        );
        return Err(anyhow!(why).into());
    }
    // A saved plan can be applied once.
    Ok(live.prepared(fresh, "asiaq plan".to_owned()))
}

impl SavedPlan<'_> {
    fn read(self) -> anyhow::Result<Saved> {
        let shown = self.path.display();
        let bytes = fs::read(self.path).with_context(|| format!("cannot read the plan `{shown}`"))?;
        let found = PlanDigest::of(&bytes);
        if let Some(wanted) = self.digest.filter(|wanted| **wanted != found) {
            bail!(
                "`{shown}` is not the plan of this digest, but has {found}; the digest asked for is {wanted}"
            );
        }
        let header: Header = serde_json::from_slice(&bytes).map_err(|_| {
            anyhow!("`{shown}` is neither a project (`.asq`) nor a plan that `asiaq plan -o` wrote")
        })?;
        let damaged = || format!("the plan `{shown}` is damaged");
        let plan = match header.version {
            PLAIN => serde_json::from_slice(&bytes).map(|Plain { plan }| plan).with_context(damaged)?,
            PACKED => {
                let Packed { repeated, plan } = serde_json::from_slice(&bytes).with_context(damaged)?;
                let text = repeated::unpack(&plan, &repeated, bytes.len()).with_context(damaged)?;
                serde_json::from_str(&text).with_context(damaged)?
            }
            other => {
                bail!(
                    "`{shown}` is a plan of version {other}, and this asiaq reads versions {PLAIN} to {PACKED}"
                )
            }
        };
        Ok(Saved { heading: serde_json::from_slice(&bytes).with_context(damaged)?, plan })
    }
}
