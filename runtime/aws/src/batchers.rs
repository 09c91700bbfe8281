//! Who works in a region at the same time, and what they can do together.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_autoscaling::types::AutoScalingGroup;
use aws_sdk_ec2::types::NatGateway;
use aws_sdk_elasticloadbalancing::types::LoadBalancerDescription;
use aws_sdk_route53::types::{Change, ResourceRecordSet};

use crate::batcher::Batcher;

/// Looks and changes of one region that go together.
#[derive(Debug)]
pub(crate) struct Batchers {
    /// Looks at groups of machines by name.
    pub(crate) scaling_groups: Batcher<String, Option<AutoScalingGroup>>,
    /// Looks at NAT gateways by id.
    pub(crate) nat_gateways: Batcher<String, Option<NatGateway>>,
    /// Looks at classic load balancers by name.
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
    /// Looks at the records of a name.
    pub(crate) looks: Batcher<String, Vec<ResourceRecordSet>>,
    /// Changes that are made together or not at all; whether AWS made them.
    pub(crate) changes: Batcher<Vec<Change>, bool>,
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

    /// Remembers what a load balancer is called: the answer to its creation says so.
    pub(crate) fn note_name(&self, balancer: &str, name: &str) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.insert(balancer.to_owned(), name.to_owned());
    }

    /// What a load balancer is called that was made by this process.
    pub(crate) fn name_of(&self, balancer: &str) -> Option<String> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner).get(balancer).cloned()
    }
}
