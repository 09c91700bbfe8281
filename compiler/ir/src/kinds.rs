//! The kinds of AWS resource, one file a family. To add one: a struct that derives [`ResourceKind`], and its name
//! in [`for_each_resource`].

mod address;
mod balancer;
mod cache;
mod cluster;
mod database;
mod dns;
mod endpoint;
mod gateway;
mod group;
mod identity;
mod interface;
mod machine;
mod operator;
mod peering;
mod routing;
mod search;
mod storage;
mod table;
mod tls_policy;
mod vpc;
mod watch;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use address::*;
pub use balancer::*;
pub use cache::*;
pub use cluster::*;
pub use database::*;
pub use dns::*;
pub use endpoint::*;
pub use gateway::*;
pub use group::*;
pub use identity::*;
pub use interface::*;
pub use machine::*;
pub use operator::*;
pub use peering::*;
pub use routing::*;
pub use search::*;
pub use storage::*;
pub use table::*;
pub use tls_policy::*;
pub use vpc::*;
pub use watch::*;

use crate::{Breach, Breaches, Mark, Measured, Outputs, Ref, ResourceKind, Schema, Sent, Summary, TagShapes};

/// Calls a macro with the names of all kinds, in the order in which resources are created.
///
/// Each name is a struct of this crate, a variant of [`Kind`] and a variant of [`Resource`].
#[macro_export]
macro_rules! for_each_resource {
    ($macro:ident) => {
        $macro! {
            ManagedPolicy, SamlProvider, Role, InstanceProfile, UserGroup, User,
            DhcpOptions, Vpc, InternetGateway, VpnAttachment, SecurityGroup, Subnet, ElasticIp, NatGateway,
            PeeringConnection, RouteTable, IngressRules, CacheSubnetGroup, CacheParameterGroup, GatewayEndpoint, NetworkInterface, HostedZone, Topic,
            LogGroup, Bucket, Operator, Trail, Document, SearchDomain,
            DatabaseSubnetGroup, DatabaseParameterGroup, Database, DatabaseClusterParameterGroup, DatabaseCluster,
            DatabaseClusterInstance, ReplicationGroup, CacheCluster, Table,
            TargetGroup, ClassicLoadBalancer, LoadBalancer, RecordSet, LaunchTemplate, AutoScalingGroup,
            SmokeTest, Alarm,
        }
    };
}

macro_rules! kinds {
    ($($kind:ident),+ $(,)?) => {
        /// One AWS resource, without its tags.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "kind", rename_all = "kebab-case")]
        pub enum Resource { $(#[doc = concat!("See [`", stringify!($kind), "`].")] $kind($kind)),+ }

        /// The kind of a resource.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Kind { $(#[doc = concat!("See [`", stringify!($kind), "`].")] $kind),+ }

        impl Kind {
            /// Every kind, in the order in which resources are created.
            pub const ALL: &'static [Kind] = &[$(Kind::$kind),+];

            /// How changes of the kind are planned.
            pub fn schema(self) -> &'static Schema {
                match self { $(Kind::$kind => $kind::SCHEMA),+ }
            }

            /// Names of its fields in JSON.
            pub fn fields(self) -> &'static [&'static str] {
                match self { $(Kind::$kind => $kind::FIELDS),+ }
            }

            /// See [`ResourceKind::TAGS`].
            pub fn tags(self) -> Option<&'static TagShapes> {
                match self { $(Kind::$kind => $kind::TAGS),+ }
            }

            /// See [`ResourceKind::MARK`].
            pub fn mark(self) -> Mark {
                match self { $(Kind::$kind => $kind::MARK),+ }
            }

            /// See [`ResourceKind::OUTPUTS`].
            pub fn outputs(self) -> &'static Outputs {
                match self { $(Kind::$kind => $kind::OUTPUTS),+ }
            }

            /// Calls `each` with every field of the kind and its path, as in `filters/0/name`.
            pub fn sent(self, each: &mut dyn FnMut(&str, &'static Sent)) {
                match self { $(Kind::$kind => <$kind as Measured>::fields("", each)),+ }
            }
        }

        impl Resource {
            /// Its kind.
            pub fn kind(&self) -> Kind {
                match self { $(Resource::$kind(_) => Kind::$kind),+ }
            }

            /// See [`ResourceKind::initial`].
            #[must_use]
            pub fn initial(&self) -> Self {
                match self { $(Resource::$kind(resource) => resource.initial().into()),+ }
            }

            /// See [`ResourceKind::min_elements`].
            pub fn min_elements(&self, field: &str) -> usize {
                match self { $(Resource::$kind(resource) => resource.min_elements(field)),+ }
            }

            /// See [`ResourceKind::references_in_use`].
            pub fn references_in_use(&self) -> Vec<&Ref> {
                match self { $(Resource::$kind(resource) => resource.references_in_use()),+ }
            }

            /// See [`ResourceKind::own_name`].
            pub fn own_name(&self) -> Option<&str> {
                match self { $(Resource::$kind(resource) => resource.own_name()),+ }
            }

            /// See [`ResourceKind::lies_in`].
            pub fn lies_in(&self) -> Vec<&Ref> {
                match self { $(Resource::$kind(resource) => resource.lies_in()),+ }
            }

            /// The values that AWS does not accept.
            pub fn breaches(&self) -> Vec<Breach<'_>> {
                let mut found = Breaches::default();
                match self { $(Resource::$kind(resource) => resource.measure(&WHOLE, &mut found)),+ }
                found.0
            }

            /// See [`ResourceKind::summary`].
            pub fn summary(&self) -> Vec<Summary<'_>> {
                match self { $(Resource::$kind(resource) => resource.summary()),+ }
            }
        }

        $(impl From<$kind> for Resource {
            fn from(resource: $kind) -> Self { Resource::$kind(resource) }
        })+
    };
}

