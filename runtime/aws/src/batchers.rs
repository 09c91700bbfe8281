//! Calls of one region that several tasks share.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_autoscaling::types::AutoScalingGroup;
use aws_sdk_ec2::types::NatGateway;
use aws_sdk_elasticloadbalancing::types::LoadBalancerDescription;
use aws_sdk_route53::types::{Change, ResourceRecordSet};

use crate::batcher::Batcher;

/// The batchers of one region.
#[derive(Debug)]
pub(crate) struct Batchers {
    /// Auto Scaling groups by name.
    pub(crate) scaling_groups: Batcher<String, Option<AutoScalingGroup>>,
    /// NAT gateways by id.
    pub(crate) nat_gateways: Batcher<String, Option<NatGateway>>,
    /// Classic Load Balancers by name.
    pub(crate) classic_balancers: Batcher<String, Option<LoadBalancerDescription>>,
    /// Alarms to delete, by name.
    pub(crate) alarms: Batcher<String, ()>,
    /// DNS names of load balancers that were made by this process, by id.
    names: Mutex<BTreeMap<String, String>>,
    zones: Arc<Zones>,
}

/// The zones of all regions.
pub(crate) type Zones = Mutex<BTreeMap<String, Arc<Zone>>>;

/// One hosted zone.
#[derive(Debug, Default)]
pub(crate) struct Zone {
    /// The records of a name.
    pub(crate) looks: Batcher<String, Vec<ResourceRecordSet>>,
    /// Changes that AWS applies together or not at all; whether it applied them.
    pub(crate) changes: Batcher<Vec<Change>, bool>,
    /// Records of the project with their ownership markers, as they were listed last, by name and type.
    listed: Mutex<BTreeMap<(String, String), Marked>>,
}

/// A record with the TXT record beside it that has its ownership marker.
pub(crate) type Marked = (ResourceRecordSet, ResourceRecordSet);

impl Zone {
    /// Notes a record of the project that was listed.
    pub(crate) fn note(&self, name: &str, record: &str, found: Marked) {
        let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        listed.insert((name.to_owned(), record.to_owned()), found);
    }

    /// A record of the project as it was listed last, once: it is changed now.
    pub(crate) fn take_listed(&self, name: &str, record: &str) -> Option<Marked> {
        let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        listed.remove(&(name.to_owned(), record.to_owned()))
    }
}

impl Batchers {
    pub(crate) fn new(zones: Arc<Zones>) -> Self {
        Self {
            scaling_groups: Batcher::default(),
            nat_gateways: Batcher::default(),
            classic_balancers: Batcher::default(),
            alarms: Batcher::default(),
            names: Mutex::default(),
            zones,
        }
    }

    /// The zone of this id.
    pub(crate) fn zone(&self, id: &str) -> Arc<Zone> {
        let mut zones = self.zones.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(zones.entry(id.to_owned()).or_default())
    }

    /// Notes the DNS name of a load balancer from the answer to its creation.
    pub(crate) fn note_name(&self, balancer: &str, name: &str) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.insert(balancer.to_owned(), name.to_owned());
    }

    /// The DNS name of a load balancer that this process created.
    pub(crate) fn name_of(&self, balancer: &str) -> Option<String> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner).get(balancer).cloned()
    }
}
