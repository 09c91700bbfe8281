//! A cloud in memory that rejects the requests that AWS rejects, for tests of this crate and others.

mod injected_fault;
mod rules;

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use asiaq_ir::{
    ADDRESS_TAG, Address, Change, ElasticIp, IngressRules, Kind, NAME_TAG, ORIGIN_TAG, PROJECT_TAG, Ref,
    RegionFacts, Resource, SubnetFact, VpcFact, VpcOwner, VpnGatewayFact,
};
use serde_json::Value;

pub use injected_fault::{Call, InjectedFault};

use crate::{
    Cloud, CloudError, Create, Delete, Fault, Found, Identity, Listed, Result, Serving, Update, own_name,
};

/// A cloud in memory.
///
/// It keeps resources as AWS does. It rejects the deletion of a resource in use, overlapping subnets, two groups with
/// one name, a NAT gateway without an internet gateway, and references to missing resources. It removes associations
/// with the resources that they join, and keeps routes whose target is deleted. It counts calls, and can fail any of
/// them. A security group has an [`IngressRules`] part at [`Memory::INGRESS`], and a VPC with a gateway of
/// [`Memory::plant_gateway`] has its attachment at [`Memory::ATTACHMENT`].
#[derive(Debug, Default)]
pub struct Memory {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    things: BTreeMap<(Kind, String), Thing>,
    gateways: BTreeMap<String, Gateway>,
    ids: u32,
    jitter: u64,
    calls: Vec<Call>,
    faults: BTreeMap<usize, InjectedFault>,
    /// Addresses of resources that never serve.
    idle: BTreeSet<Address>,
}

/// A resource, references by id.
#[derive(Clone, Debug)]
struct Thing {
    region: String,
    resource: Resource,
    tags: BTreeMap<String, String>,
}

/// A VPN gateway that asiaq did not create.
#[derive(Clone, Debug)]
struct Gateway {
    region: String,
    name: String,
}

