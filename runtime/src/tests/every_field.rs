//! A change of any field of any kind is in the plan: as a step, or as a note that says what AWS keeps and why.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::*;
use serde_json::{Value, json};

use super::world::NOW;
use crate::{
    Action, Coverage, Found, Interruptions, LastApplied, Note, Observed, Outcome, Plan, Verb, own_name, plan,
};

/// A sample of each kind, with an element in every set.
fn samples() -> Vec<Resource> {
    serde_json::from_str(include_str!("../../../compiler/ir/src/kinds/tests/samples.json")).unwrap()
}

/// A program with one resource.
fn program(resource: &Resource) -> Ir {
    let origin = Origin { file: "shop.asq".to_owned(), line: 1, column: 1 };
    let environment = Environment {
        region: "us-west-2".to_owned(),
        account: None,
        account_name: None,
        protect: false,
        secrets: None,
        origin: origin.clone(),
    };
    let tags = resource.kind().tags().map_or_else(BTreeMap::new, |_| {
        let address = address();
        let tags = address.ownership_tags("shop").into_iter();
        let tags = tags.map(|(key, value)| (key.to_owned(), value.to_owned()));
        tags.chain([(TAGS_TAG.to_owned(), "owner".to_owned()), ("owner".to_owned(), "ops".to_owned())])
            .collect()
    });
    let node = Node {
        resource: resource.clone(),
        region: "us-west-2".to_owned(),
        tags,
        after: BTreeSet::new(),
        origin,
        protect: None,
        provenance: BTreeMap::new(),
    };
    Ir {
        project: "shop".to_owned(),
        environments: BTreeMap::from([("ci".to_owned(), environment)]),
        resources: BTreeMap::from([(address(), node)]),
        ..Ir::default()
    }
}

fn address() -> Address {
    Address::new("ci", "thing")
}

/// An account in which `ir` has been applied, with the record of the apply.
fn applied(ir: &Ir) -> Observed {
    let node = &ir.resources[&address()];
    let id = "thing-1".to_owned();
    let name = own_name(&node.resource, &id).map(|name| (NAME_TAG.to_owned(), name));
    let found = Found {
        address: address(),
        id,
        region: node.region.clone(),
        tags: node.tags.clone().into_iter().chain(name).collect(),
        resource: node.resource.clone(),
    };
    let observed = Observed { found: vec![found], ..Observed::default() };
    let scope = ScopeRef::of_environment("ci");
    let nothing = plan(ir, &observed, &Coverage::default(), NOW);
    assert_eq!(
        (&nothing.steps, &nothing.notes),
        (&Vec::new(), &Vec::new()),
        "an equal account needs nothing"
    );
    let written = LastApplied::after(None, &nothing, &Outcome::default(), scope);
    Observed { written: BTreeMap::from([(scope.to_scope(), written)]), ..observed }
}

/// The sample with AWS ids in place of addresses and searches, as a live resource has them.
fn with_ids(resource: &Resource) -> Resource {
    resolve(resource, &mut |reference| match reference {
        Ref::To(address) => Ref::Id(format!("id-of-{}", address.as_str().replace('/', "-"))),
        Ref::Find(_) => Ref::Id("id-found".to_owned()),
        Ref::Id(id) => Ref::Id(id.clone()),
    })
}

/// Other values for a part of a resource in JSON; most do not fit its type.
fn others(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => vec![
            json!(7),
            json!("other"),
            json!(true),
            json!({ "id": "other-1" }),
            json!({ "base": 1, "on_demand": 20 }),
        ],
        Value::Bool(flag) => vec![json!(!flag), Value::Null],
        Value::Number(number) => {
            vec![json!(number.as_i64().unwrap() + 1), json!(number.as_i64().unwrap() - 1), Value::Null]
        }
        Value::String(text) => {
            let words = [
                "other",
                "10.0.0.16/28",
                "10.0.0.77",
                "udp",
                "dynamodb",
                "of-source",
                "internal",
                "internet-facing",
                "network",
                "balancer",
            ];
            let words = words.iter().map(|word| json!(word));
            words
                .chain([json!(format!("{text}x")), json!({ "ssm": { "document": "other" } }), Value::Null])
                .collect()
        }
        Value::Array(items) => {
            let fewer = items.iter().enumerate().map(|(gone, _)| {
                let rest = items.iter().enumerate().filter(|(at, _)| *at != gone);
                Value::Array(rest.map(|(_, item)| item.clone()).collect())
            });
            let each = items.iter().enumerate().flat_map(|(at, item)| {
                others(item).into_iter().map(move |other| {
                    let mut items = items.clone();
                    items[at] = other;
                    Value::Array(items)
                })
            });
            let more = [json!("other"), json!({ "id": "other-1" })]
                .map(|one| Value::Array(items.iter().cloned().chain([one]).collect()));
            fewer.chain(each).chain(more).collect()
        }
        Value::Object(fields) => {
            let each = fields.iter().flat_map(|(key, value)| {
                others(value).into_iter().map(move |other| {
                    let mut fields = fields.clone();
                    fields.insert(key.clone(), other);
                    Value::Object(fields)
                })
            });
            each.collect()
        }
    }
}

