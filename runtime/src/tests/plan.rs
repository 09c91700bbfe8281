//! Tests of plans, shown as text.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use asiaq_ir::{ADDRESS_TAG, Address, ElasticIp, Ir, Kind, Lookup, Ref, Resource, Risk, ScopeRef};
use serde_json::Value;

use super::world::{Env, Exit, NOW, Nat, Net, Project, World, only};
use crate::{Action, CancellationToken, Coverage, Event, Goal, Limits, Plan, Step, apply, plan};

/// One environment with one network in one Availability Zone.
pub(super) fn small() -> Project {
    let net = Net { zones: 1, ports: BTreeMap::from([(22, 0)]), ..Net::default() };
    let env = Env { nets: BTreeMap::from([("app", net)]), ..Env::default() };
    Project { envs: BTreeMap::from([("ci", env)]), peerings: BTreeSet::new() }
}

/// Two such environments, peered.
pub(super) fn peered() -> Project {
    let mut project = small();
    let env = Env { block: 1, ..project.envs["ci"].clone() };
    project.envs.insert("qa", env);
    project.peerings.insert(("ci", "qa"));
    project
}

impl Project {
    pub(super) fn env(&mut self, name: &str) -> &mut Env {
        self.envs.get_mut(name).unwrap()
    }

    pub(super) fn net(&mut self, name: &str) -> &mut Net {
        self.env("ci").nets.get_mut(name).unwrap()
    }
}

impl World {
    /// A world in which a project has been applied.
    pub(super) async fn with(project: &Project) -> Self {
        let world = Self::new();
        world.apply(&world.lower(project), &Coverage::default()).await;
        world
    }

    pub(super) async fn plan(&self, ir: &Ir, scope: &Coverage) -> Plan {
        plan(ir, &self.observe().await, scope, NOW)
    }

    pub(super) async fn apply(&self, ir: &Ir, scope: &Coverage) {
        let plan = self.plan(ir, scope).await;
        let outcome =
            apply(&self.memory, &plan, &Limits::default(), &CancellationToken::new(), &|_: Event| {}).await;
        assert!(outcome.is_complete(), "{outcome:#?}");
    }

    pub(super) fn id(&self, address: &str) -> String {
        self.ours().into_iter().find(|found| found.address.as_str() == address).unwrap().id
    }
}

pub(super) fn text(plan: &Plan) -> String {
    let mut out = String::new();
    for step in &plan.steps {
        line(&mut out, step).unwrap();
    }
    for note in &plan.notes {
        writeln!(out, "note: {note}").unwrap();
    }
    out
}

fn line(out: &mut String, step: &Step) -> std::fmt::Result {
    let verb = match &step.action {
        Action::Create { .. } => "create".to_owned(),
        Action::Update { detach, .. } if detach.is_empty() => "update".to_owned(),
        Action::Update { .. } => "detach, update".to_owned(),
        Action::Replace { order, .. } => format!("replace {order:?}"),
        Action::Delete { .. } => "delete".to_owned(),
    };
    let cited = step.origin.as_ref().map(|origin| format!(" {origin}")).unwrap_or_default();
    writeln!(out, "{verb} {} {} [{}]{cited}", step.kind.name(), step.address, step.risk.word())?;
    for reason in &step.reasons {
        let show = |value: &Value| Resource::element_key(Kind::Vpc, "", value);
        let (before, after) = (show(&reason.before), show(&reason.after));
        let element = reason.element.as_ref().map(|element| format!(" `{element}`")).unwrap_or_default();
        writeln!(out, "    {}{element}: {before} => {after} [{}]", reason.field, reason.risk.word())?;
    }
    Ok(())
}

/// The plan from one project to another, as text.
async fn change(before: &Project, after: &Project, scope: &Coverage) -> String {
    let world = World::with(before).await;
    text(&world.plan(&world.lower(after), scope).await)
}

