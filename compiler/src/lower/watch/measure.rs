//! The subjects of the metrics of a namespace, and their dimensions in CloudWatch.

use asiaq_ir::{Dimension, DimensionValue, Ref};

use crate::library::kinds;
use crate::model::{Alarm, Balancer, Environment, Family, Host, Metered, hashed_cache_name};

/// The subject of the metrics of a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measured {
    /// All instances of a hostclass.
    Machines,
    /// A load balancer of a hostclass.
    Balancer(Family),
    /// A database: an instance, or a cluster.
    Database,
    /// A cache cluster.
    Cache,
    /// A search domain.
    Search,
    /// A table.
    Table,
}

impl Measured {
    pub(super) fn of(namespace: &str) -> Self {
        match namespace {
            "AWS/ELB" => Self::Balancer(Family::Classic),
            "AWS/ApplicationELB" => Self::Balancer(Family::Application),
            "AWS/NetworkELB" => Self::Balancer(Family::Network),
            "AWS/RDS" => Self::Database,
            "AWS/ElastiCache" => Self::Cache,
            "AWS/ES" => Self::Search,
            "AWS/DynamoDB" => Self::Table,
            _ => Self::Machines,
        }
    }

    /// Its name with the article, for messages.
    pub(super) fn shown(self) -> &'static str {
        match self {
            Self::Machines => "a hostclass",
            Self::Balancer(family) => family.shown(),
            Self::Database => "a database",
            Self::Cache => "a cache",
            Self::Search => "a search domain",
            Self::Table => "a table",
        }
    }

    /// The kind of declarations that it measures, if those keep data.
    pub(super) fn store(self) -> Option<&'static str> {
        let word = match self {
            Self::Database => kinds::DATABASE,
            Self::Cache => kinds::CACHE,
            Self::Search => kinds::SEARCH,
            Self::Table => kinds::TABLE,
            Self::Machines | Self::Balancer(_) => return None,
        };
        Some(word)
    }

    /// Whether AWS publishes a metric for a store. Clusters and other databases have some of their own (Aurora user guide,
    /// "Amazon CloudWatch metrics for Amazon Aurora").
    pub(super) fn has(self, store: &Metered<'_>, metric: &str) -> bool {
        if self != Self::Database {
            return true;
        }
        let is_of_instances = ["FreeStorageSpace", "ReplicaLag", "BurstBalance"].contains(&metric);
        let is_of_clusters = metric.starts_with("Aurora") || metric.starts_with("Volume");
        if store.is_cluster { !is_of_instances } else { !is_of_clusters }
    }

    /// Whether a program refers to it by its own name instead of a hostclass.
    pub(super) fn is_named(self) -> bool {
        self.store().is_some()
    }

    /// The load balancer of a hostclass that it measures.
    pub(super) fn balancer(self, host: &Host) -> Option<&Balancer> {
        match self {
            Self::Balancer(family) => host.balancers.iter().find(|balancer| balancer.family.value == family),
            Self::Machines | Self::Database | Self::Cache | Self::Search | Self::Table => None,
        }
    }

    /// Whether it measures a hostclass or a load balancer of it.
    pub(super) fn is_of(self, host: &Host) -> bool {
        match self {
            Self::Machines => true,
            Self::Balancer(_) => self.balancer(host).is_some(),
            Self::Database | Self::Cache | Self::Search | Self::Table => false,
        }
    }
}

fn text(name: &str, value: impl Into<String>) -> Dimension {
    Dimension { name: name.to_owned(), value: DimensionValue::Text(value.into()) }
}

/// The dimensions of a metric of a hostclass, or of its load balancer.
pub(super) fn of_host(env: &Environment, host: &Host, alarm: &Alarm, measured: Measured) -> Vec<Dimension> {
    let of = |name: &str, path: String| Dimension {
        name: name.to_owned(),
        value: DimensionValue::Of(Ref::to(&env.name, &path)),
    };
    if let Some(balancer) = measured.balancer(host) {
        let path = balancer.path(&host.name);
        if balancer.family.value == Family::Classic {
            return vec![of("LoadBalancerName", path)];
        }
        let group = target_group(alarm, balancer).map(|part| format!("{path}/target-group/{part}"));
        let group = group.map(|path| of("TargetGroup", path));
        return [of("LoadBalancer", path)].into_iter().chain(group).collect();
    }
    if alarm.custom.value {
        return vec![text("env_hostclass", format!("{}_{}", env.name, host.name))];
    }
    vec![of("AutoScalingGroupName", format!("hostclass/{}/group", host.name))]
}

/// The target group with the port of an alarm, by the last part of its path.
pub(super) fn target_group(alarm: &Alarm, balancer: &Balancer) -> Option<String> {
    let port = alarm.port.as_ref()?;
    let back = balancer.backs().into_iter().filter(|back| back.port == port.value).min()?;
    Some(balancer.part(back))
}

/// The dimensions of a metric of the resource that an environment calls `name`. Without a known account a search domain
/// has no dimension `ClientId`.
pub(super) fn of_named(
    env: &Environment,
    name: &str,
    account: Option<&str>,
    measured: Measured,
) -> Vec<Dimension> {
    let mut metered = env.metered();
    let declared = metered.find(|known| Some(known.kind) == measured.store() && known.name == name);
    let is_cluster = declared.as_ref().is_some_and(|known| known.is_cluster);
    let aws = declared.map(|known| known.aws);
    match measured {
        Measured::Cache => {
            // The id of a replication group, in lower case, and the number of its first node.
            let id = || format!("{}-001", hashed_cache_name(&env.name, name).to_ascii_lowercase());
            vec![text("CacheClusterId", aws.unwrap_or_else(id))]
        }
        Measured::Search => {
            let client = account.map(|account| text("ClientId", account));
            client
                .into_iter()
                .chain([text("DomainName", aws.unwrap_or_else(|| format!("es-{name}-{}", env.name)))])
                .collect()
        }
        Measured::Database => {
            let dimension = if is_cluster { "DBClusterIdentifier" } else { "DBInstanceIdentifier" };
            vec![text(dimension, aws.unwrap_or_else(|| format!("{}-{name}", env.name)))]
        }
        Measured::Table => vec![text("TableName", aws.unwrap_or_else(|| format!("{name}_{}", env.name)))],
        // These have no names of their own.
        Measured::Machines | Measured::Balancer(_) => Vec::new(),
    }
}
