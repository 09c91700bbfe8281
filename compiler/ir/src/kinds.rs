//! The kinds of AWS resource, one file a family. To add one: a struct with its `SCHEMA`, and a word below.

mod address;
mod balancer;
mod dns;
mod endpoint;
mod gateway;
mod group;
mod interface;
mod machine;
mod peering;
mod routing;
mod vpc;
mod watch;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use address::ElasticIp;
pub use balancer::{
    BalancerFamily, ClassicHealthCheck, ClassicListener, ClassicLoadBalancer, Listener, LoadBalancer, Scheme,
    Stickiness, TargetGroup, TargetHealthCheck,
};
pub use dns::{HostedZone, RecordSet, RecordTarget};
pub use endpoint::{GatewayEndpoint, Service};
pub use gateway::{InternetGateway, NatGateway, VpnAttachment};
pub use group::{GroupRule, IngressRules, Protocol, SecurityGroup, Source};
pub use interface::NetworkInterface;
pub use machine::{
    AutoScalingGroup, Disk, GroupSize, Health, LaunchTemplate, Scaling, ScalingPolicy, ScalingStep, Schedule,
    SmokeCheck, SmokeTest, Spot,
};
pub use peering::PeeringConnection;
pub use routing::{Route, RouteTable};
pub use vpc::{DhcpOptions, Subnet, Vpc};
pub use watch::{Alarm, Dimension, DimensionValue, LogGroup, MetricFilter, Subscription, Topic};

use crate::Schema;

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
            /// Every kind, in the order things are made.
            pub const ALL: &'static [Kind] = &[$(Kind::$kind),+];

            /// What the engine has to know about the kind.
            pub fn schema(self) -> &'static Schema {
                match self { $(Kind::$kind => &$kind::SCHEMA),+ }
            }
        }

        impl Resource {
            /// Its kind.
            pub fn kind(&self) -> Kind {
                match self { $(Resource::$kind(_) => Kind::$kind),+ }
            }
        }

        $(impl From<$kind> for Resource {
            fn from(resource: $kind) -> Self { Resource::$kind(resource) }
        })+
    };
}

kinds! {
    DhcpOptions, Vpc, InternetGateway, VpnAttachment, SecurityGroup, Subnet, ElasticIp, NatGateway,
    PeeringConnection, RouteTable, IngressRules, GatewayEndpoint, NetworkInterface, HostedZone, Topic, LogGroup,
    TargetGroup, ClassicLoadBalancer, LoadBalancer, RecordSet, LaunchTemplate, AutoScalingGroup, SmokeTest, Alarm,
}

impl Kind {
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

    /// Field `name` as JSON; null where it is absent.
    pub fn field(&self, name: &str) -> Value {
        self.to_value().get_mut(name).map(Value::take).unwrap_or_default()
    }

    /// How few elements AWS lets set `field` have, also while what they point at is made anew.
    pub fn min_elements(&self, field: &str) -> usize {
        match self {
            // It has to be in two zones, and is in each by one subnet.
            Resource::LoadBalancer(LoadBalancer { family: BalancerFamily::Application, .. })
                if field == "subnets" =>
            {
                2
            }
            _ => usize::from(self.kind().schema().never_empty.contains(&field)),
        }
    }

    /// The text that stands for element `element` of set `field` in provenance and in plans: the values of
    /// the fields that make it the same element, in order, separated by spaces.
    pub fn element_key(kind: Kind, field: &str, element: &Value) -> String {
        let crate::Change::Elements { key, .. } = kind.schema().change(field) else { return text(element) };
        if key.is_empty() {
            return text(element);
        }
        let parts: Vec<String> = key.iter().filter_map(|k| element.get(*k)).map(text).collect();
        parts.join(" ")
    }
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
