use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Address, Assigned, Kind, Scope, ScopeRef, SecretState};

/// The existing resources that a lowering must respect: existing CIDR blocks win over new ones.
///
/// A region that was not read is absent; a lowering then assumes an empty account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// Id of the account that was read; absent if none was read, or if it makes no difference.
    pub account: Option<String>,
    /// The facts, by the name of the region.
    pub regions: BTreeMap<String, RegionFacts>,
    /// Those of further accounts, by the account's id and the name of the region.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub others: BTreeMap<String, BTreeMap<String, RegionFacts>>,
    /// The scopes that are in one of these accounts, with its id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub homes: BTreeMap<Scope, String>,
    /// The accounts of resources that are in another one than their scope; absent for [`Facts::account`].
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub guests: BTreeMap<Address, Option<String>>,
    /// The documents that the program names by their addresses on the web, or why one could not be read.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub documents: BTreeMap<String, Result<String, String>>,
}

impl Facts {
    /// The facts of `region` for an environment in `account`; none if that account was not read.
    pub fn of(&self, region: &str, account: Option<&str>) -> Option<&RegionFacts> {
        let elsewhere = account.filter(|account| self.account.as_deref().is_some_and(|own| own != *account));
        elsewhere.map_or(Some(&self.regions), |other| self.others.get(other))?.get(region)
    }

    /// The facts of `region` in the account of a scope.
    pub fn near(&self, scope: ScopeRef<'_>, region: &str) -> Option<&RegionFacts> {
        self.in_account(self.homes.get(scope.as_str()), region)
    }

    /// The facts of `region` in the account of a resource.
    pub fn beside(&self, address: &Address, region: &str) -> Option<&RegionFacts> {
        match self.guests.get(address) {
            Some(account) => self.in_account(account.as_ref(), region),
            None => self.near(address.scope(), region),
        }
    }

    fn in_account(&self, account: Option<&String>, region: &str) -> Option<&RegionFacts> {
        account.map_or(Some(&self.regions), |other| self.others.get(other))?.get(region)
    }

    /// The same, to be changed.
    pub fn near_mut(&mut self, scope: ScopeRef<'_>, region: &str) -> Option<&mut RegionFacts> {
        match self.homes.get(scope.as_str()) {
            Some(other) => self.others.get_mut(other)?.get_mut(region),
            None => self.regions.get_mut(region),
        }
    }

    /// The id of the account of a scope; absent if no account was read.
    pub fn account_of(&self, scope: ScopeRef<'_>) -> Option<&str> {
        self.homes.get(scope.as_str()).or(self.account.as_ref()).map(String::as_str)
    }

    /// All facts, with the account, if it is a further one, and the region.
    pub fn all_mut(&mut self) -> impl Iterator<Item = (Option<&str>, &str, &mut RegionFacts)> {
        let own = self.regions.iter_mut().map(|(region, facts)| (None, region.as_str(), facts));
        let others = self.others.iter_mut().flat_map(|(account, regions)| {
            regions.iter_mut().map(|(region, facts)| (Some(account.as_str()), region.as_str(), facts))
        });
        own.chain(others)
    }
}

