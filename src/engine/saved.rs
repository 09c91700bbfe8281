//! A plan in a file, to review and apply later.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use asiaq_runtime::{Plan, plan};
use serde::{Deserialize, Serialize};

use super::live::Live;
use super::{Connection, Intent, Interrupts, Log, Prepared, account};
use crate::exit::Result;

/// The format version of saved plans.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Saved {
    version: u32,
    account: String,
    /// Regions that were read.
    regions: BTreeSet<String>,
    plan: Plan,
}

/// The format version, which is read first.
#[derive(Deserialize)]
struct Header {
    version: u32,
}

/// Writes a plan to `path`.
pub(crate) fn save(prepared: &Prepared, path: &Path) -> anyhow::Result<()> {
    // A pipe is empty before it is written to.
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

/// Reads a plan; refuses it if it is for another account or AWS has changed since.
pub(super) async fn open(
    path: &Path,
    connection: &Connection,
    log: &Log,
    interrupts: &Interrupts,
) -> Result<Prepared> {
    interrupts.guard(async { Ok(Box::pin(unguarded(path, connection, log)).await?) }).await
}

async fn unguarded(path: &Path, connection: &Connection, log: &Log) -> anyhow::Result<Prepared> {
    let Saved { account: planned_account, regions, plan: saved, .. } = read(path)?;
    let connected = account::connect(connection, regions.first().cloned(), log).await?;
    let account = &connected.1.account;
    if *account != planned_account {
        bail!("the plan is for account {planned_account}, and these credentials belong to {account}");
    }
    // The plan holds the facts that it was made with.
    let needs = BTreeSet::new();
    let mut live = Live::observe(connected, &saved.project, regions, &needs, Intent::Apply).await?;
    let fresh = live.plan(|observed| plan(&saved.ir, observed, &saved.scope, &saved.now)).await?;
    live.refuse_duplicates(&fresh).await?;
    let moved: Vec<String> =
        saved.differs_from(&fresh).iter().map(|address| format!("  {address}")).collect();
    // An empty plan needs no check: everything is done already.
    let is_done = fresh.is_empty();
    if !moved.is_empty() && !is_done {
        bail!(
            "the saved plan `{}` is out of date: AWS has changed since; make a new plan. These steps differ:\n{}",
            path.display(),
            moved.join("\n")
        );
    }
    // A saved plan can be applied once.
    Ok(live.prepared(if is_done { fresh } else { saved }, "asiaq plan".to_owned()))
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
