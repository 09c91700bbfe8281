//! What is live in AWS of a project, read without a plan.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{anyhow, bail};
use asiaq_aws::Aws;
use asiaq_compiler::{Checked, EnvironmentSummary, Lowered, did_you_mean};
use asiaq_ir::{Address, Facts, Ir, Kind, Needs, Ref, Scope, ScopeRef};
use asiaq_lang::Diagnostic;
use asiaq_runtime::{Accounts, Entry, Goal, Observed, Standing, Unread, inventory as entries, observe_for};

use super::accounts::{Asked, Connected};
use super::connect::connect_to;
use super::scope::Choice;
use super::{Connection, EnvironmentsRequest, Interrupts, Log, account, clock, renamed, sandboxes};
use crate::exit::Result;
use crate::inventory::Inventory;
use crate::ui::{self, Format};

/// What to show.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InventoryRequest<'a> {
    pub(crate) path: Option<&'a Path>,
    /// A resource, or the beginning of addresses; everything if absent.
    pub(crate) address: Option<&'a str>,
    /// Names of environments; all of the account if empty.
    pub(crate) envs: &'a [String],
    /// Names of accounts whose own resources are meant.
    pub(crate) accounts: &'a [String],
    /// Regions to read in addition to those of the project.
    pub(crate) also_regions: &'a [String],
    pub(crate) connection: &'a Connection,
    pub(crate) format: Format,
}

/// Checks the program, reads the account, and finds the resources that `request` asks for.
pub(crate) async fn inventory(request: InventoryRequest<'_>, interrupts: &Interrupts) -> Result<Inventory> {
    let InventoryRequest { path, address, also_regions, connection, format, .. } = request;
    let (asked, accounts) = scopes(request)?;
    let named = EnvironmentsRequest { path, envs: &asked, connection, format };
    let checked = Box::pin(sandboxes::named(named, interrupts)).await?;
    let declared = checked.environments();
    let meant = Asked { envs: &asked, accounts: &accounts, also_regions };
    let Connected { aws, identity, mut reached } =
        connect_to(&checked, meant, connection, &Log::none(), interrupts).await?;
    let mut regions = match accounts.as_slice() {
        [] => regions(&aws, &declared, &asked),
        _ => regions(&aws, &declared, &[]),
    };
    regions.extend(also_regions.iter().cloned());
    let mut observed = observed(&checked, &aws, &regions, address).await?;
    reached.leave_out(&aws);
    observed.facts.account = Some(identity.account.clone());
    observed.facts.homes = aws.homes();
    let live: BTreeSet<Scope> = observed.found.iter().map(|found| found.address.scope().to_scope()).collect();
    let apart = sandboxes::apart(&observed, &checked, &asked);
    sandboxes::say_apart(&apart, &asked, &accounts);
    let mut scope = Choice::new(&reached, meant.scopes())?.scope(&live, &apart, Goal::Apply)?;
    let kept = sandboxes::all(&observed);
    let renamed = renamed::environments(&checked, &aws, &reached, (&observed, &kept));
    let (lowered, _) = renamed::lower(&checked, &observed, &mut scope, renamed, &clock::now());
    let ir = wanted(&checked, lowered);
    scope.without = reached.away(&ir);
    let all = entries(&ir, &observed, &scope);
    let known = ir.resources.keys().cloned().chain(all.iter().map(|entry| entry.address.clone())).collect();
    let is_single = address.is_some_and(|address| all.iter().any(|entry| entry.address.as_str() == address));
    let entries = match asked_for(all, address, is_single) {
        Ok(entries) => entries,
        Err(unknown) => return Err(observed.unread.first().map_or(unknown, unreadable).into()),
    };
    if let Some(unread) = missing_listing(&observed, &entries) {
        return Err(unreadable(unread).into());
    }
    let mut hosts = Vec::new();
    for (region, groups) in groups(&entries) {
        let env = Some(&asked).and_then(|asked| asked.first()).filter(|_| asked.len() == 1);
        let found = aws.hosts(&region, checked.project(), env.map(String::as_str)).await;
        let found = found.map_err(|error| account::unusable("list the instances", &error))?;
        hosts.extend(found.into_iter().filter(|host| {
            host.group.as_ref().is_some_and(|group| groups.contains(group)) && host.region == region
        }));
    }
    let foreign = observed.foreign.into_iter().filter(|foreign| {
        scope.includes(&foreign.address) && address.is_none_or(|address| foreign.address.is_below(address))
    });
    Ok(Inventory {
        project: checked.project().to_owned(),
        account: identity.account,
        accounts: observed.facts.homes,
        is_partial: reached.is_partial(),
        entries,
        is_single,
        known,
        hosts,
        foreign: foreign.collect(),
        unread: if is_single { Vec::new() } else { observed.unread },
    })
}

/// What there is: of the kind of a single declared resource, if that is in AWS, or else everything.
async fn observed(
    checked: &Checked,
    aws: &Accounts<Aws>,
    regions: &BTreeSet<String>,
    address: Option<&str>,
) -> anyhow::Result<Observed> {
    let needs = checked.needs();
    if let Some(address) = address.map(Address::parse)
        && let Some(only) = kinds_at(checked.declared(), &address)
    {
        let few = Needs { only: Some(only), ..needs.clone().of_listings() };
        let observed = observe_for(aws, checked.project(), regions, &few).await;
        // It may have another address in AWS, and an error is that of the whole account.
        if let Ok(observed) = observed
            && observed.found.iter().any(|found| found.address == address)
        {
            return Ok(observed);
        }
    }
    let observed = observe_for(aws, checked.project(), regions, &needs).await;
    observed.map_err(|error| account::unusable("read the account", &error))
}