/// The facts of one region.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RegionFacts {
    /// Availability zones that are available, in order of name.
    pub zones: Vec<String>,
    /// All VPCs, also those of other owners.
    pub vpcs: Vec<VpcFact>,
    /// The subnets of this project.
    pub subnets: BTreeMap<Address, SubnetFact>,
    /// All Elastic IP addresses: public address to allocation id.
    pub elastic_ips: BTreeMap<Ipv4Addr, String>,
    /// All VPN gateways that are not deleted.
    pub vpn_gateways: Vec<VpnGatewayFact>,
    /// AMIs of this account, and those that are shared with it.
    pub images: Vec<ImageFact>,
    /// AMIs that the program names by id; absent where there is none with the id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub image_ids: BTreeMap<String, Option<ImageFact>>,
    /// AMIs that the program names by owner and pattern: available ones whose name matches, by owner as the program
    /// names it and by pattern.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub named_images: BTreeMap<String, BTreeMap<String, Vec<ImageFact>>>,
    /// Values of the Systems Manager parameters that the program names for AMIs; absent where there is no parameter.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub image_parameters: BTreeMap<String, Option<String>>,
    /// Whether the key pairs exist that the program names.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub key_pairs: BTreeMap<String, bool>,
    /// Which of the secrets that the program declares have a value, by their place.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets: BTreeMap<String, SecretState>,
    /// AMIs of the launch templates of this project.
    pub template_images: BTreeMap<Address, String>,
    /// DNS names of the databases, caches and search domains of this project, and of its load balancers.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub endpoints: BTreeMap<Address, String>,
    /// Snapshots of this account.
    pub snapshots: Vec<SnapshotFact>,
    /// Issued certificates of Certificate Manager, and server certificates of IAM.
    pub certificates: Vec<CertificateFact>,
    /// All hosted zones of the account.
    pub hosted_zones: Vec<HostedZoneFact>,
    /// Names below the domain of a hosted zone with an `NS` record that is not of this project, by the zone's AWS id.
    pub delegated: BTreeMap<String, BTreeSet<String>>,
    /// Endpoints of the unconfirmed subscriptions, by the ARN of their topic.
    pub unconfirmed: BTreeMap<String, BTreeSet<String>>,
    /// The launch templates of the instances of this project's Auto Scaling groups, by the name of the group.
    pub launched_from: BTreeMap<String, Vec<TemplateVersion>>,
    /// The newest versions of this project's launch templates, by AWS id.
    pub newest_versions: BTreeMap<String, String>,
    /// Names of the alarms of other owners, which AWS would overwrite with an alarm of the same name.
    pub foreign_alarms: BTreeSet<String>,
    /// What AWS has accepted of resources and not put in force, by [`Waiting::key`]: of this project, and maybe of others.
    /// The resources are listed with the accepted values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub waiting: BTreeMap<String, Vec<Waiting>>,
    /// What AWS chose for resources, by AWS id: of this project, and maybe of others.
    pub assigned: BTreeMap<String, BTreeMap<Assigned, BTreeSet<String>>>,
}

/// A value that AWS has accepted and not put in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// The field.
    pub field: String,
    /// Its value in force, as JSON.
    pub in_force: Value,
    /// Its accepted value, as JSON.
    pub accepted: Value,
    /// What it waits for.
    pub until: Until,
}

/// What puts an accepted value in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Until {
    /// The next maintenance window.
    MaintenanceWindow,
    /// A reboot, which no window brings about.
    Reboot,
    /// An apply, once AWS takes another change of the value.
    NextChange,
}

impl Waiting {
    /// The key of what waits of a resource, by its kind and AWS id.
    pub fn key(kind: Kind, id: &str) -> String {
        format!("{}/{id}", kind.name())
    }
}

impl Until {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::MaintenanceWindow => "waits for the maintenance window",
            Self::Reboot => "waits for a reboot",
            Self::NextChange => "waits until AWS takes another change of it",
        }
    }
}

/// A version of a launch template.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TemplateVersion {
    /// AWS id of the template.
    pub template: String,
    /// Number of the version.
    pub version: String,
}

impl RegionFacts {
    /// What is known of an AMI.
    pub fn image(&self, id: &str) -> Option<&ImageFact> {
        let named = || self.named_images.values().flat_map(BTreeMap::values).flatten();
        let found = self.image_ids.get(id).and_then(Option::as_ref);
        found.or_else(|| self.images.iter().chain(named()).find(|image| image.id == id))
    }

    /// Whether an instance that was launched from `launched` has another template, or another version of it, than
    /// `template` is in now. False if the newest version is not known.
    pub fn is_outdated(&self, launched: &TemplateVersion, template: &str) -> bool {
        launched.template != template
            || self.newest_versions.get(template).is_some_and(|newest| *newest != launched.version)
    }
}

/// An AMI.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageFact {
    /// AWS id.
    pub id: String,
    /// Its name. That of a hostclass: the hostclass, a space and the time of its creation in seconds of the Unix epoch.
    pub name: String,
    /// Account that owns it: twelve digits.
    pub owner: String,
    /// Time of its creation: UTC, ISO 8601.
    pub created: String,
    /// Whether its state is `available`.
    pub is_available: bool,
    /// Its tags; none for an AMI of another account.
    pub tags: BTreeMap<String, String>,
    /// Device name of its root disk.
    pub root_device: String,
    /// Size of its root disk in GiB, if it has one.
    pub root_size: Option<u32>,
    /// `x86_64`, `arm64`, ….
    pub architecture: String,
}