for_each_resource!(kinds);

/// A resource as a whole: its fields are sent, each as what it says.
const WHOLE: Sent = Sent { owner: "", field: "", shapes: &[], plus: 0, is_call: false, not_sent: None };

impl Kind {
    /// Whether a service has nothing else than what keeps data, or a listing takes a call for each. A plan asks it only if the
    /// program uses it, or if something of it may be owned.
    pub fn has_own_service(self) -> bool {
        matches!(
            self,
            Self::Database
                | Self::DatabaseSubnetGroup
                | Self::DatabaseParameterGroup
                | Self::DatabaseClusterParameterGroup
                | Self::DatabaseCluster
                | Self::DatabaseClusterInstance
                | Self::ReplicationGroup
                | Self::CacheCluster
                | Self::CacheSubnetGroup
                | Self::CacheParameterGroup
                | Self::SearchDomain
                | Self::Table
                | Self::Operator
        )
    }

    /// Its name in plans and in the IR.
    pub fn name(self) -> &'static str {
        self.schema().name
    }
}

impl Resource {
    /// The resource as JSON, `kind` included.
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Whether its settings are those of something that keeps data; see [`Schema::data_in`].
    pub fn has_data(&self) -> bool {
        matches!(self, Resource::LaunchTemplate(template) if template.has_data_disks())
    }

    /// The fields in which AWS does not take the live resource to this one in place although it changes them in general,
    /// and why.
    pub fn never_back(&self, live: &Self) -> Vec<(&'static str, &'static str)> {
        match (self, live) {
            (Self::Database(wanted), Self::Database(live)) => wanted.never_back(live),
            (Self::DatabaseCluster(wanted), Self::DatabaseCluster(live)) => wanted.never_back(live),
            (Self::ReplicationGroup(wanted), Self::ReplicationGroup(live)) => wanted.never_back(live),
            (Self::CacheCluster(wanted), Self::CacheCluster(live)) => wanted.never_back(live),
            _ => Vec::new(),
        }
    }

    /// Field `name` as JSON; null where it is absent.
    pub fn field(&self, name: &str) -> Value {
        self.to_value().get_mut(name).map(Value::take).unwrap_or_default()
    }

    /// The resource with another value of field `name`; as it is if it cannot have that.
    #[must_use]
    pub fn with_field(self, name: &str, value: Value) -> Self {
        let mut fields = self.to_value();
        if let Some(slot) = fields.get_mut(name) {
            *slot = value;
        }
        serde_json::from_value(fields).unwrap_or(self)
    }

    /// The text that identifies element `element` of set `field` in provenance and in plans: the values of its key
    /// fields, in order, separated by spaces.
    pub fn element_key(kind: Kind, field: &str, element: &Value) -> String {
        let crate::Change::Elements { key, .. } = kind.schema().change(field) else { return text(element) };
        if key.is_empty() {
            return text(element);
        }
        let parts: Vec<String> = key.iter().filter_map(|k| element.get(*k)).map(text).collect();
        parts.join(" ")
    }
}

/// The elements that the first of two requests creates.
fn first_half<T: Clone + Ord>(elements: &BTreeSet<T>) -> BTreeSet<T> {
    elements.iter().take(elements.len() / 2).cloned().collect()
}

/// A JSON value as a person would write it: strings bare, references by what they name.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(fields) if fields.len() == 1 => fields.values().map(text).collect(),
        Value::Object(fields) => fields.values().map(text).collect::<Vec<_>>().join(" "),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(" "),
        Value::Null => "-".to_owned(),
        other @ (Value::Bool(_) | Value::Number(_)) => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