/// The resources that differ from `resource` in `field` alone.
fn changes(resource: &Resource, field: &str) -> Vec<Resource> {
    let value = resource.to_value();
    let changed = others(&value[field]).into_iter().filter_map(|other| {
        let mut value = value.clone();
        value[field] = other;
        serde_json::from_value::<Resource>(value).ok()
    });
    changed.filter(|changed| changed != resource).collect()
}

/// Whether a plan tells of a change of the resource.
fn tells(plan: &Plan) -> bool {
    let notes =
        plan.notes.iter().any(|note| matches!(note, Note::Keeps { address: of, .. } if *of == address()));
    notes || plan.steps.iter().any(|step| step.address == address() && !step.reasons.is_empty())
}

/// A resource whose `field` decides alone: the sizes at creation count where no other size is given.
fn base(sample: &Resource, field: &str) -> Resource {
    let mut base = with_ids(sample);
    if let (Resource::AutoScalingGroup(group), "initial") = (&mut base, field) {
        (group.min, group.desired, group.max) = (None, None, None);
    }
    base
}

#[test]
fn every_change_of_every_field_of_every_kind_is_told() {
    let mut silent = Vec::new();
    for sample in samples() {
        let kind = sample.kind();
        for field in kind.fields() {
            let base = base(&sample, field);
            let observed = applied(&program(&base));
            let changes = changes(&base, field);
            assert!(!changes.is_empty(), "{}: no other {field}", kind.name());
            for changed in changes {
                // A value that the program leaves to AWS, because a schedule sets it: the schedule is another field.
                let is_left =
                    matches!(kind.schema().change(field), Change::IfSet(_)) && changed.field(field).is_null();
                let plan = plan(&program(&changed), &observed, &Coverage::default(), NOW);
                // A resource keeps the name that it has: another one is no difference.
                let is_own_name = kind.schema().chosen_name == Some(*field);
                if !is_left && !is_own_name && !tells(&plan) {
                    silent.push(format!(
                        "{} {field}: {} -> {}",
                        kind.name(),
                        base.field(field),
                        changed.field(field)
                    ));
                }
            }
        }
    }
    // The step of the launch template shows another AMI; running instances keep theirs.
    silent.retain(|said| !said.starts_with("smoke-test image"));
    // A tag tells which metrics asiaq switched on; this group does not have it, so its metrics are somebody else's.
    silent.retain(|said| !(said.starts_with("auto-scaling-group metrics") && said.ends_with("-> null")));
    // No program states these attributes: they are whatever AWS has.
    let unstated = ["-group attributes: ", "-balancer attributes: ", "-balancer listener_rules: "];
    silent.retain(|said| !unstated.iter().any(|field| said.contains(field)));
    // What counts at the creation or for the way of a change only; a description that follows from the name; the key that AWS
    // chose where the program names none.
    let is_unstated = |said: &String| {
        let fields = [
            " apply_now: ",
            "database restore: ",
            "database-cluster restore: ",
            "database-parameter-group description: ",
            "database-cluster-parameter-group description: ",
        ];
        fields.iter().any(|field| said.contains(field))
            || said.contains(" kms_key: ") && (said.ends_with("-> null") || said.contains(": null ->"))
    };
    silent.retain(|said| !is_unstated(said));
    assert_eq!(silent, Vec::<String>::new());
}