/// The hostclass and the second in the name of an image of a hostclass; absent for another name.
///
/// ```
/// assert_eq!(asiaq_ir::image_name("mhcfoo 1760000000"), Some(("mhcfoo", 1_760_000_000)));
/// assert_eq!(asiaq_ir::image_name("ubuntu/images/noble"), None);
/// ```
pub fn image_name(name: &str) -> Option<(&str, u64)> {
    let (hostclass, made) = name.split_once(' ')?;
    let is_number = made.bytes().all(|byte| byte.is_ascii_digit());
    Some((hostclass, made.parse().ok().filter(|_| is_number && !hostclass.is_empty())?))
}

/// A snapshot of a disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotFact {
    /// AWS id.
    pub id: String,
    /// Time of its start: UTC, ISO 8601.
    pub started: String,
    /// Whether it is completed.
    pub is_completed: bool,
    /// Size in GiB.
    pub size: u32,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// A certificate that a load balancer can use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateFact {
    /// ARN.
    pub arn: String,
    /// Its domains, wildcards included; for a server certificate of IAM its name.
    pub names: Vec<String>,
    /// Whether it is a server certificate of IAM, not one of Certificate Manager.
    pub is_of_iam: bool,
    /// Time of its issue: UTC, ISO 8601; empty if unknown.
    pub issued: String,
}

/// A hosted zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostedZoneFact {
    /// AWS id, without `/hostedzone/`.
    pub id: String,
    /// Domain, without the trailing dot.
    pub domain: String,
    /// Whether it is a private zone.
    pub is_private: bool,
    /// Address, for a zone of this project.
    pub address: Option<Address>,
    /// Whether records of this project are in it.
    #[serde(default)]
    pub is_used: bool,
}

/// A live VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcFact {
    /// AWS id.
    pub id: String,
    /// All IPv4 CIDR blocks, the primary one first.
    pub blocks: Vec<Ipv4Net>,
    /// Address, for a VPC of this project.
    pub address: Option<Address>,
    /// `Name` tag, for messages.
    pub name: Option<String>,
    /// Whose it is according to its tags, if it belongs to another project.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub owner: Option<VpcOwner>,
}

/// The project that a VPC of another project belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcOwner {
    /// Name of the project.
    pub project: String,
    /// Its address in that project.
    pub address: Address,
    /// Where the program of that project is from.
    pub origin: Option<String>,
}

/// A live subnet of this project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubnetFact {
    /// Its VPC's AWS id.
    pub vpc: String,
    /// Its CIDR block.
    pub cidr: Ipv4Net,
    /// Its availability zone.
    pub zone: String,
}

/// A live VPN gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpnGatewayFact {
    /// AWS id.
    pub id: String,
    /// `Name` tag: the environment that may use it.
    pub name: Option<String>,
    /// Id of the VPC that it is attached to, or being attached to.
    pub attached_to: Option<String>,
}

impl RegionFacts {
    /// Adds the facts of another listing.
    pub fn extend(&mut self, other: Self) {
        self.zones.extend(other.zones);
        self.vpcs.extend(other.vpcs);
        self.subnets.extend(other.subnets);
        self.elastic_ips.extend(other.elastic_ips);
        self.vpn_gateways.extend(other.vpn_gateways);
        self.images.extend(other.images);
        self.image_ids.extend(other.image_ids);
        for (owner, patterns) in other.named_images {
            self.named_images.entry(owner).or_default().extend(patterns);
        }
        self.image_parameters.extend(other.image_parameters);
        self.key_pairs.extend(other.key_pairs);
        self.secrets.extend(other.secrets);
        self.template_images.extend(other.template_images);
        self.snapshots.extend(other.snapshots);
        self.certificates.extend(other.certificates);
        self.hosted_zones.extend(other.hosted_zones);
        self.delegated.extend(other.delegated);
        self.unconfirmed.extend(other.unconfirmed);
        self.launched_from.extend(other.launched_from);
        self.newest_versions.extend(other.newest_versions);
        self.foreign_alarms.extend(other.foreign_alarms);
        self.waiting.extend(other.waiting);
        for (id, values) in other.assigned {
            self.assigned.entry(id).or_default().extend(values);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_hostclass_and_a_second() {
        for (name, expected) in [
            ("mhcfoo 1760000000", Some(("mhcfoo", 1_760_000_000))),
            ("mhc-foo 17", Some(("mhc-foo", 17))),
            ("mhcfoo", None),
            ("mhcfoo x", None),
            ("mhcfoo +5", None),
            (" 5", None),
            ("Ubuntu 24.04", None),
        ] {
            assert_eq!(image_name(name), expected, "{name}");
        }
    }
}
