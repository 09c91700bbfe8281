//! What a program can grow to, beside the quotas of its accounts.

mod declared;
mod growth;
mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use asiaq_aws::Aws;
use asiaq_ir::{Facts, Ir, Scope};
use asiaq_runtime::{Accounts, Counted, Counts, Member, Observed, Size, counts, headroom, observe_for};

use declared::{declared, is_of};
pub(super) use growth::warn_of_growth;
use told::Told;

use super::accounts::{Asked, Connected};
use super::connect::connect_to_declared;
use super::{EnvironmentsRequest, Interrupts, Reading, account, sandboxes};
use crate::exit::Result;
use crate::limits::AccountLimits;

/// The quotas of each account that a program uses; with names of environments or accounts, of theirs. And whether an
/// account could not be read.
pub(crate) async fn limits(
    path: Option<&Path>,
    envs: &[String],
    reading: &Reading,
    interrupts: &Interrupts,
) -> Result<(Vec<AccountLimits>, bool)> {
    let Reading { accounts, format, connection } = reading;
    let named = EnvironmentsRequest { path, envs, connection, format: *format };
    let checked = Box::pin(sandboxes::named(named, interrupts)).await?;
    let asked = Asked { envs, accounts, also_regions: &[] };
    let Connected { aws, mut reached, .. } =
        connect_to_declared(&checked, asked, connection, interrupts).await?;
    // Nothing is looked up: what the account lacks so far, such as an AMI, counts as well.
    let needs = checked.needs().of_listings();
    let read = observe_for(&aws, checked.project(), &aws.regions(), &needs).await;
    let observed = read.map_err(|error| account::unusable("read the account", &error))?;
    reached.leave_out(&aws);
    let ir = checked.lower(&Facts::default()).ir;
    let shown = regions_of(&ir, envs);
    let mut all: BTreeMap<&str, AccountLimits> = BTreeMap::new();
    for member in aws.members() {
        let is_here = |scope| !reached.is_left_out(&scope);
        if !member.scopes.iter().cloned().any(is_here) || all.contains_key(member.account.as_str()) {
            continue;
        }
        let is_whole = accounts.iter().any(|name| member.scopes.contains(&Scope::account(name)));
        let shown = shown.as_ref().filter(|_| !is_whole);
        all.insert(&member.account, Box::pin(of_account(&aws, member, &ir, &observed, shown)).await);
    }
    Ok((all.into_values().collect(), reached.is_partial()))
}

/// The regions of the environments that are asked for; absent for all.
fn regions_of(ir: &Ir, envs: &[String]) -> Option<BTreeSet<String>> {
    let region = |name: &String| Some(ir.environments.get(name)?.region.clone());
    (!envs.is_empty()).then(|| envs.iter().filter_map(region).collect())
}

async fn of_account(
    aws: &Accounts<Aws>,
    member: &Member<Aws>,
    ir: &Ir,
    observed: &Observed,
    shown: Option<&BTreeSet<String>>,
) -> AccountLimits {
    let mut declared = declared(aws, member, ir, Size::Largest);
    let is_shown = |region: &String| shown.is_none_or(|shown| shown.contains(region));
    declared.retain(|(_, area), _| area.region.as_ref().is_none_or(is_shown));
    let own = own(aws, member, observed);
    let told = Told::of(member, &ir.project, &declared).await;
    AccountLimits {
        account: member.account.clone(),
        quotas: headroom(&declared, &own, &told.used, &told.limits),
        notes: told.notes,
    }
}

/// What of the program is in an account, except for virtual processors.
fn own(aws: &Accounts<Aws>, member: &Member<Aws>, observed: &Observed) -> Counts {
    let found = observed.found.iter().filter(|found| is_of(aws, member, &found.address));
    let all: Vec<Counted<'_>> = found.map(Counted::live).collect();
    counts(&all, Size::Desired, &|_| None)
}
