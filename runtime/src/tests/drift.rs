//! Tests of the causes of differences: program or drift.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use asiaq_ir::{ElasticIp, GroupRule, Ir, Kind, Protocol, Resource, Scope, ScopeRef, Source};

use super::plan::{peered, small};
use super::world::{Machines, NOW, Nat, Net, Project, World, only};
use crate::{
    Action, CancellationToken, Cause, Coverage, Event, Goal, InjectedFault, LastApplied, Limits, Observed,
    Outcome, Plan, apply, plan,
};

/// A world, and the records of the last applies to it.
struct Kept {
    world: World,
    written: BTreeMap<Scope, LastApplied>,
}

impl Kept {
    async fn with(project: &Project) -> Self {
        let mut kept = Self { world: World::new(), written: BTreeMap::new() };
        kept.apply(&kept.world.lower(project), &Coverage::default()).await;
        kept
    }

    async fn plan(&self, ir: &Ir, scope: &Coverage) -> Plan {
        let observed = Observed { written: self.written.clone(), ..self.world.observe().await };
        plan(ir, &observed, scope, NOW)
    }

    /// A plan of the whole `project`, as text.
    async fn says(&self, project: &Project) -> String {
        text(&self.plan(&self.world.lower(project), &Coverage::default()).await)
    }

    async fn apply(&mut self, ir: &Ir, scope: &Coverage) -> Outcome {
        let plan = self.plan(ir, scope).await;
        let outcome =
            apply(&self.world.memory, &plan, &Limits::default(), &CancellationToken::new(), &|_: Event| {})
                .await;
        self.remember(&plan, &outcome);
        outcome
    }

    fn remember(&mut self, plan: &Plan, outcome: &Outcome) {
        let scopes = plan.ir.environments.keys().map(|name| ScopeRef::of_environment(name));
        for scope in scopes.filter(|scope| plan.scope.covers(*scope)) {
            let written = LastApplied::after(self.written.get(scope.as_str()), plan, outcome, scope);
            self.written.insert(scope.to_scope(), written);
        }
    }

    fn open_a_port(&self, group: &str) {
        self.world.memory.edit(Kind::IngressRules, &self.world.id(group), |resource, _| {
            let Resource::IngressRules(ingress) = resource else { panic!("these are rules") };
            let source = Source::Cidr("203.0.113.0/24".parse().unwrap());
            ingress.rules.insert(GroupRule {
                protocol: Protocol::Tcp,
                from: Some(3389),
                to: Some(3389),
                source,
                description: String::new(),
            });
        });
    }

    fn lose(&self, kind: Kind, address: &str) {
        self.world.memory.lose(kind, &self.world.id(address));
    }
}

fn text(plan: &Plan) -> String {
    let word = |cause: Cause| match cause {
        Cause::Unknown => "",
        Cause::Waiting => " waiting",
        Cause::Program => " program",
        Cause::Drift => " drift",
    };
    let mut out = String::new();
    for step in &plan.steps {
        let verb = match &step.action {
            Action::Create { .. } => "create",
            Action::Update { .. } => "update",
            Action::Replace { .. } => "replace",
            Action::Delete { .. } => "delete",
        };
        writeln!(out, "{verb} {}{}", step.address, word(step.cause)).unwrap();
        for reason in &step.reasons {
            let element = reason.element.as_ref().map(|element| format!(" `{element}`")).unwrap_or_default();
            writeln!(out, "    {}{element}{}", reason.field, word(reason.cause)).unwrap();
        }
    }
    out
}

