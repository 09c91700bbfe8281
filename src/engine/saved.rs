//! A plan in a file, to be looked at now and applied later.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use asiaq_runtime::{Identity, Plan, observe_for, plan};
use serde::{Deserialize, Serialize};

use super::prepare::{confirm, reachability, refuse_strays, unrecorded};
use super::{Connection, Interrupts, LeaseCheck, Log, Prepared, account};
use crate::exit::Result;

/// The form that this version writes and reads.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Saved {
    version: u32,
    account: String,
    /// Regions that were looked at.
    regions: BTreeSet<String>,
    plan: Plan,
}

/// Just enough to know whether the rest can be read.
#[derive(Deserialize)]
struct Header {
    version: u32,
}

/// Writes a plan to `path`.
pub(crate) fn save(prepared: &Prepared, path: &Path) -> anyhow::Result<()> {
    // A pipe has no text before somebody writes to it.
    let has_text = fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() > 0);
    if has_text && read(path).is_err() {
        bail!("`{}` exists and is not a plan: name another file", path.display());
    }
    let saved = Saved {
        version: VERSION,
        account: prepared.account.clone(),
        regions: prepared.regions.clone(),
        plan: prepared.plan.clone(),
    };
    let text = serde_json::to_string_pretty(&saved)?;
    fs::write(path, text + "\n").with_context(|| format!("cannot write the plan to `{}`", path.display()))
}

/// Reads a plan back, and refuses it where the account is another one or the world has moved since.
pub(super) async fn open(
    path: &Path,
    connection: &Connection,
    log: &Log,
    interrupts: &Interrupts,
) -> Result<Prepared> {
    interrupts.guard(async { Ok(Box::pin(unguarded(path, connection, log)).await?) }).await
}

async fn unguarded(path: &Path, connection: &Connection, log: &Log) -> anyhow::Result<Prepared> {
    let saved = read(path)?;
    let (aws, Identity { account, arn: caller }) =
        account::connect(connection, saved.regions.first().cloned(), log).await?;
    if account != saved.account {
        bail!("the plan is for account {}, and these credentials belong to {account}", saved.account);
    }
    let lease_check = LeaseCheck::at(&aws, &saved.plan.project, &saved.regions).await;
    // What is wanted was decided when the plan was made.
    let mut observed = observe_for(&aws, &saved.plan.project, &saved.regions, &BTreeSet::new())
        .await
        .map_err(|error| account::unusable("look at the account", &error))?;
    observed.written = lease_check.written();
    let again = |observed: &_| plan(&saved.plan.ir, observed, &saved.plan.scope, &saved.plan.now);
    let mut fresh = again(&observed);
    if confirm(&aws, &fresh, &mut observed).await? {
        fresh = again(&observed);
    }
    refuse_strays(&aws, &fresh).await?;
    let moved: Vec<String> =
        saved.plan.differs_from(&fresh).iter().map(|address| format!("  {address}")).collect();
    // Where all of it is done already there is nothing to go otherwise.
    let is_done = fresh.is_empty();
    if !moved.is_empty() && !is_done {
        bail!(
            "the world has moved since `{}` was made; this would go otherwise now:\n{}\nmake a new plan",
            path.display(),
            moved.join("\n")
        );
    }
    let decided = if is_done { fresh } else { saved.plan };
    // The plan itself is spent once it has been begun.
    let reachability = reachability(&decided, &observed);
    let unrecorded = unrecorded(&decided, &observed);
    Ok(Prepared {
        plan: decided,
        reachability,
        account,
        caller,
        lease_check,
        unrecorded,
        regions: saved.regions,
        aws,
        again: "asiaq plan".to_owned(),
    })
}

fn read(path: &Path) -> anyhow::Result<Saved> {
    let shown = path.display();
    let text = fs::read_to_string(path).with_context(|| format!("cannot read the plan `{shown}`"))?;
    let header: Header = serde_json::from_str(&text).map_err(|_| {
        anyhow!("`{shown}` is neither a project (`.asq`) nor a plan that `asiaq plan -o` wrote")
    })?;
    if header.version != VERSION {
        bail!("`{shown}` is a plan of version {}, and this asiaq reads version {VERSION}", header.version);
    }
    serde_json::from_str(&text).with_context(|| format!("the plan `{shown}` is damaged"))
}
