//! The ACL of a bucket, and whether it has one: who owns objects that others write.

use std::collections::BTreeSet;

use asiaq_ir::Grant;
use aws_sdk_s3::operation::get_bucket_acl::GetBucketAclOutput;
use aws_sdk_s3::types::{
    self as sdk, AccessControlPolicy, Grantee, ObjectOwnership, OwnershipControls, OwnershipControlsRule,
    Permission, Type,
};

use super::super::prelude::*;
use super::{At, unless};

ops! { s3:
    GET_BUCKET_OWNERSHIP_CONTROLS = "GetBucketOwnershipControls", Own;
    PUT_BUCKET_OWNERSHIP_CONTROLS = "PutBucketOwnershipControls", Write;
    GET_BUCKET_ACL = "GetBucketAcl", Own;
    PUT_BUCKET_ACL = "PutBucketAcl", Write;
}

/// The ownership of a bucket whose ACL has no effect.
pub(super) const WITHOUT_ACL: &str = "BucketOwnerEnforced";
/// How the id of a group begins.
const GROUP: &str = "http";

/// Who owns objects that others write. A bucket without the setting is older than it.
pub(super) async fn ownership(at: At<'_>) -> Result<String> {
    let call = at.region.s3().get_bucket_ownership_controls().bucket(at.name).expected_bucket_owner(at.owner);
    let answer = GET_BUCKET_OWNERSHIP_CONTROLS.call(call.send()).await;
    let answer = unless("OwnershipControlsNotFoundError", answer)?;
    let rules = answer.and_then(|answer| answer.ownership_controls).map(|controls| controls.rules);
    let rule = rules.and_then(|rules| rules.into_iter().next());
    let ownership = rule.map_or(ObjectOwnership::ObjectWriter, |rule| rule.object_ownership);
    Ok(ownership.as_str().to_owned())
}

pub(super) async fn set_ownership(at: At<'_>, wanted: &str) -> Result<()> {
    let rule = OwnershipControlsRule::builder().object_ownership(ObjectOwnership::from(wanted));
    let rule = PUT_BUCKET_OWNERSHIP_CONTROLS.built(rule.build())?;
    let controls = OwnershipControls::builder().rules(rule).build();
    let controls = PUT_BUCKET_OWNERSHIP_CONTROLS.built(controls)?;
    let call = at.region.s3().put_bucket_ownership_controls().bucket(at.name).expected_bucket_owner(at.owner);
    let call = call.ownership_controls(controls);
    at.put(PUT_BUCKET_OWNERSHIP_CONTROLS, || call.clone().send()).await
}

/// The grants beside that of the owner.
pub(super) async fn read(at: At<'_>) -> Result<BTreeSet<Grant>> {
    let acl = acl(at).await?;
    let owner = acl.owner.as_ref().and_then(|owner| owner.id());
    let grants = acl.grants().iter().filter_map(|grant| {
        let (to, permission) = (grant.grantee()?, grant.permission()?);
        let grantee = to.uri().or(to.id()).or(to.email_address())?.to_owned();
        Some(Grant { grantee, permission: permission.as_str().to_owned() })
    });
    let is_owner = |grant: &Grant| {
        Some(grant.grantee.as_str()) == owner && grant.permission == Permission::FullControl.as_str()
    };
    Ok(grants.filter(|grant| !is_owner(grant)).collect())
}

/// Writes the ACL: the grants, and that of the owner.
pub(super) async fn set(at: At<'_>, wanted: &BTreeSet<Grant>) -> Result<()> {
    let owner = PUT_BUCKET_ACL.part("owner", acl(at).await?.owner)?;
    let own = Grant {
        grantee: PUT_BUCKET_ACL.part("id of the owner", owner.id.clone())?,
        permission: Permission::FullControl.as_str().to_owned(),
    };
    let grants: Vec<sdk::Grant> =
        std::iter::once(&own).chain(wanted).map(sdk_grant).collect::<Result<_>>()?;
    let policy = AccessControlPolicy::builder().owner(owner).set_grants(Some(grants)).build();
    let call = at.region.s3().put_bucket_acl().bucket(at.name).expected_bucket_owner(at.owner);
    let call = call.access_control_policy(policy);
    at.put(PUT_BUCKET_ACL, || call.clone().send()).await
}

async fn acl(at: At<'_>) -> Result<GetBucketAclOutput> {
    let call = at.region.s3().get_bucket_acl().bucket(at.name).expected_bucket_owner(at.owner);
    GET_BUCKET_ACL.call(call.send()).await
}

fn sdk_grant(grant: &Grant) -> Result<sdk::Grant> {
    let to = if grant.grantee.starts_with(GROUP) {
        Grantee::builder().r#type(Type::Group).uri(&grant.grantee)
    } else {
        Grantee::builder().r#type(Type::CanonicalUser).id(&grant.grantee)
    };
    let to = PUT_BUCKET_ACL.built(to.build())?;
    Ok(sdk::Grant::builder().grantee(to).permission(Permission::from(grant.permission.as_str())).build())
}
