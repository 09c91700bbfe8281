//! The machines of a project, and how many a group keeps: what people look at and turn by hand, beside what a
//! plan does.

use std::future::Future;
use std::net::IpAddr;

use asiaq_ir::Address;
use serde::{Deserialize, Serialize};

use crate::CloudError;

/// A cloud whose machines can be looked at, and whose groups can be made larger and smaller.
pub trait Fleet: Send + Sync {
    /// The machines of `project` in `region` that are not terminated, of one environment or of all, in order of
    /// environment, hostclass and id.
    fn hosts(
        &self,
        region: &str,
        project: &str,
        env: Option<&str>,
    ) -> impl Future<Output = Result<Vec<Host>, CloudError>> + Send;

    /// The autoscaling groups of `project` in `region`, of one environment or of all, in order of name.
    fn groups(
        &self,
        region: &str,
        project: &str,
        env: Option<&str>,
    ) -> impl Future<Output = Result<Vec<Group>, CloudError>> + Send;

    /// Changes the sizes of an autoscaling group of `project`, and does not wait for its machines. A group of
    /// anybody else is refused.
    fn scale(
        &self,
        region: &str,
        project: &str,
        group: &str,
        sizes: Sizes,
    ) -> impl Future<Output = Result<(), CloudError>> + Send;
}

/// A machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// AWS id.
    pub id: String,
    /// Region it is in.
    pub region: String,
    /// Availability zone.
    pub zone: Option<String>,
    /// Environment.
    pub environment: Option<String>,
    /// Hostclass.
    pub hostclass: Option<String>,
    /// Name it gave itself.
    pub hostname: Option<String>,
    /// Who owns it.
    pub owner: Option<String>,
    /// Product line.
    pub product_line: Option<String>,
    /// What its smoke test says; absent while that says nothing.
    pub smoke_test: Option<String>,
    /// Autoscaling group that keeps it.
    pub group: Option<String>,
    /// Name of the first of its security groups.
    pub security_group: Option<String>,
    /// EC2's word: `running`, `stopped`, ….
    pub state: String,
    /// Public address.
    pub public: Option<IpAddr>,
    /// Private addresses, one an interface, the first interface's first.
    pub private: Vec<IpAddr>,
    /// Instance type.
    pub instance_type: Option<String>,
    /// Id of the image it was made from.
    pub image: Option<String>,
    /// Time of the image's making: UTC, ISO 8601; absent where the image is gone.
    pub image_created: Option<String>,
    /// Time of its launch: UTC, ISO 8601.
    pub launched: Option<String>,
}

impl Host {
    /// The private address to prefer: the second interface's, which is the one that floats, where there is one.
    pub fn preferred_private(&self) -> Option<IpAddr> {
        self.private.get(1).or(self.private.first()).copied()
    }

    /// Where to reach it: its public address, or else its preferred private one.
    pub fn address(&self) -> Option<IpAddr> {
        self.public.or_else(|| self.preferred_private())
    }
}

/// An autoscaling group, as far as its size goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Its address in the project.
    pub address: Address,
    /// Hostclass of its machines.
    pub hostclass: Option<String>,
    /// Fewest machines.
    pub min: u32,
    /// Machines wanted.
    pub desired: u32,
    /// Most machines.
    pub max: u32,
    /// Machines there are, in whatever state.
    pub machines: u32,
    /// Machines in service and healthy.
    pub in_service: u32,
}

/// New sizes of a group; what is absent stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sizes {
    /// Fewest machines.
    pub min: Option<u32>,
    /// Machines wanted.
    pub desired: Option<u32>,
    /// Most machines.
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
    fn a_host_is_reached_in_public_or_at_what_floats_or_at_its_only_address() {
        let reached = |host: Host| host.address().map(|address| address.to_string()).unwrap_or_default();
        assert_eq!(reached(host(Some("54.0.0.1"), &["10.0.0.1", "10.0.0.2"])), "54.0.0.1");
        assert_eq!(reached(host(None, &["10.0.0.1", "10.0.0.2", "10.0.0.3"])), "10.0.0.2");
        assert_eq!(reached(host(None, &["10.0.0.1"])), "10.0.0.1");
        assert_eq!(reached(host(None, &[])), "");
    }
}
