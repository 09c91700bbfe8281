//! Machines through the engine: stages are made one after the other, and a plan after an apply is empty.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{
    ADDRESS_TAG, Address, AutoScalingGroup, ENV_TAG, Environment, GroupSize, Health, Ir, LaunchTemplate,
    Node, Origin, PROJECT_TAG, Ref, Resource, STAGE_TAG, Scaling, ScalingPolicy, Schedule, SecurityGroup,
    SmokeCheck, SmokeTest, Spot, Subnet,
};
use asiaq_runtime::{
    CancellationToken, Coverage, Goal, Limits, Observed, Operation, Outcome, apply, observe, plan,
};
use aws_sdk_ec2::types::Tag;
use futures::future::{self, Either};

use crate::account::{Account, PROJECT, REGION, refs, vpc};
use crate::templates::template;

const NOW: &str = "2026-11-21T22:12:22.123456";

fn to(path: &str) -> Ref {
    Ref::to("ci", path)
}

/// What a program lowers to that has one network and two stages of machines.
struct Program {
    ir: Ir,
}

impl Program {
    fn new() -> Self {
        let origin = Origin { file: "shop.asq".to_owned(), line: 1, column: 1 };
        let environment = Environment {
            region: REGION.to_owned(),
            account: None,
            account_name: None,
            protect: false,
            secrets: None,
            origin,
        };
        let environments = BTreeMap::from([("ci".to_owned(), environment)]);
        let mut program = Self { ir: Ir { project: PROJECT.to_owned(), environments, ..Ir::default() } };
        program.set("vpc", vpc("10.0.0.0/16"), &[]);
        for (path, cidr, zone) in [("1", "10.0.0.0/24", "us-west-2a"), ("2", "10.0.1.0/24", "us-west-2b")] {
            let subnet = Subnet { vpc: to("vpc"), cidr: cidr.parse().unwrap(), zone: zone.to_owned() };
            program.set(&format!("intranet/subnet/{path}"), subnet, &[]);
        }
        let group = SecurityGroup::new(to("vpc"), "ci_intranet", "x");
        program.set("intranet", group, &[]);
        program.run("mhcfoo", 1, "ami-1", 2);
        program.run("mhcfoobar", 2, "ami-1", 1);
        program
    }

    fn set(&mut self, path: &str, resource: impl Into<Resource>, after: &[&str]) {
        let resource = resource.into();
        let origin = Origin { file: "shop.asq".to_owned(), line: 2, column: 1 };
        let is_part = matches!(resource, Resource::SmokeTest(_));
        let mut tags = BTreeMap::new();
        if !is_part {
            tags.insert("Name".to_owned(), format!("ci_{path}"));
            tags.insert(PROJECT_TAG.to_owned(), PROJECT.to_owned());
            tags.insert(ENV_TAG.to_owned(), "ci".to_owned());
            tags.insert(ADDRESS_TAG.to_owned(), format!("ci/{path}"));
        }
        if matches!(resource, Resource::AutoScalingGroup(_)) {
            tags.insert(STAGE_TAG.to_owned(), "1".to_owned());
            tags.insert("hostclass".to_owned(), path.to_owned());
        }
        let after = after.iter().map(|path| Address::new("ci", path)).collect();
        let region = REGION.to_owned();
        let node = Node { resource, region, tags, after, origin, protect: None, provenance: BTreeMap::new() };
        self.ir.resources.insert(Address::new("ci", path), node);
    }

