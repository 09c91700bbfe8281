pub(super) mod stand_in;

use asiaq_ir::ManagedPolicy;
use aws_sdk_iam::types::{ManagedPolicyDetail, PolicyVersion};

use super::identity::{self, document, name_of, sdk_tags};
use super::prelude::*;
use super::resource::AwsResource;
use crate::service::iam;
use crate::tag_index;

ops! { iam:
    LIST_POLICY_TAGS = "ListPolicyTags", Read;
    LIST_POLICY_VERSIONS = "ListPolicyVersions", Delete;
    CREATE_POLICY = "CreatePolicy", Write;
    CREATE_POLICY_VERSION = "CreatePolicyVersion", Write;
    TAG_POLICY = "TagPolicy", Write;
    UNTAG_POLICY = "UntagPolicy", Write;
    DELETE_POLICY_VERSION = "DeletePolicyVersion", Delete;
    DELETE_POLICY = "DeletePolicy", Delete;
}

/// The end of the description of a managed policy of asiaq. No listing shows the tags of managed policies, and the index
/// of tags lags behind: the tags of those with this end are asked for.
const MARKER: &str = "[asiaq]";
/// Versions that a policy can have.
const VERSIONS: usize = 5;

impl AwsResource for ManagedPolicy {
    const ACTIONS: IamActions = &[OPS, identity::OPS];
    const SERVICE: &'static Service = &iam;

    async fn list(region: &Region<'_>, project: &str) -> Result<Listed> {
        let all = identity::all(region).await?;
        let index = tag_index::identities(region).await?;
        let arn = |policy: &ManagedPolicyDetail| policy.arn.clone();
        let is_any = |policy: &&ManagedPolicyDetail| {
            policy.arn().is_some_and(|arn| index.contains_key(arn)) || is_marked(policy)
        };
        let arns = all.policies.iter().filter(is_any).filter_map(arn).collect();
        let mut tags = tag_index::from(&index, arns, async |arn: String| tags_of(region, &arn).await).await?;
        let found = all.policies.iter().filter_map(|policy| {
            let id = arn(policy)?;
            let tags = tags.remove(&id)?;
            let (address, region) = (tags::address_in(&tags, project)?, region.name.to_owned());
            Some(Found { address, id, region, tags, resource: read(policy)?.into() })
        });
        Ok(Listed { found: found.collect(), ..Listed::default() })
    }

    async fn tags(region: &Region<'_>, id: &str) -> Result<Option<Tags>> {
        tags_of(region, id).await
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let description = self.description.as_deref().unwrap_or_default();
        let call = region
            .iam()
            .create_policy()
            .policy_name(&self.name)
            .path(&self.path)
            .description(format!("{description} {MARKER}").trim_start())
            .policy_document(&self.document)
            .set_tags(Some(sdk_tags(request.tags)));
        let made = region.retry_until_consistent(CREATE_POLICY, || call.clone().send()).await;
        let arn = made.and_then(|made| CREATE_POLICY.part("ARN", made.policy.and_then(|policy| policy.arn)));
        let arn = identity::created(request, arn, self.existing_conflict(region)).await?;
        Ok(Created::ready(arn, self.clone()))
    }

    /// AWS knows policies by ARN, which follows from the name, the path and the account. A name that is taken at another
    /// path is found in the listing.
    async fn existing_conflict(&self, region: &Region<'_>) -> Result<Option<Tagged>> {
        let all = identity::all(region).await?;
        let is_it = |policy: &&ManagedPolicyDetail| {
            policy.arn().is_some_and(|arn| name_of(arn).eq_ignore_ascii_case(&self.name))
        };
        let Some(arn) = all.policies.iter().find(is_it).and_then(|policy| policy.arn.clone()) else {
            return Ok(None);
        };
        Ok(tags_of(region, &arn).await?.map(|tags| (arn, tags)))
    }

    async fn retag(region: &Region<'_>, id: &str, tags: TagChange<'_>) -> Result<()> {
        tag_family::retag::<PolicyTags>(region, id, tags).await
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        if self.document == wanted.document {
            Ok(())
        } else {
            set_document(region, id, &wanted.document).await
        }
    }

