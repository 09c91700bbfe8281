//! A permissions boundary that gets another path. The name of a policy is unique in an account, whatever its path, so that
//! the old policy goes before there is a new one. Meanwhile a stand-in of another name, which says the same, limits the
//! roles and users of the project: they are never without a boundary.
//!
//! The stand-in has an address below that of the policy. If a run ends early, the next plan deletes it.

use asiaq_ir::{ACCOUNT_TAG, ADDRESS_TAG, NAME_TAG, PROJECT_TAG, Ref};

use super::{CREATE_POLICY, DELETE_POLICY, MARKER, read, set_document, tags_of};
use crate::kinds::identity::bounded::Bounded;
use crate::kinds::identity::{self, name_of, sdk_tags};
use crate::kinds::prelude::*;
use crate::service::iam;

/// The end of its name and of its address.
const END: &str = "stand-in";
/// Letters of the name of a policy that its name has: names have at most 128.
const KEPT: usize = 119;

/// Lets a stand-in take the place of the policy `arn` as the boundary of the roles and users of its owner.
pub(super) async fn put(region: &Region<'_>, arn: &str) -> Result<()> {
    let all = identity::all(region).await?;
    let Some(policy) = all.policies.iter().find(|policy| policy.arn() == Some(arn)).and_then(read) else {
        return Ok(());
    };
    let mut bound = Bounded::by(&all, arn);
    if bound.is_empty() {
        return Ok(());
    }
    let Some(mut tags) = tags_of(region, arn).await? else { return Ok(()) };
    bound.retain(|one| owner(&one.tags) == owner(&tags));
    // A stand-in that is deleted is one that an earlier run left: it waits until nobody needs it.
    let is_stand_in = tags.get(ADDRESS_TAG).is_some_and(|address| address.ends_with(&format!("/{END}")));
    if bound.is_empty() || is_stand_in {
        return Ok(());
    }
    let address = format!("{}/{END}", tags.get(ADDRESS_TAG).map(String::as_str).unwrap_or_default());
    tags.extend([(ADDRESS_TAG.to_owned(), address), (NAME_TAG.to_owned(), name(&policy.name))]);
    let call = region
        .iam()
        .create_policy()
        .policy_name(name(&policy.name))
        .path("/")
        .description(MARKER)
        .policy_document(&policy.document)
        .set_tags(Some(sdk_tags(&tags)));
    let stand_in = arn_of(arn);
    let create = || region.retry_until_consistent(CREATE_POLICY, || call.clone().send());
    match create().await {
        // Of a run that ended early.
        Err(taken) if iam.is_taken(&taken) => {
            let there = match tags_of(region, &stand_in).await? {
                Some(there) if there.get(ADDRESS_TAG) != tags.get(ADDRESS_TAG) => return Err(taken),
                Some(_) => iam.found(set_document(region, &stand_in, &policy.document).await)?,
                None => None,
            };
            // This run deletes what the other one left, and may just have done so.
            if there.is_none() {
                create().await?;
            }
        }
        made => drop(made?),
    }
    let stand_in = Ref::Id(stand_in);
    for one in &bound {
        one.set(region, Some(&stand_in)).await?;
    }
    Ok(())
}

/// Deletes the stand-in of a boundary that changed its path, unless somebody else still waits for the new one.
pub(in crate::kinds) async fn release(
    region: &Region<'_>,
    before: Option<&Ref>,
    now: Option<&Ref>,
) -> Result<()> {
    let (Some(before), Some(now)) = (before.and_then(Ref::id), now.and_then(Ref::id)) else { return Ok(()) };
    if before == now || name_of(before) != name_of(now) {
        return Ok(());
    }
    match DELETE_POLICY.call(region.iam().delete_policy().policy_arn(arn_of(now)).send()).await {
        Err(error) if iam.is_not_found(&error) || iam.is_in_use(&error) => Ok(()),
        answer => answer.map(drop),
    }
}

/// The project and the account of the project that something belongs to.
fn owner(tags: &Tags) -> [Option<&String>; 2] {
    [PROJECT_TAG, ACCOUNT_TAG].map(|tag| tags.get(tag))
}

/// The name of the stand-in of a policy.
fn name(policy: &str) -> String {
    let kept: String = policy.chars().take(KEPT).collect();
    format!("{kept}-{END}")
}

/// The ARN of the stand-in of a policy.
fn arn_of(policy: &str) -> String {
    let account = policy.split_once(":policy/").map_or(policy, |(account, _)| account);
    format!("{account}:policy/{}", name(name_of(policy)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stand_in_is_beside_its_policy() {
        let arn = "arn:aws-cn:iam::123456789012:policy/people/guard";
        assert_eq!(arn_of(arn), "arn:aws-cn:iam::123456789012:policy/guard-stand-in");
        assert_eq!(name(&"a".repeat(128)).len(), 128);
    }
}