#[test]
fn every_change_of_a_tag_is_told_where_aws_has_tags_of_the_kind() {
    for sample in samples() {
        let base = program(&with_ids(&sample));
        let observed = applied(&base);
        let mut changed = base.clone();
        let tags = &mut changed.resources.get_mut(&address()).unwrap().tags;
        let has_tags = tags.insert("owner".to_owned(), "dev".to_owned()).is_some();
        if !has_tags {
            assert!(sample.kind().tags().is_none());
            continue;
        }
        let set = plan(&changed, &observed, &Coverage::default(), NOW);
        assert!(tells(&set), "{}", sample.kind().name());
        let tags = &mut changed.resources.get_mut(&address()).unwrap().tags;
        tags.retain(|key, _| !["owner", TAGS_TAG].contains(&key.as_str()));
        let removed = plan(&changed, &observed, &Coverage::default(), NOW);
        assert!(tells(&removed), "{}", sample.kind().name());
    }
}

#[test]
fn another_region_is_told() {
    for sample in samples() {
        let base = program(&with_ids(&sample));
        let mut changed = base.clone();
        changed.resources.get_mut(&address()).unwrap().region = "eu-west-1".to_owned();
        assert!(
            tells(&plan(&changed, &applied(&base), &Coverage::default(), NOW)),
            "{}",
            sample.kind().name()
        );
    }
}

#[test]
fn a_record_of_an_older_version_tells_nothing_about_values_at_creation() {
    let sample = samples().into_iter().find(|sample| sample.kind() == Kind::SmokeTest).unwrap();
    let base = with_ids(&sample);
    let Resource::SmokeTest(mut test) = base.clone() else { panic!("a smoke test") };
    test.timeout += 1;
    let observed = Observed { written: BTreeMap::new(), ..applied(&program(&base)) };
    let plan = plan(&program(&test.into()), &observed, &Coverage::default(), NOW);
    assert_eq!((plan.steps, plan.notes), (Vec::new(), Vec::new()));
}

#[test]
fn a_zone_that_becomes_public_or_private_is_replaced() {
    let sample = samples().into_iter().find(|sample| sample.kind() == Kind::HostedZone).unwrap();
    let private = with_ids(&sample);
    let Resource::HostedZone(zone) = private.clone() else { panic!("a zone") };
    let public = Resource::from(HostedZone { vpcs: BTreeSet::new(), ..zone });
    for (live, wanted) in [(&private, &public), (&public, &private)] {
        let plan = plan(&program(wanted), &applied(&program(live)), &Coverage::default(), NOW);
        let [step] = plan.steps.as_slice() else { panic!("{:#?}", plan.steps) };
        assert!(matches!(step.action, crate::Action::Replace { .. }));
        assert_eq!(step.risk, Risk::DataLoss);
        assert!(step.reasons[0].why.as_deref().unwrap().contains("private zone of a public one"));
    }
}

/// Whether the step deletes what it replaces before it creates the successor.
fn deletes_first(plan: &Plan) -> bool {
    let order = plan.order();
    let at = |verb: Verb| order.iter().position(|planned| planned.operation.verb == verb);
    let (Some(deletion), Some(creation)) = (at(Verb::Delete), at(Verb::Create)) else { return false };
    let mut before = vec![creation];
    let mut seen = BTreeSet::new();
    while let Some(next) = before.pop() {
        if seen.insert(next) {
            before.extend(order[next].after.iter().copied());
        }
    }
    seen.contains(&deletion)
}

/// Every kind says what is down while one takes the place of another, for each field that asks for it: something
/// stops if and only if the old one goes first, and then the plan names it and the time.
#[test]
fn every_replacement_says_what_stops_if_the_old_one_goes_first() {
    let mut first = BTreeSet::new();
    let mut wrong = Vec::new();
    for sample in samples() {
        let kind = sample.kind();
        let fields =
            kind.fields().iter().filter(|field| matches!(kind.schema().change(field), Change::Replace(_)));
        for field in fields {
            let base = base(&sample, field);
            let observed = applied(&program(&base));
            for changed in changes(&base, field) {
                let plan = plan(&program(&changed), &observed, &Coverage::default(), NOW);
                let is_replaced = plan.steps.iter().any(|step| matches!(step.action, Action::Replace { .. }));
                if !is_replaced {
                    continue;
                }
                let is_first = deletes_first(&plan);
                first.extend(is_first.then_some(kind.name()));
                let interruptions = Interruptions::of(&plan);
                let said: Vec<_> = interruptions.iter().flat_map(|(_, _, stops)| stops).collect();
                let is_said = said.iter().any(|stop| !stop.what.is_empty() && stop.seconds > 0);
                if is_said != (is_first && kind.schema().outage.is_some()) {
                    wrong.push(format!(
                        "{} {field}: {} first, {said:?}",
                        kind.name(),
                        if is_first { "old" } else { "new" }
                    ));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(first.len() > 5, "{first:?}");
}
