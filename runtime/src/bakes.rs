//! The instances and AMIs of bakes, as AWS has them.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;

use serde::Serialize;

/// Tag of everything that a bake makes: the project.
pub const BAKERY_TAG: &str = "asiaq:bakery";
/// Tag of everything that a bake makes: the name of the AMI.
pub const BAKE_TAG: &str = "asiaq:bake";
/// Tag of the AMI of a bake: the instance that it was made from.
pub const BAKED_FROM_TAG: &str = "asiaq:baked-from";

/// Where instances of bakes run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BakePlace {
    /// Ids of the subnets of the metanetwork.
    pub subnets: Vec<String>,
    /// Id of its security group.
    pub group: String,
}

/// An instance that a bake starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BakeLaunch {
    /// Id of the base AMI.
    pub image: String,
    /// Device name of its root disk.
    pub root_device: String,
    /// Instance type.
    pub instance_type: String,
    /// Id of the subnet.
    pub subnet: String,
    /// Id of the security group.
    pub group: String,
    /// Name of the key pair.
    pub key: String,
    /// Name of the instance profile.
    pub instance_profile: Option<String>,
    /// Whether it gets a public address.
    pub is_public: bool,
    /// Minutes after which it stops itself; 0 for never.
    pub minutes: u64,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// An instance of a bake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BakeInstance {
    /// AWS id.
    pub id: String,
    /// State, such as `running`.
    pub state: String,
    /// Why it has that state, in the words of AWS.
    pub reason: Option<String>,
    /// Public IP address.
    pub public: Option<IpAddr>,
    /// Private IP address.
    pub private: Option<IpAddr>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

impl BakeInstance {
    /// Whether it is gone, or will be soon.
    pub fn is_gone(&self) -> bool {
        matches!(self.state.as_str(), "shutting-down" | "terminated")
    }
}

/// A key pair that a run of bakes imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BakeKey {
    /// Name.
    pub name: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// An AMI that a bake makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BakedImage {
    /// AWS id.
    pub id: String,
    /// Name.
    pub name: String,
    /// State, such as `pending`.
    pub state: String,
    /// Why it has that state, in the words of AWS.
    pub reason: Option<String>,
    /// The snapshots of its disks; absent where AWS has not told one yet.
    pub snapshots: Vec<Option<String>>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// What instances of it can do, such as `ena` or `uefi`: boot mode and network features.
    pub features: BTreeMap<String, String>,
}

/// A bake as it is shown before it begins.
#[derive(Debug, Serialize)]
pub struct PlannedBake {
    /// Image or hostclass.
    pub name: String,
    /// Name of the AMI.
    pub image: String,
    /// The AMI that it starts from: id and name.
    pub base: (String, String),
    /// Instance type.
    pub instance_type: String,
    /// Tags of the AMI.
    pub tags: BTreeMap<String, String>,
    /// What is done, in order.
    pub steps: Vec<String>,
    /// What is strange about its files.
    pub warnings: Vec<String>,
}

/// What was done about what another run left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SettledBake {
    /// Name of the AMI of that bake.
    pub bake: String,
    /// Id of the instance.
    pub instance: String,
    /// The AMI that was finished, if there is one.
    pub image: Option<String>,
    /// What was done, in words.
    pub done: String,
}

/// An AMI that was made, or an instance that was kept.
#[derive(Clone, Debug, Serialize)]
pub struct Baked {
    /// Image or hostclass.
    pub name: String,
    /// Name of the AMI.
    pub image_name: String,
    /// Id of the AMI.
    pub image: Option<String>,
    /// Id of the instance that is still there.
    pub instance: Option<String>,
    /// Why there is no AMI.
    pub error: Option<String>,
    /// File with the output of its commands.
    pub log: Option<PathBuf>,
}
