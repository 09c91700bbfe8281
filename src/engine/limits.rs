//! What a program can grow to, beside the quotas of its accounts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use asiaq_aws::Aws;
use asiaq_compiler::vcpus;
use asiaq_ir::{Address, Facts, Ir, Needs, Quota, Scope};
use asiaq_runtime::{
    Accounts, Area, Counted, Counts, Fault, Member, Observed, Usage, counts, headroom, observe_for,
};

use super::accounts::{Asked, Connected};
use super::connect::connect_to_declared;
use super::{Interrupts, Reading, account};
use crate::exit::Result;
use crate::limits::AccountLimits;
use crate::project;

/// The quotas of each account that a program uses; with names of environments or accounts, of theirs. And whether an
/// account could not be read.
pub(crate) async fn limits(
    path: Option<&Path>,
    envs: &[String],
    reading: &Reading,
    interrupts: &Interrupts,
) -> Result<(Vec<AccountLimits>, bool)> {
    let Reading { accounts, format, connection } = reading;
    let checked = project::named(path, *format)?;
    let asked = Asked { envs, accounts, also_regions: &[] };
    let Connected { aws, mut reached, .. } =
        connect_to_declared(&checked, asked, connection, interrupts).await?;
    // Nothing is looked up: what the account lacks so far, such as an AMI, counts as well.
    let Needs { accounts: owners, unused, .. } = checked.needs();
    let needs = Needs { accounts: owners, unused, ..Needs::default() };
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
    let mut declared = declared(aws, member, ir);
    let is_shown = |region: &String| shown.is_none_or(|shown| shown.contains(region));
    declared.retain(|(_, area), _| area.region.as_ref().is_none_or(is_shown));
    let own = own(aws, member, observed);
    let quotas: BTreeSet<Quota> = declared.keys().map(|(quota, _)| *quota).collect();
    let mut found = Found { used: BTreeMap::new(), limits: BTreeMap::new(), notes: Vec::new() };
    let regions: BTreeSet<&str> = declared.keys().filter_map(|(_, area)| area.region.as_deref()).collect();
    let home = regions.first().copied().or_else(|| member.regions.first().map(String::as_str));
    let (global, regional): (BTreeSet<Quota>, BTreeSet<Quota>) =
        quotas.into_iter().partition(|quota| quota.is_global());
    if let Some(home) = home.filter(|_| !global.is_empty()) {
        found.read(member, home, &ir.project, &global).await;
    }
    for region in regions {
        let here = |quota: &Quota| {
            declared.keys().any(|(of, area)| of == quota && area.region.as_deref() == Some(region))
        };
        let quotas: BTreeSet<Quota> = regional.iter().copied().filter(here).collect();
        found.read(member, region, &ir.project, &quotas).await;
    }
    AccountLimits {
        account: member.account.clone(),
        quotas: headroom(&declared, &own, &found.used, &found.limits),
        notes: found.notes,
    }
}

/// What the program can have in an account.
fn declared(aws: &Accounts<Aws>, member: &Member<Aws>, ir: &Ir) -> Counts {
    let all: Vec<Counted<'_>> = Counted::wanted(ir).filter(|one| is_of(aws, member, one.address())).collect();
    counts(&all, &vcpus)
}

/// What of the program is in an account, except for virtual processors.
fn own(aws: &Accounts<Aws>, member: &Member<Aws>, observed: &Observed) -> Counts {
    let found = observed.found.iter().filter(|found| is_of(aws, member, &found.address));
    let all: Vec<Counted<'_>> = found.map(Counted::live).collect();
    counts(&all, &|_| None)
}

fn is_of(aws: &Accounts<Aws>, member: &Member<Aws>, address: &Address) -> bool {
    aws.home_of(address).is_some_and(|home| home.account == member.account)
}

/// What AWS says of an account.
struct Found {
    used: BTreeMap<(Quota, Area), Usage>,
    limits: BTreeMap<(Quota, Option<String>), usize>,
    notes: Vec<String>,
}

impl Found {
    /// Reads these quotas, all of them of one region or of none.
    async fn read(&mut self, member: &Member<Aws>, region: &str, project: &str, quotas: &BTreeSet<Quota>) {
        let is_global = quotas.iter().all(|quota| quota.is_global());
        let usage = Box::pin(member.cloud.usage(region, project, quotas, &vcpus)).await;
        let place = (!is_global).then(|| region.to_owned());
        self.used.extend(usage.used);
        self.limits.extend(usage.limits.into_iter().map(|(quota, value)| ((quota, place.clone()), value)));
        let words = place.as_deref().unwrap_or("all regions");
        for error in usage.failed {
            self.notes.push(format!("{words}: what is in use is not known: {error}"));
        }
        match member.cloud.quotas(region, quotas).await {
            Ok(values) => {
                self.limits.extend(values.into_iter().map(|(quota, value)| ((quota, place.clone()), value)));
            }
            Err(error) => {
                let what = match error.fault {
                    Fault::Denied => "does not show the quotas to these credentials",
                    Fault::Refused | Fault::Unreachable | Fault::Unreadable | Fault::TimedOut => {
                        "does not say the quotas"
                    }
                };
                self.notes.push(format!(
                    "{words}: Service Quotas {what}, so that AWS's defaults are compared: {error}"
                ));
            }
        }
    }
}
