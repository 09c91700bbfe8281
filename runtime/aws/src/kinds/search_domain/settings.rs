//! The settings of a search domain as AWS has them.

use std::collections::{BTreeSet, HashMap};

use asiaq_ir::{Ref, SearchDomain, SearchLog, SearchMasters};
use aws_sdk_opensearch::operation::update_domain_config::builders::UpdateDomainConfigFluentBuilder;
use aws_sdk_opensearch::types::{
    AdvancedSecurityOptions, AdvancedSecurityOptionsInput, ClusterConfig, DomainEndpointOptions,
    DomainStatus, EbsOptions, EncryptionAtRestOptions, LogPublishingOption, LogType, MasterUserOptions,
    NodeToNodeEncryptionOptions, SnapshotOptions, VpcDerivedInfo, VpcOptions, ZoneAwarenessConfig,
};

use super::access::{self, Access};
use crate::kinds::prelude::*;
use crate::kinds::values::name_of;

/// The security policy of a domain that says none ("`DomainEndpointOptions`" of the API reference).
const OLD_TLS_POLICY: &str = "Policy-Min-TLS-1-0-2019-07";

pub(super) fn cluster(domain: &SearchDomain) -> ClusterConfig {
    let is_spread = domain.zones > 1;
    let zones = is_spread
        .then(|| ZoneAwarenessConfig::builder().availability_zone_count(signed(domain.zones)).build());
    let masters = domain.masters.as_ref();
    ClusterConfig::builder()
        .instance_type(domain.instance_type.as_str().into())
        .instance_count(signed(domain.count))
        .dedicated_master_enabled(masters.is_some())
        .set_dedicated_master_type(masters.map(|masters| masters.instance_type.as_str().into()))
        .set_dedicated_master_count(masters.map(|masters| signed(masters.count)))
        .zone_awareness_enabled(is_spread)
        .set_zone_awareness_config(zones)
        .build()
}

pub(super) fn volumes(domain: &SearchDomain) -> EbsOptions {
    EbsOptions::builder()
        .ebs_enabled(domain.storage.is_some())
        .set_volume_size(domain.storage.map(signed))
        .set_volume_type(domain.storage_type.as_deref().map(Into::into))
        .set_iops(domain.iops.map(signed))
        .set_throughput(domain.throughput.map(signed))
        .build()
}

pub(super) fn place(domain: &SearchDomain) -> Option<VpcOptions> {
    let options = VpcOptions::builder()
        .set_subnet_ids(Some(ids(&domain.subnets)))
        .set_security_group_ids(Some(ids(&domain.groups)))
        .build();
    (!domain.subnets.is_empty()).then_some(options)
}

pub(super) fn encryption(domain: &SearchDomain) -> EncryptionAtRestOptions {
    EncryptionAtRestOptions::builder()
        .enabled(domain.encrypted)
        .set_kms_key_id(domain.kms_key.clone())
        .build()
}

pub(super) fn node_encryption(domain: &SearchDomain) -> NodeToNodeEncryptionOptions {
    NodeToNodeEncryptionOptions::builder().enabled(domain.node_encryption).build()
}

pub(super) fn endpoint(domain: &SearchDomain) -> DomainEndpointOptions {
    DomainEndpointOptions::builder()
        .enforce_https(domain.enforce_https)
        .tls_security_policy(domain.tls_policy.as_str().into())
        .build()
}

/// Fine-grained access control with an identity of IAM: no password.
pub(super) fn fine_grained(domain: &SearchDomain) -> Option<AdvancedSecurityOptionsInput> {
    let master = MasterUserOptions::builder().set_master_user_arn(domain.master_user.clone()).build();
    domain.fine_grained.then(|| {
        AdvancedSecurityOptionsInput::builder()
            .enabled(true)
            .internal_user_database_enabled(false)
            .master_user_options(master)
            .build()
    })
}

pub(super) fn snapshots(domain: &SearchDomain) -> Option<SnapshotOptions> {
    let hour = domain.snapshot_hour?;
    Some(SnapshotOptions::builder().automated_snapshot_start_hour(signed(hour)).build())
}

/// The logs that are on, and of those of the live domain the ones that are to be off.
pub(super) fn logs(
    live: Option<&SearchDomain>,
    wanted: &SearchDomain,
) -> Option<HashMap<LogType, LogPublishingOption>> {
    let option = |log: &SearchLog, is_on: bool| {
        let option = LogPublishingOption::builder().enabled(is_on).cloud_watch_logs_log_group_arn(&log.group);
        (LogType::from(log.of.as_str()), option.build())
    };
    let mut logs: HashMap<_, _> =
        live.into_iter().flat_map(|live| &live.logs).map(|log| option(log, false)).collect();
    logs.extend(wanted.logs.iter().map(|log| option(log, true)));
    (!logs.is_empty()).then_some(logs)
}

