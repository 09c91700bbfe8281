//! Peering connections are known by the two VPCs that they join: an environment with another name keeps them.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Ir, Kind, PeeringConnection, Ref, Resource};

use crate::Found;

/// The addresses of the VPCs, by AWS id.
fn vpcs(found: &[Found]) -> BTreeMap<&str, &Address> {
    let vpcs = found.iter().filter(|found| found.resource.kind() == Kind::Vpc);
    vpcs.map(|vpc| (vpc.id.as_str(), &vpc.address)).collect()
}

/// The two VPCs of a connection, whichever asked for it; absent if one is not the project's.
fn ends<'a>(
    peering: &'a PeeringConnection,
    vpcs: &BTreeMap<&str, &'a Address>,
) -> Option<BTreeSet<&'a Address>> {
    let end = |end: &'a Ref| match end {
        Ref::To(address) => Some(address),
        Ref::Id(id) => vpcs.get(id.as_str()).copied(),
        Ref::Find(_) => None,
    };
    Some(BTreeSet::from([end(&peering.requester)?, end(&peering.accepter)?]))
}

/// The live connections that are wanted ones at other addresses.
pub(super) fn by_ends(ir: &Ir, found: &[Found]) -> Vec<(usize, Address)> {
    let gone = found.iter().enumerate().filter_map(|(index, found)| match &found.resource {
        Resource::PeeringConnection(peering) if !ir.resources.contains_key(&found.address) => {
            Some((index, peering))
        }
        _ => None,
    });
    let gone: Vec<_> = gone.collect();
    if gone.is_empty() {
        return Vec::new();
    }
    let vpcs = vpcs(found);
    let live: BTreeSet<&Address> = found.iter().map(|found| &found.address).collect();
    let wanted = ir.resources.iter().filter(|(address, _)| !live.contains(address));
    let mut wanted: BTreeMap<_, _> = wanted
        .filter_map(|(address, node)| match &node.resource {
            Resource::PeeringConnection(peering) => Some((ends(peering, &vpcs)?, address)),
            _ => None,
        })
        .collect();
    gone.into_iter()
        .filter_map(|(index, peering)| Some((index, wanted.remove(&ends(peering, &vpcs)?)?.clone())))
        .collect()
}

/// The wanted connection with its ends as the live one has them; absent if these are the same. Which VPC asked for a
/// connection makes no difference, and follows from the names of the environments.
pub(super) fn turned(
    wanted: &PeeringConnection,
    live: &PeeringConnection,
    found: &[Found],
) -> Option<PeeringConnection> {
    let vpcs = vpcs(found);
    let at = |end: &Ref| end.id().and_then(|id| vpcs.get(id)).map(|address| Ref::To((*address).clone()));
    let is_turned = at(&live.requester).as_ref() == Some(&wanted.accepter)
        && at(&live.accepter).as_ref() == Some(&wanted.requester);
    is_turned.then(|| PeeringConnection {
        requester: wanted.accepter.clone(),
        accepter: wanted.requester.clone(),
        accepter_region: live.accepter_region.clone(),
        accepter_account: live.accepter_account.clone(),
        accepted: wanted.accepted,
    })
}
