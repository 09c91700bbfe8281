use asiaq_ir::{Partition, Replication, ReplicationRule};
use aws_sdk_s3::types::{
    self as sdk, AccessControlTranslation, DeleteMarkerReplication, DeleteMarkerReplicationStatus,
    Destination, OwnerOverride, ReplicationConfiguration, ReplicationRuleFilter, ReplicationRuleStatus,
    StorageClass,
};

use super::super::prelude::*;
use super::{At, unless};

ops! { s3:
    GET_BUCKET_REPLICATION = "GetBucketReplication" as "GetReplicationConfiguration", Own;
    PUT_BUCKET_REPLICATION = "PutBucketReplication" as "PutReplicationConfiguration", Write;
    DELETE_BUCKET_REPLICATION = "DeleteBucketReplication" as "PutReplicationConfiguration", Write;
}

pub(super) async fn read(at: At<'_>) -> Result<Option<Replication>> {
    let call = at.region.s3().get_bucket_replication().bucket(at.name).expected_bucket_owner(at.owner);
    let answer = GET_BUCKET_REPLICATION.call(call.send()).await;
    let answer = unless("ReplicationConfigurationNotFoundError", answer)?;
    let all = answer.and_then(|answer| answer.replication_configuration);
    Ok(all.map(|all| Replication { role: all.role, rules: all.rules.into_iter().filter_map(rule).collect() }))
}

/// A rule; none where it is switched off.
fn rule(live: sdk::ReplicationRule) -> Option<ReplicationRule> {
    let to = live.destination?;
    (live.status == ReplicationRuleStatus::Enabled).then_some(())?;
    let prefix = live.filter.and_then(|filter| filter.prefix.or(filter.and.and_then(|and| and.prefix)));
    let markers = live.delete_marker_replication.and_then(|markers| markers.status);
    Some(ReplicationRule {
        id: live.id.unwrap_or_default(),
        priority: live.priority.map(unsigned).unwrap_or_default(),
        prefix: prefix.unwrap_or_default(),
        bucket: to.bucket.rsplit(':').next().unwrap_or_default().to_owned(),
        account: to.account,
        class: to.storage_class.map(|class| class.as_str().to_owned()),
        markers: markers == Some(DeleteMarkerReplicationStatus::Enabled),
    })
}

/// Writes all rules. The other bucket may be in the middle of its creation: its versions come a moment later.
pub(super) async fn set(at: At<'_>, wanted: &Replication) -> Result<()> {
    let partition = Partition::of(at.region.name).name();
    let rules = wanted.rules.iter().map(|rule| sdk_rule(partition, rule)).collect::<Result<Vec<_>>>()?;
    let all = ReplicationConfiguration::builder().role(&wanted.role).set_rules(Some(rules)).build();
    let all = PUT_BUCKET_REPLICATION.built(all)?;
    let call = at.region.s3().put_bucket_replication().bucket(at.name).expected_bucket_owner(at.owner);
    let call = call.replication_configuration(all);
    at.put(PUT_BUCKET_REPLICATION, || call.clone().send()).await
}

pub(super) async fn remove(at: At<'_>) -> Result<()> {
    let call = at.region.s3().delete_bucket_replication().bucket(at.name).expected_bucket_owner(at.owner);
    at.put(DELETE_BUCKET_REPLICATION, || call.clone().send()).await
}

fn sdk_rule(partition: &str, wanted: &ReplicationRule) -> Result<sdk::ReplicationRule> {
    let owner = wanted.account.as_ref().map(|_| {
        let owner = AccessControlTranslation::builder().owner(OwnerOverride::Destination);
        PUT_BUCKET_REPLICATION.built(owner.build())
    });
    let to = Destination::builder()
        .bucket(format!("arn:{partition}:s3:::{}", wanted.bucket))
        .set_account(wanted.account.clone())
        .set_access_control_translation(owner.transpose()?)
        .set_storage_class(wanted.class.as_deref().map(StorageClass::from));
    let markers = if wanted.markers {
        DeleteMarkerReplicationStatus::Enabled
    } else {
        DeleteMarkerReplicationStatus::Disabled
    };
    let rule = sdk::ReplicationRule::builder()
        .id(&wanted.id)
        .priority(signed(wanted.priority))
        .filter(ReplicationRuleFilter::builder().prefix(&wanted.prefix).build())
        .status(ReplicationRuleStatus::Enabled)
        .delete_marker_replication(DeleteMarkerReplication::builder().status(markers).build())
        .destination(PUT_BUCKET_REPLICATION.built(to.build())?);
    PUT_BUCKET_REPLICATION.built(rule.build())
}