#[tokio::test]
async fn a_new_environment_is_created() {
    let text = change(&Project::default(), &small(), &Coverage::default()).await;
    insta::assert_snapshot!(text, @r#"
    create security-group ci/app/group [safe] shop.asq:2
    create ingress-rules ci/app/group/ingress [safe] shop.asq:2
    create subnet ci/app/subnet/0 [safe] shop.asq:2
    create route-table ci/app/table/0 [safe] shop.asq:2
    create internet-gateway ci/igw [safe] shop.asq:2
    create vpc ci/vpc [safe] shop.asq:2
    "#);
}

#[tokio::test]
async fn a_changed_rule_updates_only_the_rules() {
    let mut after = small();
    after.net("app").ports = BTreeMap::from([(22, 1), (80, 0)]);
    insta::assert_snapshot!(change(&small(), &after, &Coverage::default()).await, @r#"
    update ingress-rules ci/app/group/ingress [safe] shop.asq:2
        rules `tcp 22 22 192.0.2.0/24`: v0 22 tcp 192.0.2.0/24 22 => v1 22 tcp 192.0.2.0/24 22 [safe]
        rules `tcp 80 80 192.0.2.0/24`: - => v0 80 tcp 192.0.2.0/24 80 [safe]
    "#);
}

#[tokio::test]
async fn a_replaced_group_stays_until_everything_has_left_it() {
    let mut before = small();
    let friend = Net { zones: 1, friends: BTreeSet::from(["app"]), ..Net::default() };
    before.env("ci").nets.insert("web", friend);
    before.net("app").host = Some(1);
    let mut after = before.clone();
    after.net("app").about = 1;
    insta::assert_snapshot!(change(&before, &after, &Coverage::default()).await, @r#"
    replace CreateFirst security-group ci/app/group [replace] shop.asq:2
        name: ci_app_0 => ci_app_1 [replace]
    replace CreateFirst ingress-rules ci/app/group/ingress [replace] shop.asq:2
        group: security-group-0044 => ci/app/group [replace]
    update network-interface ci/app/host [disruptive] shop.asq:2
        groups `ci/app/group`: - => ci/app/group [safe]
        groups `security-group-0044`: security-group-0044 => - [disruptive]
    update ingress-rules ci/web/group/ingress [disruptive] shop.asq:2
        rules `any - - ci/app/group`: - =>  - any ci/app/group - [safe]
        rules `any - - security-group-0044`:  - any security-group-0044 - => - [disruptive]
    "#);
}

#[tokio::test]
async fn new_options_are_created_before_the_old_ones_are_deleted() {
    let mut before = small();
    before.env("ci").dhcp = Some(0);
    let mut after = before.clone();
    after.env("ci").dhcp = Some(1);
    insta::assert_snapshot!(change(&before, &after, &Coverage::default()).await, @r#"
    replace CreateFirst dhcp-options ci/dhcp [replace] shop.asq:2
        domain_name: v0.example => v1.example [replace]
    update vpc ci/vpc [safe] shop.asq:2
        dhcp_options: dhcp-options-0040 => ci/dhcp [safe]
    "#);
}

#[tokio::test]
async fn gateways_that_swap_addresses_are_replaced_in_order() {
    let mut before = small();
    let net = Net { zones: 1, nat: Nat::Static, exit: Exit::Gateway, ..Net::default() };
    before.env("ci").nets = BTreeMap::from([("app", net.clone()), ("db", net.clone()), ("web", net)]);
    let world = World::with(&before).await;
    let mut ir = world.lower(&before);
    let addresses = ["ci/app/nat/0", "ci/db/nat/0"].map(Address::parse);
    let [app, db] = addresses.each_ref().map(|address| ir.resources[address].resource.field("elastic_ip"));
    for (address, other) in addresses.iter().zip([db, app]) {
        let mut gateway = ir.resources[address].resource.to_value();
        gateway["elastic_ip"] = other;
        ir.resources.get_mut(address).unwrap().resource = serde_json::from_value(gateway).unwrap();
    }
    insta::assert_snapshot!(text(&world.plan(&ir, &Coverage::default()).await), @r#"
    replace DeleteFirst nat-gateway ci/app/nat/0 [replace] shop.asq:2
        elastic_ip: elastic-ip-0003 => elastic-ip-0006 [replace]
    replace CreateFirst nat-gateway ci/db/nat/0 [replace] shop.asq:2
        elastic_ip: elastic-ip-0006 => elastic-ip-0003 [replace]
    "#);
    world.apply(&ir, &Coverage::default()).await;
}

#[tokio::test]
async fn an_undeclared_tag_is_removed_and_tags_of_other_tools_stay() {
    let mut before = small();
    before.env("ci").team = Some(1);
    let world = World::with(&before).await;
    world.memory.edit(Kind::Vpc, &world.id("ci/vpc"), |_, tags| {
        tags.insert("owner".into(), "theirs".into());
    });
    let plan = world.plan(&world.lower(&small()), &Coverage::default()).await;
    let vpc = Plan { steps: plan.steps.into_iter().filter(|step| step.kind == Kind::Vpc).collect(), ..plan };
    insta::assert_snapshot!(text(&vpc), @r#"
    update vpc ci/vpc [disruptive] shop.asq:2
        dns_hostnames: true => false [disruptive]
        tags `asiaq:tags`: the=20team => - [safe]
        tags `the team`: t1 => - [safe]
    "#);
}

#[tokio::test]
async fn of_duplicates_the_one_in_use_is_kept() {
    let mut project = small();
    (project.net("app").nat, project.net("app").exit) = (Nat::Auto, Exit::Gateway);
    let world = World::with(&project).await;
    let tags = world.ours().into_iter().find(|found| found.resource.kind() == Kind::ElasticIp).unwrap().tags;
    let (first, second) =
        (world.id("ci/app/address/0"), world.memory.plant("eu-west-1", ElasticIp {}.into(), tags));
    world.memory.edit(Kind::NatGateway, &world.id("ci/app/nat/0"), |resource, _| {
        if let Resource::NatGateway(nat) = resource {
            nat.elastic_ip = Ref::Id(second);
        }
    });
    let allowed = Coverage { delete_doubles: true, ..Coverage::default() };
    let plan = world.plan(&world.lower(&project), &allowed).await;
    insta::assert_snapshot!(text(&plan), @r#"
    delete elastic-ip ci/app/address/0 [data-loss]
        id: elastic-ip-0044 => elastic-ip-0047 [data-loss]
    "#);
    assert_eq!(plan.steps[0].live().unwrap().id, first);
}

#[tokio::test]
async fn a_peering_is_left_out_until_both_ends_exist() {
    let text = change(&Project::default(), &peered(), &only(&["qa"])).await;
    let notes: Vec<&str> = text.lines().filter(|line| line.contains("peering")).collect();
    insta::assert_snapshot!(notes.join("\n"), @r#"
    note: `ci/peering/qa` is left out: it needs `ci/vpc`, which is out of scope and does not exist
    note: `172.16.0.0/16` is left out of the routes of `qa/app/table/0`: it references `ci/peering/qa`, which is out of scope and does not exist
    "#);
}

#[tokio::test]
async fn only_routes_of_a_peered_environment_change() {
    let world = World::new();
    let mut project = peered();
    let ir = world.lower(&project);
    world.apply(&ir, &only(&["qa"])).await;

    project.env("qa").team = Some(1);
    let ir = world.lower(&project);
    let plan = world.plan(&ir, &only(&["ci"])).await;
    let about_qa = |plan: &Plan| {
        let steps = plan
            .steps
            .iter()
            .filter(|step| step.scopes().contains(&ScopeRef::of_environment("qa")))
            .cloned()
            .collect();
        text(&Plan { steps, ..plan.clone() })
    };
    insta::assert_snapshot!(about_qa(&plan), @r#"
    create peering-connection ci/peering/qa [safe] shop.asq:2
    update route-table qa/app/table/0 [safe] shop.asq:2
        routes `172.16.0.0/16`: - => 172.16.0.0/16 ci/peering/qa [safe]
    "#);

    world.apply(&ir, &only(&["ci"])).await;
    let plan = world.plan(&ir, &Coverage { goal: Goal::Destroy, ..only(&["ci"]) }).await;
    let table = plan.steps.iter().filter(|step| step.address.env() == "qa").cloned().collect();
    insta::assert_snapshot!(text(&Plan { steps: table, ..plan.clone() }), @r#"
    update route-table qa/app/table/0 [disruptive] shop.asq:2
        routes `172.16.0.0/16`: 172.16.0.0/16 peering-connection-0049 => - [disruptive]
    "#);
}

#[tokio::test]
async fn an_undeclared_environment_is_deleted() {
    insta::assert_snapshot!(change(&small(), &Project::default(), &Coverage::default()).await, @r#"
    delete security-group ci/app/group [disruptive]
    delete subnet ci/app/subnet/0 [disruptive]
    delete route-table ci/app/table/0 [disruptive]
    delete internet-gateway ci/igw [disruptive]
    delete vpc ci/vpc [data-loss]
    "#);
    insta::assert_snapshot!(change(&small(), &Project::default(), &only(&["qa"])).await, @"");
}

#[tokio::test]
async fn undeclared_empty_rules_need_no_step() {
    let mut project = small();
    project.net("app").ports.clear();
    let world = World::with(&project).await;
    let mut ir = world.lower(&project);
    ir.resources.remove(&Address::parse("ci/app/group/ingress"));
    assert_eq!(text(&world.plan(&ir, &Coverage::default()).await), "");
}

#[tokio::test]
async fn an_environment_that_moves_is_listed_in_both_regions() {
    let mut project = small();
    let world = World::with(&project).await;
    project.env("ci").region = 1;
    let plan = world.plan(&world.lower(&project), &Coverage::default()).await;
    let regions: BTreeSet<String> = plan.scopes().into_keys().collect();
    assert_eq!(regions, super::world::regions());
}

#[tokio::test]
async fn a_protected_environment_refuses_risks_that_are_not_allowed() {
    let mut project = small();
    project.env("ci").protect = true;
    let world = World::with(&project).await;
    let destroy = Coverage { goal: Goal::Destroy, ..Coverage::default() };
    let plan = world.plan(&world.lower(&project), &destroy).await;
    let refused = |allowed: &[Risk]| -> Vec<String> {
        let allowed = allowed.iter().copied().collect();
        plan.refused(&allowed).into_iter().map(|refusal| refusal.step.address.to_string()).collect()
    };
    assert!(refused(&[]).contains(&"ci/vpc".to_owned()));
    assert_eq!(refused(&[Risk::Replace]), ["ci/vpc"]);
    assert_eq!(refused(&[Risk::DataLoss]), [""; 0]);
    let undeclared = world.plan(&world.lower(&Project::default()), &Coverage::default()).await;
    assert!(undeclared.refused(&BTreeSet::new()).is_empty());
}

/// The steps refused when nothing is allowed, one per line, and the risks to allow for all of them.
fn refusals(plan: &Plan) -> String {
    let refused = plan.refused(&BTreeSet::new());
    let mut text = String::new();
    for crate::Refusal { step, risk, by } in &refused {
        writeln!(text, "{} [{}] {by}", step.address, risk.word()).unwrap();
    }
    let words = crate::to_allow(&refused);
    assert!(plan.refused(&words).is_empty(), "{words:?}");
    let words: Vec<&str> = words.into_iter().map(Risk::word).collect();
    text + &words.join(" ")
}

#[tokio::test]
async fn a_protected_resource_is_not_deleted_and_its_tag_outlasts_the_declaration() {
    let guard = |ir: &mut Ir, path: &str| {
        let node = ir.resources.get_mut(&Address::new("ci", path)).unwrap();
        node.protect = Some(asiaq_ir::Origin { file: "shop.asq".into(), line: 7, column: 1 });
        node.tags.insert("asiaq:protect".into(), "true".into());
        node.tags.insert("asiaq:tags".into(), "asiaq:protect".into());
    };
    let mut project = small();
    project.net("app").nat = Nat::Auto;
    let world = World::with(&project).await;
    let mut ir = world.lower(&project);
    guard(&mut ir, "app/table/0");
    guard(&mut ir, "app/address/0");
    let plan = world.plan(&ir, &Coverage::default()).await;
    assert!(plan.steps.iter().all(|step| step.risk == Risk::Safe), "adding protection is safe");
    world.apply(&ir, &Coverage::default()).await;

    let destroy = Coverage { goal: Goal::Destroy, ..Coverage::default() };
    insta::assert_snapshot!(refusals(&world.plan(&ir, &destroy).await), @r"
    ci/app/address/0 [data-loss] protected by shop.asq:7
    ci/app/table/0 [replace] protected by shop.asq:7
    data-loss
    ");
    ir.resources.remove(&Address::parse("ci/app/table/0"));
    insta::assert_snapshot!(refusals(&world.plan(&ir, &Coverage::default()).await), @r"
    ci/app/table/0 [replace] protected by its tag `asiaq:protect`
    replace
    ");
    // A resource declared without protection is not protected, even if it has the tag.
    let bare = world.lower(&project);
    assert_eq!(refusals(&world.plan(&bare, &destroy).await), "");
    // The tag protects the resource, not its environment.
    let text = refusals(&world.plan(&world.lower(&Project::default()), &Coverage::default()).await);
    insta::assert_snapshot!(text, @r"
    ci/app/address/0 [data-loss] protected by its tag `asiaq:protect`
    ci/app/table/0 [replace] protected by its tag `asiaq:protect`
    data-loss
    ");
}

#[tokio::test]
async fn destroying_a_part_of_a_protected_environment_is_refused() {
    let mut project = small();
    project.env("ci").protect = true;
    let world = World::with(&project).await;
    let mut fewer = project.clone();
    fewer.net("app").ports.clear();
    fewer.env("ci").dhcp = Some(1);
    assert_eq!(refusals(&world.plan(&world.lower(&fewer), &Coverage::default()).await), "");
    let under = Some(BTreeSet::from(["app/table".to_owned()]));
    let down = Coverage { goal: Goal::Destroy, under, ..only(&["ci"]) };
    insta::assert_snapshot!(refusals(&world.plan(&world.lower(&project), &down).await), @r"
    ci/app/table/0 [replace] protected by shop.asq:1
    replace
    ");
}

#[tokio::test]
async fn a_plan_round_trips_through_json_and_detects_later_changes() {
    let mut after = small();
    (after.net("app").about, after.env("ci").dhcp) = (1, Some(1));
    let world = World::with(&small()).await;
    let saved = world.plan(&world.lower(&after), &Coverage::default()).await;
    let saved: Plan = serde_json::from_str(&serde_json::to_string(&saved).unwrap()).unwrap();
    let again = world.plan(&saved.ir, &saved.scope).await;
    assert_eq!(saved, again);
    assert_eq!(saved.differs_from(&again), BTreeSet::new());

    world.memory.edit(Kind::IngressRules, &world.id("ci/app/group"), |resource, _| {
        if let Resource::IngressRules(ingress) = resource {
            ingress.rules.clear();
        }
    });
    let moved = world.plan(&saved.ir, &saved.scope).await;
    assert_eq!(saved.differs_from(&moved), BTreeSet::from([Address::parse("ci/app/group/ingress")]));
}

#[tokio::test]
async fn an_unresolved_reference_is_a_note() {
    let world = World::new();
    let mut ir = world.lower(&small());
    let Some(Resource::Vpc(vpc)) =
        ir.resources.get_mut(&Address::parse("ci/vpc")).map(|node| &mut node.resource)
    else {
        panic!("there is a VPC")
    };
    vpc.dhcp_options = Some(Ref::Find(Lookup::VpnGateway("office".into())));
    let gateway = ir.resources.get_mut(&Address::parse("ci/igw")).unwrap();
    gateway.resource = asiaq_ir::InternetGateway { vpc: Some(Ref::to("ci", "cellar")) }.into();
    let plan = world.plan(&ir, &Coverage::default()).await;
    let notes: Vec<String> = plan.notes.iter().map(ToString::to_string).collect();
    assert_eq!(
        notes,
        [
            "`ci/igw` references `ci/cellar`, which does not exist",
            "`ci/vpc` references the VPN gateway `office`, which does not exist",
        ]
    );
}

#[tokio::test]
async fn tags_are_compared_by_what_is_declared() {
    let world = World::with(&small()).await;
    world.memory.edit(Kind::Subnet, &world.id("ci/app/subnet/0"), |_, tags| {
        tags.insert("asiaq:env".into(), "elsewhere".into());
        assert!(tags.contains_key(ADDRESS_TAG));
    });
    insta::assert_snapshot!(text(&world.plan(&world.lower(&small()), &Coverage::default()).await), @r#"
    update subnet ci/app/subnet/0 [safe] shop.asq:2
        tags `asiaq:env`: elsewhere => ci [safe]
    "#);
}
