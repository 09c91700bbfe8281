//! Whose a live resource is. Tags travel with a copy, so a resource that has the project's tags can be somebody else's.
//!
//! What is known to be somebody else's is left alone: its mark names another resource ([`Mark`]), or it lies in a VPC,
//! a subnet or a group that is not the project's. Two resources with one address are doubt ([`doubles`]), unless the
//! marks say that asiaq created both.

mod doubles;
mod marks;
mod shown;

use std::collections::BTreeSet;

use asiaq_ir::{Address, Facts, Kind, Mark, Ref, Resource, ScopeRef, SubnetFact};
use serde::{Deserialize, Serialize};

pub(crate) use doubles::doubtful;
pub use doubles::{Double, doubles};
pub(crate) use marks::missing_mark;
use marks::{is_marked, marks_another};
pub use marks::{own_name, tag_value};
pub use shown::Escaped;
pub(crate) use shown::Shown;

use crate::Found;

/// A live resource that has the project's tags and is somebody else's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Foreign {
    /// The address in its tags.
    pub address: Address,
    /// Its kind.
    pub kind: Kind,
    /// AWS id.
    pub id: String,
    /// AWS region.
    pub region: String,
    /// Why it is not the project's.
    pub why: Strange,
}

/// Why a resource with the project's tags is not the project's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strange {
    /// Its mark names another resource: the tags were copied from that one.
    Marks(String),
    /// It lies in a VPC, a subnet or a group that is not the project's.
    LiesIn(String),
}

/// Moves what is somebody else's from the resources of the project to the foreign ones, and says which zones have
/// records of the project.
pub(crate) fn separate(all: &mut Vec<Found>, foreign: &mut Vec<Foreign>, facts: &mut Facts) {
    let judged = all.iter().map(|found| marks_another(found).map(Strange::Marks)).collect();
    let mut is_any = take(all, foreign, judged);
    // What lies in a foreign subnet is found once the subnet is known to be foreign.
    loop {
        let homes = Homes::new(all);
        let judged = all.iter().map(|found| homes.is_foreign(found).map(Strange::LiesIn)).collect();
        if !take(all, foreign, judged) {
            break;
        }
        is_any = true;
    }
    if is_any {
        correct_facts(all, foreign, facts);
    }
    let records = all.iter().filter(|found| found.resource.kind() == Kind::RecordSet);
    let used: BTreeSet<&str> = records.filter_map(|record| record.resource.own_name()).collect();
    for zone in facts.all_mut().flat_map(|(_, _, facts)| &mut facts.hosted_zones) {
        zone.is_used = used.contains(zone.id.as_str());
    }
}

/// Moves the resources that have a reason; returns whether there were any. Parts follow their resource silently.
fn take(all: &mut Vec<Found>, foreign: &mut Vec<Foreign>, reasons: Vec<Option<Strange>>) -> bool {
    if reasons.iter().all(Option::is_none) {
        return false;
    }
    for (found, why) in std::mem::take(all).into_iter().zip(reasons) {
        let kind = found.resource.kind();
        match why {
            None => all.push(found),
            Some(why) if kind.mark() != Mark::Parent => {
                let Found { address, id, region, .. } = found;
                foreign.push(Foreign { address, kind, id, region, why });
            }
            Some(_) => {}
        }
    }
    true
}

/// Takes what is foreign out of the facts about the project's own resources.
fn correct_facts(all: &[Found], foreign: &[Foreign], facts: &mut Facts) {
    let homes = facts.homes.clone();
    let is_at = |address: &Address, region: &str, (account, name): (Option<&str>, &str)| {
        region == name && homes.get(address.scope().as_str()).map(String::as_str) == account
    };
    for (account, name, facts) in facts.all_mut() {
        let subnets = all.iter().filter(|found| is_at(&found.address, &found.region, (account, name)));
        facts.subnets =
            subnets.filter_map(|found| Some((found.address.clone(), fact(&found.resource)?))).collect();
        let foreign =
            foreign.iter().filter(|foreign| is_at(&foreign.address, &foreign.region, (account, name)));
        let alarms = foreign.filter(|foreign| foreign.kind == Kind::Alarm);
        facts.foreign_alarms.extend(alarms.map(|alarm| alarm.id.clone()));
    }
}

fn fact(resource: &Resource) -> Option<SubnetFact> {
    let Resource::Subnet(subnet) = resource else { return None };
    let vpc = subnet.vpc.id()?.to_owned();
    Some(SubnetFact { vpc, cidr: subnet.cidr, zone: subnet.zone.clone() })
}

/// The resources of a project in which others can lie.
pub(crate) struct Homes<'a> {
    ids: BTreeSet<&'a str>,
    /// Scopes and regions with a VPC.
    networks: BTreeSet<(ScopeRef<'a>, &'a str)>,
}

impl<'a> Homes<'a> {
    pub(crate) fn new(found: &'a [Found]) -> Self {
        let wholes = found.iter().filter(|found| found.resource.kind().mark() != Mark::Parent);
        let vpcs = found.iter().filter(|found| found.resource.kind() == Kind::Vpc);
        Self {
            ids: wholes.map(|found| found.id.as_str()).collect(),
            networks: vpcs.map(|vpc| (vpc.address.scope(), vpc.region.as_str())).collect(),
        }
    }

    /// The id of what a resource lies in, if none of what it lies in is the project's.
    pub(crate) fn stranger(&self, found: &Found) -> Option<String> {
        // A name that is unique in the account is the resource's own, wherever it is.
        let is_certain = found.resource.kind().mark() != Mark::NameInVpc && is_marked(found);
        let homes: Vec<&str> = found.resource.lies_in().into_iter().filter_map(Ref::id).collect();
        let is_home = |id: &&str| self.ids.contains(id);
        (!is_certain && !homes.iter().any(is_home))
            .then(|| homes.first().map(|id| (*id).to_owned()))
            .flatten()
    }

    /// The same, for a resource that is certainly not the project's. Where its scope has no VPC any more, what it lies
    /// in may be the project's and have lost its tags.
    fn is_foreign(&self, found: &Found) -> Option<String> {
        let is_part = found.resource.kind().mark() == Mark::Parent;
        let has_network = self.networks.contains(&(found.address.scope(), found.region.as_str()));
        self.stranger(found).filter(|_| is_part || has_network)
    }
}
