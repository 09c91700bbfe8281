//! What is in the accounts of a program that it does not say.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use asiaq_ir::{Ir, Kind, Scope};
use asiaq_runtime::{Others, unmanaged as others};

use super::accounts::{Asked, Connected};
use super::connect::connect_to_declared;
use super::{Interrupts, Reading, account};
use crate::exit::Result;
use crate::project;

/// What to look through.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UnmanagedRequest<'a> {
    pub(crate) path: Option<&'a Path>,
    /// Names of environments, whose accounts and regions are meant.
    pub(crate) envs: &'a [String],
    /// Regions to read in addition to those of the project.
    pub(crate) also_regions: &'a [String],
    pub(crate) reading: &'a Reading,
}

/// Everything in the accounts and regions that the program does not say. And whether an account could not be read.
pub(crate) async fn unmanaged(
    request: UnmanagedRequest<'_>,
    interrupts: &Interrupts,
) -> Result<(Others, bool)> {
    let UnmanagedRequest { path, envs, also_regions, reading } = request;
    let Reading { accounts, format, connection } = reading;
    let checked = project::named(path, *format)?;
    let asked = Asked { envs, accounts, also_regions };
    let Connected { aws, reached, .. } = connect_to_declared(&checked, asked, connection, interrupts).await?;
    let ir = checked.declared();
    let named = names(ir);
    let only = only(ir, asked, |scope| aws.of(scope.borrowed()).account.clone());
    let mut all = Others::of(checked.project());
    for (member, regions) in aws.each() {
        let regions: BTreeSet<String> = match &only {
            None => regions,
            Some(only) => match only.get(&member.account) {
                None => continue,
                Some(None) => regions,
                Some(Some(some)) => some.iter().chain(also_regions).cloned().collect(),
            },
        };
        let seen = Box::pin(member.cloud.census(&regions, checked.project(), &named)).await;
        let (seen, unread) =
            seen.map_err(|error| account::unusable("list what is in the account", &error))?;
        let (things, own) = others(&seen, checked.project(), &member.account);
        all.add(&member.account, things, own, unread);
    }
    Ok((all, reached.is_partial()))
}

/// The names that the program gives to resources which are known by them.
fn names(ir: &Ir) -> BTreeSet<(Kind, String)> {
    let name = |node: &asiaq_ir::Node| Some((node.resource.kind(), node.resource.own_name()?.to_owned()));
    ir.resources.values().filter_map(name).collect()
}

/// The accounts that are meant, and of each the regions of the environments that are; all of them for one that is named
/// itself. Absent for everything.
fn only(
    ir: &Ir,
    asked: Asked<'_>,
    account: impl Fn(&Scope) -> String,
) -> Option<BTreeMap<String, Option<BTreeSet<String>>>> {
    if asked.scopes().is_empty() {
        return None;
    }
    let mut only: BTreeMap<String, Option<BTreeSet<String>>> = BTreeMap::new();
    for name in asked.envs {
        let region = ir.environments.get(name).map(|env| env.region.clone());
        let regions = only.entry(account(&Scope::environment(name))).or_insert_with(|| Some(BTreeSet::new()));
        if let Some(regions) = regions {
            regions.extend(region);
        }
    }
    only.extend(asked.accounts.iter().map(|name| (account(&Scope::account(name)), None)));
    Some(only)
}
