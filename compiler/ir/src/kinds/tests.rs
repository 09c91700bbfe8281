use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::{Address, Ref, refs, resolve};

fn table() -> Resource {
    RouteTable {
        vpc: Ref::to("ci", "vpc"),
        subnet: Some(Ref::to("ci", "web/subnet/1")),
        routes: BTreeSet::from([Route {
            destination: "0.0.0.0/0".parse().unwrap(),
            target: Ref::Id("igw-1".to_owned()),
        }]),
        propagation: None,
    }
    .into()
}

#[test]
fn a_resource_survives_its_json() {
    let value = table().to_value();
    assert_eq!(value["kind"], "route-table");
    assert_eq!(serde_json::from_value::<Resource>(value).unwrap(), table());
}

#[test]
fn references_are_found_at_any_depth_and_replaced() {
    assert_eq!(
        refs(&table()),
        [Ref::Id("igw-1".into()), Ref::to("ci", "web/subnet/1"), Ref::to("ci", "vpc")]
    );
    let ids = BTreeMap::from([(Address::new("ci", "vpc"), "vpc-9")]);
    let resolved = resolve(&table(), &mut |r| match r {
        Ref::To(a) => ids.get(a).map_or_else(|| r.clone(), |id| Ref::Id((*id).to_owned())),
        Ref::Id(_) | Ref::Find(_) => r.clone(),
    });
    let Resource::RouteTable(resolved) = resolved else { panic!("the kind stays") };
    assert_eq!(resolved.vpc, Ref::Id("vpc-9".into()));
    assert_eq!(resolved.subnet, Some(Ref::to("ci", "web/subnet/1")));
}

#[test]
fn every_field_named_in_a_schema_exists() {
    let example = table().to_value();
    for (field, _) in RouteTable::SCHEMA.fields {
        assert!(example.get(field).is_some(), "{field}");
    }
}

#[test]
fn the_key_of_an_element_is_what_makes_it_the_same() {
    let route = serde_json::json!({ "destination": "10.0.0.0/8", "target": { "id": "vgw-1" } });
    assert_eq!(Resource::element_key(Kind::RouteTable, "routes", &route), "10.0.0.0/8");
    let rule = serde_json::json!({
        "protocol": "tcp", "from": 22, "to": 22, "source": { "group": { "ref": "ci/web/security-group" } },
    });
    assert_eq!(Resource::element_key(Kind::IngressRules, "rules", &rule), "tcp 22 22 ci/web/security-group");
}