    /// What the project limits with the policy gets a stand-in before: AWS deletes no policy that is a boundary.
    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        stand_in::put(region, id).await?;
        let Some(versions) = iam.found(versions(region, id).await)? else { return Ok(()) };
        for version in versions.iter().filter(|version| !version.is_default_version) {
            delete_version(region, id, version).await?;
        }
        let request = region.iam().delete_policy().policy_arn(id);
        region.retry_while_in_use(DELETE_POLICY, || request.clone().send()).await
    }
}

/// Whether asiaq made a policy.
pub(super) fn is_marked(policy: &ManagedPolicyDetail) -> bool {
    policy.description().is_some_and(|text| text.ends_with(MARKER))
}

/// A policy in the IR's form.
fn read(policy: &ManagedPolicyDetail) -> Option<ManagedPolicy> {
    let default = policy.policy_version_list().iter().find(|version| version.is_default_version)?;
    let description = policy.description().unwrap_or_default();
    let description = description.strip_suffix(MARKER).unwrap_or(description).trim_end();
    Some(ManagedPolicy {
        name: name_of(policy.arn()?).to_owned(),
        path: policy.path.clone()?,
        description: Some(description.to_owned()).filter(|text| !text.is_empty()),
        document: document(default.document()),
    })
}

/// Creates a new version and makes it the default. The oldest one goes first where there are as many as AWS keeps: the one
/// that is in force is never it.
async fn set_document(region: &Region<'_>, id: &str, document: &str) -> Result<()> {
    let mut versions = versions(region, id).await?;
    versions.sort_by_key(number);
    let many = versions.len().saturating_sub(VERSIONS - 1);
    for version in versions.iter().filter(|version| !version.is_default_version).take(many) {
        delete_version(region, id, version).await?;
    }
    let call =
        region.iam().create_policy_version().policy_arn(id).policy_document(document).set_as_default(true);
    region.retry_until_consistent(CREATE_POLICY_VERSION, || call.clone().send()).await.map(drop)
}

/// The number of a version: 12 of `v12`.
fn number(version: &PolicyVersion) -> u32 {
    let digits = version.version_id().unwrap_or_default().trim_start_matches('v');
    digits.parse().unwrap_or_default()
}

async fn versions(region: &Region<'_>, id: &str) -> Result<Vec<PolicyVersion>> {
    let pages = region.iam().list_policy_versions().policy_arn(id).into_paginator().items().send();
    LIST_POLICY_VERSIONS.all(pages).await
}

async fn delete_version(region: &Region<'_>, id: &str, version: &PolicyVersion) -> Result<()> {
    let call = region.iam().delete_policy_version().policy_arn(id).set_version_id(version.version_id.clone());
    region.retry_while_in_use(DELETE_POLICY_VERSION, || call.clone().send()).await
}

/// The tags of a policy; none where it is gone.
pub(super) async fn tags_of(region: &Region<'_>, arn: &str) -> Result<Option<Tags>> {
    let pages = region.iam().list_policy_tags().policy_arn(arn).into_paginator().items().send();
    Ok(iam.found(LIST_POLICY_TAGS.all(pages).await)?.map(|listed: Vec<_>| identity::tags(&listed)))
}

/// Tags of managed policies, by ARN.
struct PolicyTags;

impl TagFamily for PolicyTags {
    async fn set(region: &Region<'_>, arn: &str, tags: &Tags) -> Result<()> {
        let call = region.iam().tag_policy().policy_arn(arn).set_tags(Some(sdk_tags(tags)));
        region.retry_until_consistent(TAG_POLICY, || call.clone().send()).await.map(drop)
    }

    async fn remove(region: &Region<'_>, arn: &str, keys: Vec<String>) -> Result<()> {
        let call = region.iam().untag_policy().policy_arn(arn).set_tag_keys(Some(keys));
        region.retry_until_consistent(UNTAG_POLICY, || call.clone().send()).await.map(drop)
    }
}