/// The kind of a declared resource, with those of what it lies in, which tell whose it is.
fn kinds_at(ir: &Ir, address: &Address) -> Option<BTreeSet<Kind>> {
    let mut kinds = BTreeSet::new();
    let mut left = vec![ir.resources.get(address)?];
    while let Some(node) = left.pop() {
        if kinds.insert(node.resource.kind()) {
            left.extend(node.resource.lies_in().into_iter().filter_map(|of| match of {
                Ref::To(address) => ir.resources.get(address),
                Ref::Id(_) | Ref::Find(_) => None,
            }));
        }
    }
    Some(kinds)
}

/// The first missing listing that would say whether one of the entries is in AWS.
fn missing_listing<'o>(observed: &'o Observed, entries: &[Entry]) -> Option<&'o Unread> {
    let absent = || entries.iter().filter(|entry| entry.state == Standing::Absent);
    observed.unread.iter().find(|unread| absent().any(|entry| unread.is_of(entry.kind, &entry.region)))
}

fn unreadable(unread: &Unread) -> anyhow::Error {
    account::unusable("read the account", &unread.error)
}

/// The environments and the accounts that the options and the address name.
fn scopes(request: InventoryRequest<'_>) -> anyhow::Result<(Vec<String>, Vec<String>)> {
    let InventoryRequest { address, envs, accounts, .. } = request;
    let Some(address) = address.map(Address::parse) else { return Ok((envs.to_vec(), accounts.to_vec())) };
    let (place, scopes) = match (address.scope().environment(), address.scope().account()) {
        (_, Some(account)) => (format!("account `{account}`"), (vec![], vec![account.to_owned()])),
        (Some(env), None) => (format!("`{env}`"), (vec![env.to_owned()], vec![])),
        (None, None) => return Ok((envs.to_vec(), accounts.to_vec())),
    };
    let options = [("`--env`", envs, &scopes.0), ("`--account`", accounts, &scopes.1)];
    let given = options.iter().filter(|(_, names, _)| !names.is_empty());
    if given.clone().next().is_some()
        && !given.clone().any(|(_, names, of)| of.iter().any(|of| names.contains(of)))
    {
        let named: Vec<String> =
            given.clone().map(|(option, names, _)| format!("{option} names {}", ui::listed(names))).collect();
        let options: Vec<&str> = given.map(|(option, ..)| *option).collect();
        bail!("`{address}` is in {place}, and {}: leave out {}", named.join(" and "), options.join(" and "));
    }
    Ok(scopes)
}

/// The regions that have to be read. An environment that is not declared may be in any of the project.
fn regions(aws: &Accounts<Aws>, declared: &[EnvironmentSummary], asked: &[String]) -> BTreeSet<String> {
    let region = |name: &String| declared.iter().find(|env| env.name == *name).map(|env| env.region.clone());
    let named: Option<BTreeSet<String>> = asked.iter().map(region).collect();
    named.filter(|named| !named.is_empty()).unwrap_or_else(|| aws.regions())
}

/// The declared resources. What cannot be lowered with what is in the account now is declared all the same.
fn wanted(checked: &Checked, lowered: Lowered) -> Ir {
    let mut ir = lowered.ir;
    if lowered.diagnostics.iter().any(Diagnostic::is_error) {
        for (address, node) in checked.lower(&Facts::default()).ir.resources {
            ir.resources.entry(address).or_insert(node);
        }
    }
    ir
}

/// Those of the entries that are at `address`, or below it where nothing is at it.
fn asked_for(all: Vec<Entry>, address: Option<&str>, is_single: bool) -> anyhow::Result<Vec<Entry>> {
    let Some(address) = address else { return Ok(all) };
    let is_meant = |entry: &Entry| {
        if is_single { entry.address.as_str() == address } else { entry.address.is_below(address) }
    };
    let (meant, others): (Vec<Entry>, Vec<Entry>) = all.into_iter().partition(is_meant);
    if !meant.is_empty() {
        return Ok(meant);
    }
    let known: Vec<&str> = others.iter().map(|entry| entry.address.as_str()).collect();
    let scope = Address::parse(address);
    let way_out = match did_you_mean(address, &known) {
        Some(near) => format!("did you mean `{near}`?"),
        None if scope.path().is_empty() => "it declares nothing, and nothing of it is in AWS".to_owned(),
        None => format!("`asiaq show {}` lists what there is", ScopeRef::as_str(scope.scope())),
    };
    Err(anyhow!("there is no resource `{address}`; {way_out}"))
}

/// The names of the live Auto Scaling groups, by region.
fn groups(entries: &[Entry]) -> std::collections::BTreeMap<String, BTreeSet<String>> {
    let mut groups = std::collections::BTreeMap::<String, BTreeSet<String>>::new();
    for entry in entries.iter().filter(|entry| entry.kind == Kind::AutoScalingGroup) {
        if let Some(id) = &entry.id {
            groups.entry(entry.region.clone()).or_default().insert(id.clone());
        }
    }
    groups
}