#[tokio::test]
async fn changes_by_hand_and_by_the_program_are_distinguished() {
    let kept = Kept::with(&small()).await;
    assert_eq!(kept.says(&small()).await, "");
    kept.open_a_port("ci/app/group");
    insta::assert_snapshot!(kept.says(&small()).await, @r"
    update ci/app/group/ingress drift
        rules `tcp 3389 3389 203.0.113.0/24` drift
    ");
    let mut after = small();
    after.net("app").ports = BTreeMap::from([(80, 0)]);
    insta::assert_snapshot!(kept.says(&after).await, @r"
    update ci/app/group/ingress drift
        rules `tcp 22 22 192.0.2.0/24` program
        rules `tcp 3389 3389 203.0.113.0/24` drift
        rules `tcp 80 80 192.0.2.0/24` program
    ");
    after.net("app").ports = BTreeMap::from([(22, 1)]);
    let kept = Kept::with(&small()).await;
    insta::assert_snapshot!(kept.says(&after).await, @r"
    update ci/app/group/ingress program
        rules `tcp 22 22 192.0.2.0/24` program
    ");
}

#[tokio::test]
async fn a_value_changed_by_hand_and_by_the_program_is_drift() {
    let kept = Kept::with(&small()).await;
    kept.world.memory.edit(Kind::IngressRules, &kept.world.id("ci/app/group"), |resource, _| {
        let Resource::IngressRules(rules) = resource else { return };
        let other = rules.rules.iter().cloned();
        rules.rules = other.map(|rule| GroupRule { description: "theirs".to_owned(), ..rule }).collect();
    });
    let mut after = small();
    after.net("app").ports = BTreeMap::from([(22, 1)]);
    insta::assert_snapshot!(kept.says(&after).await, @r"
    update ci/app/group/ingress drift
        rules `tcp 22 22 192.0.2.0/24` drift
    ");
}

#[tokio::test]
async fn a_creation_is_drift_only_after_a_deletion_by_hand() {
    let mut after = small();
    after.env("ci").nets.insert("web", Net { zones: 1, ..Net::default() });
    let kept = Kept::with(&small()).await;
    kept.lose(Kind::RouteTable, "ci/app/table/0");
    insta::assert_snapshot!(kept.says(&after).await, @r"
    create ci/app/table/0 drift
    create ci/web/group program
    create ci/web/group/ingress program
    create ci/web/subnet/0 program
    create ci/web/table/0 program
    ");
}

#[tokio::test]
async fn fields_and_tags_have_causes() {
    let mut before = small();
    before.env("ci").team = Some(1);
    let kept = Kept::with(&before).await;
    kept.world.memory.edit(Kind::Vpc, &kept.world.id("ci/vpc"), |resource, tags| {
        if let Resource::Vpc(vpc) = resource {
            vpc.dns_support = false;
        }
        tags.insert("asiaq:env".into(), "elsewhere".into());
    });
    insta::assert_snapshot!(kept.says(&before).await, @r"
    update ci/vpc drift
        dns_support drift
        tags `asiaq:env` drift
    ");
    let text = kept.says(&small()).await;
    let vpc: Vec<&str> = text.lines().skip_while(|line| !line.contains("ci/vpc")).collect();
    insta::assert_snapshot!(vpc.join("\n"), @r"
    update ci/vpc drift
        dns_hostnames program
        dns_support drift
        tags `asiaq:env` drift
        tags `asiaq:tags` program
        tags `the team` program
    ");
}

#[tokio::test]
async fn consequences_of_a_replacement_are_not_drift() {
    let mut before = small();
    before.env("ci").nets.insert("web", Net { zones: 1, friends: BTreeSet::from(["app"]), ..Net::default() });
    before.net("app").host = Some(1);
    let kept = Kept::with(&before).await;
    let mut after = before.clone();
    after.net("app").about = 1;
    insta::assert_snapshot!(kept.says(&after).await, @r"
    replace ci/app/group program
        name program
    replace ci/app/group/ingress
        group
    update ci/app/host program
        groups `ci/app/group`
        groups `security-group-0044` program
    update ci/web/group/ingress program
        rules `any - - ci/app/group`
        rules `any - - security-group-0044` program
    ");
    after.env("ci").nets.remove("app");
    after.net("web").friends.clear();
    let text = kept.says(&after).await;
    assert!(!text.contains("drift"), "{text}");
}

#[tokio::test]
async fn a_duplicate_at_a_recorded_address_is_drift() {
    let mut project = small();
    project.net("app").nat = Nat::Auto;
    let mut kept = Kept::with(&project).await;
    let ours = kept.world.ours();
    let mut tags = ours.into_iter().find(|found| found.resource.kind() == Kind::ElasticIp).unwrap().tags;
    // Two runs created them.
    tags.insert(asiaq_ir::CREATED_TAG.to_owned(), "2026-01-02T00:00:00.000000".to_owned());
    kept.world.memory.plant("eu-west-1", ElasticIp {}.into(), tags);
    insta::assert_snapshot!(kept.says(&project).await, @r"
    delete ci/app/address/0 drift
        id drift
    ");
    kept.written.clear();
    insta::assert_snapshot!(kept.says(&project).await, @r"
    delete ci/app/address/0
        id
    ");
}

#[tokio::test]
async fn a_gateway_attached_by_hand_is_drift_and_an_undeclared_one_is_not() {
    let mut with = small();
    with.env("ci").vpn = true;
    let kept = Kept::with(&with).await;
    assert!(kept.says(&small()).await.contains("delete ci/vpc/vpn-gateway program\n"));
    let Kept { world, .. } = kept;
    let written = Kept::with(&small()).await.written;
    let text = Kept { world, written }.says(&small()).await;
    assert!(text.contains("delete ci/vpc/vpn-gateway drift\n"), "{text}");
}

#[tokio::test]
async fn another_gateway_in_another_region_is_no_drift() {
    let mut before = small();
    before.env("ci").vpn = true;
    let kept = Kept::with(&before).await;
    let mut after = before.clone();
    after.env("ci").region = 1;
    let text = kept.says(&after).await;
    assert!(text.contains("replace ci/vpc/vpn-gateway program\n"), "{text}");
    assert!(!text.contains("drift"), "{text}");
}

#[tokio::test]
async fn without_a_record_causes_are_unknown_until_the_next_apply() {
    let mut kept = Kept::with(&small()).await;
    kept.written.clear();
    kept.open_a_port("ci/app/group");
    insta::assert_snapshot!(kept.says(&small()).await, @r"
    update ci/app/group/ingress
        rules `tcp 3389 3389 203.0.113.0/24`
    ");
    let ir = kept.world.lower(&small());
    assert!(kept.apply(&ir, &Coverage::default()).await.is_complete());
    kept.world.memory.edit(Kind::Vpc, &kept.world.id("ci/vpc"), |_, tags| {
        tags.insert("Name".into(), "mine".into());
        tags.insert("asiaq:env".into(), "elsewhere".into());
    });
    insta::assert_snapshot!(kept.says(&small()).await, @r"
    update ci/vpc drift
        tags `asiaq:env` drift
    ");
}

#[tokio::test]
async fn the_drift_of_a_plan_omits_changes_of_the_program() {
    let mut kept = Kept::with(&small()).await;
    kept.open_a_port("ci/app/group");
    kept.lose(Kind::RouteTable, "ci/app/table/0");
    let mut after = small();
    after.net("app").ports = BTreeMap::from([(80, 0)]);
    after.env("ci").dhcp = Some(0);
    let ir = kept.world.lower(&after);
    let plan = kept.plan(&ir, &Coverage::default()).await;
    insta::assert_snapshot!(text(&plan.drift(&BTreeSet::new())), @r"
    update ci/app/group/ingress drift
        rules `tcp 3389 3389 203.0.113.0/24` drift
    create ci/app/table/0 drift
    ");
    kept.written.clear();
    let plan = kept.plan(&ir, &Coverage::default()).await;
    assert!(plan.drift(&BTreeSet::new()).is_empty());
    insta::assert_snapshot!(text(&plan.drift(&BTreeSet::from([Scope::environment("ci")]))), @r"
    update ci/app/group/ingress drift
        rules `tcp 22 22 192.0.2.0/24` drift
        rules `tcp 3389 3389 203.0.113.0/24` drift
        rules `tcp 80 80 192.0.2.0/24` drift
    update ci/vpc drift
        dhcp_options drift
    ");
}

#[tokio::test]
async fn failed_steps_leave_doubt_and_skipped_steps_keep_their_record() {
    let mut kept = Kept::with(&small()).await;
    let mut after = small();
    after.net("app").ports.clear();
    after.env("ci").dhcp = Some(0);
    let ir = kept.world.lower(&after);
    let plan = kept.plan(&ir, &Coverage::default()).await;
    // The first call creates the DHCP options, which the VPC depends on.
    kept.world.memory.fail(0, InjectedFault::After);
    let limits = Limits { concurrency: 1 };
    let outcome = apply(&kept.world.memory, &plan, &limits, &CancellationToken::new(), &|_: Event| {}).await;
    assert_eq!((outcome.done.len(), outcome.failed.len(), outcome.skipped.len()), (1, 1, 1));
    kept.remember(&plan, &outcome);
    kept.open_a_port("ci/app/group");
    kept.world.memory.edit(Kind::Vpc, &kept.world.id("ci/vpc"), |resource, _| {
        if let Resource::Vpc(vpc) = resource {
            vpc.dns_support = false;
        }
    });
    insta::assert_snapshot!(kept.says(&small()).await, @r"
    update ci/app/group/ingress drift
        rules `tcp 22 22 192.0.2.0/24` program
        rules `tcp 3389 3389 203.0.113.0/24` drift
    delete ci/dhcp
    update ci/vpc drift
        dns_support drift
    ");
}

#[tokio::test]
async fn an_apply_of_one_environment_is_no_drift_of_its_neighbour() {
    let mut kept = Kept::with(&peered()).await;
    let ir = kept.world.lower(&peered());
    kept.apply(&ir, &Coverage { goal: Goal::Destroy, ..only(&["qa"]) }).await;
    let text = kept.says(&peered()).await;
    assert!(!text.contains("drift"), "{text}");
    kept.apply(&ir, &only(&["qa"])).await;
    assert_eq!(kept.says(&peered()).await, "");
    let mut parted = peered();
    parted.peerings.clear();
    let text = kept.says(&parted).await;
    assert!(!text.contains("drift"), "{text}");

    let kept = Kept::with(&peered()).await;
    kept.lose(Kind::PeeringConnection, "ci/peering/qa");
    insta::assert_snapshot!(kept.says(&peered()).await, @r"
    update ci/app/table/0 drift
        routes `172.18.0.0/16` drift
    create ci/peering/qa drift
    update qa/app/table/0 drift
        routes `172.16.0.0/16` drift
    ");
}

#[tokio::test]
async fn a_record_is_short_and_reads_as_it_was_written() {
    let mut project = peered();
    project.env("ci").team = Some(1);
    project
        .env("ci")
        .machines
        .insert("mhcfoo", Machines { is_tested: true, is_balanced: true, ..Machines::default() });
    let kept = Kept::with(&project).await;
    let ir = kept.world.lower(&project);
    let [one, two] = ["ci", "qa"].map(|env| kept.written[env].clone());
    let text = one.to_string();
    assert_eq!(text.parse(), Ok(one));
    let number = ir.resources.keys().filter(|address| address.env() == "ci").count();
    assert!(text.len() / number < 100, "{} bytes for {number} resources", text.len());
    assert_eq!(serde_json::to_value(&two).unwrap(), two.to_string());
    for damaged in ["", "2", "1 ", "1 abc", "1 !", &format!("{text}A")] {
        assert!(damaged.parse::<LastApplied>().is_err(), "{damaged}");
    }
}