/// AWS's error code and message.
type Refusal = (&'static str, String);

impl Memory {
    /// Last part of the address of a security group's rules.
    pub const INGRESS: &'static str = "ingress";
    /// Last part of the address of a VPC's attachment to a VPN gateway.
    pub const ATTACHMENT: &'static str = "vpn-gateway";

    /// Last part of the address of an Auto Scaling group's smoke test.
    pub const SMOKE_TEST: &'static str = "smoke-test";

    /// An empty account.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the order in which concurrent calls take effect depend on `seed`.
    pub fn shuffle(&self, seed: u64) {
        self.state().jitter = seed;
    }

    /// Adds a resource without checks. Returns its id.
    pub fn plant(&self, region: &str, resource: Resource, tags: BTreeMap<String, String>) -> String {
        self.state().insert(region, resource, tags)
    }

    /// Adds a VPN gateway that is not attached. Returns its id.
    pub fn plant_gateway(&self, region: &str, name: &str) -> String {
        let mut state = self.state();
        let id = state.id("vgw");
        state.gateways.insert(id.clone(), Gateway { region: region.to_owned(), name: name.to_owned() });
        id
    }

    /// Changes a resource without checks, if it exists.
    pub fn edit(
        &self,
        kind: Kind,
        id: &str,
        edit: impl FnOnce(&mut Resource, &mut BTreeMap<String, String>),
    ) {
        if let Some(thing) = self.state().things.get_mut(&(kind, id.to_owned())) {
            edit(&mut thing.resource, &mut thing.tags);
        }
    }

    /// Removes a resource, even if it is in use.
    pub fn lose(&self, kind: Kind, id: &str) {
        self.state().remove(kind, id);
    }

    /// All resources of all owners, in order of kind and id. The address is empty where there is no tag with one.
    pub fn contents(&self) -> Vec<Found> {
        let state = self.state();
        state.things.iter().map(|((kind, id), thing)| state.found(*kind, id, thing)).collect()
    }

    /// All calls so far, in the order in which they took effect.
    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// Makes the `n`th call from now, counted from 0, fail.
    pub fn fail(&self, n: usize, how: InjectedFault) {
        let mut state = self.state();
        let number = state.calls.len() + n;
        state.faults.insert(number, how);
    }

    /// Makes no further call fail.
    pub fn heal(&self) {
        self.state().faults.clear();
    }

    /// Makes the resource at `address` never serve.
    pub fn idle(&self, address: &Address) {
        self.state().idle.insert(address.clone());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A test that panicked elsewhere must not hide its message behind a second panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Yields to other calls, a number of times that depends on the seed.
    async fn dawdle(&self) {
        let mut turns = {
            let mut state = self.state();
            state.jitter = state.jitter.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state.jitter >> 60) % 4
        };
        std::future::poll_fn(|context| {
            if turns == 0 {
                return Poll::Ready(());
            }
            turns -= 1;
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}

impl Cloud for Memory {
    async fn identity(&self) -> Result<Identity> {
        Ok(Identity {
            account: "123456789012".to_owned(),
            arn: "arn:aws:iam::123456789012:user/test".to_owned(),
        })
    }

    async fn list(&self, region: &str, kind: Kind, project: &str) -> Result<Listed> {
        let mut state = self.state();
        if state.call(Call::List { region: region.to_owned(), kind }).is_some() {
            return Err(injected_fault::lost("List"));
        }
        let found = state
            .things
            .iter()
            .filter(|((of, _), thing)| *of == kind && thing.region == region)
            .map(|((kind, id), thing)| state.found(*kind, id, thing))
            .filter(|found| state.project_of(found) == Some(project))
            .collect();
        Ok(Listed { found, facts: state.facts(region, kind, project), ..Listed::default() })
    }

    async fn create(&self, order: &Create<'_>) -> Result<String> {
        self.dawdle().await;
        let mut state = self.state();
        let kind = order.resource.kind();
        let glitch = state.begin_create(order)?;
        state
            .check(kind, None, order.region, order.resource)
            .map_err(|refusal| refused("Create", refusal))?;
        let resource = match glitch {
            Some(InjectedFault::Partway) => order.resource.initial(),
            Some(InjectedFault::Before | InjectedFault::After) | None => order.resource.clone(),
        };
        let id = state.insert(order.region, resource, order.tags.clone());
        state.mark(order, &id);
        if glitch.is_some() { Err(injected_fault::lost("Create")) } else { Ok(id) }
    }

    async fn hand_over(&self, order: &Create<'_>, displaced: &[&Found]) -> Result<String> {
        self.dawdle().await;
        let mut state = self.state();
        let kind = order.resource.kind();
        let glitch = state.begin_create(order)?;
        let before = state.things.clone();
        for found in displaced {
            state.remove(kind, &found.id);
        }
        if let Err(refusal) = state.check(kind, None, order.region, order.resource) {
            state.things = before;
            return Err(refused("Create", refusal));
        }
        let id = state.insert(order.region, order.resource.clone(), order.tags.clone());
        state.mark(order, &id);
        if glitch.is_some() { Err(injected_fault::lost("Create")) } else { Ok(id) }
    }

    async fn serving(&self, order: &Serving<'_>) -> Result<()> {
        self.dawdle().await;
        let mut state = self.state();
        let call = Call::Serving { address: order.address.clone(), id: order.id.to_owned() };
        if state.call(call).is_some() {
            return Err(injected_fault::lost("Describe"));
        }
        if state.idle.contains(order.address) {
            let message = format!("`{}` does not serve", order.address);
            return Err(CloudError { fault: Fault::TimedOut, ..refused("Describe", ("", message)) });
        }
        Ok(())
    }

    async fn update(&self, order: &Update<'_>) -> Result<()> {
        self.dawdle().await;
        let mut state = self.state();
        let kind = order.wanted.kind();
        let glitch = state.call(Call::Update { address: order.address.clone(), id: order.id.to_owned() });
        if glitch == Some(InjectedFault::Before) {
            return Err(injected_fault::lost("Update"));
        }
        let changed = state.changed(kind, order).map_err(|refusal| refused("Update", refusal))?;
        state
            .check(kind, Some(order.id), order.region, &changed)
            .map_err(|refusal| refused("Update", refusal))?;
        if let Some(thing) = state.things.get_mut(&(kind, order.id.to_owned())) {
            thing.resource = changed;
            if glitch != Some(InjectedFault::Partway) {
                thing.tags.extend(order.set_tags.clone());
                thing.tags.retain(|key, _| !order.remove_tags.contains(key));
            }
        }
        if glitch.is_some() { Err(injected_fault::lost("Update")) } else { Ok(()) }
    }

    async fn delete(&self, order: &Delete<'_>) -> Result<()> {
        self.dawdle().await;
        let mut state = self.state();
        let kind = order.live.kind();
        let glitch = state.call(Call::Delete { address: order.address.clone(), id: order.id.to_owned() });
        if glitch == Some(InjectedFault::Before) {
            return Err(injected_fault::lost("Delete"));
        }
        state.may_delete(kind, order.id).map_err(|refusal| refused("Delete", refusal))?;
        state.remove(kind, order.id);
        if glitch.is_some() { Err(injected_fault::lost("Delete")) } else { Ok(()) }
    }
}

fn refused(operation: &str, (code, message): Refusal) -> CloudError {
    CloudError {
        operation: operation.to_owned(),
        fault: Fault::Refused,
        code: code.to_owned(),
        message,
        request: Some("memory".to_owned()),
    }
}

impl State {
    fn call(&mut self, call: Call) -> Option<InjectedFault> {
        let number = self.calls.len();
        self.calls.push(call);
        self.faults.remove(&number)
    }

    fn id(&mut self, prefix: &str) -> String {
        self.ids += 1;
        format!("{prefix}-{:04}", self.ids)
    }

    /// Counts a creation. Returns its fault, unless that comes before it takes effect.
    fn begin_create(&mut self, order: &Create<'_>) -> Result<Option<InjectedFault>> {
        let call = Call::Create { address: order.address.clone(), kind: order.resource.kind() };
        match self.call(call) {
            Some(InjectedFault::Before) => Err(injected_fault::lost("Create")),
            glitch => Ok(glitch),
        }
    }

    /// Adds what the mark of a new resource with tags names.
    fn mark(&mut self, order: &Create<'_>, id: &str) {
        if let Some(name) = own_name(order.resource, id).filter(|_| !order.tags.is_empty())
            && let Some(thing) = self.things.get_mut(&(order.resource.kind(), id.to_owned()))
        {
            thing.tags.entry(NAME_TAG.to_owned()).or_insert(name);
        }
    }

    fn insert(&mut self, region: &str, resource: Resource, tags: BTreeMap<String, String>) -> String {
        let kind = resource.kind();
        let id = match &resource {
            Resource::IngressRules(ingress) => ingress.group.id().unwrap_or_default().to_owned(),
            Resource::VpnAttachment(attachment) => attachment.gateway.id().unwrap_or_default().to_owned(),
            Resource::SmokeTest(test) => test.group.id().unwrap_or_default().to_owned(),
            _ => self.id(kind.name()),
        };
        if kind == Kind::SecurityGroup {
            let rules = IngressRules { group: Ref::Id(id.clone()), rules: BTreeSet::new() };
            self.insert(region, rules.into(), BTreeMap::new());
        }
        self.things.insert((kind, id.clone()), Thing { region: region.to_owned(), resource, tags });
        id
    }

    /// The live resource after an update, as AWS applies it: fields are set, elements of sets are added and removed one by
    /// one.
    fn changed(&self, kind: Kind, order: &Update<'_>) -> Result<Resource, Refusal> {
        let thing = self.things.get(&(kind, order.id.to_owned()));
        let mut value = thing.ok_or_else(|| rules::not_found(order.id))?.resource.to_value();
        let (before, after) = (order.live.to_value(), order.wanted.to_value());
        let fields = after
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(field, after)| before.get(*field) != Some(*after));
        for (field, after) in fields {
            let Some(now) = value.get_mut(field) else { continue };
            match kind.schema().change(field) {
                Change::Replace(why) => return Err(("InvalidParameter", why.to_owned())),
                Change::CreateOnly { .. } => {}
                Change::IfSet(_) | Change::SetOnce(_) if after.is_null() => {}
                Change::SetOnce(why) if !now.is_null() && *now != Value::Bool(false) => {
                    return Err(("InvalidParameter", why.to_owned()));
                }
                Change::SetOnce(_) | Change::InPlace(_) | Change::DecreaseRisk(_) | Change::IfSet(_) => {
                    *now = after.clone();
                }
                Change::Elements { key, .. } => {
                    let none = Vec::new();
                    let before = before.get(field).and_then(Value::as_array).unwrap_or(&none);
                    let after = after.as_array().unwrap_or(&none);
                    let Some(now) = now.as_array_mut() else { continue };
                    let same = |a: &Value, b: &Value| {
                        if key.is_empty() { a == b } else { key.iter().all(|key| a.get(*key) == b.get(*key)) }
                    };
                    for gone in before.iter().filter(|element| !after.contains(element)) {
                        let position = now.iter().position(|element| same(element, gone));
                        let position =
                            position.ok_or_else(|| ("NotFound", format!("there is no {gone} in {now:?}")))?;
                        now.remove(position);
                    }
                    for new in after.iter().filter(|element| !before.contains(element)) {
                        if now.iter().any(|element| same(element, new)) {
                            return Err(("Duplicate", format!("{new} exists")));
                        }
                        now.push(new.clone());
                    }
                    if now.len() < order.live.min_elements(field) {
                        return Err(("TooFew", format!("{field} of {} cannot be {now:?}", order.id)));
                    }
                }
            }
        }
        serde_json::from_value(value).map_err(|error| ("Malformed", error.to_string()))
    }

    fn found(&self, kind: Kind, id: &str, thing: &Thing) -> Found {
        let address = match &thing.resource {
            Resource::IngressRules(_) => {
                self.address_of(Kind::SecurityGroup, id).map(|group| group.child(Memory::INGRESS))
            }
            Resource::VpnAttachment(attachment) => self
                .address_of(Kind::Vpc, attachment.vpc.id().unwrap_or_default())
                .map(|vpc| vpc.child(Memory::ATTACHMENT)),
            Resource::SmokeTest(_) => {
                self.address_of(Kind::AutoScalingGroup, id).map(|group| group.child(Memory::SMOKE_TEST))
            }
            _ => self.address_of(kind, id),
        };
        Found {
            address: address.unwrap_or_else(|| Address::parse("")),
            id: id.to_owned(),
            region: thing.region.clone(),
            tags: thing.tags.clone(),
            resource: thing.resource.clone(),
        }
    }

    fn address_of(&self, kind: Kind, id: &str) -> Option<Address> {
        self.things.get(&(kind, id.to_owned()))?.tags.get(ADDRESS_TAG).map(|address| Address::parse(address))
    }

    fn project_of(&self, found: &Found) -> Option<&str> {
        let owner = match &found.resource {
            Resource::IngressRules(_) => (Kind::SecurityGroup, found.id.clone()),
            Resource::VpnAttachment(attachment) => (Kind::Vpc, attachment.vpc.id()?.to_owned()),
            Resource::SmokeTest(_) => (Kind::AutoScalingGroup, found.id.clone()),
            other => (other.kind(), found.id.clone()),
        };
        self.things.get(&owner)?.tags.get(PROJECT_TAG).map(String::as_str)
    }

    fn facts(&self, region: &str, kind: Kind, project: &str) -> RegionFacts {
        let mut facts = RegionFacts::default();
        let things = self.things.iter().filter(|((of, _), thing)| *of == kind && thing.region == region);
        if kind == Kind::Subnet {
            facts.zones = ["a", "b", "c"].iter().map(|zone| format!("{region}{zone}")).collect();
        }
        if kind == Kind::VpnAttachment {
            let gateways = self.gateways.iter().filter(|(_, gateway)| gateway.region == region);
            facts.vpn_gateways = gateways
                .map(|(id, gateway)| VpnGatewayFact {
                    id: id.clone(),
                    name: Some(gateway.name.clone()),
                    attached_to: self.attached_to(id).map(str::to_owned),
                })
                .collect();
        }
        for ((kind, id), thing) in things {
            let own = (thing.tags.get(PROJECT_TAG).map(String::as_str) == Some(project))
                .then(|| self.address_of(*kind, id))
                .flatten();
            match &thing.resource {
                Resource::Vpc(vpc) => facts.vpcs.push(VpcFact {
                    id: id.clone(),
                    blocks: vec![vpc.cidr],
                    address: own,
                    name: thing.tags.get("Name").cloned(),
                    owner: owner(thing, project),
                }),
                Resource::Subnet(subnet) => {
                    let vpc = subnet.vpc.id().unwrap_or_default().to_owned();
                    let fact = SubnetFact { vpc, cidr: subnet.cidr, zone: subnet.zone.clone() };
                    facts.subnets.extend(own.map(|address| (address, fact)));
                }
                Resource::ElasticIp(ElasticIp {}) => {
                    facts.elastic_ips.insert(public_address(id), id.clone());
                }
                _ => {}
            }
        }
        facts
    }

    fn attached_to(&self, gateway: &str) -> Option<&str> {
        match &self.things.get(&(Kind::VpnAttachment, gateway.to_owned()))?.resource {
            Resource::VpnAttachment(attachment) => attachment.vpc.id(),
            _ => None,
        }
    }
}

/// The owner of a VPC of another project.
fn owner(thing: &Thing, project: &str) -> Option<VpcOwner> {
    Some(VpcOwner {
        project: thing.tags.get(PROJECT_TAG).filter(|other| *other != project)?.clone(),
        address: Address::parse(thing.tags.get(ADDRESS_TAG)?),
        origin: thing.tags.get(ORIGIN_TAG).cloned(),
    })
}

/// The public address of an allocation id.
fn public_address(id: &str) -> Ipv4Addr {
    let number: u32 = id.rsplit('-').next().and_then(|digits| digits.parse().ok()).unwrap_or_default();
    Ipv4Addr::from(u32::from(Ipv4Addr::new(198, 18, 0, 0)) + number)
}
