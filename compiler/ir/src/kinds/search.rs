//! Search domains: OpenSearch Service, also with the old versions of Elasticsearch.

use std::collections::BTreeSet;

use asiaq_ir_derive::{Element, Part, ResourceKind};
use serde::{Deserialize, Serialize};

use crate::Ref;

const NEVER_OFF: &str = "AWS never switches this off for a domain";

/// A search domain. Its id is its ARN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Name, lies_in(subnets), renamed = ByName)]
#[resource(outputs(
    arn = "{id}",
    console = "aos/home?region={region}#opensearch/domains/{name}",
    fields(name, version),
    assigned(DnsName)
))]
#[resource(outage(seconds = 1800, what = "its indexes are gone"))]
#[resource(deletion = DataLoss, summary(version, instance_type))]
#[aws(tags = "opensearch:CreateDomain.TagList", own_tags = 1, shown = "search domain")]
#[expect(clippy::struct_excessive_bools, reason = "AWS has these switches")]
pub struct SearchDomain {
    /// Its name, unique in the account and region: `es-logs-ci`.
    #[resource(replace = "AWS cannot rename a search domain", exclusive)]
    #[aws("opensearch:CreateDomain.DomainName")]
    pub name: String,
    /// Engine and version: `OpenSearch_2.19`, `Elasticsearch_7.10`. An upgrade is a call of its own.
    #[resource(in_place = Disruptive)]
    #[aws("opensearch:CreateDomain.EngineVersion")]
    pub version: String,
    /// Type of the data nodes: `m7g.large.search`.
    #[aws("opensearch:CreateDomain.ClusterConfig.InstanceType")]
    pub instance_type: String,
    /// Number of data nodes.
    #[resource(decrease_risk = Disruptive)]
    #[aws("opensearch:CreateDomain.ClusterConfig.InstanceCount")]
    pub count: u32,
    /// Nodes that manage the cluster and keep no data.
    #[aws("opensearch:CreateDomain.ClusterConfig.DedicatedMasterEnabled")]
    pub masters: Option<SearchMasters>,
    /// Availability zones that the data nodes are in: 1, 2 or 3.
    #[resource(decrease_risk = Disruptive)]
    #[aws("opensearch:CreateDomain.ClusterConfig.ZoneAwarenessConfig.AvailabilityZoneCount")]
    pub zones: u32,
    /// Size of the EBS volume of each data node in GiB; absent where nodes use disks of their own.
    #[resource(decrease_risk = Disruptive)]
    #[aws("opensearch:CreateDomain.EBSOptions.VolumeSize")]
    pub storage: Option<u32>,
    /// Type of these volumes: `gp3`.
    #[aws("opensearch:CreateDomain.EBSOptions.VolumeType")]
    pub storage_type: Option<String>,
    /// Their input/output operations per second; AWS's choice where absent.
    #[resource(if_set = Safe)]
    #[aws("opensearch:CreateDomain.EBSOptions.Iops")]
    pub iops: Option<u32>,
    /// Their throughput in MiB/s; AWS's choice where absent.
    #[resource(if_set = Safe)]
    #[aws("opensearch:CreateDomain.EBSOptions.Throughput")]
    pub throughput: Option<u32>,
    /// The subnets of its interfaces; none for a public domain.
    #[resource(
        elements(changed = Disruptive, removed = Disruptive),
        vpc_bound_by,
        empty_for_good = "AWS cannot move a search domain into a VPC or out of it",
        in_use
    )]
    #[aws("opensearch:CreateDomain.VPCOptions.SubnetIds")]
    pub subnets: BTreeSet<Ref>,
    /// Security groups of its interfaces; none for a public domain.
    #[resource(elements(changed = Disruptive, removed = Disruptive), in_use)]
    #[aws("opensearch:CreateDomain.VPCOptions.SecurityGroupIds")]
    pub groups: BTreeSet<Ref>,
    /// Who may call it without a signature: the statement of its access policy.
    #[resource(elements(changed = Disruptive, removed = Disruptive))]
    #[aws("opensearch:CreateDomain.AccessPolicies")]
    pub allowed: BTreeSet<SearchClient>,
    /// Its whole access policy, where that is another one, as `asiaq-iam` writes it.
    #[resource(in_place = Disruptive)]
    #[aws("opensearch:CreateDomain.AccessPolicies", if_set)]
    pub policy: Option<String>,
    /// Whether data is encrypted at rest.
    #[resource(set_once = NEVER_OFF)]
    #[aws("opensearch:CreateDomain.EncryptionAtRestOptions.Enabled")]
    pub encrypted: bool,
    /// Id of the KMS key; AWS's own where absent.
    #[resource(set_once = "AWS never changes the key of a search domain")]
    #[aws("opensearch:CreateDomain.EncryptionAtRestOptions.KmsKeyId")]
    pub kms_key: Option<String>,
    /// Whether nodes speak TLS to each other.
    #[resource(set_once = NEVER_OFF)]
    #[aws("opensearch:CreateDomain.NodeToNodeEncryptionOptions.Enabled")]
    pub node_encryption: bool,
    /// Whether it refuses requests without TLS.
    #[resource(in_place = Disruptive)]
    #[aws("opensearch:CreateDomain.DomainEndpointOptions.EnforceHTTPS")]
    pub enforce_https: bool,
    /// TLS versions and ciphers that it accepts.
    #[resource(in_place = Disruptive)]
    #[aws("opensearch:CreateDomain.DomainEndpointOptions.TLSSecurityPolicy")]
    pub tls_policy: String,
    /// Whether fine-grained access control is on.
    #[resource(set_once = NEVER_OFF)]
    #[aws("opensearch:CreateDomain.AdvancedSecurityOptions.Enabled")]
    pub fine_grained: bool,
    /// ARN of the identity that manages fine-grained access control.
    #[resource(create_only_unread = "AWS does not show the master user of a search domain")]
    #[aws("opensearch:CreateDomain.AdvancedSecurityOptions.MasterUserOptions.MasterUserARN", if_set)]
    pub master_user: Option<String>,
    /// Hour of the daily snapshot of old versions, in UTC; AWS's choice where absent.
    #[resource(if_set = Safe)]
    #[aws("opensearch:CreateDomain.SnapshotOptions.AutomatedSnapshotStartHour")]
    pub snapshot_hour: Option<u32>,
    /// Logs that it writes to CloudWatch Logs.
    #[resource(elements)]
    #[aws("opensearch:CreateDomain.LogPublishingOptions")]
    pub logs: BTreeSet<SearchLog>,
}

