//! What accounts have that no project of asiaq owns.

use std::collections::BTreeSet;

use asiaq_ir::{Ir, Resource, Scope};
use asiaq_runtime::Plan;

use super::account;
use super::live::Live;

/// Adds what the accounts with `prune` have and no project of asiaq owns: as deletions, or as what stays.
pub(super) async fn add(plan: &mut Plan, live: &Live, is_removed: bool) -> anyhow::Result<()> {
    let accounts = plan.ir.accounts.iter().filter(|(_, account)| account.prune);
    let meant = accounts.map(|(name, account)| (Scope::account(name), name.clone(), account.region.clone()));
    let meant: Vec<_> = meant
        .filter(|(scope, ..)| plan.scope.covers(scope.borrowed()) && live.reached.here.contains(scope))
        .collect();
    if meant.is_empty() {
        return Ok(());
    }
    let used = used(&plan.ir);
    let mut seen = BTreeSet::new();
    for (scope, name, region) in meant {
        let member = live.aws.of(scope.borrowed());
        // Two declarations of one account have the same identities.
        if !seen.insert(member.account.clone()) {
            continue;
        }
        let found = Box::pin(member.cloud.unmanaged(&region, &plan.project, &name, &used)).await;
        let found = found.map_err(|error| account::unusable("list the identities", &error))?;
        if is_removed {
            plan.prune(found);
        } else {
            plan.unmanaged.extend(found.into_iter().map(|found| (found.address, found.id)));
        }
    }
    Ok(())
}

/// What the program itself uses, as ARNs and as `role/web`: what it names anywhere, also inside documents, and what it
/// declares under the same name.
fn used(ir: &Ir) -> BTreeSet<String> {
    let mut used: BTreeSet<String> =
        ir.accounts.values().filter_map(|account| account.role.clone()).collect();
    for node in ir.resources.values() {
        let text = serde_json::to_string(&node.resource).unwrap_or_default();
        let words = text.split(['"', '\\']).filter(|word| word.starts_with("arn:"));
        used.extend(words.map(str::to_owned));
        used.extend(match &node.resource {
            Resource::Role(one) => Some(format!("role/{}", one.name)),
            Resource::User(one) => Some(format!("user/{}", one.name)),
            Resource::UserGroup(one) => Some(format!("group/{}", one.name)),
            Resource::ManagedPolicy(one) => Some(format!("policy/{}", one.name)),
            Resource::SamlProvider(one) => Some(format!("saml/{}", one.name)),
            Resource::LaunchTemplate(template) => {
                template.profile.as_ref().map(|profile| format!("profile/{profile}"))
            }
            _ => None,
        });
    }
    used
}
