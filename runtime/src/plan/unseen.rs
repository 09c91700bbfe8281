//! What joins an environment with one in an account that was not read stays as it is in AWS.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Change, Ir, Kind, Node, Ref, Resource, Scope, refs_in};
use serde_json::Value;

use crate::{Found, Observed};

/// Lets `ir` want what is live in place of what concerns the scopes in `unseen` and the resources in `away`, which are declared
/// and were not read. Where nothing is live yet, a plan leaves it out.
///
/// Returns the scopes for which the program may want something else than what is live, because it depends on the blocks of
/// an unseen environment: these cannot be planned.
pub fn keep_unseen(
    ir: &mut Ir,
    observed: &Observed,
    unseen: &BTreeSet<Scope>,
    away: &BTreeSet<Address>,
) -> BTreeSet<Scope> {
    let is_unseen = |address: &Address| unseen.contains(address.scope().as_str()) || away.contains(address);
    let joined = |node: &Node| node.resource.joined_addresses().any(&is_unseen);
    let concerned: BTreeSet<Address> = ir
        .resources
        .iter()
        .filter(|(address, node)| is_unseen(address) || joined(node))
        .map(|(address, _)| address.clone())
        .collect();
    let mut uncertain = BTreeSet::new();
    if concerned.is_empty() {
        return uncertain;
    }
    let live: BTreeMap<(&Address, Kind), &Found> =
        observed.found.iter().map(|found| ((&found.address, found.resource.kind()), found)).collect();
    let known: BTreeSet<&str> = observed
        .found
        .iter()
        .filter(|found| !concerned.contains(&found.address))
        .map(|found| found.id.as_str())
        .collect();
    for (address, node) in ir.resources.iter_mut().filter(|(address, _)| !is_unseen(address)) {
        let mut value = node.resource.to_value();
        if !leads_to(&value, &concerned) {
            continue;
        }
        let kind = node.resource.kind();
        let live = live.get(&(address, kind)).map(|found| found.resource.to_value());
        for (field, wanted) in value.as_object_mut().into_iter().flatten() {
            let there = live.as_ref().and_then(|live| live.get(field));
            match (kind.schema().change(field), wanted, there) {
                (Change::Elements { .. }, Value::Array(wanted), Some(Value::Array(there))) => {
                    let key = |element: &Value| Resource::element_key(kind, field, element);
                    if !keep_elements(wanted, there, &concerned, &known, &key) {
                        uncertain.insert(address.scope().to_scope());
                    }
                }
                (Change::Elements { .. }, _, _) => {}
                (_, wanted, Some(there)) if leads_to(wanted, &concerned) => *wanted = there.clone(),
                _ => {}
            }
        }
        if let Ok(resource) = serde_json::from_value(value) {
            node.resource = resource;
        }
    }
    uncertain
}

/// Puts the live elements in the place of those that concern unseen scopes. Returns whether each has one, or none has.
fn keep_elements(
    wanted: &mut [Value],
    there: &[Value],
    concerned: &BTreeSet<Address>,
    known: &BTreeSet<&str>,
    key: &dyn Fn(&Value) -> String,
) -> bool {
    let is_unknown = |element: &&Value| {
        let ids = refs_in(element);
        ids.iter().any(|reference| reference.id().is_some_and(|id| !known.contains(id)))
    };
    let mut left: BTreeMap<String, &Value> =
        there.iter().filter(is_unknown).map(|element| (key(element), element)).collect();
    let mut is_missing = false;
    for element in wanted {
        if !leads_to(element, concerned) {
            left.remove(&key(element));
        } else if let Some(live) = left.remove(&key(element)) {
            *element = live.clone();
        } else {
            is_missing = true;
        }
    }
    !is_missing || left.is_empty()
}

/// Whether a value references one of these addresses.
fn leads_to(value: &Value, addresses: &BTreeSet<Address>) -> bool {
    refs_in(value).iter().any(|reference| matches!(reference, Ref::To(to) if addresses.contains(to)))
}

#[cfg(test)]
mod tests {
    use asiaq_ir::{Origin, PeeringConnection, Route, RouteTable};