/// One call with all that differs.
pub(super) async fn change(
    region: &Region<'_>,
    live: &SearchDomain,
    wanted: &SearchDomain,
) -> Result<UpdateDomainConfigFluentBuilder> {
    let call = region.opensearch().update_domain_config().domain_name(&wanted.name);
    let is_other_cluster = cluster(live) != cluster(wanted);
    let is_other_volume = volumes(live) != volumes(wanted);
    let is_other_place = place(live) != place(wanted);
    let is_other_access = (&live.allowed, &live.policy) != (&wanted.allowed, &wanted.policy);
    let is_encrypted_now = encryption(live) != encryption(wanted);
    let is_safer_between = live.node_encryption != wanted.node_encryption;
    let is_other_endpoint = endpoint(live) != endpoint(wanted);
    let is_finer = live.fine_grained != wanted.fine_grained;
    let is_other_hour = wanted.snapshot_hour.is_some() && live.snapshot_hour != wanted.snapshot_hour;
    let are_other_logs = live.logs != wanted.logs;
    // A policy that lets nobody in is an empty text.
    let policy =
        if is_other_access { Some(access::text(region, wanted).await?.unwrap_or_default()) } else { None };
    Ok(call
        .set_cluster_config(is_other_cluster.then(|| cluster(wanted)))
        .set_ebs_options(is_other_volume.then(|| volumes(wanted)))
        .set_vpc_options(place(wanted).filter(|_| is_other_place))
        .set_access_policies(policy)
        .set_encryption_at_rest_options(is_encrypted_now.then(|| encryption(wanted)))
        .set_node_to_node_encryption_options(is_safer_between.then(|| node_encryption(wanted)))
        .set_domain_endpoint_options(is_other_endpoint.then(|| endpoint(wanted)))
        .set_advanced_security_options(fine_grained(wanted).filter(|_| is_finer))
        .set_snapshot_options(snapshots(wanted).filter(|_| is_other_hour))
        .set_log_publishing_options(logs(Some(live), wanted).filter(|_| are_other_logs)))
}

/// A live domain in the IR's form.
pub(super) fn read(domain: &DomainStatus, access: Access) -> Option<SearchDomain> {
    let cluster = domain.cluster_config()?;
    let number = |number: Option<i32>| number.map(unsigned);
    let is_spread = cluster.zone_awareness_enabled() == Some(true);
    let zones = cluster.zone_awareness_config().and_then(ZoneAwarenessConfig::availability_zone_count);
    let masters =
        cluster.dedicated_master_type().filter(|_| cluster.dedicated_master_enabled() == Some(true));
    let volumes = domain.ebs_options().filter(|volumes| volumes.ebs_enabled() == Some(true));
    let place = domain.vpc_options();
    let refs = |ids: Option<&[String]>| -> BTreeSet<Ref> {
        ids.unwrap_or_default().iter().cloned().map(Ref::Id).collect()
    };
    let encryption = domain.encryption_at_rest_options();
    let endpoint = domain.domain_endpoint_options();
    let logs = domain.log_publishing_options().into_iter().flatten();
    let logs = logs.filter(|(_, option)| option.enabled() == Some(true)).map(|(of, option)| SearchLog {
        of: of.as_str().to_owned(),
        group: option.cloud_watch_logs_log_group_arn().unwrap_or_default().trim_end_matches(":*").to_owned(),
    });
    Some(SearchDomain {
        name: domain.domain_name().to_owned(),
        version: domain.engine_version()?.to_owned(),
        instance_type: cluster.instance_type()?.as_str().to_owned(),
        count: number(cluster.instance_count()).unwrap_or(1),
        masters: masters.map(|of| SearchMasters {
            instance_type: of.as_str().to_owned(),
            count: number(cluster.dedicated_master_count()).unwrap_or_default(),
        }),
        zones: if is_spread { number(zones).unwrap_or(2) } else { 1 },
        storage: number(volumes.and_then(EbsOptions::volume_size)),
        storage_type: volumes.and_then(EbsOptions::volume_type).map(|of| of.as_str().to_owned()),
        iops: number(volumes.and_then(EbsOptions::iops)),
        throughput: number(volumes.and_then(EbsOptions::throughput)),
        subnets: refs(place.map(VpcDerivedInfo::subnet_ids)),
        groups: refs(place.map(VpcDerivedInfo::security_group_ids)),
        allowed: access.allowed,
        policy: access.policy,
        encrypted: encryption.and_then(EncryptionAtRestOptions::enabled).unwrap_or_default(),
        kms_key: encryption.and_then(EncryptionAtRestOptions::kms_key_id).map(|key| name_of(key).to_owned()),
        node_encryption: domain
            .node_to_node_encryption_options()
            .and_then(NodeToNodeEncryptionOptions::enabled)
            .unwrap_or_default(),
        enforce_https: endpoint.and_then(DomainEndpointOptions::enforce_https).unwrap_or_default(),
        tls_policy: endpoint
            .and_then(DomainEndpointOptions::tls_security_policy)
            .map_or(OLD_TLS_POLICY, |policy| policy.as_str())
            .to_owned(),
        fine_grained: domain
            .advanced_security_options()
            .and_then(AdvancedSecurityOptions::enabled)
            .unwrap_or_default(),
        master_user: None,
        snapshot_hour: number(
            domain.snapshot_options().and_then(SnapshotOptions::automated_snapshot_start_hour),
        ),
        logs: logs.collect(),
    })
}
