use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::*;
use crate::{Address, Change, Home, Outage, Ref, ScopeKind, refs, resolve};

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

/// A sample of each kind, in the order of [`Kind::ALL`], with an element in every set.
fn samples() -> Vec<Resource> {
    serde_json::from_str(include_str!("tests/samples.json")).unwrap()
}

/// The fields of a resource as they are serialised.
fn fields(resource: &Resource) -> BTreeMap<String, Value> {
    let Value::Object(mut fields) = resource.to_value() else { panic!("a resource is an object") };
    fields.remove("kind");
    fields.into_iter().collect()
}

#[test]
fn there_is_a_sample_of_each_kind() {
    assert_eq!(samples().iter().map(Resource::kind).collect::<Vec<_>>(), Kind::ALL);
}

#[test]
fn declared_fields_are_the_fields_of_the_json() {
    for sample in samples() {
        let declared: BTreeSet<&str> = sample.kind().fields().iter().copied().collect();
        let serialised = fields(&sample);
        assert_eq!(declared, serialised.keys().map(String::as_str).collect(), "{:?}", sample.kind());
    }
}

#[test]
fn elements_are_identified_by_fields_of_their_json() {
    for sample in samples() {
        let (kind, fields) = (sample.kind(), fields(&sample));
        for (field, change) in kind.schema().fields {
            let Change::Elements { key, .. } = change else { continue };
            let elements = fields[*field].as_array().unwrap();
            assert!(!elements.is_empty(), "the sample of {kind:?} has an element of `{field}`");
            for key in *key {
                assert!(elements[0].get(key).is_some(), "an element of {kind:?} `{field}` has no `{key}`");
            }
        }
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a line for each fact")]
fn each_kind_declares_what_it_did() {
    let mut text = String::new();
    for sample in samples() {
        let schema = sample.kind().schema();
        let Schema {
            name,
            home,
            scope,
            fields: _,
            deletion,
            is_setting,
            data_in,
            serving,
            replacement,
            exclusive,
            delete_after_kinds,
            outlives_kinds,
            replaced_with,
            never_empty,
            auto_detached,
            deleted_after_user,
            detach_before_delete,
            empty_for_good,
            vpc_bound_by,
            retain_on_destroy,
            hides_tags,
            identity,
            released_last,
            chosen_name,
            derived_name,
            renamed,
            handed_over,
            outage,
            reopened,
            windowed,
        } = schema;
        writeln!(text, "{name}: deletion {deletion:?}, replacement {replacement:?}").unwrap();
        if *home != Home::Region {
            writeln!(text, "  home: {home:?}").unwrap();
        }
        if *scope != ScopeKind::Environment {
            writeln!(text, "  scope: {scope:?}").unwrap();
        }
        if *is_setting {
            writeln!(text, "  is_setting").unwrap();
        }
        if let Some(field) = data_in {
            writeln!(text, "  data_in: {field}").unwrap();
        }
        let slots = [
            ("serving", serving),
            ("exclusive", exclusive),
            ("never_empty", never_empty),
            ("auto_detached", auto_detached),
            ("deleted_after_user", deleted_after_user),
            ("detach_before_delete", detach_before_delete),
            ("identity", identity),
            ("released_last", released_last),
            ("windowed", windowed),
        ];
        for (slot, fields) in slots.into_iter().filter(|(_, fields)| !fields.is_empty()) {
            writeln!(text, "  {slot}: {}", fields.join(", ")).unwrap();
        }
        if !delete_after_kinds.is_empty() {
            writeln!(text, "  delete_after_kinds: {delete_after_kinds:?}").unwrap();
        }
        if !outlives_kinds.is_empty() {
            writeln!(text, "  outlives_kinds: {outlives_kinds:?}").unwrap();
        }
        if let Some((field, why)) = replaced_with {
            writeln!(text, "  replaced_with: {field}, {why}").unwrap();
        }
        if let Some((field, why)) = empty_for_good {
            writeln!(text, "  empty_for_good: {field}, {why}").unwrap();
        }
        if let Some(field) = vpc_bound_by {
            writeln!(text, "  vpc_bound_by: {field}").unwrap();
        }
        if let Some(field) = chosen_name {
            writeln!(text, "  chosen_name: {field}").unwrap();
        }
        if let Some(field) = derived_name {
            writeln!(text, "  derived_name: {field}").unwrap();
        }
        writeln!(text, "  renamed: {renamed:?}").unwrap();
        if *handed_over {
            writeln!(text, "  handed_over").unwrap();
        }
        if let Some(Outage { seconds, what }) = outage {
            writeln!(text, "  outage: {seconds} s, {what}").unwrap();
        }
        if let Some((field, unless, Outage { seconds, what })) = reopened {
            writeln!(text, "  reopened: {field} unless {}, {seconds} s, {what}", unless.join(", ")).unwrap();
        }
        if *retain_on_destroy || *hides_tags {
            writeln!(text, "  retain_on_destroy: {retain_on_destroy}, hides_tags: {hides_tags}").unwrap();
        }
        for field in fields(&sample).keys() {
            let (change, min) = (schema.change(field), sample.min_elements(field));
            writeln!(text, "  {field}: {change:?}, min {min}").unwrap();
        }
    }
    insta::assert_snapshot!(text);
}

/// The rows of the table of risks in the documentation.
fn documented() -> Vec<Vec<&'static str>> {
    let page = include_str!("../../../../docs/language.md");
    let rows = page.lines().skip_while(|line| !line.starts_with("| Resource | Risk of its end |")).skip(2);
    let cells = |row: &'static str| row.trim_matches('|').split(" | ").map(str::trim).collect();
    rows.take_while(|row| row.starts_with('|')).map(cells).collect()
}

#[test]
fn the_documentation_says_what_the_end_of_each_kind_means() {
    let declared: Vec<Vec<String>> = Kind::ALL
        .iter()
        .map(|kind| {
            let schema = kind.schema();
            let risk = format!("`{}`", schema.deletion.word());
            let with_data = if schema.data_in.is_some() { ", `data-loss` with data" } else { "" };
            let refused = if schema.is_held() { "yes" } else { "no" };
            vec![format!("`{}`", schema.name), risk + with_data, refused.to_owned()]
        })
        .collect();
    let documented = documented();
    assert_eq!(documented.iter().map(|row| row[..3].to_vec()).collect::<Vec<_>>(), declared);
    assert!(documented.iter().all(|row| row.len() == 4 && !row[3].is_empty()), "each row says why");
}

#[test]
fn the_documentation_says_what_stops_while_a_kind_is_replaced() {
    let page = include_str!("../../../../docs/interruptions.md");
    let rows = page.lines().skip_while(|line| !line.starts_with("| Resource | What stops |")).skip(2);
    let rows = rows.take_while(|row| row.starts_with('|'));
    let documented: Vec<Vec<&str>> =
        rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect();
    let about = |seconds: u32| match seconds {
        ..60 => format!("{seconds} s"),
        _ => format!("{} min", seconds.div_ceil(60)),
    };
    let declared = Kind::ALL.iter().map(|kind| {
        let (what, about) = match kind.schema().outage {
            Some(Outage { seconds, what }) => (what, about(seconds)),
            None => ("nothing", String::new()),
        };
        vec![format!("`{}`", kind.name()), what.to_owned(), about]
    });
    assert_eq!(
        documented.iter().map(|row| row[..3].to_vec()).collect::<Vec<_>>(),
        declared.collect::<Vec<_>>()
    );
    assert!(documented.iter().all(|row| row.len() == 5 && !row[4].is_empty()), "each row has a source");
}

/// What serves or keeps data is stated here a second time, by hand.
#[test]
fn what_neither_serves_nor_keeps_data_may_end_where_it_is_protected() {
    let free: Vec<Kind> = Kind::ALL.iter().copied().filter(|kind| !kind.schema().is_held()).collect();
    let stated = [
        Kind::DhcpOptions,
        Kind::IngressRules,
        Kind::CacheSubnetGroup,
        Kind::CacheParameterGroup,
        // Its file stays, and so does what machines keep of the account.
        Kind::Operator,
        Kind::DatabaseSubnetGroup,
        Kind::DatabaseParameterGroup,
        Kind::DatabaseClusterParameterGroup,
        Kind::LaunchTemplate,
        Kind::SmokeTest,
        Kind::Alarm,
    ];
    assert_eq!(free, stated);
}

#[test]
fn data_is_on_volumes_beside_the_root() {
    let with = |device: &str, ephemeral: Option<u8>| {
        let Resource::LaunchTemplate(template) =
            samples().into_iter().find(|sample| sample.kind() == Kind::LaunchTemplate).unwrap()
        else {
            panic!("it is a launch template")
        };
        let disk = Disk { device: device.to_owned(), ephemeral, ..Disk::default() };
        Resource::from(LaunchTemplate { disks: [disk].into(), ..template }).has_data()
    };
    for root in ["/dev/sda", "/dev/sda1", "/dev/xvda", "/dev/nvme0n1"] {
        assert!(!with(root, None), "{root}");
    }
    for data in ["/dev/sdb", "/dev/xvdf", "/dev/sdc1"] {
        assert!(with(data, None), "{data}");
        assert!(!with(data, Some(0)), "an instance store volume does not outlive a stop");
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