    /// A hostclass in a stage, with a test of its machines.
    fn run(&mut self, host: &str, stage: u32, image: &str, size: u32) {
        let path = |part: &str| format!("hostclass/{host}/{part}");
        let after: &[&str] = if stage == 1 { &[] } else { &["hostclass/mhcfoo/group/smoke-test"] };
        let data = LaunchTemplate {
            image: Ref::Id(image.to_owned()),
            groups: refs([&to("intranet")]),
            user_data: format!("hostclass=\"{host}\"\n"),
            ..template(&format!("ci_{host}"))
        };
        self.set(&path("launch-template"), data, &[]);
        let schedule = Schedule { cron: "0 8 * * *".to_owned(), min: None, desired: Some(size), max: None };
        let track = Scaling::Track { metric: "ASGAverageCPUUtilization".into(), target: "62.5".into() };
        let group = AutoScalingGroup {
            prefix: format!("ci_{host}"),
            launch_template: to(&path("launch-template")),
            types: vec!["m5.large".to_owned(), "m5a.large".to_owned()],
            spot: Some(Spot { base: 1, on_demand: 50 }),
            subnets: refs([&to("intranet/subnet/1"), &to("intranet/subnet/2")]),
            min: Some(0),
            max: Some(4),
            desired: None,
            initial: GroupSize { min: 0, desired: size, max: 4 },
            health: Health::Ec2,
            grace: 300,
            termination_policies: vec!["OldestLaunchTemplate".to_owned()],
            load_balancers: BTreeSet::new(),
            target_groups: BTreeSet::new(),
            schedules: [schedule].into(),
            policies: [ScalingPolicy { name: "cpu".to_owned(), scaling: track }].into(),
            metrics: BTreeSet::new(),
        };
        self.set(&path("group"), group, after);
        let group = to(&path("group"));
        let image = Ref::Id(image.to_owned());
        let test = SmokeTest { group, image, check: SmokeCheck::Tag, timeout: 60 };
        self.set(&path("group/smoke-test"), test, &[]);
    }
}

/// Plans and applies, while machines start and say that they are well.
async fn settle(account: &Account, program: &Program, goal: Goal) -> Outcome {
    let scope = Coverage { goal, ..Coverage::default() };
    let plan = plan(&program.ir, &live(account).await, &scope, NOW);
    let (limits, stop) = (Limits::default(), CancellationToken::new());
    let applied = Box::pin(apply(&account.aws, &plan, &limits, &stop, &|_| {}));
    let machines = Box::pin(async {
        loop {
            let seen = account.by_hand.describe_instances().send().await.unwrap();
            let ids =
                seen.reservations.into_iter().flatten().flat_map(|seen| seen.instances.unwrap_or_default());
            let ids: Vec<String> = ids.filter_map(|machine| machine.instance_id).collect();
            if !ids.is_empty() {
                let tag = Tag::builder().key("smoketest").value("tested").build();
                account.by_hand.create_tags().set_resources(Some(ids)).tags(tag).send().await.unwrap();
            }
        }
    });
    match future::select(applied, machines).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right((never, _)) => never,
    }
}

async fn live(account: &Account) -> Observed {
    observe(&account.aws, PROJECT, &[REGION.to_owned()].into()).await.unwrap()
}

/// Paths of what was done, in order, of those that contain `part`.
fn done(outcome: &Outcome, part: &str) -> Vec<String> {
    let paths = outcome.done.iter().map(|operation: &Operation| operation.address.path().to_owned());
    paths.filter(|path| path.contains(part)).collect()
}

#[tokio::test]
async fn stages_come_up_change_and_go_down() {
    let account = Account::new();
    let mut program = Program::new();
    let outcome = settle(&account, &program, Goal::Apply).await;
    assert!(outcome.is_complete(), "{outcome:#?}");
    let groups = ["hostclass/mhcfoo/group", "hostclass/mhcfoo/group/smoke-test", "hostclass/mhcfoobar/group"];
    assert_eq!(done(&outcome, "/group")[..3], groups);
    let nothing = plan(&program.ir, &live(&account).await, &Coverage::default(), NOW);
    assert!(nothing.is_empty(), "{:#?}", nothing.steps);

    // Another image: a new version of the template. The machines that run keep theirs, and have passed with it.
    program.run("mhcfoo", 1, "ami-2", 3);
    let outcome = settle(&account, &program, Goal::Apply).await;
    assert!(outcome.is_complete(), "{outcome:#?}");
    let changed: BTreeSet<String> = done(&outcome, "hostclass").into_iter().collect();
    let expected = ["launch-template", "group"].map(|part| format!("hostclass/mhcfoo/{part}"));
    assert_eq!(changed, expected.into());
    let nothing = plan(&program.ir, &live(&account).await, &Coverage::default(), NOW);
    assert!(nothing.is_empty(), "{:#?}", nothing.steps);

    let outcome = settle(&account, &program, Goal::Destroy).await;
    assert!(outcome.is_complete(), "{outcome:#?}");
    assert_eq!(live(&account).await.found, []);
}
