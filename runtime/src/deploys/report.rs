//! What a deploy will do, how far those that are under way are, and how they ended.

use super::{DeployRecord, Deployed};
use serde::Serialize;

/// A deploy, before it begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlannedDeploy {
    /// Environment.
    pub env: String,
    /// Hostclass.
    pub hostclass: String,
    /// The AMI that it puts in place.
    pub image: String,
    /// The AMI before it.
    pub before: String,
    /// Name of the group that it replaces.
    pub group: String,
    /// How far it is, if it is under way.
    pub phase: Option<&'static str>,
    /// What it does, in order.
    pub steps: Vec<String>,
}

/// A group of a hostclass with what deploys have done to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeployStatus {
    /// Environment.
    pub env: String,
    /// Hostclass.
    pub hostclass: String,
    /// Name of the group that serves.
    pub group: String,
    /// Instances in service.
    pub in_service: usize,
    /// Instances that it should have.
    pub desired: u32,
    /// The AMI from which its instances start.
    pub image: String,
    /// The deploy that is under way.
    pub under_way: Option<DeployRecord>,
    /// Instances of the new group that are in service.
    pub new_in_service: Option<usize>,
    /// The last deploy.
    pub last: Option<Deployed>,
}

/// How a deploy ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeployEnd {
    /// Environment.
    pub env: String,
    /// Hostclass.
    pub hostclass: String,
    /// The AMI that it was about.
    pub image: String,
    /// `deployed`, `tested`, `passed`, `undone`, `failed` or `interrupted`; `shared` where only a sharing was finished.
    pub result: &'static str,
    /// Why it did not come to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Why its AMI is not shared with the accounts that the program says; the deploy has come to its end all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_shared: Option<String>,
}