    use super::*;

    fn peering(requester: Ref, accepter: Ref) -> Resource {
        let (accepter_region, accepter_account) = ("us-west-2".to_owned(), Some("222222222222".to_owned()));
        PeeringConnection { requester, accepter, accepter_region, accepter_account, accepted: true }.into()
    }

    fn table(routes: &[(&str, Ref)]) -> Resource {
        let routes = routes.iter().map(|(destination, target)| Route {
            destination: destination.parse().unwrap(),
            target: target.clone(),
        });
        let (vpc, subnet) = (Ref::Id("vpc-a".to_owned()), None);
        RouteTable { vpc, subnet, routes: routes.collect(), propagation: None }.into()
    }

    fn found(address: &str, id: &str, resource: Resource) -> Found {
        let (address, region) = (Address::parse(address), "us-west-2".to_owned());
        Found { address, id: id.to_owned(), region, tags: BTreeMap::new(), resource }
    }

    fn id(id: &str) -> Ref {
        Ref::Id(id.to_owned())
    }

    /// What the program wants of the connection and the table, with `live` routes, if `b` was not read; and what cannot be
    /// planned.
    fn kept(live: Option<&[(&str, Ref)]>) -> (Vec<Resource>, Vec<String>) {
        let origin = Origin { file: "infra.asq".to_owned(), line: 1, column: 1 };
        let node = |resource| Node {
            resource,
            region: "us-west-2".to_owned(),
            tags: BTreeMap::new(),
            after: BTreeSet::new(),
            origin: origin.clone(),
            protect: None,
            provenance: BTreeMap::new(),
        };
        let wanted = table(&[("0.0.0.0/0", id("igw-1")), ("10.2.0.0/20", Ref::to("a", "peering/b"))]);
        let resources = [
            ("a/peering/b", peering(Ref::to("a", "vpc"), Ref::to("b", "vpc"))),
            ("a/web/table", wanted),
            ("b/vpc", table(&[])),
        ];
        let resources = resources.map(|(address, resource)| (Address::parse(address), node(resource)));
        let mut ir = Ir { resources: resources.into_iter().collect(), ..Ir::default() };
        let mut observed = Observed::default();
        if let Some(routes) = live {
            observed.found.push(found("a/peering/b", "pcx-1", peering(id("vpc-a"), id("vpc-b"))));
            observed.found.push(found("a/web/table", "rtb-1", table(routes)));
            observed.found.push(found("a/internet-gateway", "igw-1", table(&[])));
        }
        let uncertain =
            keep_unseen(&mut ir, &observed, &BTreeSet::from([Scope::environment("b")]), &BTreeSet::new());
        let own = ir.resources.into_iter().filter(|(address, _)| address.scope().as_str() == "a");
        let resources = own.map(|(_, node)| node.resource).collect();
        (resources, uncertain.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn what_joins_an_environment_that_was_not_read_stays_as_it_is() {
        let live = [("0.0.0.0/0", id("igw-1")), ("10.2.0.0/20", id("pcx-1"))];
        assert_eq!(
            kept(Some(&live)),
            (vec![peering(Ref::to("a", "vpc"), id("vpc-b")), table(&live)], vec![])
        );
        // A route that only somebody by hand can have made is no reason to leave anything out.
        let by_hand = [live[0].clone(), live[1].clone(), ("10.9.0.0/16", id("pcx-9"))];
        assert_eq!(kept(Some(&by_hand)).1, Vec::<String>::new());
    }

    #[test]
    fn an_environment_whose_peer_may_have_other_blocks_cannot_be_planned() {
        let live = [("0.0.0.0/0", id("igw-1")), ("10.64.0.0/20", id("pcx-1"))];
        assert_eq!(kept(Some(&live)).1, ["a"]);
    }

    #[test]
    fn what_is_not_there_yet_is_left_to_the_plan() {
        let (resources, uncertain) = kept(None);
        assert_eq!(resources[0], peering(Ref::to("a", "vpc"), Ref::to("b", "vpc")));
        assert_eq!(uncertain, Vec::<String>::new());
    }
}
