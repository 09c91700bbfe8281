//! The EC2 instances of a project and the sizes of its Auto Scaling groups: operations outside of plans.

use std::future::Future;
use std::net::IpAddr;

use asiaq_ir::Address;
use serde::{Deserialize, Serialize};

use crate::{DeployRecord, Result};

/// A cloud that can list instances and change the sizes of Auto Scaling groups.
pub trait Fleet: Send + Sync {
    /// The instances of `project` in `region` that are not terminated, sorted by environment, hostclass and id. `env`
    /// restricts them to one environment.
    fn hosts(
        &self,
        region: &str,
        project: &str,
        env: Option<&str>,
    ) -> impl Future<Output = Result<Vec<Host>>> + Send;

    /// The Auto Scaling groups of `project` in `region`, sorted by name. `env` restricts them to one environment.
    fn groups(
        &self,
        region: &str,
        project: &str,
        env: Option<&str>,
    ) -> impl Future<Output = Result<Vec<Group>>> + Send;

    /// Both, from one listing of the groups.
    fn hosts_and_groups(
        &self,
        region: &str,
        project: &str,
        env: Option<&str>,
    ) -> impl Future<Output = Result<(Vec<Host>, Vec<Group>)>> + Send;

    /// The alarms of `project` in `region` that are on, sorted by name. `env` restricts them to one environment.
    fn raised_alarms(
        &self,
        region: &str,
        project: &str,
        env: Option<&str>,
    ) -> impl Future<Output = Result<Vec<RaisedAlarm>>> + Send;

    /// Changes the sizes of an Auto Scaling group, without waiting for its instances.
    ///
    /// # Errors
    /// Also if the group does not belong to `project`.
    fn scale(
        &self,
        region: &str,
        project: &str,
        group: &str,
        sizes: Sizes,
    ) -> impl Future<Output = Result<()>> + Send;
}

/// An EC2 instance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// AWS id.
    pub id: String,
    /// AWS region, such as `us-west-2`.
    pub region: String,
    /// Availability Zone, such as `us-west-2a`.
    pub zone: Option<String>,
    /// Environment it belongs to.
    pub environment: Option<String>,
    /// Hostclass it belongs to.
    pub hostclass: Option<String>,
    /// Host name, from a tag that the instance sets itself.
    pub hostname: Option<String>,
    /// Owner, from a tag.
    pub owner: Option<String>,
    /// Product line, from a tag.
    pub product_line: Option<String>,
    /// Result of its smoke test, from a tag that the instance sets itself; absent until it has a result.
    pub smoke_test: Option<String>,
    /// Name of its Auto Scaling group.
    pub group: Option<String>,
    /// Name of the first of its security groups.
    pub security_group: Option<String>,
    /// State as in the EC2 API: `running`, `stopped`, ….
    pub state: String,
    /// Public IP address.
    pub public: Option<IpAddr>,
    /// Primary private IP addresses of the network interfaces, in order of device index.
    pub private: Vec<IpAddr>,
    /// Instance type.
    pub instance_type: Option<String>,
    /// Id of its AMI.
    pub image: Option<String>,
    /// Creation time of the AMI: UTC, ISO 8601; absent if the AMI no longer exists.
    pub image_created: Option<String>,
    /// Launch time: UTC, ISO 8601.
    pub launched: Option<String>,
    /// Whether its Auto Scaling group launches new instances from another launch template, or a newer version of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub outdated: bool,
}

impl Host {
    /// The private address of the second network interface, whose address outlives the instance, or else of the first.
    pub fn preferred_private(&self) -> Option<IpAddr> {
        self.private.get(1).or(self.private.first()).copied()
    }

    /// The address to connect to: the public address, or else the preferred private one.
    pub fn address(&self) -> Option<IpAddr> {
        self.public.or_else(|| self.preferred_private())
    }
}

/// The sizes of an Auto Scaling group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Name in AWS.
    pub name: String,
    /// Address in the project.
    pub address: Address,
    /// Hostclass of its instances.
    pub hostclass: Option<String>,
    /// Minimum number of instances.
    pub min: u32,
    /// Desired number of instances.
    pub desired: u32,
    /// Maximum number of instances.
    pub max: u32,
    /// Number of instances in any state.
    pub machines: u32,
    /// Number of instances that are in service and healthy.
    pub in_service: u32,
    /// The deploy that is under way, whether it has this group still or already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deploy: Option<DeployRecord>,
}

/// A CloudWatch alarm that is on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RaisedAlarm {
    /// Name in AWS.
    pub name: String,
    /// Address in the project.
    pub address: Address,
    /// When it went on: UTC, ISO 8601.
    pub since: Option<String>,
    /// Why, as CloudWatch says it.
    pub reason: Option<String>,
}

/// New sizes of an Auto Scaling group; absent values do not change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sizes {
    /// Minimum number of instances.
    pub min: Option<u32>,
    /// Desired number of instances.
    pub desired: Option<u32>,
    /// Maximum number of instances.
    pub max: Option<u32>,
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::Host;

    fn host(public: Option<&str>, private: &[&str]) -> Host {
        let address = |text: &&str| text.parse::<IpAddr>().unwrap();
        Host {
            public: public.as_ref().map(address),
            private: private.iter().map(address).collect(),
            ..Host::default()
        }
    }

    #[test]
    fn a_host_is_reached_at_its_public_or_else_its_preferred_private_address() {
        let reached = |host: Host| host.address().map(|address| address.to_string()).unwrap_or_default();
        assert_eq!(reached(host(Some("54.0.0.1"), &["10.0.0.1", "10.0.0.2"])), "54.0.0.1");
        assert_eq!(reached(host(None, &["10.0.0.1", "10.0.0.2", "10.0.0.3"])), "10.0.0.2");
        assert_eq!(reached(host(None, &["10.0.0.1"])), "10.0.0.1");
        assert_eq!(reached(host(None, &[])), "");
    }
}