/// The dedicated master nodes of a [`SearchDomain`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Part)]
pub struct SearchMasters {
    /// Their type: `m7g.large.search`.
    #[aws("opensearch:CreateDomain.ClusterConfig.DedicatedMasterType")]
    pub instance_type: String,
    /// Their number: 3 or 5.
    #[aws("opensearch:CreateDomain.ClusterConfig.DedicatedMasterCount")]
    pub count: u32,
}

/// Who may call a [`SearchDomain`] without a signature.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Part)]
#[serde(rename_all = "kebab-case")]
pub enum SearchClient {
    /// Everybody who gets there. In a VPC, the security groups decide who does.
    Everybody,
    /// A CIDR block: `203.0.113.0/24`.
    #[aws(not_sent = "it is a part of the access policy")]
    Block(String),
    /// An Elastic IP address.
    #[aws(not_sent = "its public address is a part of the access policy")]
    Address(Ref),
}

impl crate::declare::Element for SearchClient {
    const KEY: &'static [&'static str] = &[];
}

/// A log of a [`SearchDomain`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Element)]
pub struct SearchLog {
    /// What it has: `INDEX_SLOW_LOGS`, `SEARCH_SLOW_LOGS`, `ES_APPLICATION_LOGS` or `AUDIT_LOGS`.
    #[element(key)]
    #[aws("opensearch:CreateDomain.LogPublishingOptions.Key")]
    pub of: String,
    /// ARN of the log group.
    #[aws("opensearch:CreateDomain.LogPublishingOptions.Value.CloudWatchLogsLogGroupArn")]
    pub group: String,
}
